// The first day, in the real app: start, local mode, write, be answered, be told, come back without a network.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import { App, By, Key, Other, eventually, folder, forgetNotices, notices, sleep, startServer } from './app.mjs'

const data = folder('first-day')
after(() => rmSync(data, { recursive: true, force: true, maxRetries: 5 }))

test('first start: sign-in, local mode, a message sent, shown, and answered by the demo market', async () => {
  const app = await App.start(path.join(data, 'one'))
  try {
    await app.says('Try it locally')
    const start = await app.text('Start', 'button')
    await start.click()
    await app.says('Tunde Bákàrè', 30)
    const row = await eventually('the conversation row', async () => (await app.web.findElements(By.xpath("//a[contains(., 'Tunde Bákàrè')]")))[0])
    await row.click()
    const box = await app.find('textarea')
    await box.sendKeys('Can the fitting start on Tuesday?', Key.ENTER)
    await app.says('Can the fitting start on Tuesday?')
    assert.equal(await box.getAttribute('value'), '', 'the composer is empty again')
    await eventually('the server has it', async () => {
      const thread = await app.call('thread_get', { conversation: '2', before: null, limit: 10 })
      return thread.messages.some((m) => m.body === 'Can the fitting start on Tuesday?' && m.state !== 'waiting' && m.state !== 'sending')
    })
    await eventually('the demo answers', async () => (await app.call('thread_get', { conversation: '2', before: null, limit: 10 })).messages.at(-1).mine === false, 30)
    const connection = await app.call('connection_get')
    assert.equal(connection.state, 'online')
  } finally {
    await app.quit()
  }
})

test('the token is in the system’s keychain, and not in any file', async () => {
  const app = await App.start(path.join(data, 'one'))
  try {
    await app.says('Tunde Bákàrè', 30)
    const session = await app.call('session_get')
    assert.deepEqual([session.state, session.token_store, session.local], ['signed_in', 'keychain', true])
  } finally {
    await app.quit()
  }
})

test('a second person in a second window sees the message arrive at once', async () => {
  const app = await App.start(path.join(data, 'two'), '--local')
  try {
    await app.says('Tunde Bákàrè', 30)
    const people = await app.call('local_people')
    const tunde = people.find((person) => person.name === 'Tunde Bákàrè')
    const first = await app.web.getWindowHandle()
    await app.call('window_open_as', { email: tunde.email })
    const handles = await eventually('a second window', async () => {
      const all = await app.web.getAllWindowHandles()
      return all.length > 1 && all
    })
    await app.web.switchTo().window(handles.find((handle) => handle !== first))
    await app.says('Amara Okonkwo', 30)
    await app.web.switchTo().window(first)
    await app.call('message_send', { conversation: '2', body: 'Do you see this at once?' })
    await app.web.switchTo().window(handles.find((handle) => handle !== first))
    await app.says('Do you see this at once?')
    await app.call('message_send', { conversation: '1', body: 'I do.' })
    await app.web.switchTo().window(first)
    await app.says('I do.')
  } finally {
    await app.quit()
  }
})

test('somebody who is not looking is told by the system, once for each conversation; a click opens it, its button marks it read', async () => {
  const server = await startServer(path.join(data, 'server'))
  const ana = await Other.register(server.url, 'Ana')
  const app = await App.start(path.join(data, 'three'), '--server', server.url)
  try {
    forgetNotices()
    await app.call('session_register', { server_url: server.url, name: 'Tunde', email: 'tunde@example.com', password: 'a long enough password' })
    await eventually('online', async () => (await app.call('connection_get')).state === 'online')
    await app.call('attention_set', { focused: false, target: null })
    const me = (await app.call('session_get')).me.id
    await ana.send(me, 'The <b>doors</b> are hung & dry')
    const [first] = await eventually('the daemon was told', () => notices().length > 0 && notices())
    assert.match(first[1], /Ana/)
    assert.match(first[2], /doors/)
    assert.doesNotMatch(first[2], /<b>/, 'nothing of it is markup')
    await ana.send(me, 'second')
    await eventually('told again', () => notices().length > 1)
    await eventually('one notice for one conversation', () => execFileSync('dunstctl', ['count', 'displayed'], { encoding: 'utf8' }).trim() === '1')
    // Nobody clicks in the very moment in which it appears.
    await sleep(500)
    // The daemon asks which button in a menu: the one of `scripts/desktop.mjs` chooses the last.
    execFileSync('dunstctl', ['context'])
    await eventually('its button marks it read', async () => (await app.call('unread_get')).messages === 0)
    forgetNotices()
    await ana.send(me, 'third')
    await eventually('told of the third', () => notices().length > 0)
    await sleep(500)
    execFileSync('dunstctl', ['action', '0'])
    await eventually('a click opens the conversation', async () => (await app.web.executeScript('return location.hash')).endsWith(`/inbox/${ana.id}`))
    await app.says('third')
    forgetNotices()
    await app.call('message_send', { conversation: String(ana.id), body: 'my own' })
    await sleep(500)
    assert.deepEqual(notices(), [], 'none for one’s own')
  } finally {
    await app.quit()
    await server.stop()
  }
})

test('restarted without a server: everything is readable, and what is written waits', async () => {
  const server = await startServer(path.join(data, 'server'))
  const home = path.join(data, 'four')
  let app = await App.start(home, '--server', server.url)
  const lena = await Other.register(server.url, 'Lena')
  await app.call('session_register', { server_url: server.url, name: 'Kwame', email: 'kwame@example.com', password: 'a long enough password' })
  const me = (await app.call('session_get')).me.id
  await lena.send(me, 'Readable without a network')
  await app.says('Readable without a network')
  await app.kill()
  await server.stop()
  app = await App.start(home)
  try {
    await app.says('Readable without a network')
    await app.says('Offline')
    const sent = await app.call('message_send', { conversation: String(lena.id), body: 'Written without a network' })
    assert.equal(sent.state, 'waiting')
    await app.says('Written without a network')
  } finally {
    await app.quit()
  }
})

test('the page cannot reach anything that it was not given', async () => {
  const app = await App.start(path.join(data, 'five'))
  try {
    await app.says('Try it locally')
    const refused = await app.web.executeAsyncScript(
      `const done = arguments[0]
       const tries = ['plugin:window|set_size', 'plugin:webview|create_webview', 'plugin:event|emit', 'plugin:path|resolve', 'no_such_command']
       Promise.all(tries.map((name) => window.__TAURI_INTERNALS__.invoke(name, {}).then(() => name, () => null))).then((all) => done(all.filter(Boolean)))`,
    )
    assert.deepEqual(refused, [], 'granted, though nobody granted it')
    const reached = await app.web.executeAsyncScript(
      `const done = arguments[0]
       fetch('http://127.0.0.1:9/').then(() => done('fetched'), (error) => done(String(error)))`,
    )
    assert.notEqual(reached, 'fetched')
    const evaluated = await app.web.executeScript(
      `const image = document.createElement('img'); image.setAttribute('onerror', 'window.__hit = 1'); image.src = 'data:,'
       document.body.append(image)
       const script = document.createElement('script'); script.textContent = 'window.__hit = 2'; document.body.append(script)
       return window.__hit ?? null`,
    )
    await sleep(200)
    assert.equal(evaluated, null)
    assert.equal(await app.web.executeScript('return window.__hit ?? null'), null)
  } finally {
    await app.quit()
  }
})
