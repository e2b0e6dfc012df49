import { afterEach, describe, expect, it } from 'vitest'
import { speak } from './say'
import {
  clockToMinutes,
  dayName,
  dayWords,
  duration,
  listTime,
  minutesToClock,
  moment,
  spanWords,
  typedDay,
  writtenWords,
} from './time'

const at = (year: number, month: number, day: number, hours = 12, minutes = 0) =>
  new Date(year, month - 1, day, hours, minutes).getTime()
const NOW = at(2025, 10, 16, 14, 32)

describe('times in lists', () => {
  it.each([
    [at(2025, 10, 16, 14, 31), '14:31'],
    [at(2025, 10, 16, 0, 0), '00:00'],
    [at(2025, 10, 15, 23, 59), 'Yesterday'],
    [at(2025, 10, 14), 'Tue'],
    [at(2025, 10, 10), 'Fri'],
    [at(2025, 10, 9), '9 Oct'],
    [at(2024, 10, 9), '9 Oct 2024'],
    // A server clock that runs ahead is still today.
    [at(2025, 10, 17, 0, 1), '00:01'],
  ])('%i is %s', (time, words) => expect(listTime(time, NOW)).toBe(words))

  it('names the days of a thread', () => {
    expect(dayName(at(2025, 10, 16), NOW)).toBe('Today')
    expect(dayName(at(2025, 10, 15), NOW)).toBe('Yesterday')
    expect(dayName(at(2025, 10, 14), NOW)).toBe('Tuesday 14 October')
    expect(dayName(at(2024, 10, 14), NOW)).toBe('14 October 2024')
  })

  it('counts days by midnights, across the change of clocks too', () => {
    expect(dayName(at(2025, 3, 29, 23), at(2025, 3, 30, 23))).toBe('Yesterday')
    expect(moment(at(2025, 10, 15, 21, 14), NOW)).toBe('yesterday, 21:14')
    expect(moment(at(2025, 10, 19, 12, 18), NOW), 'three days ahead').toBe('Sun, 12:18')
    expect(moment(at(2025, 11, 4, 9, 5), NOW)).toBe('4 Nov, 09:05')
  })
})

describe('messages written long before they were sent', () => {
  it.each([
    ['the same minute', at(2025, 10, 16, 14, 2), at(2025, 10, 16, 14, 2), ''],
    ['ten minutes are not worth a word', at(2025, 10, 16, 14, 2), at(2025, 10, 16, 14, 12), ''],
    ['half an hour', at(2025, 10, 16, 14, 2), at(2025, 10, 16, 14, 31), 'written 14:02, sent 14:31'],
    ['the next day', at(2025, 10, 15, 14, 2), at(2025, 10, 16, 9, 0), 'written 14:02, sent next day'],
    ['three days', at(2025, 10, 13, 14, 2), at(2025, 10, 16, 9, 0), 'written 14:02, sent 3 days later'],
  ])('%s', (_, written, sent, words) => expect(writtenWords(written, sent)).toBe(words))

  it('says nothing while it is not sent', () => expect(writtenWords(at(2025, 10, 16), null)).toBe(''))
})

describe('stretches without a link', () => {
  it('names both ends', () => {
    expect(spanWords(at(2025, 10, 16, 14, 19), at(2025, 10, 16, 14, 31), NOW)).toBe('Offline 14:19 to 14:31')
    expect(spanWords(at(2025, 10, 15, 14, 19), at(2025, 10, 15, 14, 31), NOW)).toBe('Offline Yesterday, 14:19 to 14:31')
    expect(spanWords(at(2025, 10, 15, 22, 0), at(2025, 10, 16, 8, 0), NOW)).toBe('Offline yesterday, 22:00 to 08:00')
    expect(spanWords(at(2025, 10, 16, 14, 19), null, NOW)).toBe('Offline since 14:19')
  })
})

describe('durations and times of day', () => {
  it.each([
    [0, '0 s'],
    [11_400, '12 s'],
    [60_000, '1 m'],
    [3_600_000, '1 h'],
    [(6 * 60 + 28) * 60_000, '6 h 28 m'],
    [(2 * 24 + 23) * 3_600_000, '2 d 23 h'],
  ])('%i ms is %s', (ms, words) => expect(duration(ms)).toBe(words))

  it('reads and writes a time of day', () => {
    expect(minutesToClock(7 * 60 + 5)).toBe('07:05')
    expect([clockToMinutes('07:05'), clockToMinutes('7.05'), clockToMinutes('0705'), clockToMinutes('21')]).toEqual([
      425, 425, 425, 1260,
    ])
    expect([clockToMinutes('24:00'), clockToMinutes('12:60'), clockToMinutes(''), clockToMinutes('noon')]).toEqual([
      null,
      null,
      null,
      null,
    ])
  })
})

describe('days that are typed', () => {
  afterEach(() => speak('en-GB'))

  it.each([
    ['27 Nov 2026', '2026-11-27'],
    ['27 november 2026', '2026-11-27'],
    ['Nov 27, 2026', '2026-11-27'],
    ['27/11/2026', '2026-11-27'],
    ['3.4.2026', '2026-04-03'],
    ['2026-11-27', '2026-11-27'],
    ['1 Sept 2026', '2026-09-01'],
    ['31/06/2026', null],
    ['27 Brumaire 2026', null],
    ['27/11/26', null],
    ['tomorrow', null],
    ['', null],
  ])('%s is %s', (text, day) => expect(typedDay(text)).toBe(day))

  it('are read and written as the region does', () => {
    expect(dayWords('2026-04-03')).toBe('3 Apr 2026')
    speak('en-US')
    expect(typedDay('04/03/2026')).toBe('2026-04-03')
    expect(dayWords('2026-04-03')).toBe('Apr 3, 2026')
    for (const region of ['en-NG', 'en-US', 'en-IN', 'en-ZA']) {
      speak(region)
      expect(typedDay(dayWords('2026-09-04')), region).toBe('2026-09-04')
    }
  })
})
