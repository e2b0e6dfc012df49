import { readFileSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import { direction, isKey, PSEUDO, say, speak } from './say'
import { dayName, duration, moment } from './time'

afterEach(() => speak('en-GB'))

it('counts as the language does', () => {
  expect(say('connection-messages', { count: 1 })).toBe('1 message')
  expect(say('connection-messages', { count: 1200 })).toBe('1,200 messages')
})

it('writes numbers as notices and the tray do', () => {
  const lines = readFileSync(new URL('../../../crates/words/tests/numbers.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n')
  for (const line of lines.filter((line) => !line.startsWith('#'))) {
    const [region, count, written] = line.split('|')
    speak(region!)
    expect(say('notices-new-messages', { count: Number(count) }), line).toMatch(new RegExp(`^${written} new message`))
  }
})

it('says each sentence as it stands', () => {
  expect(say('messages-block-title', { name: 'Ada Obi' })).toBe('Block Ada Obi?')
  expect(say('app-guildhall')).toBe('Guildhall')
})

it('keeps a name from turning the sentence around', () => {
  expect(say('messages-block-title', { name: 'عائشة' })).toBe('Block \u2068عائشة\u2069?')
  expect(say('messages-block-title', { name: 'a\u202eb' })).toBe('Block \u2068a\u202eb\u2069?')
})

it('knows which sentences there are', () => {
  expect(isKey('refusal-busy')).toBe(true)
  expect(isKey('refusal-of_a_newer_server')).toBe(false)
})

it('writes numbers and dates as the region does', () => {
  const at = new Date(2024, 9, 14, 14, 2).getTime()
  const now = new Date(2024, 9, 30, 9).getTime()
  expect(moment(at, now)).toBe('14 Oct, 14:02')
  speak('en-US')
  expect(moment(at, now)).toBe('Oct 14, 14:02')
  expect(dayName(at, now)).toBe('Monday, October 14')
  speak('de-DE')
  expect(say('connection-messages', { count: 1200 })).toBe('1.200 messages')
})

it('makes a language up for tests, in which names stay as they are', () => {
  speak(PSEUDO)
  expect(say('messages-block-title', { name: 'Ada' })).toBe('Ɓļóóçķ \u2068Ada\u2069?')
  expect(duration(61_000)).toBe('1 ɱ')
  expect(direction()).toBe('rtl')
})
