import type { VerificationAskedView, VerificationView } from '../../contract.gen'
import type { Core } from '../../lib/core.svelte'
import { LookedAt } from '../../lib/looked-at.svelte'
import { say } from '../../lib/say'
import { Papers } from './papers.svelte'

/** A code that is under way. */
export interface UnderWay {
  /** `mail`, `sms`, `administrator` or `app`. */
  by: string
  code: string | null
  /** From when on it may be asked for again, by this machine's clock. */
  again: number
}

/** What of oneself is verified. */
export class Verifications extends LookedAt<VerificationView[]> {
  /** What somebody asked for elsewhere, to be begun where it is done. */
  wanted = $state<string | null>(null)
  /** The code that is under way, by kind: closing a dialog forgets none. */
  asked = $state.raw<Readonly<Record<string, UnderWay>>>({})
  /** What is about to be sent to prove who one is. */
  papers: Papers
  /** How often papers were sent from here. */
  sent = $state(0)

  constructor(core: Core) {
    super(core, 'verifications', () => core.host.call('verification_list', {}))
    this.papers = new Papers(core)
  }

  override back(): void {
    // What a broken link cut off goes on by itself, once for each time that it is back.
    if (this.papers.waits) void this.sendPapers()
    super.back()
  }

  /** Sends the papers that were chosen. */
  async sendPapers(): Promise<void> {
    const sent = await this.papers.send()
    if (!sent) return
    this.sent += 1
    this.putOne(sent)
    this.core.toasts.show({
      tone: 'ok',
      title: say('verification-identity-sent'),
      body: say('verification-identity-sent-body'),
      tag: 'identity',
    })
  }

  /** How one of them stands. What was not asked for yet is asked for whole. */
  putOne(row: VerificationView): void {
    if (!this.known) return
    this.put(this.known.map((other) => (other.kind === row.kind && other.slot === row.slot ? row : other)))
  }

  wasAsked(answer: VerificationAskedView): void {
    const { kind, since } = answer.verification
    // How long to wait is what the server says; when that is over is told by this machine's own clock, which may be another.
    const wait = answer.again_at - (since ?? answer.again_at)
    this.asked = { ...this.asked, [kind]: { by: answer.by, code: answer.code, again: Date.now() + wait } }
    this.putOne(answer.verification)
  }

  override clear(): void {
    super.clear()
    this.asked = {}
    this.papers.clear()
    this.wanted = null
  }
}
