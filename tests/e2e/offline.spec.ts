import { beAmara, bubble, composer, emailOf, expect, link, openConversation, test, unique } from './support'

test.afterEach(async ({ request }) => {
  await request.post('/fault/main', { data: { link: 'mend' } })
})

test('messages wait while the link is cut, and go out once when it is mended', async ({ desk, deskOf }) => {
  test.slow()
  const amara = await desk()
  await beAmara(amara)
  const tunde = await deskOf(await emailOf(amara, 'Tunde Bákàrè'))
  await openConversation(tunde, 'Amara Okonkwo')
  await openConversation(amara, 'Tunde Bákàrè')

  await link(amara, 'main', 'cut')
  await expect(amara.getByText(/You’re offline since/)).toBeVisible({ timeout: 60_000 })
  await expect(amara.getByRole('button', { name: /^Connection: Offline/ })).toBeVisible()
  const first = unique('Written without a link')
  const second = unique('And another')
  for (const text of [first, second]) {
    await composer(amara).fill(text)
    await amara.getByRole('button', { name: 'Queue', exact: true }).click()
    await expect(composer(amara)).toHaveValue('')
  }
  await expect(bubble(amara, second)).toContainText('queued')
  await expect(amara.getByRole('button', { name: 'Connection: Offline · 2 queued' })).toBeVisible()
  await expect(amara.getByRole('link', { name: /^Tunde Bákàrè/ })).toContainText('Queued:')
  await expect(bubble(tunde, first)).toHaveCount(0)

  // What waits is still there when the window is opened anew.
  await amara.reload()
  await openConversation(amara, 'Tunde Bákàrè')
  await expect(bubble(amara, first)).toHaveCount(1)

  // What is grey for want of a connection says so.
  await amara.keyboard.press('Control+,')
  await expect(amara.getByText('The list comes from the server and can’t be shown right now.')).toBeVisible()
  await amara.getByRole('link', { name: 'Verification' }).click()
  await expect(amara.getByText('You’re offline. What is grey here comes back with the connection.')).toBeVisible()
  await amara.keyboard.press('Control+1')
  await openConversation(amara, 'Tunde Bákàrè')

  // Trying does no harm while the link is still cut.
  await amara.getByRole('button', { name: 'Try now' }).click()
  await expect(amara.getByText(/You’re offline since/)).toBeVisible()
  await link(amara, 'main', 'mend')
  await expect(amara.getByRole('button', { name: /^Connection: Online/ })).toBeVisible({ timeout: 30_000 })
  for (const text of [first, second]) {
    await expect(bubble(tunde, text)).toHaveCount(1)
    await expect(bubble(amara, text)).toHaveCount(1)
  }
  await expect(bubble(amara, second)).toContainText(/Delivered|Read/)
})

test('a message that waits can be dropped', async ({ desk }) => {
  test.slow()
  const page = await desk()
  await beAmara(page)
  await openConversation(page, 'Lena Hartwig')
  await link(page, 'main', 'cut')
  await expect(page.getByText(/You’re offline since/)).toBeVisible({ timeout: 60_000 })
  const text = unique('On second thought')
  await composer(page).fill(text)
  await composer(page).press('Enter')
  await bubble(page, text).hover()
  await bubble(page, text).getByRole('button', { name: 'Message actions' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await expect(bubble(page, text)).toHaveCount(0)
})
