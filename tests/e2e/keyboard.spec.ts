import { beAmara, bubble, composer, expect, test, unique } from './support'

test('everything is reached without a mouse', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  await page.keyboard.press('Control+1')

  // Into the list, down and up, open.
  await page.locator('body').click({ position: { x: 600, y: 20 } })
  await page.keyboard.press('j')
  const rows = page.getByRole('region', { name: 'Conversations' }).locator('a.row')
  await expect(rows.first()).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await expect(rows.nth(1)).toBeFocused()
  await page.keyboard.press('k')
  await expect(rows.first()).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(composer(page)).toBeFocused()
  const text = unique('By hand')
  await page.keyboard.type(text)
  await page.keyboard.press('Enter')
  await expect(bubble(page, text)).toHaveCount(1)
  await expect(composer(page)).toBeFocused()

  // Panes in a circle, and back.
  await page.keyboard.press('F6')
  await expect(page.getByRole('link', { name: /^Inbox/ })).toBeFocused()
  await page.keyboard.press('F6')
  await expect(page.locator('a.row[aria-current]')).toBeFocused()
  await page.keyboard.press('F6')
  await expect(page.getByRole('log')).toBeFocused()
  await page.keyboard.press('F6')
  await expect(composer(page)).toBeFocused()
  await page.keyboard.press('Shift+F6')
  await expect(page.getByRole('log')).toBeFocused()

  // A dialog gives the focus back, and Esc closes one thing at a time.
  await page.keyboard.press('?')
  const keys = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await expect(keys).toBeVisible()
  await expect(keys.getByText('Inbox', { exact: true })).toBeVisible()
  // The desk is for administrators: for others its keys do nothing.
  await expect(keys.getByText('Desk', { exact: true })).toHaveCount(0)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
  await expect(page.getByRole('log')).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(page.locator('a.row[aria-current]')).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(page.getByText('Choose a conversation')).toBeVisible()

  // Back and forward.
  await page.keyboard.press('Control+2')
  await expect(page.getByRole('heading', { name: 'Notifications' })).toBeVisible()
  await page.keyboard.press('Control+,')
  await expect(page.getByRole('heading', { name: 'Account' })).toBeVisible()
  await page.keyboard.press('Alt+ArrowLeft')
  await expect(page.getByRole('heading', { name: 'Notifications' })).toBeVisible()
  await page.keyboard.press('Alt+ArrowRight')
  await expect(page.getByRole('heading', { name: 'Account' })).toBeVisible()

  // Single letters are letters while one writes.
  await page.keyboard.press('Control+n')
  await expect(page.getByRole('combobox', { name: 'Find a person' })).toBeFocused()
  await page.keyboard.type('j?k')
  await expect(page.getByRole('combobox', { name: 'Find a person' })).toHaveValue('j?k')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toBeHidden()
})
