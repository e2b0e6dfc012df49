/** Words for moments, in the zone of this computer. 24-hour clock. */

const clockFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const weekdayFormat = new Intl.DateTimeFormat('en-GB', { weekday: 'short' })
const dayMonthFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const dayMonthYearFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
const longDayFormat = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' })
const longDayYearFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' })
const monthYearFormat = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric' })
const fullFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'medium', hourCycle: 'h23' })

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
  return clockFormat.format(at)
}

/** For lists: `14:32` today, then `Yesterday`, `Tue`, `9 Oct` and `9 Oct 2024`. */
export function listTime(at: number, now: number): string {
  const days = daysBetween(at, now)
  if (days <= 0) return clockTime(at)
  if (days === 1) return 'Yesterday'
  if (days < 7) return weekdayFormat.format(at)
  return sameYear(at, now) ? dayMonthFormat.format(at) : dayMonthYearFormat.format(at)
}

/** For the line above a day: `Today`, `Yesterday`, `Tuesday 14 October`, `14 October 2024`. */
export function dayName(at: number, now: number): string {
  const days = daysBetween(at, now)
  if (days === 0) return 'Today'
  if (days === 1) return 'Yesterday'
  return sameYear(at, now) ? longDayFormat.format(at) : longDayYearFormat.format(at)
}

/** In a sentence: `14:32`, `yesterday, 21:14`, `Tue, 09:05`, `9 Oct, 14:02`, `9 Oct 2024`. */
export function moment(at: number, now: number): string {
  const days = daysBetween(at, now)
  if (days <= 0) return clockTime(at)
  if (days === 1) return `yesterday, ${clockTime(at)}`
  if (days < 7) return `${weekdayFormat.format(at)}, ${clockTime(at)}`
  return sameYear(at, now) ? `${dayMonthFormat.format(at)}, ${clockTime(at)}` : dayMonthYearFormat.format(at)
}

/** `Sunday 19 October 2025 at 14:02:09`, for titles that show on hover. */
export function fullTime(at: number): string {
  return fullFormat.format(at)
}

/** `March 2023` */
export function monthYear(at: number): string {
  return monthYearFormat.format(at)
}

/** `Offline 14:19 to 14:31`, with days where they differ. */
export function spanWords(from: number, to: number | null, now: number): string {
  if (to === null) return `Offline since ${moment(from, now)}`
  if (daysBetween(from, to) === 0) {
    const day = daysBetween(from, now) === 0 ? '' : `${dayName(from, now)}, `
    return `Offline ${day}${clockTime(from)} to ${clockTime(to)}`
  }
  return `Offline ${moment(from, now)} to ${moment(to, now)}`
}

/** Messages written long before they were sent say so. Empty when the two moments are within ten minutes. */
export function writtenWords(writtenAt: number, sentAt: number | null): string {
  if (sentAt === null || Math.abs(sentAt - writtenAt) <= 10 * MINUTE_MS) return ''
  const written = `written ${clockTime(writtenAt)}`
  const days = daysBetween(writtenAt, sentAt)
  if (days === 0) return `${written}, sent ${clockTime(sentAt)}`
  if (days === 1) return `${written}, sent next day`
  if (days > 1) return `${written}, sent ${days} days later`
  return `${written} by their clock, sent ${clockTime(sentAt)}`
}

/** `6 h 28 m`, `12 m`, `8 s`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} m`
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} m`
  return hours % 24 === 0 ? `${Math.floor(hours / 24)} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`
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

/** Minutes after local midnight. */
export function minuteOfDay(at: number): number {
  const date = new Date(at)
  return date.getHours() * 60 + date.getMinutes()
}

function sameYear(a: number, b: number): boolean {
  return new Date(a).getFullYear() === new Date(b).getFullYear()
}
