import { expect, test } from 'vitest'
import { cutOf, portrait } from './pictures'

test('a cut is square and never reaches beyond the picture', () => {
  const wide = { width: 900, height: 400 }
  expect(cutOf(wide, { zoom: 1, x: 0.5, y: 0.5 })).toEqual({ left: 250, top: 0, width: 400, height: 400 })
  expect(cutOf(wide, { zoom: 1, x: 0, y: 1 })).toEqual({ left: 0, top: 0, width: 400, height: 400 })
  expect(cutOf(wide, { zoom: 2, x: 1, y: 1 })).toEqual({ left: 700, top: 200, width: 200, height: 200 })
  expect(cutOf(wide, { zoom: 0, x: 0.5, y: 0.5 }).width).toBe(400)
})

test('a new picture that waits is shown before the one that was', () => {
  const page = { person: { picture: 7 }, picture_waiting: null as boolean | null }
  const shown = (waiting: boolean | null) => portrait({ ...page, picture_waiting: waiting } as never)
  expect(shown(null)).toEqual({ id: 7, key: null })
  expect(shown(true)).toEqual({ id: null, key: 'avatar' })
  expect(shown(false)).toBeNull()
})
