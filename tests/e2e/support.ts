import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type BrowserContext, type Locator, type Page, test as base, expect as plainly } from '@playwright/test'
import { expecting, inEnglish, LANGUAGE, speakOn, theirs } from './spoken'

const expect = expecting(plainly)

/** The policy of the desktop app, with the browser host in the place of its bridge. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"

/** What the console may say: any other complaint fails the story, and so does whatever the page throws. A cut link is said by the browser itself and is no fault of the page. */
const HARMLESS = /net::ERR_|Failed to load resource: the server responded with a status of 422/

interface Fixtures {
  /** Opens a window of the browser host. `main` is the first one. Its story fails when the page breaks the policy. */
  desk: (name?: string) => Promise<Page>
  /** Opens a window for a person of the demo market beside Amara's. */
  deskOf: (email: string) => Promise<Page>
}

export const test = base.extend<Fixtures>({
  desk: async ({ browser, contextOptions }, use) => {
    const opened: { context: BrowserContext; complaints: string[] }[] = []
    await use(async (name = 'main') => {
      const { page, context, complaints } = await openWindow(browser, contextOptions, name)
      opened.push({ context, complaints })
      return page
    })
    const said: string[] = []
    for (const { context, complaints } of opened) {
      await context.close()
      said.push(...complaints)
    }
    expect(said).toEqual([])
  },
  deskOf: async ({ desk, request }, use) => {
    await use(async (email) => {
      const name = email.split('@')[0]!
      const session = (await (await request.post(`/rpc/${name}/session_get`, { data: {} })).json()) as { state: string }
      if (session.state !== 'signed_in') {
        const answer = await request.post('/rpc/main/window_open_as', { data: { email } })
        expect(answer.ok(), await answer.text()).toBe(true)
      }
      const page = await desk(name)
      await expect(page.getByRole('heading', { name: 'Inbox' })).toBeVisible()
      return page
    })
  },
})

async function openWindow(browser: Browser, options: object, name: string) {
  const context = await browser.newContext({ ...options, permissions: ['clipboard-read', 'clipboard-write'] })
  const complaints: string[] = []
  const page = await context.newPage()
  speakOn(page)
  page.on('pageerror', (error) => complaints.push(`${name}: ${error.message}`))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !HARMLESS.test(message.text()))
      complaints.push(`${name}: ${message.text()}`)
  })
  await context.route(
    (url) => url.pathname === '/' || url.pathname === '/index.html',
    async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': POLICY } })
    },
  )
  await page.goto(`/?window=${encodeURIComponent(name)}`)
  return { page, context, complaints }
}

/** Makes sure that the first window is signed in as Amara, and shows her inbox. */
export async function beAmara(page: Page): Promise<void> {
  const start = page.getByRole('button', { name: 'Start' })
  const inbox = page.getByRole('heading', { name: 'Inbox' })
  await expect(
    start
      .or(inbox)
      .or(page.getByRole('navigation', { name: 'Main' }))
      .first(),
  ).toBeVisible()
  if (await start.isVisible()) {
    await choose(page, 'Who you are', 'Amara Okonkwo')
    await start.click()
  }
  await page.getByRole('link', { name: /^Inbox/ }).click()
  await expect(inbox).toBeVisible()
}

/** Chooses from a list by hand. */
export async function choose(page: Page, list: string, option: string | RegExp): Promise<void> {
  await page.getByRole('combobox', { name: list }).click()
  await page.getByRole('option', { name: option, exact: true }).click()
}

/** The address of somebody of the demo market. */
export async function emailOf(page: Page, name: string): Promise<string> {
  const answer = await page.request.post('/rpc/main/local_people', { data: {} })
  const people = (await answer.json()) as { name: string; email: string }[]
  const found = people.find((person) => person.name === name)
  expect(found, `${name} is in the demo market`).toBeTruthy()
  return found!.email
}

/** Asks the core of a window. */
export async function rpc<T>(page: Page, name: string, request: object, window = 'main'): Promise<T> {
  const answer = await page.request.post(`/rpc/${window}/${name}`, { data: request })
  expect(answer.ok(), await answer.text()).toBe(true)
  return (await answer.json()) as T
}

/** Makes sure that nobody is signed in to the first window. */
export async function beNobody(page: Page): Promise<void> {
  await page.request.post('/rpc/main/session_sign_out', { data: {} })
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
}

/** Opens the conversation with somebody, through the dialog if it is not in the list. */
export async function openConversation(page: Page, name: string): Promise<void> {
  const row = page.getByRole('region', { name: 'Conversations' }).getByRole('link', { name: new RegExp(`^${name}`) })
  await page.getByRole('region', { name: 'Conversations' }).getByRole('button', { name: 'All' }).click()
  await expect(page.getByRole('region', { name: 'Conversations' }).getByRole('link').first()).toBeVisible()
  if (await row.first().isVisible()) await row.first().click()
  else {
    await page.getByRole('button', { name: 'New message' }).first().click()
    await page.getByRole('combobox', { name: 'Find a person' }).fill(name)
    await page.getByRole('option', { name: new RegExp(name) }).click()
  }
  await expect(composer(page)).toBeFocused()
}

export function composer(page: Page) {
  return page.getByRole('textbox', { name: /^Message to/ })
}

export function thread(page: Page) {
  return page.getByRole('log')
}

/** The bubble with exactly this text, with what stands under it. */
export function bubble(page: Page, text: string) {
  return thread(page)
    .locator('.message')
    .filter({ hasText: theirs(text) })
}

/** A text that no other story writes. */
let serial = 0
export function unique(text: string): string {
  serial += 1
  return `${text} ${Date.now().toString(36)}${serial}`
}

/** Cuts or mends the network of a window. */
export async function link(page: Page, window: string, state: 'cut' | 'mend'): Promise<void> {
  const answer = await page.request.post(`/fault/${window}`, { data: { link: state } })
  expect(answer.ok(), await answer.text()).toBe(true)
}

/** WCAG 2.2 A and AA, as far as a machine can tell. */
export async function expectAccessible(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze()
  expect(
    violations.map((found) => `${where}: ${found.id} at ${found.nodes.map((node) => node.target.join(' ')).join(', ')}`),
  ).toEqual([])
}

/** Goes to an item of a list by the letters it begins with. Letters of the made-up language are on no keyboard. */
export async function byLetters(page: Page, letters: string, item: Locator): Promise<void> {
  if (LANGUAGE) await item.focus()
  else await page.keyboard.type(letters)
  await expect(item).toBeFocused()
}

/** Says something to everybody as an administrator, or takes back what was said. */
export async function announce(page: Page, text: string | null, until?: Date): Promise<void> {
  const answer = await page.request.post('/announce', { data: { text, until: until?.toISOString() ?? null } })
  expect(answer.ok(), await answer.text()).toBe(true)
}

export { expect, inEnglish, LANGUAGE, theirs, type Page }
