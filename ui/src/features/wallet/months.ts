/** The times of which a statement can be asked for. */

import { say } from '../../lib/say'
import { dayWords, monthYear } from '../../lib/time'

/** How many months back are offered one by one. */
const BACK = 18

export interface Span {
  /** `2026-11`, or `all`. */
  value: string
  label: string
  from: number | null
  until: number | null
}

/** This month and those before it, in the zone of this computer, and everything. */
export function spans(now: number): Span[] {
  const today = new Date(now)
  const months = Array.from({ length: BACK }, (_, back) => {
    const first = new Date(today.getFullYear(), today.getMonth() - back, 1)
    const next = new Date(first.getFullYear(), first.getMonth() + 1, 1)
    const value = `${first.getFullYear()}-${String(first.getMonth() + 1).padStart(2, '0')}`
    return { value, label: monthYear(first.getTime()), from: first.getTime(), until: next.getTime() }
  })
  return [...months, { value: 'all', label: say('wallet-everything'), from: null, until: null }]
}

const day = (at: number) => {
  const date = new Date(at)
  return dayWords(`${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`)
}

/** Which days it holds, the last one included. */
export function spanWords(span: Span, now: number): string {
  if (span.from === null || span.until === null) return say('wallet-span-all')
  if (span.until > now) return say('wallet-span-now', { from: day(span.from) })
  return say('wallet-span', { from: day(span.from), until: day(span.until - 1) })
}
