import { beAmara, expect, link, openConversation, type Page, rpc, test } from './support'

/** What people wrote themselves, keys, addresses and marks stand as they are. */
const THEIRS =
  '[dir="auto"], bdi, [data-words], .mono, .avatar, kbd, .keys, time, code, [data-theirs], option, svg, script, style'
/** Names of days and months come from the system. */
const DATES =
  /\b(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\b|\b(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)\w*\b/g

/** Text on screen that is plain English, where everything said from the catalogues has other letters. */
async function plainWords(page: Page): Promise<string[]> {
  const people = await rpc<{ name: string; craft: string | null }[]>(page, 'local_people', {})
  const names = people.flatMap(({ name, craft }) => [name, ...(craft ? [craft] : []), ...name.split(' ')]).join('|')
  return page.evaluate(
    ([theirs, dates]) => {
      const known = new RegExp(dates!, 'gu')
      const found = new Set<string>()
      const look = (text: string | null | undefined, where: Element) => {
        const left = (text ?? '').replace(/\u2068[^\u2069]*\u2069/g, '').replace(known, '')
        if (/[a-z]{3}/i.test(left) && !where.closest(theirs!)) found.add(`${where.tagName} ${left.trim()}`)
      }
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT)
      for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        if (node instanceof Text) look(node.data, node.parentElement!)
        else if (node instanceof Element)
          for (const name of ['aria-label', 'placeholder', 'alt', 'title']) look(node.getAttribute(name), node)
      }
      return [...found]
    },
    [THEIRS, `${DATES.source}|\\S+@\\S+|[\\w.-]+:\\d+|testkit|Opening \\d+|${names}`],
  )
}

/** What is cut off at an edge where nothing says so, or reaches out of the window. */
async function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    for (const node of document.querySelectorAll<HTMLElement>('body *')) {
      if (!node.offsetParent || node.closest('.sr-only, svg, [aria-hidden="true"]')) continue
      const own = [...node.childNodes].some((child) => child instanceof Text && child.data.trim())
      if (!own) continue
      const box = node.getBoundingClientRect()
      if (box.width === 0 || box.height === 0) continue
      const style = getComputedStyle(node)
      const ellipsis = style.textOverflow === 'ellipsis' || node.closest('.clip') !== null
      const name = `${node.tagName}.${node.className} ${node.textContent?.trim().slice(0, 60)}`
      if (!ellipsis && style.overflowX !== 'visible' && node.scrollWidth > node.clientWidth + 1) found.push(`cut: ${name}`)
      const scrolled = node.closest('.scroll, .lines, .form, .dialog, [role="log"]')
      if (!scrolled && (box.left < -1 || box.right > innerWidth + 1)) found.push(`outside: ${name}`)
      // Two lines where a button has room for one.
      if (node.matches('button.button, .segments button') && node.scrollHeight > node.clientHeight + 2)
        found.push(`high: ${name}`)
    }
    return found
  })
}

async function expectWhole(page: Page, where: string): Promise<void> {
  for (const size of [
    { width: 1200, height: 800 },
    { width: 900, height: 600 },
  ]) {
    await page.setViewportSize(size)
    await page.waitForTimeout(60)
    expect(await plainWords(page), `${where}: stands in code`).toEqual([])
    expect(await cutOff(page), `${where} at ${size.width}`).toEqual([])
  }
}

/** Opens a window in the made-up language: longer, accented, mirrored. */
async function speaking(page: Page, window: string, hash = ''): Promise<void> {
  await page.goto(`/?window=${window}&language=en-XA${hash}`)
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl')
}

test('every page is said from the catalogues, also longer and from right to left', async ({ desk }) => {
  test.slow()
  const amara = await desk()
  await beAmara(amara)
  await openConversation(amara, 'Tunde')
  const window = 'main'
  await speaking(amara, window, '#/inbox')
  await expect(amara.locator('.row').first()).toBeVisible()
  await expectWhole(amara, 'the inbox')
  await amara.locator('.row').first().click()
  await expect(amara.locator('.message').first()).toBeVisible()
  await expectWhole(amara, 'a conversation')
  await amara.locator('.pane-head .icon-button').last().click()
  await expect(amara.locator('.pop')).toBeVisible()
  await expectWhole(amara, 'about a person')
  await amara.keyboard.press('Escape')
  await amara.locator('.connection').last().click()
  await expect(amara.locator('.pop')).toBeVisible()
  await expectWhole(amara, 'the connection')
  await amara.keyboard.press('Escape')
  for (const page of [
    'notifications',
    'jobs',
    'jobs/1',
    'jobs/2-applications',
    'jobs/new',
    'jobs/8',
    'inbox/2-job-1',
    'escrow',
    'escrow/p-5',
    'people',
    'people/me',
    'people/2',
    'escrow',
    'escrow/payments',
    'escrow/p-1',
    'escrow/payouts',
    'disputes',
    'disputes/1',
    'settings/account',
    'settings/two-step',
    'settings/verification',
    'settings/bank-accounts',
    'settings/notifications',
    'settings/appearance',
    'settings/data',
    'settings/about',
    'settings/blocked',
    'settings/reports',
    'settings/your-data',
  ]) {
    await speaking(amara, window, `#/${page}`)
    await expect(amara.locator('h1, h2').first()).toBeVisible()
    await amara.waitForTimeout(150)
    await expectWhole(amara, page)
  }
  await amara.locator('body').press('?')
  await expect(amara.locator('.dialog')).toBeVisible()
  await expectWhole(amara, 'the keys')
  await amara.keyboard.press('Escape')
  await amara.locator('body').press('Control+n')
  await expect(amara.locator('.dialog')).toBeVisible()
  await expectWhole(amara, 'a new message')
  await amara.keyboard.press('Escape')
  await speaking(amara, window, '#/inbox')
  await link(amara, window, 'cut')
  await expect(amara.locator('.banner')).toBeVisible()
  await expectWhole(amara, 'without a link')
  await link(amara, window, 'mend')
  await expect(amara.locator('.banner')).toBeHidden({ timeout: 20_000 })
})

test('the administrator’s desk too', async ({ desk, deskOf }) => {
  await beAmara(await desk())
  const page = await deskOf('foluke@guildhall.example')
  for (const part of ['reports', 'reports-1', 'verifications', 'people', 'letters', 'connections', 'audit', 'health']) {
    await speaking(page, 'foluke', `#/desk/${part}`)
    await expect(page.locator('h1, h2').first()).toBeVisible()
    await page.waitForTimeout(250)
    await expectWhole(page, `the desk: ${part}`)
  }
  await speaking(page, 'foluke', '#/disputes/1')
  await expect(page.locator('h1, h2').first()).toBeVisible()
  await page.waitForTimeout(250)
  await expectWhole(page, 'the desk: a dispute')
})

test('two-step sign-in and letters by mail too', async ({ desk }) => {
  const main = await desk()
  await beAmara(main)
  const { server_url } = await rpc<{ server_url: string }>(main, 'session_get', {})
  const [email, password] = [`pseudo-${Date.now()}@example.org`, 'a long enough password']
  await rpc(main, 'session_register', { server_url, name: 'Somebody New', email, password }, 'pseudo-two')
  const page = await desk('pseudo-two')
  await speaking(page, 'pseudo-two', '#/settings/two-step')
  await page.locator('.setting .button').first().click()
  await expect(page.locator('.dialog')).toBeVisible()
  await expectWhole(page, 'two-step sign-in: the password')
  await page.locator('.dialog input').fill(password)
  await page.keyboard.press('Enter')
  await expect(page.locator('.dialog svg.drawing')).toBeVisible()
  await expectWhole(page, 'two-step sign-in: the secret')
  await page.keyboard.press('Escape')
  await speaking(page, 'pseudo-two', '#/settings/notifications')
  await expect(page.locator('h1, h2').first()).toBeVisible()
  await page.waitForTimeout(250)
  await expectWhole(page, 'letters by mail')
})

test('the sign-in page too', async ({ desk }) => {
  const page = await desk('nobody-yet')
  await speaking(page, 'nobody-yet')
  await expect(page.locator('form')).toBeVisible()
  await expectWhole(page, 'signing in')
  const links = page.locator('form .textlink')
  await links.nth(1).click()
  await expectWhole(page, 'a forgotten password')
  await links.first().click()
  await links.first().click()
  await page.locator('form button[type=submit]').click()
  await expectWhole(page, 'signing up, with what is missing')
  expect(await rpc<{ state: string }>(page, 'session_get', {}, 'nobody-yet')).toMatchObject({ state: 'signed_out' })
})
