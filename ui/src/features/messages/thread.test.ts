import { describe, expect, it } from 'vitest'
import type { MessageView } from '../../contract.gen'
import { message } from '../../test/rows'
import { threadEntries } from './thread'

const MINUTE = 60_000
const START = new Date(2025, 9, 16, 10, 0).getTime()
const at = (minutes: number, more: Partial<MessageView> = {}) => {
  const when = START + minutes * MINUTE
  return message(`m${minutes}`, minutes + 10_000, { written_at: when, sent_at: when, ...more })
}
const NO_MARKS = { firstUnread: null, offline: [] }
/** Writes a thread as one word a line: `day`, `m0(first,last)`. */
const shape = (messages: MessageView[], marks: Parameters<typeof threadEntries>[1] = NO_MARKS) =>
  threadEntries(messages, marks).map((entry) =>
    entry.kind === 'message' ? `${entry.key}${entry.first ? '<' : ''}${entry.last ? '>' : ''}` : entry.kind,
  )

describe('the lines of a thread', () => {
  it('joins bubbles of one person that come close together', () => {
    expect(shape([at(0), at(2), at(4), at(10)])).toEqual(['day', 'm0<', 'm2', 'm4>', 'm10<>'])
  })

  it('begins a run when the other one speaks', () => {
    expect(shape([at(0), at(1, { mine: true }), at(2)])).toEqual(['day', 'm0<>', 'm1<>', 'm2<>'])
  })

  it('draws a line above each day', () => {
    expect(shape([at(0), at(24 * 60)])).toEqual(['day', 'm0<>', 'day', 'm1440<>'])
  })

  it('draws the unread line above the first unread message', () => {
    expect(shape([at(0), at(1), at(2)], { firstUnread: 'm1', offline: [] })).toEqual(['day', 'm0<>', 'unread', 'm1<', 'm2>'])
  })

  it('keeps states apart, so that each is said', () => {
    expect(shape([at(0, { mine: true, state: 'read' }), at(1, { mine: true, state: 'sent' })])).toEqual(['day', 'm0<>', 'm1<>'])
  })

  it('begins no run with the oldest that is here where there are older ones: it keeps its height when they come', () => {
    const heads = (more: boolean) =>
      threadEntries([at(1), at(2)], { ...NO_MARKS, more }).flatMap((entry) => (entry.kind === 'message' ? [entry.first] : []))
    expect(heads(true)).toEqual([false, false])
    expect(heads(false)).toEqual([true, false])
  })

  it('lets a failed message stand alone', () => {
    const failed = at(1, { mine: true, state: 'failed' })
    expect(shape([at(0, { mine: true }), failed, at(2, { mine: true })])).toEqual(['day', 'm0<>', 'm1<>', 'm2<>'])
  })

  it('counts what waits at the end of a run', () => {
    const waiting = { mine: true, state: 'waiting' as const, sent_at: null }
    const entries = threadEntries([at(0, waiting), at(30, waiting)], NO_MARKS)
    expect(entries.flatMap((entry) => (entry.kind === 'message' ? [entry.waiting] : []))).toEqual([1, 2])
  })

  it('draws the offline line before what was written without a link', () => {
    const offline = [{ from: START + 19 * MINUTE, to: START + 31 * MINUTE }]
    const late = at(31, { mine: true, written_at: START + 24 * MINUTE })
    expect(shape([at(0), late, at(40)], { firstUnread: null, offline })).toEqual(['day', 'm0<>', 'offline', 'm31<>', 'm40<>'])
  })

  it('draws no line for a stretch before the first message, a blink, or one that lasts', () => {
    const offline = [
      { from: START - 60 * MINUTE, to: START - 50 * MINUTE },
      { from: START + 5 * MINUTE, to: START + 5 * MINUTE + 2_000 },
      { from: START + 6 * MINUTE, to: null },
    ]
    expect(shape([at(0), at(10)], { firstUnread: null, offline })).toEqual(['day', 'm0<>', 'm10<>'])
  })

  it('gives every line a key of its own', () => {
    const messages = Array.from({ length: 300 }, (_, index) => at(index * 7, { mine: index % 3 === 0 }))
    const keys = threadEntries(messages, NO_MARKS).map((entry) => entry.key)
    expect(new Set(keys).size).toBe(keys.length)
  })
})
