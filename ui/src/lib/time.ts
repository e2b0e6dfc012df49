/** Words for moments, in the zone of this computer. 24-hour clock. */

import { formats, say } from './say'

const MINUTE_MS = 60_000

/** Midnight at the start of the day of `at`. */
export function startOfDay(at: number): number {
  const date = new Date(at)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
}

/** How many midnights lie between two moments. Counts days of 23 and 25 hours as days. */
export function daysBetween(from: number, to: number): number {
  return Math.round((startOfDay(to) - startOfDay(from)) / 86_400_000)
}

/** `14:32` */
export function clockTime(at: number): string {
  return formats().clock.format(at)
}

/** For lists: `14:32` today, then `Yesterday`, `Tue`, `9 Oct` and `9 Oct 2024`. */
export function listTime(at: number, now: number): string {
  const days = daysBetween(at, now)
  if (days <= 0) return clockTime(at)
  if (days === 1) return say('time-yesterday')
  if (days < 7) return formats().weekday.format(at)
  return sameYear(at, now) ? formats().dayMonth.format(at) : formats().dayMonthYear.format(at)
}

/** For the line above a day: `Today`, `Yesterday`, `Tuesday 14 October`, `14 October 2024`. */
export function dayName(at: number, now: number): string {
  const days = daysBetween(at, now)
  if (days === 0) return say('time-today')
  if (days === 1) return say('time-yesterday')
  return sameYear(at, now) ? formats().longDay.format(at) : formats().longDayYear.format(at)
}

/** In a sentence: `14:32`, `yesterday, 21:14`, `Tue, 09:05`, `9 Oct, 14:02`, `9 Oct 2024`. What is to come says its day too. */
export function moment(at: number, now: number): string {
  const days = daysBetween(at, now)
  if (days < 0) return end(at, now)
  if (days === 0) return clockTime(at)
  if (days === 1) return say('time-yesterday-at', { time: clockTime(at) })
  if (days < 7) return say('time-day-at', { day: formats().weekday.format(at), time: clockTime(at) })
  return sameYear(at, now)
    ? say('time-day-at', { day: formats().dayMonth.format(at), time: clockTime(at) })
    : formats().dayMonthYear.format(at)
}

/** For what ends: `14:32` today, then `Fri, 09:05` and `9 Oct, 14:02`. */
export function end(at: number, now: number): string {
  const days = daysBetween(now, at)
  if (days <= 0) return clockTime(at)
  const day = days < 7 ? formats().weekday.format(at) : formats().dayMonth.format(at)
  return say('time-day-at', { day, time: clockTime(at) })
}

/** `Sunday 19 October 2025 at 14:02:09`, for titles that show on hover. */
export function fullTime(at: number): string {
  return formats().full.format(at)
}

/** `March 2023` */
export function monthYear(at: number): string {
  return formats().monthYear.format(at)
}

/** `Offline 14:19 to 14:31`, with days where they differ. */
export function spanWords(from: number, to: number | null, now: number): string {
  if (to === null) return say('time-offline-since', { when: moment(from, now) })
  if (daysBetween(from, to) === 0) {
    const span = { from: clockTime(from), to: clockTime(to) }
    if (daysBetween(from, now) === 0) return say('time-offline-span', span)
    return say('time-offline-span-day', { ...span, day: dayName(from, now) })
  }
  return say('time-offline-span', { from: moment(from, now), to: moment(to, now) })
}

/** Messages written long before they were sent say so. Empty when the two moments are within ten minutes. */
export function writtenWords(writtenAt: number, sentAt: number | null): string {
  if (sentAt === null || Math.abs(sentAt - writtenAt) <= 10 * MINUTE_MS) return ''
  const written = clockTime(writtenAt)
  const sent = clockTime(sentAt)
  const days = daysBetween(writtenAt, sentAt)
  if (days === 0) return say('time-written-sent', { written, sent })
  if (days === 1) return say('time-written-sent-next-day', { written })
  if (days > 1) return say('time-written-sent-later', { written, days })
  return say('time-written-their-clock', { written, sent })
}

/** `6 h 28 m`, `12 m`, `8 s`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  if (seconds < 60) return say('time-seconds', { seconds })
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return say('time-minutes', { minutes })
  const hours = Math.floor(minutes / 60)
  if (hours < 24)
    return minutes % 60 === 0 ? say('time-hours', { hours }) : say('time-hours-minutes', { hours, minutes: minutes % 60 })
  const days = Math.floor(hours / 24)
  return hours % 24 === 0 ? say('time-days', { days }) : say('time-days-hours', { days, hours: hours % 24 })
}

/** Minutes after midnight as `07:05`. */
export function minutesToClock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

/** `07:05`, `7.05`, `0705` or `7` as minutes after midnight. `null` when it is no time of day. */
export function clockToMinutes(text: string): number | null {
  const match = /^\s*(\d{1,2})(?:[:.h]?([0-5]\d))?\s*$/.exec(text)
  if (!match || Number(match[1]) > 23) return null
  return Number(match[1]) * 60 + Number(match[2] ?? 0)
}

/** A day such as `2026-11-27` as the region writes it: `27 Nov 2026`. */
export function dayWords(day: string): string {
  const [year, month, date] = day.split('-').map(Number)
  return formats().dayMonthYear.format(new Date(year!, month! - 1, date))
}

/**
 * A day as people type it, as `2026-11-27`: in words, in figures in the order of the region, or with the year first.
 * `null` for what is no day.
 */
export function typedDay(text: string): string | null {
  const parts = text.toLowerCase().match(/[\p{L}]+|\d+/gu) ?? []
  if (parts.length !== 3) return null
  const named = parts.findIndex((part) => !/\d/.test(part))
  let [year, month, date] = [0, 0, 0]
  if (named >= 0) {
    month = monthNamed(parts[named]!)
    const figures = parts.filter((_, index) => index !== named).map(Number)
    ;[date, year] = figures[0]! > 31 ? [figures[1]!, figures[0]!] : [figures[0]!, figures[1]!]
  } else if (parts[0]!.length === 4) [year, month, date] = parts.map(Number) as [number, number, number]
  else {
    const order = formats()
      .dayMonthYear.formatToParts(0)
      .map(({ type }) => type)
    const figures = parts.map(Number) as [number, number, number]
    ;[date, month, year] =
      order.indexOf('month') < order.indexOf('day') ? [figures[1], figures[0], figures[2]] : [figures[0], figures[1], figures[2]]
  }
  if (!(year > 0) || String(year).length !== 4) return null
  const found = new Date(Date.UTC(year, month - 1, date))
  // The 31st of June is none.
  if (found.getUTCMonth() !== month - 1 || found.getUTCDate() !== date) return null
  return found.toISOString().slice(0, 10)
}

/** The month that begins so, from 1; 0 for none. */
function monthNamed(letters: string): number {
  if (letters.length < 3) return 0
  const name = (month: number) =>
    formats()
      .longDayYear.formatToParts(new Date(2026, month, 1))
      .find(({ type }) => type === 'month')!.value
  return Array.from({ length: 12 }, (_, month) => name(month).toLowerCase()).findIndex((month) => month.startsWith(letters)) + 1
}

/** Minutes after local midnight. */
export function minuteOfDay(at: number): number {
  const date = new Date(at)
  return date.getHours() * 60 + date.getMinutes()
}

function sameYear(a: number, b: number): boolean {
  return new Date(a).getFullYear() === new Date(b).getFullYear()
}
