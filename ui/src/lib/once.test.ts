import { expect, it } from 'vitest'
import { Once } from './once'

it('says the same thing again to the letter until an answer came', () => {
  const once = new Once<{ version: number }>()
  const first = once.as(['accept', 40], { version: 3 })
  expect(once.as(['accept', 40], { version: 4 })).toEqual(first)
  expect(once.as(['accept', 50], { version: 4 })).not.toEqual(first)
  const third = once.as(['accept', 50], { version: 5 })
  expect(third.said).toEqual({ version: 4 })
  once.answered()
  expect(once.as(['accept', 50], { version: 5 }).key).not.toBe(third.key)
})
