import { expect, it } from 'vitest'
import { ScriptedHost } from '../test/scripted'
import { presenceDot } from './people'

it('shows no dot for somebody one blocked, whatever is known', () => {
  const person = { ...new ScriptedHost().people[1]!, online: true }
  expect(presenceDot(person, false)).toBe(true)
  expect(presenceDot(person, true)).toBeNull()
  expect(presenceDot({ ...person, blocked: true }, false)).toBeUndefined()
  expect(presenceDot({ ...person, blocked: true }, true)).toBeUndefined()
})
