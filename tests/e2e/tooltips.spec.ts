import { beAmara, expect, expectAccessible, test } from './support'

test('a tooltip says what a control is and by which keys, by pointer and by keyboard', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  const tip = page.getByRole('tooltip')
  const button = page.getByRole('button', { name: 'New message' }).first()

  await button.hover()
  await expect(tip).toBeHidden()
  await expect(tip).toHaveText('New message Ctrl N')
  await expect(button).toHaveAttribute('aria-describedby', 'tip')
  await expect(button).toHaveAttribute('aria-keyshortcuts', 'Control+N')
  await expectAccessible(page, 'a tooltip')
  // The pointer may go onto it, to read it or to select it.
  await tip.hover()
  await page.waitForTimeout(300)
  await expect(tip).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(tip).toBeHidden()
  await expect(button).not.toHaveAttribute('aria-describedby')

  await page.mouse.move(600, 400)
  await page.getByRole('button', { name: 'Filter by name' }).focus()
  await page.keyboard.press('Tab')
  await expect(button).toBeFocused()
  await expect(tip).toHaveText('New message Ctrl N')
  await page.keyboard.press('Tab')
  await expect(button).not.toHaveAttribute('aria-describedby')
  await expect(tip.filter({ hasText: 'New message' })).toBeHidden()
})

test('a tooltip goes when its control is pressed, and stays inside the smallest window', async ({ desk }) => {
  const page = await desk()
  await page.setViewportSize({ width: 900, height: 600 })
  await beAmara(page)
  const tip = page.getByRole('tooltip')
  const inside = async () => {
    const box = (await tip.boundingBox())!
    expect(box.x).toBeGreaterThanOrEqual(0)
    expect(box.y).toBeGreaterThanOrEqual(0)
    expect(box.x + box.width).toBeLessThanOrEqual(900)
    expect(box.y + box.height).toBeLessThanOrEqual(600)
  }

  const chip = page.getByRole('button', { name: /^Connection: / })
  await chip.hover()
  await expect(tip).toHaveText('Connection')
  await inside()
  await chip.click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await page.waitForTimeout(700)
  await expect(tip).toBeHidden()
  await page.keyboard.press('Escape')

  const settings = page.getByRole('link', { name: 'Settings' })
  await settings.hover()
  await expect(tip).toHaveText('Settings Ctrl ,')
  await inside()
})
