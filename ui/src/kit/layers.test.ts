import { expect, test } from 'vitest'

const sources: Record<string, string> = import.meta.glob('./*.svelte', { query: '?raw', import: 'default', eager: true })

function layer(file: string): number {
  return Number(/z-index: (\d+)/.exec(sources[`./${file}.svelte`] ?? '')?.[1])
}

test('what one opens lies above notices, which lie above dialogs: no notice is pressed in the place of a menu', () => {
  expect(layer('Toasts')).toBeGreaterThan(layer('Dialog'))
  for (const opened of ['MenuItems', 'Pop', 'Select']) expect(layer(opened), opened).toBeGreaterThan(layer('Toasts'))
  expect(layer('Tooltip')).toBeGreaterThan(layer('MenuItems'))
})
