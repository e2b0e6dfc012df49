import { expect, it } from 'vitest'
import { quietHours, quietWords } from './quiet'

const at = (hours: number, minutes: number) => new Date(2025, 9, 16, hours, minutes).getTime()
const night = { quiet_from_min: 21 * 60, quiet_to_min: 7 * 60 }

it('draws quiet hours over midnight as two bars', () => {
  expect(quietHours(night, at(14, 32))).toEqual({
    bars: [
      { from: 0, to: 420 },
      { from: 1260, to: 1440 },
    ],
    inside: false,
    changesInMin: 388,
  })
})

it('knows when it is inside, and until when', () => {
  expect(quietHours(night, at(23, 0))).toMatchObject({ inside: true, changesInMin: 480 })
  expect(quietHours(night, at(6, 59))).toMatchObject({ inside: true, changesInMin: 1 })
  expect(quietHours({ quiet_from_min: 60, quiet_to_min: 120 }, at(1, 30))).toMatchObject({ inside: true, changesInMin: 30 })
})

it('says in words that it is quiet, and until when', () => {
  const hours = { quiet: true, quiet_until: null, ...night }
  expect(quietWords(hours, at(23, 0))).toBe('Quiet until 07:00')
  expect(quietWords(hours, at(7, 0))).toBeNull()
  expect(quietWords({ ...hours, quiet: false }, at(23, 0))).toBeNull()
  expect(quietWords({ ...hours, quiet_to_min: 21 * 60 }, at(21, 0))).toBeNull()
  const paused = { ...hours, quiet: false, quiet_until: at(15, 30) }
  expect(quietWords(paused, at(14, 32))).toBe('Quiet until 15:30')
  expect(quietWords(paused, at(15, 30))).toBeNull()
})
