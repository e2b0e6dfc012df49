import { expect, it } from 'vitest'
import { listStep, nameFound } from './list'

const PLACES = [1, 2, 4]

it.each([
  ['ArrowDown', 1, 2],
  ['ArrowDown', 2, 4],
  ['ArrowDown', 4, 4],
  ['ArrowUp', 4, 2],
  ['ArrowUp', 1, 1],
  ['j', -1, 1],
  ['k', 2, 1],
  ['Home', 4, 1],
  ['End', 1, 4],
])('%s from %d leads to %d, past headings', (key, at, next) => {
  expect(listStep(key, PLACES, at)).toBe(next)
})

it('leaves other keys and empty lists alone', () => {
  expect(listStep('x', PLACES, 1)).toBeNull()
  expect(listStep('ArrowDown', [], -1)).toBeNull()
})

const NAMES = ['Amara Okonkwo', 'Ṣadé Ọláyínká', 'Tunde Bákàrè', 'Tomi Sade']

it.each([
  ['t', 0, 2],
  ['t', 2, 3],
  ['tt', 3, 2],
  ['to', 2, 3],
  ['sad', 0, 1],
  ['ola', 0, 1],
  ['baka', 0, 2],
  ['x', 0, -1],
])('letters %s from %d find %d', (typed, at, found) => {
  expect(nameFound(typed, NAMES, at)).toBe(found)
})
