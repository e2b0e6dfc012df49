import type { AppError, Job, JobFind, JobPut, Payment, UiEvent } from '../../contract.gen'
import type { Core } from '../../lib/core.svelte'
import type { FeatureState } from '../../lib/feature'
import { newKey } from '../../lib/keys'
import { money, typedMoney } from '../../lib/money'
import type { Route } from '../../lib/router.svelte'
import { say } from '../../lib/say'
import { firstName } from '../../lib/text'
import { errorWords } from '../../lib/words'

/** The board, one job, who applied for it, and a new one. */
export const PAGE = 'jobs'
/** The part of the page on which a job is written. */
export const NEW = 'new'

/** How long what moves money can be taken back, seconds. */
export const UNDO_S = 10

export function pageOf(job: { id: number }): Route {
  return { page: PAGE, part: String(job.id) }
}

export function applicationsOf(job: { id: number }): Route {
  return { page: PAGE, part: `${job.id}-applications` }
}

/** What of the board one looks at. */
export type Shown = 'open' | 'applied' | 'yours'

/** A job that is being written: what stands in the fields, as it was typed. */
export interface Draft {
  /** The server's, once it has it. */
  id: number | null
  version: number | null
  title: string
  description: string
  category: string
  place: string
  starts: string
  ends: string
  closes: string
  budget: string
  currency: string
  priority: string
  files: { id: number; name: string; mime: string; size: number }[]
}

export function emptyDraft(): Draft {
  return {
    id: null,
    version: null,
    title: '',
    description: '',
    category: '',
    place: '',
    starts: '',
    ends: '',
    closes: '',
    budget: '',
    currency: 'NGN',
    priority: 'medium',
    files: [],
  }
}

/** A day of a form as the moment at its beginning or its end, in the zone of this computer. */
export function dayMoment(day: string, end = false): string | null {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day)
  if (!parts) return null
  const [year, month, date] = parts.slice(1).map(Number) as [number, number, number]
  const at = end ? new Date(year, month - 1, date, 23, 59, 59) : new Date(year, month - 1, date)
  return at.toISOString()
}

/** The day of a moment, as a form has it. */
export function momentDay(at: string | null): string {
  if (!at) return ''
  const date = new Date(at)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

export function draftOf(job: Job): Draft {
  return {
    id: job.id,
    version: job.version,
    title: job.title,
    description: job.description,
    category: job.category,
    place: job.place ?? '',
    starts: momentDay(job.starts_at),
    ends: momentDay(job.ends_at),
    closes: momentDay(job.closes_at),
    budget: typedMoney(job.budget_minor, job.currency),
    currency: job.currency,
    priority: job.priority,
    files: job.attachments.map(({ id, name, mime, size }) => ({ id, name, mime, size })),
  }
}

/** What is said of a draft to the server. `budget` is digits and a point. */
export function bodyOf(draft: Draft, budget: string): JobPut {
  return {
    title: draft.title,
    description: draft.description,
    category: draft.category,
    budget,
    currency: draft.currency,
    priority: draft.priority,
    place: draft.place,
    starts_at: dayMoment(draft.starts),
    ends_at: dayMoment(draft.ends, true),
    closes_at: dayMoment(draft.closes, true),
    attachments: draft.files.map((file) => file.id),
    ...(draft.version === null ? {} : { version: draft.version }),
  }
}

/** Money that leaves in a moment, and can be taken back until then. */
export interface Going {
  payment: Payment
  step: 'release' | 'refund'
  minor: number
  /** Absent: all that is held. */
  part: boolean
  key: string
}

const NONE: JobFind = { status: 'open' }

export class Jobs implements FeatureState {
  /** As it was left: whoever comes back from a job goes on looking. */
  wanted = $state<JobFind>({ ...NONE })
  shown = $state<Shown | null>(null)
  selected = $state<number | null>(null)
  draft = $state<Draft>(emptyDraft())
  going = $state.raw<Going | null>(null)
  /** Seconds until it leaves. */
  left = $state(0)
  /** It was sent, and is not answered. */
  sending = $state(false)
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(private core: Core) {}

  /** Has money go in ten seconds. What is going already goes at once: one after another, in the order in which they were meant. */
  async go(going: Going): Promise<void> {
    if (this.going) await this.#send()
    this.going = going
    this.left = UNDO_S
    clearInterval(this.#timer)
    // Counted in ticks: a clock that is set lets nothing go earlier or later.
    this.#timer = setInterval(() => {
      this.left -= 1
      if (this.left <= 0) void this.#send()
    }, 1_000)
  }

  /** Takes it back: nothing left this computer. */
  undo(): void {
    this.#end()
    this.core.say(say('job-going-undone'))
  }

  #end(): void {
    clearInterval(this.#timer)
    this.going = null
    this.left = 0
  }

  #stopped(why: string): void {
    const going = this.going
    this.#end()
    if (going) this.core.toasts.show({ tone: 'stop', title: say('job-going-stopped'), body: why, stays: true, tag: 'going' })
  }

  async #send(): Promise<void> {
    const going = this.going
    if (!going || this.sending) return
    clearInterval(this.#timer)
    const { payment, step, minor, part, key } = going
    const amount = money(minor, payment.currency)
    this.sending = true
    const body = { version: payment.version, ...(part ? { amount_minor: String(minor) } : {}), attachments: [] }
    try {
      await this.core.host.call('payment_act', { id: payment.id, key, step, body })
      const name = firstName((step === 'release' ? payment.payee : payment.payer).name)
      this.core.toasts.show({
        tone: 'ok',
        title: say(step === 'release' ? 'job-released' : 'job-refunded', { amount, name }),
        tag: 'going',
      })
    } catch (thrown) {
      const error = thrown as AppError
      const lost = error.code === 'unreachable'
      this.core.toasts.show({
        tone: 'stop',
        title: say(lost ? 'job-going-unanswered' : 'job-going-refused'),
        body: lost ? say('job-going-unanswered-body') : errorWords(error),
        stays: true,
        tag: 'going',
        ...(lost ? { action: { label: say('job-going-again'), run: () => void this.#again(going) } } : {}),
      })
    } finally {
      this.sending = false
      if (this.going === going) this.#end()
    }
  }

  /** The same thing once more, under the same key: it happens once. */
  async #again(going: Going): Promise<void> {
    this.going = going
    await this.#send()
  }

  /** A payment changed elsewhere: what was meant for how it stood before is not done. */
  take(event: UiEvent): void {
    // Whatever the link does next: what was meant over the one before is not done over another.
    if (event.type === 'connection' && event.connection.state !== 'online' && this.going && !this.sending)
      this.#stopped(say('job-going-offline'))
    if (event.type === 'stale' && event.topic === 'payments' && this.going && !this.sending) void this.#look(this.going)
  }

  async #look(going: Going): Promise<void> {
    try {
      const { data } = await this.core.host.call('payment_get', { id: going.payment.id })
      if (this.going === going && !this.sending && data.version !== going.payment.version) this.#stopped(say('job-going-changed'))
    } catch {
      // The server decides by the version that goes with it.
    }
  }

  clear(): void {
    this.#end()
    this.wanted = { ...NONE }
    this.shown = null
    this.selected = null
    this.draft = emptyDraft()
  }

  newGoing(payment: Payment, step: Going['step'], minor: number): Going {
    return { payment, step, minor, part: minor !== payment.held_minor, key: newKey() }
  }
}
