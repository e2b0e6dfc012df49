import type { Locator, Page } from '@playwright/test'
import {
  beAmara,
  bubble,
  composer,
  emailOf,
  expect,
  expectAccessible,
  inEnglish,
  openConversation,
  test,
  unique,
} from './support'

function menu(page: Page): Locator {
  return page.getByRole('menu', { name: 'Actions', exact: true })
}

/** What the menu offers, in order, with what is not to be had in brackets. */
async function offered(page: Page): Promise<string[]> {
  await expect(menu(page)).toBeVisible()
  const items = menu(page).getByRole('menuitem')
  const all = await items.evaluateAll((nodes) =>
    nodes.map((item) => ({
      words: item.querySelector('.grow')?.textContent?.trim() ?? '',
      off: item.hasAttribute('data-disabled'),
    })),
  )
  return all.map(({ words, off }) => (off ? `(${inEnglish(words)})` : inEnglish(words)))
}

async function choose(page: Page, name: string): Promise<void> {
  await menu(page).getByRole('menuitem', { name, exact: true }).click()
  await expect(menu(page)).toBeHidden()
}

/** The whole menu is inside the window. */
async function expectInside(page: Page): Promise<void> {
  const box = (await menu(page).boundingBox())!
  const view = page.viewportSize()!
  expect(box.x).toBeGreaterThanOrEqual(0)
  expect(box.y).toBeGreaterThanOrEqual(0)
  expect(box.x + box.width).toBeLessThanOrEqual(view.width)
  expect(box.y + box.height).toBeLessThanOrEqual(view.height)
}

async function clipboard(page: Page): Promise<string> {
  return page.evaluate(() => navigator.clipboard.readText())
}

async function write(page: Page, text: string): Promise<Locator> {
  await composer(page).fill(text)
  await page.keyboard.press('Enter')
  // What has not arrived yet offers other things.
  await expect(bubble(page, text)).toHaveAttribute('data-state', /sent|delivered|read/)
  return bubble(page, text)
}

test('a message, a link in it and selected words each have their menu', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  await openConversation(page, 'Tunde Bákàrè')
  const text = unique('Look at https://example.com/wood today')
  const message = await write(page, text)

  await message.locator('[data-words]').click({ button: 'right', position: { x: 4, y: 8 } })
  expect(await offered(page)).toEqual(['Copy', 'Delete for both'])
  await expectAccessible(page, 'the menu of a message')
  await choose(page, 'Copy')
  await expect(page.getByText('Copied', { exact: true })).toBeVisible()
  expect(await clipboard(page)).toBe(text)
  await expect(composer(page)).toBeFocused()

  await message.getByRole('button', { name: 'https://example.com/wood' }).click({ button: 'right' })
  expect(await offered(page)).toEqual(['Copy link', 'Copy', 'Delete for both'])
  await choose(page, 'Copy link')
  await expect.poll(() => clipboard(page)).toBe('https://example.com/wood')

  await message.locator('[data-words]').evaluate((node) => {
    const range = document.createRange()
    const words = document.createTreeWalker(node, NodeFilter.SHOW_TEXT)
    while (!words.nextNode()?.textContent?.startsWith('Look'));
    range.setStart(words.currentNode, 0)
    range.setEnd(words.currentNode, 4)
    window.getSelection()!.removeAllRanges()
    window.getSelection()!.addRange(range)
  })
  await message.locator('[data-words]').click({ button: 'right', position: { x: 4, y: 8 } })
  expect(await offered(page)).toEqual(['Copy selected text', 'Copy', 'Delete for both'])
  await choose(page, 'Copy selected text')
  await expect.poll(() => clipboard(page)).toBe('Look')

  await message.locator('[data-words]').click({ button: 'right', position: { x: 4, y: 8 } })
  await choose(page, 'Delete for both')
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
  await expect(composer(page)).toBeFocused()
})

test('a menu is worked with the keyboard alone, and the focus goes back to where it was', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  await openConversation(page, 'Tunde Bákàrè')
  const text = unique('By the keyboard')
  const message = await write(page, text)

  for (const key of ['ContextMenu', 'Shift+F10']) {
    const more = message.getByRole('button', { name: 'Message actions' })
    await more.focus()
    await page.keyboard.press(key)
    expect(await offered(page), key).toEqual(['Copy', 'Delete for both'])
    const item = (name: string) => menu(page).getByRole('menuitem', { name, exact: true })
    if (!(await item('Copy').evaluate((node) => node === document.activeElement))) await page.keyboard.press('ArrowDown')
    await expect(item('Copy')).toBeFocused()
    await page.keyboard.press('ArrowDown')
    await expect(item('Delete for both')).toBeFocused()
    await page.keyboard.press('ArrowDown')
    await expect(item('Copy')).toBeFocused()
    await page.keyboard.press('End')
    await expect(item('Delete for both')).toBeFocused()
    await page.keyboard.press('Escape')
    await expect(menu(page)).toBeHidden()
    await expect(more).toBeFocused()
    // Only the menu was closed, not the conversation.
    await expect(composer(page)).toBeVisible()
  }

  await message.getByRole('button', { name: 'Message actions' }).focus()
  await page.keyboard.press('Shift+F10')
  await expect(menu(page)).toBeVisible()
  await page.keyboard.press('Home')
  await page.keyboard.press('Enter')
  await expect.poll(() => clipboard(page)).toBe(text)
})

test('a text field cuts, copies, pastes, undoes and selects from its menu', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  await openConversation(page, 'Tunde Bákàrè')
  const field = composer(page)
  await field.fill('')
  await field.click({ button: 'right' })
  const before = await offered(page)
  expect(before.slice(2)).toEqual(['(Cut)', '(Copy)', 'Paste', '(Select all)'])
  await page.keyboard.press('Escape')
  await expect(field).toBeFocused()

  await page.keyboard.type('teak and iroko')
  await field.click({ button: 'right' })
  await choose(page, 'Select all')
  await field.click({ button: 'right' })
  expect(await offered(page)).toEqual(['Undo', '(Redo)', 'Cut', 'Copy', 'Paste', 'Select all'])
  await choose(page, 'Cut')
  await expect(field).toHaveValue('')
  await expect.poll(() => clipboard(page)).toBe('teak and iroko')
  await field.click({ button: 'right' })
  await choose(page, 'Paste')
  await expect(field).toHaveValue('teak and iroko')
  await field.click({ button: 'right' })
  await choose(page, 'Undo')
  await expect(field).toHaveValue('')
  await field.click({ button: 'right' })
  await choose(page, 'Redo')
  await expect(field).toHaveValue('teak and iroko')
  await field.fill('')
})

test('a conversation in the list is read, removed and blocked from its menu', async ({ desk, deskOf }) => {
  const page = await desk()
  await beAmara(page)
  const theirs = await deskOf(await emailOf(page, 'Lena Hartwig'))
  await page.evaluate(() => (location.hash = '#/inbox'))
  await openConversation(theirs, 'Amara Okonkwo')
  await composer(theirs).fill(unique('Are you there'))
  await theirs.keyboard.press('Enter')

  const row = page.getByRole('region', { name: 'Conversations' }).getByRole('link', { name: /^Lena Hartwig, \d+ unread/ })
  await row.click({ button: 'right' })
  expect(await offered(page)).toEqual(['Mark as read', 'Remove from list', 'Block Lena', 'Report…'])
  await choose(page, 'Mark as read')
  await expect(row).toBeHidden()

  const calm = page.getByRole('region', { name: 'Conversations' }).getByRole('link', { name: /^Lena Hartwig/ })
  await calm.click({ button: 'right' })
  expect(await offered(page)).toEqual(['Remove from list', 'Block Lena', 'Report…'])
  await choose(page, 'Block Lena')
  const asking = page.getByRole('dialog', { name: 'Block Lena Hartwig?' })
  await asking.getByRole('button', { name: 'Block Lena' }).click()
  await expect(asking).toBeHidden()
  // A menu offers what was true when it came up; the list learns of the change a moment later.
  await expect(async () => {
    await calm.click({ button: 'right' })
    expect(await offered(page)).toEqual(['Remove from list', 'Unblock Lena', 'Report…'])
  }).toPass()
  await choose(page, 'Unblock Lena')
  await expect(async () => {
    await calm.click({ button: 'right' })
    await expect(menu(page).getByRole('menuitem', { name: 'Block Lena', exact: true })).toBeVisible({ timeout: 500 })
  }).toPass()
  await page.keyboard.press('Escape')
})

test('a menu stays inside the smallest window, and another right click moves it', async ({ desk }) => {
  const page = await desk()
  await page.setViewportSize({ width: 900, height: 600 })
  await beAmara(page)
  await openConversation(page, 'Tunde Bákàrè')
  const box = (await composer(page).boundingBox())!
  for (const x of [box.x + 4, box.x + box.width - 4])
    for (const y of [box.y + 4, box.y + box.height - 4]) {
      await page.mouse.click(x, y, { button: 'right' })
      await expect(menu(page)).toBeVisible()
      await expectInside(page)
    }
  const row = page.getByRole('region', { name: 'Conversations' }).getByRole('link').first()
  await row.click({ button: 'right' })
  await expect(menu(page)).toHaveCount(1)
  expect(await offered(page)).toContain('Remove from list')
  await expectInside(page)
  await page.mouse.click(600, 300)
  await expect(menu(page)).toBeHidden()
})

test('a long press of a finger opens the menu and follows no link', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  await page.evaluate(() => (location.hash = '#/inbox'))
  const row = page.getByRole('region', { name: 'Conversations' }).getByRole('link').first()
  const box = (await row.boundingBox())!
  const cdp = await page.context().newCDPSession(page)
  const touchPoints = [{ x: box.x + 40, y: box.y + 20 }]
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints })
  await expect(menu(page)).toBeVisible()
  await cdp.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  await expect(menu(page)).toHaveCount(1)
  expect(new URL(page.url()).hash).toBe('#/inbox')
  await page.keyboard.press('Escape')
  await expect(menu(page)).toBeHidden()
})
