import {
  beAmara,
  bubble,
  composer,
  emailOf,
  expect,
  inEnglish,
  link,
  openConversation,
  type Page,
  rpc,
  test,
  thread,
  unique,
} from './support'

const IFEOMA = 'Ifeoma Nwosu'
const CHIDI = 'Chidi Eze'

/** Somebody of the demo market with a device of their own, of which nobody looks at the window. */
async function writer(page: Page, name: string): Promise<(body: string) => Promise<void>> {
  const email = await emailOf(page, name)
  const window = email.split('@')[0]!
  const session = await rpc<{ state: string }>(page, 'session_get', {}, window)
  if (session.state !== 'signed_in') await rpc(page, 'window_open_as', { email })
  // Whatever story looked at that window last: nobody does now, and nothing that comes there is read.
  await rpc(page, 'attention_set', { focused: false, target: null }, window)
  const { me } = await rpc<{ me: { id: number } }>(page, 'session_get', {})
  return async (body) => {
    await rpc(page, 'message_send', { conversation: String(me.id), body }, window)
  }
}

test.afterEach(async ({ request }) => {
  await request.post('/fault/main', { data: { link: 'mend' } })
})

function distanceToEnd(page: Page): Promise<number> {
  return thread(page).evaluate((node) => Math.round(node.scrollHeight - node.clientHeight - node.scrollTop))
}

async function scrollUp(page: Page, turns: number): Promise<void> {
  await thread(page).hover()
  for (let turn = 0; turn < turns; turn += 1) {
    await page.mouse.wheel(0, -500)
    await page.waitForTimeout(50)
  }
}

/** The first message below the upper edge, and how far below. */
function anchor(page: Page): Promise<{ key: string; top: number }> {
  return thread(page).evaluate((node) => {
    const edge = node.getBoundingClientRect().top
    const message = [...node.querySelectorAll<HTMLElement>('.message')].find(
      (item) => item.getBoundingClientRect().top > edge + 50,
    )!
    return { key: message.dataset.key!, top: Math.round(message.getBoundingClientRect().top - edge) }
  })
}

/** Opens a conversation with a long past, at its end. */
async function openLong(page: Page): Promise<(body: string) => Promise<void>> {
  await beAmara(page)
  const say = await writer(page, IFEOMA)
  const { messages } = await longPast(page)
  for (let n = messages.length; n < 90; n += 1)
    await say(
      n % 7 === 3
        ? `${n}: the second coat needs a night to dry before I can rub it down, so I come back on Thursday.`
        : `Line ${n}`,
    )
  await expect.poll(async () => (await longPast(page)).messages.length).toBeGreaterThanOrEqual(90)
  await rpc(page, 'conversation_read', { conversation: await keyOf(page, IFEOMA) })
  await openConversation(page, IFEOMA)
  await expect.poll(() => distanceToEnd(page)).toBeLessThan(4)
  return say
}

async function keyOf(page: Page, name: string): Promise<string> {
  const people = await rpc<{ id: number; name: string }[]>(page, 'person_search', { q: name })
  return String(people.find((person) => person.name === name)!.id)
}

async function longPast(page: Page): Promise<{ messages: unknown[] }> {
  return rpc(page, 'thread_get', { conversation: await keyOf(page, IFEOMA), before: null, limit: 200 })
}

test('older messages come in above without moving what one reads', async ({ desk }) => {
  const page = await desk()
  await openLong(page)
  // A disk that takes its time.
  await page.route('**/rpc/main/thread_get', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 500))
    await route.continue()
  })
  const height = await thread(page).evaluate((node) => node.scrollHeight)
  await scrollUp(page, 7)
  const before = await anchor(page)
  await expect.poll(() => thread(page).evaluate((node) => node.scrollHeight)).toBeGreaterThan(height)
  await page.waitForTimeout(200)
  const after = await anchor(page)
  expect(after.key).toBe(before.key)
  expect(Math.abs(after.top - before.top)).toBeLessThan(3)
})

test('the thread follows new messages only while one is at its end', async ({ desk }) => {
  const page = await desk()
  const say = await openLong(page)
  const at = unique('At the end')
  await say(at)
  await expect(thread(page).getByText(at)).toBeInViewport()
  await expect.poll(() => distanceToEnd(page)).toBeLessThan(4)

  await scrollUp(page, 6)
  await page.waitForTimeout(400)
  const before = await anchor(page)
  await say('One')
  await say('Two')
  const pill = page.getByRole('button', { name: '2 new messages' })
  await expect(pill).toBeVisible()
  expect(await anchor(page)).toEqual(before)
  await pill.click()
  await expect.poll(() => distanceToEnd(page)).toBeLessThan(4)
  await expect(pill).toBeHidden()

  // One's own message brings one back to the end.
  await scrollUp(page, 6)
  await composer(page).fill(unique('Mine'))
  await composer(page).press('Enter')
  await expect.poll(() => distanceToEnd(page)).toBeLessThan(4)
})

/** What it looks like when all that a change of size sets off is over. */
async function atEnd(page: Page): Promise<void> {
  await page.waitForTimeout(300)
  expect(await distanceToEnd(page)).toBeLessThan(4)
  await expect(page.getByRole('button', { name: 'Newest' })).toBeHidden()
}

test('the thread stays at its end while the composer and the window change size', async ({ desk }) => {
  const page = await desk()
  await openLong(page)
  for (let line = 0; line < 6; line += 1) {
    await composer(page).pressSequentially('Line')
    await composer(page).press('Shift+Enter')
    await atEnd(page)
  }
  // At its full height already, a letter more changes nothing.
  await composer(page).pressSequentially('more')
  await atEnd(page)
  await composer(page).fill('')
  await atEnd(page)
  for (const size of [
    { width: 1200, height: 500 },
    { width: 760, height: 500 },
    { width: 1200, height: 900 },
  ]) {
    await page.setViewportSize(size)
    await atEnd(page)
  }
  // Who reads above stays there.
  await scrollUp(page, 3)
  const before = await anchor(page)
  await composer(page).press('Shift+Enter')
  await composer(page).press('Shift+Enter')
  await page.waitForTimeout(300)
  expect(await anchor(page)).toEqual(before)
  await composer(page).fill('')
})

test('a window that has become large enough to show the newest message offers no way to it', async ({ desk }) => {
  const page = await desk()
  await page.setViewportSize({ width: 1200, height: 600 })
  await openLong(page)
  await atEnd(page)
  const pill = page.getByRole('button', { name: 'Newest' })
  await thread(page).evaluate((node) => (node.scrollTop -= 200))
  await expect(pill).toBeVisible()
  // Not so far that the end comes with it: nothing scrolls.
  await page.setViewportSize({ width: 1200, height: 790 })
  await expect(pill).toBeHidden()
})

test('a message keeps its row, and never flickers, from the first moment to delivered', async ({ desk }) => {
  const page = await desk()
  await openLong(page)
  const text = unique('Watch me')
  await page.evaluate((watched) => {
    const seen: string[] = []
    Object.assign(window, { seen })
    const note = () => {
      const rows = [...document.querySelectorAll<HTMLElement>('.message')].filter((row) => row.textContent?.includes(watched))
      const words = rows.map((row) => row.querySelector('.meta')?.textContent?.trim()).join(' + ')
      if (rows.length > 0 && seen.at(-1) !== words) seen.push(words)
    }
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true })
  }, text)
  await composer(page).fill(text)
  await composer(page).press('Enter')
  await expect(bubble(page, text)).toContainText('Delivered')
  const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen)
  // Never two rows, never a word that only flashes. Delivered may be known as soon as sent is.
  const words = seen.map((line) => inEnglish(line).replace(/\d\d:\d\d/g, 'T'))
  expect(['T', 'T · Sent', 'T · Delivered'].filter((line) => words.includes(line))).toEqual(words)
  expect(words.at(-1)).toBe('T · Delivered')
})

test('what failed says why, and can be edited, sent again or dropped', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  const email = await emailOf(page, CHIDI)
  await writer(page, CHIDI)
  const window = email.split('@')[0]!
  const { me } = await rpc<{ me: { id: number } }>(page, 'session_get', {})
  const block = (blocked: boolean) => rpc(page, 'person_block', { id: me.id, blocked }, window)
  await block(true)
  await openConversation(page, CHIDI)
  const text = unique('Are you there')
  await composer(page).fill(text)
  await composer(page).press('Enter')
  const failed = thread(page).locator('.message[data-state=failed]')
  await expect(failed).toContainText('Not sent. This person can’t be written to right now.')
  await block(false)
  await failed.getByRole('button', { name: 'Edit' }).click()
  const politely = unique('Politely')
  await page.getByRole('dialog').getByRole('textbox', { name: 'Message' }).fill(politely)
  await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click()
  await expect(bubble(page, politely)).toContainText('Delivered')
  await expect(failed).toHaveCount(0)
  await expect(bubble(page, text)).toHaveCount(0)
})

test('a refused message stays in the composer', async ({ desk }) => {
  const page = await desk()
  await openLong(page)
  // What the core answers when nothing can be written any more.
  await page.route('**/rpc/main/message_send', (route) => route.fulfill({ status: 422, json: { code: 'disk_full' } }))
  await composer(page).fill('Precious words')
  await composer(page).press('Enter')
  await expect(page.getByRole('alert')).toContainText('The disk is full.')
  await expect(composer(page)).toHaveValue('Precious words')
  await composer(page).fill('')
})

test('Enter belongs to the input method while a word is composed', async ({ desk }) => {
  const page = await desk()
  await openLong(page)
  let sent = 0
  page.on('request', (request) => (sent += Number(request.url().endsWith('/message_send'))))
  await composer(page).fill('かな')
  await composer(page).dispatchEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true })
  await page.waitForTimeout(100)
  expect(sent).toBe(0)
  await expect(composer(page)).toHaveValue('かな')
  await composer(page).fill('')
})

test('waiting, late and deleted messages say so', async ({ desk }) => {
  test.slow()
  const page = await desk()
  await beAmara(page)
  await writer(page, CHIDI)
  await openConversation(page, CHIDI)
  // Twelve minutes ago the link went, and something was written.
  const clock = (ms: number) => page.request.post('/clock/main', { data: { advance_ms: ms } })
  await clock(-12 * 60_000)
  await link(page, 'main', 'cut')
  await expect(page.getByText(/You’re offline since/)).toBeVisible({ timeout: 60_000 })
  const [first, second] = [unique('First'), unique('Second')]
  for (const text of [first, second]) {
    await composer(page).fill(text)
    await composer(page).press('Enter')
    await expect(composer(page)).toHaveValue('')
  }
  await expect(thread(page).getByText(/^2 queued \d\d:\d\d · will send in order$/)).toBeVisible()
  await clock(12 * 60_000)
  await page.getByRole('button', { name: 'Try now' }).click()
  await expect(page.getByText(/^Next try in \d+ s$/)).toBeVisible()
  await link(page, 'main', 'mend')
  await expect(bubble(page, second)).toContainText(/written \d\d:\d\d, sent \d\d:\d\d · Delivered/, { timeout: 30_000 })
  await expect(
    thread(page)
      .getByText(/^Offline \d\d:\d\d to \d\d:\d\d$/)
      .last(),
  ).toBeVisible()

  await bubble(page, second).hover()
  await bubble(page, second).getByRole('button', { name: 'Message actions' }).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  const sure = page.getByRole('dialog').getByRole('button', { name: 'Delete' })
  if (await sure.isVisible()) await sure.click()
  await expect(thread(page).getByText('Message deleted')).toBeVisible()
  await expect(bubble(page, second)).toHaveCount(0)
})

test('three notices at most, and none goes while one looks', async ({ desk }) => {
  const page = await desk()
  await openLong(page)
  const names = ['Chidi Eze', 'Kwame Mensah', 'Yusuf Danjuma', 'Ngozi Umeh']
  const notices = page.getByRole('region', { name: 'Notices' })
  for (const name of names) await (await writer(page, name))(unique('Hello'))
  await expect(notices.locator('.toast')).toHaveCount(3)
  await expect(notices).not.toContainText(names[0]!)
  await page.clock.install()
  await notices.locator('.toast').first().hover()
  await page.clock.runFor(20_000)
  await expect(notices.locator('.toast')).toHaveCount(3)
  await page.mouse.move(10, 10)
  await page.waitForTimeout(11_000)
  await page.clock.runFor(11_000)
  await expect(notices.locator('.toast')).toHaveCount(0)
})

test('everything is asked for again at reset, without losing what one writes', async ({ desk }) => {
  const page = await desk()
  await openLong(page)
  await composer(page).fill('Half a sentence')
  let asked = 0
  page.on('request', (request) => (asked += Number(request.url().endsWith('/conversation_list'))))
  // The stream breaks, and is begun anew by the page.
  await page.request.post('/fault/main', { data: { stream: 'end' } })
  await expect.poll(() => asked, { timeout: 15_000 }).toBeGreaterThan(0)
  await expect(composer(page)).toHaveValue('Half a sentence')
  await expect(composer(page)).toBeFocused()
  await expect(thread(page).locator('.message').first()).toBeVisible()
  await composer(page).fill('')
})

test('a conversation opens at the first unread message, also when it was open before', async ({ desk }) => {
  const page = await desk()
  const say = await openLong(page)
  await openConversation(page, 'Lena Hartwig')
  const unread = Array.from({ length: 30 }, (_, n) => unique(`Unread ${n + 1}:`))
  for (const text of unread) await say(text)
  await page.getByRole('link', { name: new RegExp(`^${IFEOMA}, 30 unread`) }).click()
  await expect(thread(page).getByText('New', { exact: true })).toBeInViewport()
  await expect(thread(page).getByText(unread[0]!, { exact: true })).toBeInViewport()
  await expect(thread(page).getByText(unread[29]!, { exact: true })).toHaveCount(0)
  await page.getByRole('button', { name: 'Newest' }).click()
  await expect(thread(page).getByText(unread[29]!, { exact: true })).toBeInViewport()
  await expect(page.getByRole('link', { name: new RegExp(`^${IFEOMA}, online$`) })).toBeVisible()
})
