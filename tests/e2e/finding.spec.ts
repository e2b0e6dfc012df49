import { beAmara, expect, test } from './support'

test('the search for a person begins anew each time, and stays where it is while one types', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  const dialog = page.getByRole('dialog', { name: 'New message' })
  const name = dialog.getByRole('combobox', { name: 'Find a person' })
  await page.keyboard.press('Control+n')
  await expect(dialog.getByRole('option').nth(4)).toBeVisible()
  const before = (await dialog.boundingBox())!
  await name.fill('sade')
  await expect(dialog.getByRole('option')).toHaveText([/Ṣadé Ọláyínká/])
  expect((await dialog.boundingBox())!.y).toBe(before.y)
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await page.keyboard.press('Control+n')
  await expect(name).toBeFocused()
  await expect(name).toHaveValue('')
  await expect(dialog.getByRole('option').nth(4)).toBeVisible()
})
