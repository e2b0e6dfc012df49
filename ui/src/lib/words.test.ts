import { describe, expect, it } from 'vitest'
import { message } from '../test/rows'
import { FILE_CODES, LINK_REASONS, REFUSAL_CODES } from '../contract.gen'
import {
  connectionSentence,
  connectionWords,
  errorWords,
  failureWords,
  linkReasonWords,
  messageMeta,
  previewProblem,
  restoredWords,
  retryWords,
} from './words'

const NOW = new Date(2025, 9, 16, 15, 0).getTime()
const SENT = new Date(2025, 9, 16, 14, 5).getTime()
const mine = (more = {}) => message('m', 1, { mine: true, written_at: SENT, sent_at: SENT, ...more })
const context = { now: NOW, online: true, slow: true, waiting: 1 }

describe('the line under a message', () => {
  it.each([
    ['sent', mine({ state: 'sent' }), '14:05 · Sent'],
    ['delivered', mine({ state: 'delivered' }), '14:05 · Delivered'],
    ['read', mine({ state: 'read', read_at: SENT + 60_000 }), '14:05 · Read 14:06'],
    ['theirs', message('t', 1, { written_at: SENT, sent_at: SENT }), '14:05'],
    ['unknown', message('t', 1, { written_at: 0, sent_at: 0 }), 'Time unknown'],
    ['failed', mine({ state: 'failed', sent_at: null }), 'Not sent'],
    ['late', mine({ state: 'sent', written_at: SENT - 24 * 3_600_000 }), 'written 14:05, sent next day · Sent'],
  ])('%s', (_, row, words) => expect(messageMeta(row, context).text).toBe(words))

  it('says nothing of sending in the first moments', () => {
    const sending = mine({ state: 'sending', sent_at: null })
    expect(messageMeta(sending, { ...context, slow: false })).toEqual({ text: '14:05', tone: '', icon: 'none' })
    expect(messageMeta(sending, context).text).toBe('Sending')
  })

  it('says how many wait while there is no link', () => {
    const waiting = mine({ state: 'waiting', sent_at: null })
    expect(messageMeta(waiting, { ...context, online: false, slow: false }).text).toBe('Queued 14:05 · will send in order')
    expect(messageMeta(waiting, { ...context, online: false, waiting: 2 }).text).toBe('2 queued 14:05 · will send in order')
  })
})

describe('the connection chip', () => {
  const view = {
    state: 'online' as const,
    since: 0,
    retry_at: null,
    reason: null,
    queued: 0,
    failed: 0,
    synced_to: 1,
    round_trip_ms: null,
    held_up: null,
  }
  it.each([
    [{ ...view }, 'Online'],
    [{ ...view, state: 'syncing' as const, queued: 1 }, 'Syncing · 1 to send'],
    [{ ...view, state: 'offline' as const, queued: 3 }, 'Offline · 3 queued'],
    [{ ...view, state: 'offline' as const }, 'Offline'],
    [{ ...view, state: 'connecting' as const }, 'Connecting'],
  ])('%o', (connection, words) => expect(connectionWords(connection)).toBe(words))

  it('never says online while the server takes nothing of what waits', () => {
    const heldUp = { ...view, queued: 3, held_up: 'intercepted' }
    expect(connectionWords(heldUp)).toBe('Not taken · 3 to send')
    expect(connectionSentence(heldUp)).toBe(
      'You’re connected, but your messages are not taken. They stay here and are tried again.',
    )
    expect(connectionSentence({ ...view, queued: 1 })).toBe('Your messages are on their way.')
    expect(connectionSentence(view)).toBe('Everything is up to date.')
  })

  it('counts down to the next try', () => {
    expect(retryWords(NOW + 12_000, NOW)).toBe('Next try in 12 s')
    expect(retryWords(NOW - 1, NOW)).toBe('Trying now')
    expect(retryWords(null, NOW)).toBe('')
  })
})

describe('what went wrong', () => {
  it('has a sentence of its own for every code of the contract, and none shows a code', () => {
    const of = (code: string) => [
      errorWords({ code: 'refused', reason: code, message: '' }),
      errorWords({ code: 'invalid', field: 'body', reason: code, message: '' }),
      failureWords({ reason: code, message: '' }),
    ]
    const all = [
      ...REFUSAL_CODES.flatMap(of),
      ...FILE_CODES.map((reason) => errorWords({ code: 'attachment', reason, name: 'a.txt' })),
      ...LINK_REASONS.flatMap((reason) => [errorWords({ code: 'unreachable', reason }), linkReasonWords(reason)]),
    ]
    for (const words of all) {
      expect(words).toMatch(/^[A-Z“].* .*\.$/u)
      expect(words).not.toMatch(/_|undefined/)
    }
    // One sentence for each: none falls back to that of another.
    const own = REFUSAL_CODES.filter((code) => code !== 'invalid').map((code) => of(code)[0])
    expect(own).not.toContain(of('invalid')[0])
    const links = LINK_REASONS.filter((reason) => reason !== 'other')
    expect(links.filter((reason) => linkReasonWords(reason) === linkReasonWords('other'))).toEqual([])
    expect(linkReasonWords('local_server')).toBe(
      'The server inside this app doesn’t run. It is started again; everything here can be read meanwhile.',
    )
    expect(of('too_long')[1]).toBe('It is longer than 1,000 characters. Shorten it and send it again.')
  })

  it('never shows a code as if it were a sentence, not even one from a newer server', () => {
    expect(errorWords({ code: 'invalid', field: 'body', reason: 'brand_new', message: 'brand_new' })).toBe(
      'Something in it can’t be accepted.',
    )
    expect(errorWords({ code: 'invalid', field: 'body', reason: 'brand_new', message: 'it is full moon' })).toBe(
      'It is full moon.',
    )
  })

  it('says why nothing can be sent, and how much is too much', () => {
    const view = { body: '', shows_less: false, length: 0, length_max: 1000, reason: null }
    expect(previewProblem(view)).toBe('')
    expect(previewProblem({ ...view, length: 1012, reason: 'too_long' })).toBe(
      'It is 12 characters too long. Shorten it, or send it in parts.',
    )
    expect(previewProblem({ ...view, shows_less: true, reason: 'empty' })).toBe(
      'Nothing of it would be sent: what stands in < and > reads like web page code and is left out.',
    )
    expect(previewProblem({ ...view, reason: 'empty' })).toBe('There is nothing in it that one could see.')
  })

  it('has words for every error, and none ends in an exclamation mark', () => {
    const all = [
      errorWords({ code: 'signed_out' }),
      errorWords({ code: 'invalid_credentials' }),
      errorWords({ code: 'unreachable', reason: 'dns' }),
      errorWords({ code: 'unreachable', reason: 'brand_new' }),
      errorWords({ code: 'invalid', field: 'password', reason: 'invalid', message: 'must have at least 10 characters' }),
      errorWords({ code: 'refused', reason: 'not_reachable', message: '' }),
      errorWords({ code: 'not_found' }),
      errorWords({ code: 'attachment', reason: 'empty_file', name: 'a.txt' }),
      errorWords({ code: 'disk_full' }),
      errorWords({ code: 'unavailable' }),
      errorWords({ code: 'internal', reference: 'r1' }),
      failureWords(null),
      failureWords({ reason: 'brand_new', message: 'no such place' }),
    ]
    for (const words of all) expect(words).toMatch(/^[A-Z“].*\.$/u)
  })
})

describe('unsent things that were damaged', () => {
  it('says from when the copy is, what is gone, and what is safe', () => {
    expect(restoredWords(SENT, '/home/ana/own.sqlite.damaged-1', NOW)).toBe(
      'Drafts, waiting messages and settings come from a copy of 14:05. What you changed after that is gone. ' +
        'Everything that was sent is safe on the server. The damaged file is kept as /home/ana/own.sqlite.damaged-1.',
    )
    expect(restoredWords(SENT - 24 * 3_600_000, '', NOW)).toContain('from a copy of yesterday, 14:05.')
  })

  it('says so when there was no copy', () => {
    expect(restoredWords(null, '', NOW)).toBe(
      'There was no copy of them: drafts and messages that weren’t sent yet are gone, and settings are as at first. ' +
        'Everything that was sent is safe on the server.',
    )
  })
})
