import { expect, it } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { render } from 'vitest-browser-svelte'
import ListAround from '../test/ListAround.svelte'
import ListOf from '../test/ListOf.svelte'

const NAMES = Array.from({ length: 5_000 }, (_, n) => `Name ${n}`)
const item = (name: string) => page.getByRole('button', { name, exact: true })

it('draws what is in sight of thousands, and says how many there are', async () => {
  render(ListOf, { names: NAMES })
  await expect.element(item('Name 0')).toBeVisible()
  expect(document.querySelectorAll('.item').length).toBeLessThan(40)
  const first = page.getByRole('listitem').first()
  await expect.element(first).toHaveAttribute('aria-setsize', '5000')
  await expect.element(first).toHaveAttribute('aria-posinset', '1')
})

it('is one stop of the Tab key, and comes back to where one was', async () => {
  render(ListOf, { names: NAMES })
  await expect.element(item('Name 0')).toBeVisible()
  item('Before').element().focus()
  await userEvent.keyboard('{Tab}')
  await expect.element(item('Name 0')).toHaveFocus()
  await userEvent.keyboard('{ArrowDown}j{ArrowDown}k')
  await expect.element(item('Name 2')).toHaveFocus()
  await userEvent.keyboard('{Tab}')
  await expect.element(item('After')).toHaveFocus()
  await userEvent.keyboard('{Shift>}{Tab}{/Shift}')
  await expect.element(item('Name 2')).toHaveFocus()
})

it('leads to both ends, and back to one that had gone out of sight', async () => {
  render(ListOf, { names: NAMES, current: 'Name 40' })
  await expect.element(item('Name 0')).toBeVisible()
  item('Before').element().focus()
  await userEvent.keyboard('{Tab}')
  await expect.element(item('Name 40')).toHaveFocus()
  await userEvent.keyboard('{End}')
  await expect.element(item('Name 4999')).toHaveFocus()
  await expect.element(item('Name 4999')).toBeInViewport()
  await userEvent.keyboard('{Home}')
  await expect.element(item('Name 0')).toHaveFocus()
})

it('passes headings over, and finds names by their letters', async () => {
  render(ListOf, { names: ['#Today', 'Ada', 'Ṣadé Ọláyínká', '#Earlier', 'Tunde', 'Tomi'] })
  await expect.element(item('Ada')).toBeVisible()
  item('Ada').element().focus()
  await userEvent.keyboard('{ArrowDown}{ArrowDown}')
  await expect.element(item('Tunde')).toHaveFocus()
  await userEvent.keyboard('ola')
  await expect.element(item('Ṣadé Ọláyínká')).toHaveFocus()
  // The next key may come at once.
  await userEvent.keyboard('{ArrowDown}')
  await expect.element(item('Tunde')).toHaveFocus()
  await expect.element(page.getByRole('listitem').last()).toHaveAttribute('aria-setsize', '4')
})

it('in the middle of a page, what is above it may grow, and both ends are reached all the same', async () => {
  const shown = render(ListAround, { names: NAMES, above: 400 })
  await expect.element(page.getByRole('list')).toBeInTheDocument()
  await shown.rerender({ above: 1_000 })
  document.querySelector('.scroll')!.scrollTop = 1_000
  await expect.element(item('Name 0')).toBeInViewport()
  item('Name 0').element().focus()
  await userEvent.keyboard('{End}')
  await expect.element(item('Name 4999')).toHaveFocus()
  await expect.element(item('Name 4999')).toBeInViewport()
  expect(document.querySelectorAll('.item').length).toBeLessThan(60)
  await userEvent.keyboard('{Home}')
  await expect.element(item('Name 0')).toHaveFocus()
  await expect.element(item('Name 0')).toBeInViewport()
})
