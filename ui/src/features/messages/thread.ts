/** Turns the messages of a conversation into the lines of its thread. */

import type { MessageView, OfflineSpan } from '../../contract.gen'
import { startOfDay } from '../../lib/time'

export type Entry =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'unread'; key: string }
  | { kind: 'offline'; key: string; from: number; to: number | null }
  | {
      kind: 'message'
      key: string
      message: MessageView
      /** Begins a run of bubbles by the same person. */
      first: boolean
      /** Ends a run: carries the avatar and the line with time and state. */
      last: boolean
      /** How many waiting messages this run ends with, this one included. */
      waiting: number
    }

/** Messages closer together than this, by the same person, stand as one run. */
export const RUN_MS = 5 * 60_000

/** A shorter loss of the link leaves no line. */
export const SPAN_MIN_MS = 30_000

/** When a message stands in the thread: when the server took it, or when it was written. */
export function shownAt(message: MessageView): number {
  return message.sent_at ?? message.written_at
}

export function threadEntries(
  messages: readonly MessageView[],
  /** `more`: there are older ones that are not here. */
  marks: { firstUnread: string | null; offline: readonly OfflineSpan[]; more?: boolean },
): Entry[] {
  const entries: Entry[] = []
  // A stretch that still lasts is said by the banner, and a blink is not worth a line.
  const spans = marks.offline
    .filter((span) => span.to !== null && span.to - span.from >= SPAN_MIN_MS)
    .sort((a, b) => a.from - b.from)
  const oldest = messages[0] ? shownAt(messages[0]) : Infinity
  let nextSpan = spans.findIndex((span) => span.from >= oldest)
  if (nextSpan < 0) nextSpan = spans.length
  let day = NaN
  let previous = null as (Entry & { kind: 'message' }) | null

  const breakRun = () => {
    previous = null
  }
  const spansBefore = (limit: number) => {
    for (; nextSpan < spans.length && spans[nextSpan]!.from <= limit; nextSpan += 1) {
      const span = spans[nextSpan]!
      breakRun()
      entries.push({ kind: 'offline', key: `offline ${span.from}`, from: span.from, to: span.to })
    }
  }

  for (const message of messages) {
    const at = shownAt(message)
    if (!Number.isFinite(day) || startOfDay(at) > day) {
      day = startOfDay(at)
      breakRun()
      entries.push({ kind: 'day', key: `day ${day}`, at })
    }
    // A stretch that is over stands before what came after it, and before what was written in it.
    spansBefore(Math.min(at, message.written_at))
    if (message.key === marks.firstUnread) {
      breakRun()
      entries.push({ kind: 'unread', key: 'unread' })
    }
    const joined: (Entry & { kind: 'message' }) | null = previous && sameRun(previous.message, message) ? previous : null
    if (joined) joined.last = false
    const waiting = isWaiting(message) ? (joined?.waiting ?? 0) + 1 : 0
    const entry: Entry & { kind: 'message' } = {
      kind: 'message',
      key: message.key,
      message,
      // What comes before the oldest that is here may belong to its run: it must not grow smaller when that comes in above it.
      first: joined === null && !(marks.more && message === messages[0]),
      last: true,
      waiting,
    }
    entries.push(entry)
    previous = entry
  }
  return entries
}

function sameRun(a: MessageView, b: MessageView): boolean {
  if (a.mine !== b.mine || a.state === 'failed' || b.state === 'failed' || a.deleted !== b.deleted) return false
  if (isWaiting(a) !== isWaiting(b)) return false
  if (isWaiting(a)) return true
  // A line of its own for every state that differs, so that no state has to be guessed.
  if (a.mine && a.state !== b.state) return false
  return Math.abs(shownAt(b) - shownAt(a)) < RUN_MS
}

export function isWaiting(message: MessageView): boolean {
  return message.mine && message.state === 'waiting'
}
