import { expect, it, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { render } from 'vitest-browser-svelte'
import SelectInDialog from '../test/SelectInDialog.svelte'
import Select from './Select.svelte'

const options = ['Everything', 'People', 'Papers', 'Reports'].map((label, value) => ({ value, label }))
const box = () => page.getByRole('combobox', { name: 'What' })
const option = (name: string) => page.getByRole('option', { name })

function shown() {
  const onchange = vi.fn()
  render(Select, { label: 'What', value: 0, options, onchange })
  return onchange
}

it('is opened and gone through by key: arrows, first letters, Enter; Escape leaves it as it was', async () => {
  const onchange = shown()
  box().element().focus()
  await expect.element(box()).toHaveTextContent('Everything')
  await expect.element(box()).toHaveAttribute('aria-expanded', 'false')
  await userEvent.keyboard('{Enter}')
  await expect.element(page.getByRole('listbox', { name: 'What' })).toBeVisible()
  await expect.element(option('Everything')).toHaveAttribute('aria-selected', 'true')
  await userEvent.keyboard('{ArrowDown}')
  await expect.element(box()).toHaveAttribute('aria-activedescendant', option('People').element().id)
  await userEvent.keyboard('{Escape}')
  await expect.element(page.getByRole('listbox')).not.toBeInTheDocument()
  await expect.element(box()).toHaveFocus()
  expect(onchange).not.toHaveBeenCalled()
  await userEvent.keyboard('{ArrowDown}')
  await expect.element(page.getByRole('listbox')).toBeVisible()
  await userEvent.keyboard('r')
  await expect.element(box()).toHaveAttribute('aria-activedescendant', option('Reports').element().id)
  await userEvent.keyboard('{Enter}')
  expect(onchange.mock.calls).toEqual([[3]])
  await expect.element(page.getByRole('listbox')).not.toBeInTheDocument()
})

it('is chosen from by hand, and follows the theme', async () => {
  const onchange = shown()
  document.documentElement.dataset.theme = 'dark'
  await box().click()
  const ground = getComputedStyle(page.getByRole('listbox').element()).backgroundColor
  expect(ground).toBe('rgb(33, 42, 38)')
  await option('Papers').click()
  expect(onchange.mock.calls).toEqual([[2]])
  await expect.element(box()).toHaveFocus()
  delete document.documentElement.dataset.theme
})

it('in a dialog, choosing and Escape are the list’s own: the dialog stays', async () => {
  const onchange = vi.fn()
  const banks = ['First Bank', 'Second Bank'].map((label) => ({ value: label, label }))
  render(SelectInDialog, { options: banks, onchange })
  const bank = page.getByRole('combobox', { name: 'Bank' })
  await bank.click()
  await userEvent.keyboard('{Escape}')
  await expect.element(page.getByRole('listbox')).not.toBeInTheDocument()
  await expect.element(page.getByRole('dialog', { name: 'A bank account' })).toBeVisible()
  await bank.click()
  await option('Second Bank').click()
  expect(onchange.mock.calls).toEqual([['Second Bank']])
  await expect.element(page.getByRole('dialog', { name: 'A bank account' })).toBeVisible()
  // As wide as a field would be.
  const dialog = page.getByRole('dialog').element().getBoundingClientRect()
  expect(bank.element().getBoundingClientRect().width).toBe(dialog.width - 48)
})

it('no page uses the list of the system', () => {
  const sources = import.meta.glob<string>('../**/*.svelte', { query: '?raw', import: 'default', eager: true })
  const uses = Object.entries(sources).filter(([, text]) => /<select\b/.test(text))
  expect(uses.map(([name]) => name)).toEqual([])
})
