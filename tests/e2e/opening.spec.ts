import { type Page, beAmara, expect, rpc, test, thread } from './support'

/** How often each conversation is opened, from an empty cache each time: once here, twenty times in the night. */
const ROUNDS = Number(process.env.OPENING_ROUNDS ?? 1)
const PEOPLE = 50
const SEED = Number(process.env.OPENING_SEED ?? 7)

/** The same turns for the same seed, so that a round that failed can be had again. */
function dice(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

interface Person {
  id: number
  token: string
}

async function post(url: string, token: string | null, body: object): Promise<unknown> {
  const headers: Record<string, string> = { 'content-type': 'application/json', accept: 'application/json' }
  if (token) headers.authorization = `Bearer ${token}`
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await answer.text()
  expect(answer.ok, text).toBe(true)
  return JSON.parse(text) as unknown
}

/** What is seen of the conversation: the bubbles inside the viewport, and the one below the line "New". */
function seen(page: Page): Promise<{ visible: string[]; below: string }> {
  return thread(page).evaluate((log) => {
    const frame = log.getBoundingClientRect()
    const shown = getComputedStyle(log).visibility !== 'hidden' && !log.classList.contains('placing')
    const bubbles = [...log.querySelectorAll<HTMLElement>('.bubble')]
    const inside = (node: HTMLElement) => {
      const box = node.getBoundingClientRect()
      return box.bottom > frame.top && box.top < frame.bottom
    }
    const line = log.querySelector('.separator.unread')
    const below = line ? bubbles.find((node) => line.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING) : undefined
    return {
      visible: shown ? bubbles.filter(inside).map((node) => node.textContent ?? '') : [],
      below: below?.textContent ?? '',
    }
  })
}

test('no conversation opens blank, and the line stands above the first unread message', async ({ desk }) => {
  test.setTimeout(30_000 + ROUNDS * 120_000)
  const page = await desk()
  await beAmara(page)
  const session = await rpc<{ me: { id: number }; email: string; server_url: string }>(page, 'session_get', {})
  const server = session.server_url
  const run = Date.now().toString(36)
  const people: Person[] = []
  for (let n = 0; n < PEOPLE; n += 1) {
    const body = { name: `Opening ${n}`, email: `opening-${run}-${n}@example.com`, password: 'a long enough password' }
    const { data } = (await post(`${server}/api/register`, null, body)) as { data: { token: string; user: { id: number } } }
    people.push({ id: data.user.id, token: data.token })
  }
  const say = (person: Person, content: string) =>
    post(`${server}/api/messages`, person.token, { recipient_id: session.me.id, content })
  for (const person of people) for (const n of [1, 2, 3]) await say(person, `before ${n}`)
  await expect
    .poll(async () => (await rpc<{ messages: number }>(page, 'unread_get', {})).messages, { timeout: 20_000 })
    .toBeGreaterThanOrEqual(3 * PEOPLE)
  for (const person of people) await rpc(page, 'conversation_read', { conversation: String(person.id) })
  await expect.poll(async () => (await rpc<{ messages: number }>(page, 'unread_get', {})).messages).toBeLessThan(PEOPLE)
  // Told to the server before this device forgets.
  await page.waitForTimeout(2_000)

  const cdp = await page.context().newCDPSession(page)
  const random = dice(SEED)
  for (let round = 0; round < ROUNDS; round += 1) {
    // Two unread messages each, and a device that knows nothing yet: the newest is here first, the rest comes later.
    await rpc(page, 'session_sign_out', {})
    // Nothing is open any more that could read what comes now.
    await expect(page).toHaveURL(/#\/inbox$/)
    await Promise.all(people.map((person) => say(person, `first unread ${round}`)))
    await Promise.all(people.map((person) => say(person, `last unread ${round}`)))
    await rpc(page, 'local_start', { email: session.email })
    await page.reload()
    await expect(page.getByRole('heading', { name: 'Inbox' })).toBeVisible()
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: 1 + Math.floor(random() * 3) })
    const turns = [...people].sort(() => random() - 0.5)
    for (const [turn, person] of turns.entries()) {
      await page.evaluate((id) => (location.hash = `#/inbox/${id}`), person.id)
      if (random() < 0.3 && turn > 0) {
        // Off again before it is there, and back.
        await page.waitForTimeout(random() * 40)
        await page.evaluate((id) => (location.hash = `#/inbox/${id}`), turns[turn - 1]!.id)
        await page.waitForTimeout(random() * 40)
        await page.evaluate((id) => (location.hash = `#/inbox/${id}`), person.id)
        await expect
          .poll(async () => (await seen(page)).visible.length, { message: `round ${round}, ${person.id}` })
          .toBeGreaterThan(0)
        continue
      }
      await expect
        .poll(() => seen(page), { message: `round ${round}, person ${person.id}, seed ${SEED}`, intervals: [20, 50, 100] })
        .toEqual({
          visible: expect.arrayContaining([`first unread ${round}`, `last unread ${round}`]) as unknown,
          below: `first unread ${round}`,
        })
        .catch(async (failure: unknown) => {
          // Whose fault: what the core has is what the page should show.
          const had = await rpc<{ older: string; messages: unknown[] }>(page, 'thread_get', {
            conversation: String(person.id),
            before: null,
            limit: 60,
          })
          throw new Error(`the core has ${had.messages.length} messages, before them ${had.older}; ${String(failure)}`)
        })
      if (random() < 0.5) await page.waitForTimeout(random() * 60)
    }
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: 1 })
  }
})
