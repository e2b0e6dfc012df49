import { expect, it } from 'vitest'
import { quietHours } from './quiet'

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
