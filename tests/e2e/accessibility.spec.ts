import { beAmara, expect, expectAccessible, openConversation, test } from './support'

const PLACES = [
  '#/inbox',
  '#/notifications',
  '#/settings/account',
  '#/settings/verification',
  '#/settings/bank-accounts',
  '#/settings/notifications',
  '#/settings/appearance',
  '#/settings/data',
  '#/settings/about',
  '#/settings/blocked',
  '#/settings/reports',
  '#/settings/your-data',
]

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every screen passes axe in ${colorScheme}`, async ({ desk }) => {
    test.slow()
    const page = await desk()
    await page.emulateMedia({ colorScheme })
    const signIn = page.getByRole('heading', { name: 'Sign in' })
    await expect(page.getByRole('main')).toBeVisible()
    if (await signIn.isVisible()) await expectAccessible(page, 'sign in')
    await beAmara(page)
    await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme)
    for (const place of PLACES) {
      await page.goto(`/?window=main${place}`)
      await expect(
        page
          .getByRole('heading', { level: 1 })
          .or(page.getByRole('heading', { level: 2 }))
          .first(),
      ).toBeVisible()
      await expectAccessible(page, place)
    }
    await page.keyboard.press('Control+1')
    await openConversation(page, 'Tunde Bákàrè')
    await expectAccessible(page, 'a conversation')
    await page.keyboard.press('Control+n')
    await expect(page.getByRole('dialog')).toBeVisible()
    await expectAccessible(page, 'new message')
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toBeHidden()
    await page.getByRole('button', { name: /^Connection:/ }).click()
    await expectAccessible(page, 'the connection panel')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: /^You:/ }).click()
    await expect(page.getByRole('menu')).toBeVisible()
    await expectAccessible(page, 'the person menu')
  })
}

test('the smallest window with large text loses nothing', async ({ desk }) => {
  const page = await desk()
  await page.setViewportSize({ width: 900, height: 600 })
  await beAmara(page)
  await openConversation(page, 'Tunde Bákàrè')
  for (const name of ['Attach a file', 'Send', 'About Tunde Bákàrè', 'New message'])
    await expect(page.getByRole('button', { name, exact: true }).first()).toBeInViewport()
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
})
