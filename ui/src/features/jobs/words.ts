import type { Job, JobFind, Milestone, Payment } from '../../contract.gen'
import { type Key, type Plain, formats, isKey, say } from '../../lib/say'

/** The sentence of a name that came from the server, or one for what is not known here. */
export function named(prefix: string, code: string, unknown: Plain = 'job-unknown'): string {
  const key = `${prefix}${code.replaceAll('_', '-')}`
  return say(isKey(key) ? (key as Plain) : unknown)
}

/** One of several sentences into which some of the same is inserted. */
export function sayWith(key: Key, inserted: Record<string, string | number>): string {
  return (say as (key: Key, inserted: Record<string, string | number>) => string)(key, inserted)
}

export const categoryWords = (code: string) => named('job-category-', code)
export const stateWords = (job: Job) => named('job-state-', job.status)

export type Tone = '' | 'paid' | 'held' | 'stop'

export function stateTone(job: Job): Tone {
  if (job.status === 'disputed') return 'stop'
  if (job.status === 'submitted') return 'held'
  return ['open', 'in-progress', 'completed'].includes(job.status) ? 'paid' : ''
}

/** What became of the money of a part. */
export type MoneyState = 'released' | 'held' | 'frozen' | 'returned' | 'due'

export function moneyState(part: Milestone): MoneyState {
  if (part.state === 'paid' || part.state === 'paid_in_part') return 'released'
  if (part.state === 'refunded') return 'returned'
  if (part.state === 'disputed') return 'frozen'
  return part.state === 'planned' ? 'due' : 'held'
}

/** The day of a moment in words: without the year where it is this one. */
export function dayOf(at: string | null): string {
  if (!at) return ''
  const year = (moment: number) => new Date(moment).getFullYear()
  const here = Date.parse(at)
  return year(here) === year(Date.now()) ? formats().dayMonth.format(here) : formats().dayMonthYear.format(here)
}

/** Where one part of the money is, for the bar: what was released, given back, is held or frozen, and is still to pay. */
export function segmentsOf(job: Job, payments: ReadonlyMap<number, Payment>) {
  return job.milestones.flatMap((part, index) => {
    const payment = part.payment_id === null ? undefined : payments.get(part.payment_id)
    const segment = (state: MoneyState, minor: number) => ({
      key: `${part.id}`,
      name: part.title,
      state,
      minor,
      number: index + 1,
    })
    if (!payment || payment.state === 'awaiting_funds' || payment.state === 'cancelled')
      return [segment(payment ? 'due' : moneyState(part), part.amount_minor)]
    return [
      segment('released', payment.released_minor),
      segment('returned', payment.refunded_minor + payment.charged_back_minor),
      segment(payment.state === 'disputed' ? 'frozen' : 'held', payment.held_minor),
    ].filter((one) => one.minor > 0)
  })
}

/** Whether anything but the stage narrows what is looked for. */
export function narrowed(find: JobFind): boolean {
  return Boolean(find.q?.trim() || find.place?.trim() || find.category || find.budget_min || find.budget_max)
}
