import { expect, it } from 'vitest'
import { ariaKeys } from './tip.svelte'

it('names key combinations as screen readers expect them', () => {
  expect(ariaKeys('Ctrl N')).toBe('Control+N')
  expect(ariaKeys('Ctrl ,')).toBe('Control+,')
  expect(ariaKeys('Alt Left')).toBe('Alt+ArrowLeft')
  expect(ariaKeys('Shift Esc')).toBe('Shift+Escape')
})
