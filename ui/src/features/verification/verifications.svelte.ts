import type { UiEvent, VerificationAskedView, VerificationView } from '../../contract.gen'
import type { Core } from '../../lib/core.svelte'
import type { FeatureState } from '../../lib/feature'
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

/** What of oneself is verified. Asked for when somebody looks, and again when it is told that something changed. */
export class Verifications implements FeatureState {
  rows = $state.raw<VerificationView[] | null>(null)
  unknown = $state(false)
  /** What somebody asked for elsewhere, to be begun where it is done. */
  wanted = $state<string | null>(null)
  /** The code that is under way, by kind: closing a dialog forgets none. */
  asked = $state.raw<Readonly<Record<string, UnderWay>>>({})
  /** What is about to be sent to prove who one is. */
  papers: Papers
  /** How often papers were sent from here. */
  sent = $state(0)
  #looking = 0
  #asking = 0

  constructor(private core: Core) {
    this.papers = new Papers(core)
  }

  /** Somebody looks: what follows is kept current until they look away. */
  look(): () => void {
    this.#looking += 1
    void this.ask()
    return () => (this.#looking -= 1)
  }

  take(event: UiEvent): void {
    if (event.type === 'stale' && event.topic === 'verifications' && this.#looking > 0) void this.ask()
  }

  back(): void {
    // What a broken link cut off goes on by itself, once for each time that it is back.
    if (this.papers.waits) void this.sendPapers()
    if (this.#looking > 0) void this.ask()
  }

  async ask(): Promise<void> {
    const asking = ++this.#asking
    try {
      const rows = await this.core.host.call('verification_list', {})
      if (asking === this.#asking) [this.rows, this.unknown] = [rows, false]
    } catch {
      if (asking === this.#asking) this.unknown = true
    }
  }

  /** Sends the papers that were chosen. */
  async sendPapers(): Promise<void> {
    const sent = await this.papers.send()
    if (!sent) return
    this.sent += 1
    this.put(sent)
    this.core.toasts.show({
      tone: 'ok',
      title: say('verification-identity-sent'),
      body: say('verification-identity-sent-body'),
      tag: 'identity',
    })
  }

  put(row: VerificationView): void {
    this.rows = (this.rows ?? []).map((other) => (other.kind === row.kind && other.slot === row.slot ? row : other))
  }

  wasAsked(answer: VerificationAskedView): void {
    const { kind, since } = answer.verification
    // How long to wait is what the server says; when that is over is told by this machine's own clock, which may be another.
    const wait = answer.again_at - (since ?? answer.again_at)
    this.asked = { ...this.asked, [kind]: { by: answer.by, code: answer.code, again: Date.now() + wait } }
    this.put(answer.verification)
  }

  clear(): void {
    this.#asking += 1
    this.rows = null
    this.unknown = false
    this.asked = {}
    this.papers.clear()
    this.wanted = null
  }
}
