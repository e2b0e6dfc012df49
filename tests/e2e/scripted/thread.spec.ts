import { type Page, expect, test } from '@playwright/test'

/** What the page hands out for a test to play with. */
interface Scripted {
  receive(key: string, body: string): void
  flush(): void
  setConnection(change: object): void
  emit(...events: object[]): void
  before: (name: string) => void | Promise<void>
  calls: { name: string; request: Record<string, unknown> }[]
}

declare global {
  interface Window {
    scripted: Scripted
  }
}

const log = (page: Page) => page.getByRole('log')
const write = (page: Page) => page.getByRole('textbox', { name: /^Message to/ })

async function openTunde(page: Page): Promise<void> {
  await page.goto('?in#/inbox/2')
  await expect(write(page)).toBeFocused()
  await expect.poll(() => distanceToEnd(page)).toBeLessThan(4)
}

function distanceToEnd(page: Page): Promise<number> {
  return log(page).evaluate((node) => Math.round(node.scrollHeight - node.clientHeight - node.scrollTop))
}

async function scrollUp(page: Page, turns: number): Promise<void> {
  await log(page).hover()
  for (let turn = 0; turn < turns; turn += 1) {
    await page.mouse.wheel(0, -500)
    await page.waitForTimeout(50)
  }
}

/** The first message below the upper edge, and how far below. */
function anchor(page: Page): Promise<{ key: string; top: number }> {
  return log(page).evaluate((node) => {
    const edge = node.getBoundingClientRect().top
    const message = [...node.querySelectorAll<HTMLElement>('.msg')].find((item) => item.getBoundingClientRect().top > edge + 50)!
    return { key: message.dataset.key!, top: Math.round(message.getBoundingClientRect().top - edge) }
  })
}

test('older messages come in above without moving what one reads', async ({ page }) => {
  await openTunde(page)
  await page.evaluate(() => {
    window.scripted.before = (name) => (name === 'thread_get' ? new Promise((resolve) => setTimeout(resolve, 500)) : undefined)
  })
  await scrollUp(page, 7)
  const height = await log(page).evaluate((node) => node.scrollHeight)
  const before = await anchor(page)
  await expect.poll(() => log(page).evaluate((node) => node.scrollHeight)).toBeGreaterThan(height)
  await page.waitForTimeout(200)
  const after = await anchor(page)
  expect(after.key).toBe(before.key)
  expect(Math.abs(after.top - before.top)).toBeLessThan(3)
})

test('the thread follows new messages only while one is at its end', async ({ page }) => {
  await openTunde(page)
  await page.evaluate(() => window.scripted.receive('2', 'At the end'))
  await expect(log(page).getByText('At the end')).toBeInViewport()
  await expect.poll(() => distanceToEnd(page)).toBeLessThan(4)

  await scrollUp(page, 6)
  await page.waitForTimeout(400)
  const before = await anchor(page)
  await page.evaluate(() => {
    window.scripted.receive('2', 'One')
    window.scripted.receive('2', 'Two')
  })
  const pill = page.getByRole('button', { name: '2 new messages' })
  await expect(pill).toBeVisible()
  expect(await anchor(page)).toEqual(before)
  await pill.click()
  await expect.poll(() => distanceToEnd(page)).toBeLessThan(4)
  await expect(pill).toBeHidden()

  // One's own message brings one back to the end.
  await scrollUp(page, 6)
  await write(page).fill('Mine')
  await write(page).press('Enter')
  await expect.poll(() => distanceToEnd(page)).toBeLessThan(4)
})

test('a message keeps its row, and never flickers, from the first moment to delivered', async ({ page }) => {
  await openTunde(page)
  await page.evaluate(() => {
    const seen: string[] = []
    Object.assign(window, { seen })
    const note = () => {
      const rows = [...document.querySelectorAll<HTMLElement>('.msg')].filter((row) => row.textContent?.includes('Watch me'))
      const words = rows.map((row) => row.querySelector('.meta')?.textContent?.trim()).join(' + ')
      if (rows.length > 0 && seen.at(-1) !== words) seen.push(words)
    }
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true })
  })
  await write(page).fill('Watch me')
  await write(page).press('Enter')
  await expect(log(page).locator('.msg').filter({ hasText: 'Watch me' })).toContainText('Delivered')
  const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen)
  // Never two rows, never a word that only flashes.
  expect(seen.map((words) => words.replace(/\d\d:\d\d/g, 'T'))).toEqual(['T', 'T · Sent', 'T · Delivered'])
})

test('what failed says why, and can be edited, sent again or dropped', async ({ page }) => {
  await openTunde(page)
  const failed = log(page).locator('.msg[data-state=failed]')
  await expect(failed).toContainText('Not sent. It is longer than 1,000 characters.')
  await failed.getByRole('button', { name: 'Edit' }).click()
  await page.getByRole('dialog').getByRole('textbox', { name: 'Message' }).fill('Shorter')
  await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click()
  await expect(log(page).locator('.msg').filter({ hasText: 'Shorter' })).toContainText('Delivered')
  await expect(failed).toHaveCount(0)
})

test('a refused message stays in the composer', async ({ page }) => {
  await openTunde(page)
  await page.evaluate(() => {
    window.scripted.before = (name) => {
      if (name === 'message_send') throw { code: 'disk_full' }
    }
  })
  await write(page).fill('Precious words')
  await write(page).press('Enter')
  await expect(page.getByRole('alert')).toContainText('The disk is full.')
  await expect(write(page)).toHaveValue('Precious words')
})

test('Enter belongs to the input method while a word is composed', async ({ page }) => {
  await openTunde(page)
  await write(page).fill('かな')
  await write(page).dispatchEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true })
  await page.waitForTimeout(100)
  expect(await page.evaluate(() => window.scripted.calls.filter((call) => call.name === 'message_send').length)).toBe(0)
  await expect(write(page)).toHaveValue('かな')
})

test('waiting, late and deleted messages say so', async ({ page }) => {
  await openTunde(page)
  await expect(log(page).getByText('Offline 14:19 to 14:31')).toBeVisible()
  await expect(log(page).getByText('written 14:24, sent 14:36 · Delivered')).toBeVisible()
  await expect(log(page).getByText('Message deleted')).toBeVisible()
  await page.evaluate(() => window.scripted.setConnection({ state: 'offline', retry_at: Date.now() + 20_000, reason: 'refused' }))
  for (const text of ['First', 'Second']) {
    await write(page).fill(text)
    await write(page).press('Enter')
    await expect(write(page)).toHaveValue('')
  }
  await expect(log(page).getByText(/^2 queued \d\d:\d\d · will send in order$/)).toBeVisible()
  await expect(page.getByText(/^Next try in \d+ s$/)).toBeVisible()
  await page.evaluate(() => {
    window.scripted.setConnection({ state: 'online', retry_at: null, reason: null })
    window.scripted.flush()
  })
  await expect(log(page).locator('.msg').filter({ hasText: 'Second' })).toContainText('Delivered')
})

test('three notices at most, and none goes while one looks', async ({ page }) => {
  await page.clock.install()
  await page.goto('?in#/inbox')
  await expect(page.getByRole('heading', { name: 'Inbox' })).toBeVisible()
  await page.evaluate(() => {
    for (const n of [1, 2, 3, 4])
      window.scripted.emit({
        type: 'toast',
        toast: { kind: 'message', conversation: String(n + 1), name: `Person ${n}`, body: 'Hello', sound: false },
      })
  })
  const notices = page.getByRole('region', { name: 'Notices' })
  await expect(notices.locator('.toast')).toHaveCount(3)
  await expect(notices).not.toContainText('Person 1')
  await notices.locator('.toast').first().hover()
  await page.clock.runFor(20_000)
  await expect(notices.locator('.toast')).toHaveCount(3)
  await page.mouse.move(10, 10)
  await page.clock.runFor(11_000)
  await expect(notices.locator('.toast')).toHaveCount(0)
})

test('everything is asked for again at reset, without losing what one writes', async ({ page }) => {
  await openTunde(page)
  await write(page).fill('Half a sentence')
  await page.evaluate(() => window.scripted.emit({ type: 'reset' }))
  await expect
    .poll(() => page.evaluate(() => window.scripted.calls.filter((call) => call.name === 'conversation_list').length))
    .toBeGreaterThan(1)
  await expect(write(page)).toHaveValue('Half a sentence')
  await expect(write(page)).toBeFocused()
  await expect(log(page).locator('.msg').first()).toBeVisible()
})

test('a conversation opens at the first unread message, also when it was open before', async ({ page }) => {
  await openTunde(page)
  await page.getByRole('link', { name: /^Lena Hartwig/ }).click()
  await expect(page.getByRole('textbox', { name: 'Message to Lena Hartwig' })).toBeFocused()
  await page.evaluate(() => {
    for (let n = 1; n <= 30; n += 1) window.scripted.receive('2', `Unread ${n}`)
  })
  await page.getByRole('link', { name: /^Tunde Bákàrè, 30 unread/ }).click()
  await expect(log(page).getByText('New', { exact: true })).toBeInViewport()
  await expect(log(page).getByText('Unread 1', { exact: true })).toBeInViewport()
  await expect(log(page).getByText('Unread 30', { exact: true })).toHaveCount(0)
  await page.getByRole('button', { name: 'Newest' }).click()
  await expect(log(page).getByText('Unread 30', { exact: true })).toBeInViewport()
  await expect(page.getByRole('link', { name: /^Tunde Bákàrè, online$/ })).toBeVisible()
})
