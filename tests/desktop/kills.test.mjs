// The app's process is killed during sending, fifty times, or as often as `GUILDHALL_KILLS` says: what was accepted is there, once, in order.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import { App, Other, eventually, folder, processes, sleep, startServer } from './app.mjs'

const KILLS = Number(process.env.GUILDHALL_KILLS ?? 50)
const data = folder('kills')
after(() => rmSync(data, { recursive: true, force: true, maxRetries: 5 }))

test('kills of the app during sending lose and double nothing', { timeout: 100_000 + KILLS * 6_000 }, async () => {
  const server = await startServer(path.join(data, 'server'))
  const ana = await Other.register(server.url, 'Ana')
  const home = path.join(data, 'home')
  let app = await App.start(home, '--server', server.url)
  await app.call('session_register', { server_url: server.url, name: 'Tunde', email: 'tunde@example.com', password: 'a long enough password' })
  const me = (await app.call('session_get')).me.id
  const accepted = []
  let asked = 0
  for (let kill = 0; kill < KILLS; kill++) {
    // Each answer is written down by the page as it comes; what was asked and not answered may be there or not.
    await app.web.executeScript(
      `const [from] = arguments
       window.__accepted = []
       window.__asking = (async () => {
         for (let n = from; n < from + 12; n++) {
           await window.__TAURI_INTERNALS__.invoke('message_send', { request: { conversation: '${ana.id}', body: 'n ' + n } })
           window.__accepted.push(n)
         }
       })()`,
      asked,
    )
    await eventually('something is accepted', () => app.web.executeScript('return window.__accepted.length > 0'))
    await sleep((kill * 7) % 60)
    accepted.push(...(await app.web.executeScript('return window.__accepted')))
    asked += 12
    await app.kill()
    app = await App.start(home)
  }
  try {
    // As long as it becomes shorter: how fast depends on the disk, whether does not.
    for (let queued; queued !== 0; ) {
      const before = queued ?? Infinity
      queued = await eventually(`fewer than ${before} wait`, async () => {
        const now = (await app.call('connection_get')).queued
        return now < before && { now }
      }, 30).then(({ now }) => now)
    }
    const texts = await ana.texts(me)
    const numbers = texts.map((text) => Number(text.slice(2)))
    assert.deepEqual(numbers, [...new Set(numbers)].sort((a, b) => a - b), 'in order, none twice')
    const there = new Set(numbers)
    assert.deepEqual(accepted.filter((n) => !there.has(n)), [], 'nothing that was accepted is lost')
    assert.ok(accepted.length > KILLS, `enough was accepted between the kills: ${accepted.length}`)
  } finally {
    await app.quit()
    await server.stop()
  }
})

test('an app that is killed and takes its time to end is waited for', { timeout: 60_000 }, async () => {
  const home = path.join(data, 'ending')
  const first = await App.start(home, '--local')
  await first.says('Tunde Bákàrè', 30)
  // Like one whose last thread waits for the disk: it has its name and its locks, and answers nobody.
  const ending = processes(home)
  for (const pid of ending) process.kill(pid, 'SIGSTOP')
  setTimeout(() => ending.forEach((pid) => process.kill(pid, 'SIGKILL')), 4_000)
  const second = await App.start(home)
  try {
    await second.says('Tunde Bákàrè', 30)
  } finally {
    first.driver.end()
    await second.quit()
  }
})

test('a draft that was cleared stays cleared, also when the app is killed right after', { timeout: 120_000 }, async () => {
  const home = path.join(data, 'cleared')
  let app = await App.start(home, '--local')
  const open = async () => {
    await app.says('Tunde Bákàrè', 30)
    await app.web.executeScript("location.hash = '#/inbox/2'")
    await eventually('the composer has the focus', () => app.web.executeScript("return document.activeElement.matches('.composer textarea')"))
  }
  const draft = async () => (await app.call('thread_get', { conversation: '2', before: null, limit: 1 })).draft
  try {
    await open()
    execFileSync('xdotool', ['type', '--delay', '20', 'second thoughts'])
    await eventually('the draft is kept', async () => (await draft()) === 'second thoughts')
    execFileSync('xdotool', ['key', 'ctrl+a', 'BackSpace'])
    await eventually('the composer is empty', () => app.web.executeScript("return document.querySelector('.composer textarea').value === ''"))
    await app.kill()
    app = await App.start(home)
    await open()
    assert.equal(await draft(), '')
    assert.equal(await app.web.executeScript("return document.querySelector('.composer textarea').value"), '')
  } finally {
    await app.quit()
  }
})
