import { beAmara, bubble, composer, emailOf, expect, openConversation, test, theirs, thread, unique } from './support'

const TUNDE = 'Tunde Bákàrè'
const AMARA = 'Amara Okonkwo'

test('a message reaches the other window and comes back as read', async ({ desk, deskOf }) => {
  const amara = await desk()
  await beAmara(amara)
  const tunde = await deskOf(await emailOf(amara, TUNDE))
  await openConversation(amara, TUNDE)
  const text = unique('Does the van come at eight?')
  await composer(amara).fill(text)
  await composer(amara).press('Enter')
  await expect(composer(amara)).toHaveValue('')
  await expect(bubble(amara, text)).toHaveCount(1)
  await expect(bubble(amara, text)).toContainText(/Delivered|Read/)

  await openConversation(tunde, AMARA)
  await expect(bubble(tunde, text)).toHaveCount(1)
  await expect(bubble(amara, text)).toContainText('Read')

  const answer = unique('It does.')
  await composer(tunde).fill(answer)
  await composer(tunde).press('Enter')
  await expect(bubble(amara, answer)).toHaveCount(1)
})

test('typing shows, and goes when the message arrives', async ({ desk, deskOf }) => {
  const amara = await desk()
  await beAmara(amara)
  const tunde = await deskOf(await emailOf(amara, TUNDE))
  await openConversation(amara, TUNDE)
  await openConversation(tunde, AMARA)
  await composer(tunde).pressSequentially('On my w', { delay: 40 })
  await expect(amara.getByText('Tunde is typing')).toBeVisible()
  await composer(tunde).fill(unique('On my way'))
  await composer(tunde).press('Enter')
  await expect(amara.getByText('Tunde is typing')).toBeHidden()
})

test('pressing twice sends once, and order is kept', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  await openConversation(page, TUNDE)
  const first = unique('first')
  await composer(page).fill(first)
  await page.evaluate(() => {
    const button = document.querySelector<HTMLButtonElement>('.composer [type=submit]')!
    button.click()
    button.click()
  })
  await expect(composer(page)).toHaveValue('')
  await expect(bubble(page, first)).toHaveCount(1)
  const more = [1, 2, 3, 4, 5, 6, 7].map((n) => unique(`line ${n}`))
  for (const line of more) {
    await composer(page).fill(line)
    await composer(page).press('Enter')
    await expect(composer(page)).toHaveValue('')
  }
  await expect(bubble(page, more.at(-1)!)).toContainText(/Sent|Delivered|Read/, { timeout: 15_000 })
  const shown = await thread(page).locator('.bubble').allTextContents()
  const at = more.map((line) => shown.findIndex((text) => text.includes(line)))
  expect(at).toEqual([...at].sort((a, b) => a - b))
  expect(await bubble(page, first).count()).toBe(1)
})

test('a draft waits while one looks elsewhere', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  await openConversation(page, TUNDE)
  const draft = unique('About the glaze')
  await composer(page).fill(draft)
  await openConversation(page, 'Lena Hartwig')
  await expect(composer(page)).not.toHaveValue(draft)
  const row = page.getByRole('link', { name: new RegExp(`^${TUNDE}`) })
  await expect(row).toContainText('Draft:')
  await expect(row).toContainText(theirs(draft))
  await page.reload()
  await openConversation(page, TUNDE)
  await expect(composer(page)).toHaveValue(draft)
  await composer(page).fill('')
})

test('a message that is too long is counted, refused and kept', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  await openConversation(page, TUNDE)
  await composer(page).fill('a'.repeat(950))
  await expect(page.getByText('50 left')).toBeVisible()
  await composer(page).fill('é'.repeat(1003))
  await expect(page.getByText('1,003 of 1,000')).toBeVisible()
  await composer(page).press('Enter')
  await expect(composer(page)).toHaveValue('é'.repeat(1003))
  await expect(page.getByRole('alert')).toHaveText('It is 3 characters too long. Shorten it, or send it in parts.')
  await composer(page).fill('')
})

test('files are chosen, taken back, sent and shown', async ({ desk, deskOf }) => {
  const amara = await desk()
  await beAmara(amara)
  const tunde = await deskOf(await emailOf(amara, TUNDE))
  await openConversation(amara, TUNDE)
  const picture = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEUlEQVR42mPYUmGDFTEMLQkASNVaAafxpDUAAAAASUVORK5CYII=',
    'base64',
  )
  const name = `${unique('measure').replaceAll(' ', '-')}.pdf`
  const picker = amara.locator('.composer input[type=file]')
  await picker.setInputFiles([
    { name, mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n% 1200 by 600\n') },
    { name: 'empty.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(0) },
    { name: 'letter.txt', mimeType: 'text/plain', buffer: Buffer.from('Dear') },
  ])
  await expect(amara.getByRole('list', { name: 'Chosen files' }).getByText(name)).toBeVisible()
  await expect(amara.getByRole('alert')).toContainText('empty.pdf')
  await expect(amara.getByRole('alert')).toContainText('letter.txt')
  await amara.getByRole('button', { name: `Remove ${name}` }).click()
  await expect(amara.getByRole('list', { name: 'Chosen files' })).toBeHidden()

  const text = unique('Two files')
  await picker.setInputFiles([
    { name, mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n% 1200 by 600\n') },
    { name: 'door.png', mimeType: 'image/png', buffer: picture },
  ])
  await expect(amara.getByRole('list', { name: 'Chosen files' }).getByRole('listitem')).toHaveCount(2)
  await composer(amara).fill(text)
  await composer(amara).press('Enter')
  await expect(bubble(amara, text)).toContainText(/Delivered|Read/)
  await openConversation(tunde, AMARA)
  await expect(bubble(tunde, text).getByRole('button', { name: `Save ${name}` })).toBeVisible()
  await expect(bubble(tunde, text).locator('img')).toBeVisible()
  await bubble(tunde, text)
    .getByRole('button', { name: /^Open door/ })
    .click()
  await expect(tunde.getByRole('dialog')).toBeVisible()
  await tunde.keyboard.press('Escape')
  await expect(tunde.getByRole('dialog')).toBeHidden()
})

test('one’s own message can be deleted for both, and leaves a trace', async ({ desk, deskOf }) => {
  const amara = await desk()
  await beAmara(amara)
  const tunde = await deskOf(await emailOf(amara, TUNDE))
  await openConversation(amara, TUNDE)
  const text = unique('Not for you')
  await composer(amara).fill(text)
  await composer(amara).press('Enter')
  await expect(bubble(amara, text)).toContainText(/Sent|Delivered|Read/)
  await openConversation(tunde, AMARA)
  await expect(bubble(tunde, text)).toBeVisible()
  await bubble(amara, text).hover()
  await bubble(amara, text).getByRole('button', { name: 'Message actions' }).click()
  await amara.getByRole('menuitem', { name: 'Delete for both' }).click()
  await amara.getByRole('dialog').getByRole('button', { name: 'Delete for both' }).click()
  await expect(bubble(amara, text)).toHaveCount(0)
  await expect(bubble(tunde, text)).toHaveCount(0)
  await expect(thread(tunde).getByText('Message deleted').last()).toBeVisible()
})

test('markup and links are only text', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  await openConversation(page, TUNDE)
  const mark = unique('x')
  await composer(page).fill(`1 < 2 & "${mark}" javascript:alert(1) https://guildhall.example/a and http://gооgle.com/b`)
  await composer(page).press('Enter')
  const sent = bubble(page, mark)
  await expect(sent).toContainText('1 < 2 &')
  await expect(sent.locator('.link')).toHaveText(['https://guildhall.example/a', /^http:\/\/xn--ggle-55da\.com\/b/])
  await sent.locator('.link').first().click()
  await expect(page.getByText('Link copied')).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('https://guildhall.example/a')
})

test('a person is found, written to and blocked', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  await page.keyboard.press('Control+n')
  await page.getByRole('combobox', { name: 'Find a person' }).fill('Marcus')
  await expect(page.getByRole('option', { name: /Marcus Reid/ })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(composer(page)).toBeFocused()
  await page.getByRole('button', { name: 'About Marcus Reid' }).click()
  await page.getByRole('button', { name: 'Block Marcus' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Block Marcus' }).click()
  await expect(page.getByText('You blocked Marcus Reid. You can’t write to each other.')).toBeVisible()
  await page.getByRole('button', { name: 'About Marcus Reid' }).click()
  await page.getByRole('button', { name: 'Unblock Marcus' }).click()
  await expect(page.getByPlaceholder('Message Marcus')).toBeVisible()
})

test('E94: a conversation taken out of the list comes back with the next message', async ({ desk, deskOf }) => {
  const amara = await desk()
  await beAmara(amara)
  const tunde = await deskOf(await emailOf(amara, TUNDE))
  const row = amara.getByRole('region', { name: 'Conversations' }).getByRole('link', { name: new RegExp(`^${TUNDE}`) })
  await openConversation(amara, TUNDE)
  await amara.getByRole('button', { name: `About ${TUNDE}` }).click()
  await amara.getByRole('button', { name: 'Remove from list' }).click()
  await amara.getByRole('dialog').getByRole('button', { name: 'Remove from list' }).click()
  await expect(thread(amara)).toHaveCount(0)
  await expect(row).toHaveCount(0)
  await amara.reload()
  await expect(amara.getByRole('heading', { name: 'Inbox' })).toBeVisible()
  await expect(row).toHaveCount(0)
  await openConversation(tunde, AMARA)
  const text = unique('back')
  await composer(tunde).fill(text)
  await composer(tunde).press('Enter')
  await expect(row).toContainText(text)
})

test('a thousand marks stacked on one letter paint nothing outside of their bubble', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  await openConversation(page, 'Tunde Bákàrè')
  const word = unique('tower')
  const marks = Array.from({ length: 900 }, (_, n) => String.fromCharCode(0x300 + (n % 0x30))).join('')
  await composer(page).fill(`${word} H${marks}`)
  await page.keyboard.press('Enter')
  await expect(bubble(page, word).locator('.bubble')).toBeVisible()
  // Found again when its words are others.
  await bubble(page, word)
    .locator('.bubble')
    .evaluate((node) => (node.id = 'tower'))
  const bub = page.locator('#tower')
  await expect(bubble(page, word)).toHaveAttribute('data-state', /delivered|sent|read/)
  // Something above and below that could be painted over, and no caret.
  await page.getByRole('heading', { name: 'Inbox' }).click()
  const size = (await bub.boundingBox())!
  expect(size.height, 'it takes the room of a line').toBeLessThan(60)
  const clip = (await thread(page).boundingBox())!
  const shot = () => page.screenshot({ clip, mask: [bub, page.locator('.meta')], animations: 'disabled' })
  const words = bub.locator('[data-words]')
  const tower = (await words.textContent())!
  await bub.evaluate((node, { width, height }) => {
    node.style.boxSizing = 'border-box'
    node.style.width = `${width}px`
    node.style.height = `${height}px`
  }, size)
  const shotOf = async (text: string) => {
    await words.evaluate((node, put) => (node.textContent = put), text)
    return shot()
  }
  // One right after the other, again while something else still moves: a state below another bubble, say.
  await expect
    .poll(async () => (await shotOf(tower)).equals(await shotOf('H')), {
      message: 'its neighbours are as they are beside a plain letter',
    })
    .toBe(true)
  const plain = await shotOf('H')
  await bub.evaluate((node) => (node.style.overflow = 'visible'))
  expect(plain.equals(await shotOf(tower)), 'they would paint far outside').toBe(false)
})
