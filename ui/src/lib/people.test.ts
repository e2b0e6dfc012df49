import { expect, it } from 'vitest'
import { TUNDE } from '../test/rows'
import { presenceDot } from './people'

it('shows no dot for somebody one blocked, whatever is known', () => {
  const person = { ...TUNDE, online: true }
  expect(presenceDot(person, false)).toBe(true)
  expect(presenceDot(person, true)).toBeNull()
  expect(presenceDot({ ...person, blocked: true }, false)).toBeUndefined()
  expect(presenceDot({ ...person, blocked: true }, true)).toBeUndefined()
})
