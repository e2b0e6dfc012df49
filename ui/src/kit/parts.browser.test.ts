import { expect, it, vi } from 'vitest'
import { page, userEvent } from 'vitest/browser'
import { render } from 'vitest-browser-svelte'
import Confirm from './Confirm.svelte'
import Field from './Field.svelte'
import Segments from './Segments.svelte'
import Toasts from './Toasts.svelte'
import Toggle from './Toggle.svelte'
import { Toasts as Shown } from '../lib/toasts.svelte'

it('a question begins at the way out, and does only what was confirmed', async () => {
  const onconfirm = vi.fn()
  const props = { open: true, title: 'Delete it?', body: 'It is gone then.', action: 'Delete', destructive: true, onconfirm }
  const shown = render(Confirm, props)
  await expect.element(page.getByRole('button', { name: 'Cancel' })).toHaveFocus()
  // All hang at one height.
  expect(page.getByRole('dialog').element().getBoundingClientRect().top).toBe(72)
  await userEvent.keyboard('{Enter}')
  await expect.element(page.getByRole('dialog')).not.toBeInTheDocument()
  expect(onconfirm).not.toHaveBeenCalled()
  await shown.rerender({ open: true })
  await page.getByRole('button', { name: 'Delete' }).click()
  expect(onconfirm).toHaveBeenCalledTimes(1)
})

it('a field says what is wrong with it to whoever hears it', async () => {
  render(Field, { label: 'Name', value: '', error: 'Type your name.', hint: 'As people shall see it' })
  const field = page.getByLabelText('Name')
  await expect.element(field).toHaveAttribute('aria-invalid', 'true')
  await expect.element(field).toHaveAccessibleDescription('Type your name.')
})

it('what is wrong with a field is said of what stands there, and anew when it is said again', async () => {
  const shown = render(Field, { label: 'Code', value: '111111', error: 'This code is wrong.' })
  const field = page.getByLabelText('Code')
  await expect.element(page.getByText('This code is wrong.')).toBeVisible()
  const height = () => document.querySelector('.field')!.getBoundingClientRect().height
  const before = height()
  await field.fill('222222')
  await expect.element(page.getByText('This code is wrong.')).not.toBeVisible()
  expect(height()).toBe(before)
  await expect.element(field).not.toHaveAttribute('aria-invalid')
  await shown.rerender({ error: undefined })
  await shown.rerender({ error: 'This code is wrong.' })
  await expect.element(page.getByText('This code is wrong.')).toBeVisible()
})

it('segments are one stop of the Tab key, and arrows choose', async () => {
  const onchange = vi.fn()
  const options = [
    { value: 'hire', label: 'I hire' },
    { value: 'work', label: 'I work' },
  ]
  const props = { label: 'What brings you here?', options, value: 'hire', onchange }
  const shown = render(Segments, props)
  const radio = (name: string) => page.getByRole('radio', { name })
  await expect.element(page.getByRole('radiogroup', { name: 'What brings you here?' })).toBeVisible()
  await userEvent.tab()
  await expect.element(radio('I hire')).toHaveFocus()
  await userEvent.keyboard('{ArrowRight}')
  expect(onchange.mock.calls).toEqual([['work']])
  await shown.rerender({ value: 'work' })
  await expect.element(radio('I work')).toHaveFocus()
  await expect.element(radio('I work')).toBeChecked()
  await expect.element(radio('I hire')).toHaveAttribute('tabindex', '-1')
  await userEvent.keyboard('{ArrowRight}')
  expect(onchange.mock.calls.at(-1)).toEqual(['hire'])
})

it('a switch answers to a click on its words and to the space bar', async () => {
  const onchange = vi.fn()
  render(Toggle, { on: false, label: 'Play a sound', onchange })
  await page.getByText('Play a sound').click()
  page.getByRole('switch').element().focus()
  await userEvent.keyboard(' ')
  expect(onchange.mock.calls).toEqual([[true], [true]])
})

it('a notice that lies over something goes at a press, unless it stays until it is read', async () => {
  const toasts = new Shown()
  render(Toasts, { toasts })
  toasts.show({ tone: 'info', title: 'Back online' })
  toasts.show({ tone: 'stop', title: 'It was not saved', stays: true })
  await page.getByText('Back online').click()
  await expect.element(page.getByText('Back online')).not.toBeInTheDocument()
  await page.getByText('It was not saved').click()
  await expect.element(page.getByText('It was not saved')).toBeVisible()
})

it('a notice stands at the lower right, and above the button that a page is for', async () => {
  const toasts = new Shown()
  render(Toasts, { toasts })
  toasts.show({ tone: 'info', title: 'Back online' })
  const toast = page.getByText('Back online')
  await expect.element(toast).toBeVisible()
  const place = () => {
    const { right, bottom } = document.querySelector('.toasts')!.getBoundingClientRect()
    return [window.innerWidth - right, window.innerHeight - bottom]
  }
  expect(place()).toEqual([16, 16])
  const save = document.createElement('button')
  save.className = 'button primary'
  save.textContent = 'Save'
  save.style.cssText = 'position: fixed; right: 20px; bottom: 20px; height: 40px'
  document.body.append(save)
  await vi.waitFor(() => expect(place()).toEqual([16, 68]))
  save.remove()
  await vi.waitFor(() => expect(place()).toEqual([16, 16]))
})

it('three notices at most; those with the same tag take each other’s place', async () => {
  const toasts = new Shown()
  render(Toasts, { toasts })
  for (const title of ['One', 'Two', 'Three', 'Four']) toasts.show({ tone: 'info', title, tag: title })
  toasts.show({ tone: 'ok', title: 'Four again', tag: 'Four' })
  await expect.element(page.getByText('Four again')).toBeVisible()
  await expect.element(page.getByText('One', { exact: true })).not.toBeInTheDocument()
  await expect.element(page.getByText('Four', { exact: true })).not.toBeInTheDocument()
  await page.getByRole('button', { name: 'Dismiss: Two' }).click()
  await expect.element(page.getByText('Two', { exact: true })).not.toBeInTheDocument()
})
