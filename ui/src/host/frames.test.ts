import { expect, test } from 'vitest'
import { pack, unpack } from './frames'

test('bytes go beside the JSON and come back', () => {
  const value = [{ name: 'Ṣadé', bytes: new Uint8Array([0, 255, 7]) }, { name: 'b', bytes: null }, { bytes: new Uint8Array() }]
  const frame = pack(value)
  if (typeof frame === 'string') throw new Error('it has bytes')
  expect(new DataView(frame.buffer).getUint32(0, true)).toBeLessThan(frame.length)
  expect(unpack(frame.buffer)).toEqual(value)
})

test('what has no bytes stays JSON', () => {
  expect(pack({ name: 'a', bytes: null })).toBe('{"name":"a","bytes":null}')
})
