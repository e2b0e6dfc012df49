import { announce, beAmara, expect, expectAccessible, test, theirs, unique } from './support'

test.afterEach(async ({ desk }) => announce(await desk(), null))

test('what an administrator says is seen on every page, and put away until there is something else', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  const words = unique('The server will be away from 2 to 3 tonight')
  await announce(page, words)
  const told = page.getByRole('status').filter({ hasText: theirs(words) })
  await expect(told).toContainText('From the administrators:')
  await expect(told).toContainText(theirs(words))
  await expectAccessible(page, 'an announcement')
  await page.goto('/?window=main#/settings/about')
  await expect(told).toBeVisible()
  await page.getByRole('button', { name: 'Hide' }).click()
  await expect(told).toBeHidden()
  const others = unique('Back again')
  await announce(page, others)
  await expect(page.getByRole('status').filter({ hasText: theirs(others) })).toBeVisible()
  await announce(page, null)
  await expect(page.getByRole('status').filter({ hasText: theirs(others) })).toBeHidden()
})

test('an announcement says until when it stands and is gone by then; a long one leaves the page within reach', async ({
  desk,
}) => {
  const page = await desk()
  await beAmara(page)
  const until = new Date(Date.now() + 2 * 86_400_000)
  const words = unique('Long: ' + 'and again '.repeat(90))
  await announce(page, words, until)
  const banner = page.locator('.announcement')
  await expect(banner).toContainText(/Until \w{3}, \d\d:\d\d/)
  const box = (await banner.boundingBox())!
  expect(box.height).toBeLessThanOrEqual(90)
  await expect(page.getByRole('textbox', { name: 'Message' }).or(page.getByText('Choose a conversation')).first()).toBeVisible()
})
