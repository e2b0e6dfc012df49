import { beAmara, composer, expect, openConversation, rpc, test, unique } from './support'

test('a button that cannot be pressed looks so, also under the pointer', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  await openConversation(page, 'Kwame Mensah')
  const send = page.getByRole('button', { name: 'Send', exact: true })
  await composer(page).fill(unique('Sent by hand'))
  // The pointer stays where it was, on a button that has nothing to send any more.
  await send.click()
  await expect(send).toBeDisabled()
  await expect(send).toHaveCSS('background-color', 'rgba(0, 0, 0, 0)')
})

test('a menu has no ring around it, also when the key was what was used last', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  await page.keyboard.press('ArrowDown')
  const row = page.getByRole('region', { name: 'Conversations' }).getByRole('link').nth(1)
  await row.click({ button: 'right' })
  const menu = page.getByRole('menu', { name: 'Actions', exact: true })
  await expect(menu).toBeFocused()
  await expect(menu).toHaveCSS('outline-style', 'none')
  // An item that one goes to is marked.
  await page.keyboard.press('ArrowDown')
  const item = menu.getByRole('menuitem').first()
  await expect(item).toBeFocused()
  await expect(item).not.toHaveCSS('background-color', 'rgba(0, 0, 0, 0)')
})

test('quiet time stands beside the connection like it, not like a link in a text', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  const before = await rpc<object>(page, 'settings_get', {})
  await rpc(page, 'settings_set', { ...before, quiet_until: Date.now() + 3_600_000 })
  const quiet = page.getByRole('link', { name: /^Quiet until/ })
  await expect(quiet).toHaveCSS('text-decoration-line', 'none')
  await rpc(page, 'settings_set', before)
  await expect(quiet).toBeHidden()
})

test('a button inside of a field has the ring alone, and notices stand where the settings say', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  await page.getByRole('button', { name: 'Filter by name' }).click()
  const field = page.getByRole('textbox', { name: 'Filter people by name' })
  await expect(field).toBeFocused()
  await expect(field.locator('..')).toHaveCSS('outline-style', 'solid')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'Stop filtering' })).toBeFocused()
  await expect(field.locator('..')).toHaveCSS('outline-style', 'none')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Control+,')
  await page.getByRole('link', { name: 'Notifications' }).last().click()
  await expect(page.getByText('At the upper right, when the conversation is not in view')).toBeVisible()
  const toasts = (await page.locator('.toasts').boundingBox())!
  expect(toasts.y).toBeLessThan(200)
})
