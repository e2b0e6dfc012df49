import type { Settings } from '../contract.gen'
import { clockTime, minuteOfDay, minutesToClock } from './time'
import { say } from './say'

const DAY_MIN = 1440

/** Draws the quiet hours: bars over the day in minutes, whether now lies inside, and when that changes. */
export function quietHours(
  settings: Pick<Settings, 'quiet_from_min' | 'quiet_to_min'>,
  now: number,
): { bars: { from: number; to: number }[]; inside: boolean; changesInMin: number } {
  const { quiet_from_min: from, quiet_to_min: to } = settings
  const minute = minuteOfDay(now)
  // From an hour to the same hour is no time at all, as in the core.
  const over = to < from
  const bars = over
    ? [
        { from: 0, to },
        { from, to: DAY_MIN },
      ].filter((bar) => bar.to > bar.from)
    : [{ from, to }]
  const inside = bars.some((bar) => minute >= bar.from && minute < bar.to)
  const next = inside ? to : from
  const changesInMin = (next - minute + DAY_MIN) % DAY_MIN || DAY_MIN
  return { bars, inside, changesInMin }
}

/** Whether it is quiet now and until when, in words for beside the connection; `null` while notices come. */
export function quietWords(
  settings: Pick<Settings, 'quiet' | 'quiet_until' | 'quiet_from_min' | 'quiet_to_min'>,
  now: number,
): string | null {
  const { quiet_until: until } = settings
  if (until !== null && until > now) return say('connection-quiet-until', { when: clockTime(until) })
  if (!settings.quiet || !quietHours(settings, now).inside) return null
  return say('connection-quiet-until', { when: minutesToClock(settings.quiet_to_min) })
}
