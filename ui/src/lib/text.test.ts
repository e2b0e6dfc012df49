import { expect, it } from 'vitest'
import { avatarColour, codePoints, fileSize, initials } from './text'

it('counts code points, not units', () => {
  expect(codePoints('a🪵b')).toBe(3)
  expect(codePoints('ọ́')).toBe(2)
})

it.each([
  ['Tunde Bákàrè', 'TB'],
  ['Ṣadé Ọláyínká', 'ṢỌ'],
  ['Amara', 'A'],
  ['  ', '?'],
  ['“Quoted” Name', 'QN'],
  ['O\u0323la\u0301 Bo', 'O\u0323B'],
])('the initials of %s are %s', (name, letters) => expect(initials(name)).toBe(letters))

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [2_400_000, '2.4 MB'],
  [999_600, '1 MB'],
  [10 * 1024 * 1024, '10 MB'],
])('%i bytes are %s', (bytes, words) => expect(fileSize(bytes)).toBe(words))

it('gives everybody one of six colours', () => {
  for (let id = 0; id < 500; id += 1) expect([1, 2, 3, 4, 5, 6]).toContain(avatarColour(id))
})
