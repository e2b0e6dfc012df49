import { expect, it } from 'vitest'
import { spanWords, spans } from './months'

const NOW = new Date(2026, 0, 31, 12).getTime()

it('offers whole months by this computer’s clock, one after another without a gap', () => {
  const [january, december, november] = spans(NOW)
  expect([january, december, november].map((span) => span?.value)).toEqual(['2026-01', '2025-12', '2025-11'])
  expect(december?.until).toBe(january?.from)
  expect(new Date(december!.from!).getDate()).toBe(1)
  expect(spans(NOW).at(-1)).toMatchObject({ value: 'all', from: null, until: null })
})

it('says which days are meant, both included', () => {
  const [january, december] = spans(NOW)
  expect(spanWords(december!, NOW)).toBe('1 Dec 2025 to 31 Dec 2025, by this computer’s clock')
  expect(spanWords(january!, NOW)).toBe('1 Jan 2026 until now, by this computer’s clock')
})
