import { expect, it, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { render } from 'vitest-browser-svelte'
import OptionsOf from '../test/OptionsOf.svelte'

const NAMES = Array.from({ length: 20 }, (_, n) => `Name ${n}`)
const option = (name: string) => page.getByRole('option', { name, exact: true })
const field = () => page.getByRole('combobox')

it('goes from one to the next and around, always in sight, and the field keeps the focus', async () => {
  const onpick = vi.fn()
  render(OptionsOf, { names: NAMES, onpick })
  await field().click()
  await expect.element(option('Name 0')).toHaveAttribute('aria-selected', 'true')
  await userEvent.keyboard('{ArrowDown}{ArrowDown}')
  await expect.element(option('Name 2')).toHaveAttribute('aria-selected', 'true')
  await expect.element(field()).toHaveAttribute('aria-activedescendant', option('Name 2').element().id)
  await userEvent.keyboard('{ArrowUp}{ArrowUp}{ArrowUp}')
  await expect.element(option('Name 19')).toHaveAttribute('aria-selected', 'true')
  await expect.element(option('Name 19')).toBeInViewport({ ratio: 1 })
  await expect.element(option('Name 19')).toHaveAttribute('aria-posinset', '20')
  await expect.element(field()).toHaveFocus()
  await userEvent.keyboard('{Enter}')
  expect(onpick.mock.calls).toEqual([['Name 19']])
})

it('a click takes one and leaves the focus in the field; fewer options keep one chosen', async () => {
  const onpick = vi.fn()
  const shown = render(OptionsOf, { names: NAMES, onpick })
  await field().click()
  await option('Name 3').click()
  expect(onpick.mock.calls).toEqual([['Name 3']])
  await expect.element(field()).toHaveFocus()
  await expect.element(option('Name 3')).toHaveAttribute('aria-selected', 'true')
  await shown.rerender({ names: NAMES.slice(0, 2) })
  await expect.element(option('Name 1')).toHaveAttribute('aria-selected', 'true')
  await shown.rerender({ names: [] })
  await expect.element(field()).not.toHaveAttribute('aria-activedescendant')
})

it('the one that was gone to stays chosen when another one comes before it', async () => {
  const onpick = vi.fn()
  const shown = render(OptionsOf, { names: NAMES, onpick })
  await field().click()
  await userEvent.keyboard('{ArrowDown}{ArrowDown}')
  await shown.rerender({ names: ['Another', ...NAMES] })
  await expect.element(option('Name 2')).toHaveAttribute('aria-selected', 'true')
  await userEvent.keyboard('{Enter}')
  expect(onpick.mock.calls).toEqual([['Name 2']])
})
