import { beAmara, expect, link, rpc, test } from './support'

test('a list of hundreds draws what is in sight, and keys reach every row', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  const rows = await rpc<{ key: string; person: { name: string } }[]>(page, 'conversation_list', {
    unread_only: false,
    name: null,
    limit: 500,
  })
  const list = page.getByRole('list', { name: 'Conversations' })
  await expect(list.getByRole('listitem').first()).toHaveAttribute('aria-setsize', String(rows.length))
  await page.setViewportSize({ width: 1200, height: 480 })
  const links = list.getByRole('link')
  await links.first().focus()
  await page.keyboard.press('End')
  const last = rows.at(-1)!.person.name
  await expect(links.filter({ hasText: last }).last()).toBeFocused()
  await expect(list.getByRole('listitem').last()).toHaveAttribute('aria-posinset', String(rows.length))
  if (rows.length > 40) expect(await links.count()).toBeLessThan(30)
  await page.keyboard.press('Home')
  await expect(links.filter({ hasText: rows[0]!.person.name }).first()).toBeFocused()
  // Letters find names, without the marks one would have to type.
  await page.keyboard.type('bak')
  await expect(links.filter({ hasText: 'Tunde Bákàrè' })).toBeFocused()
})

test('a list is one stop of the Tab key, from where one was', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  const links = page.getByRole('list', { name: 'Conversations' }).getByRole('link')
  await links.first().focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await expect(links.nth(2)).toBeFocused()
  await page.keyboard.press('Shift+Tab')
  await expect(links.nth(2)).not.toBeFocused()
  await page.keyboard.press('Tab')
  await expect(links.nth(2)).toBeFocused()
  await page.goto('/?window=main#/notifications')
  const notices = page.getByRole('list', { name: 'Notifications' }).locator('[data-stop]')
  if ((await notices.count()) > 1) {
    await expect(page.locator('[data-stop][tabindex="0"]')).toHaveCount(1)
    await notices.first().focus()
    await page.keyboard.press('ArrowDown')
    await expect(notices.nth(1)).toBeFocused()
    await expect(page.locator('[data-stop][tabindex="0"]')).toHaveCount(1)
  }
  await link(page, 'main', 'mend')
})
