// A real browser on a page of another port: with a bearer token and with credentials it reaches REST and the authorisation of
// channels, and pusher-js in it hears events.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { chromium } from '@playwright/test'
import { root } from '../../scripts/lib.mjs'
import { startServer } from './server.mjs'

const installed = process.env.CHROMIUM ?? '/usr/bin/chromium'
const script = readFileSync(path.join(root, 'node_modules/pusher-js/dist/web/pusher.min.js'))
let server, http, realtime, site, browser, page

before(async () => {
  server = await startServer()
  ;({ http, realtime } = server)
  site = createServer((request, response) => {
    const isScript = request.url === '/pusher.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? script : '<!doctype html><title>A shop</title><script src="/pusher.js"></script>')
  })
  await new Promise((done) => site.listen(0, '127.0.0.1', done))
  browser = await chromium.launch({
    ...(existsSync(installed) ? { executablePath: installed } : {}),
    args: ['--no-sandbox', '--disable-background-networking'],
  })
  page = await browser.newPage()
  await page.goto(`http://localhost:${site.address().port}/`)
})

after(async () => {
  await browser?.close()
  site.close()
  await server.stop()
})

async function register(name) {
  const body = JSON.stringify({ name, email: `${name}@example.com`, password: 'a long enough password' })
  const answer = await fetch(`${http}/api/register`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  assert.equal(answer.status, 201)
  return (await answer.json()).data
}

for (const credentials of ['omit', 'include']) {
  test(`a page of another origin writes and listens, credentials: ${credentials}`, async () => {
    const [ana, tunde] = [await register(`ana-${credentials}`), await register(`tunde-${credentials}`)]
    const heard = await page.evaluate(
      async ({ http, host, port, ana, tunde, credentials }) => {
        const ask = (where, token, body) =>
          fetch(http + where, {
            method: 'POST',
            credentials,
            headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
            body: JSON.stringify(body),
          })
        const pusher = new Pusher('mysharpjob-key', {
          wsHost: host,
          wsPort: port,
          forceTLS: false,
          cluster: 'mt1',
          enabledTransports: ['ws'],
          disableStats: true,
          channelAuthorization: {
            customHandler: async ({ socketId, channelName }, callback) => {
              const answer = await ask('/broadcasting/auth', tunde.token, { socket_id: socketId, channel_name: channelName })
              callback(answer.ok ? null : new Error(String(answer.status)), answer.ok ? await answer.json() : null)
            },
          },
        })
        const channel = pusher.subscribe(`private-user.${tunde.user.id}`)
        await new Promise((done, fail) => {
          channel.bind('pusher:subscription_succeeded', done)
          channel.bind('pusher:subscription_error', (error) => fail(new Error(JSON.stringify(error))))
          setTimeout(() => fail(new Error('no subscription in time')), 10_000)
        })
        const said = new Promise((done) => channel.bind('message.sent', (message) => done(message.content)))
        const sent = await ask('/api/messages', ana.token, { recipient_id: tunde.user.id, content: 'across origins' })
        const content = await said
        const request = sent.headers.get('x-request-id')
        pusher.disconnect()
        return { status: sent.status, content, request }
      },
      { http, host: realtime.hostname, port: Number(realtime.port), ana, tunde, credentials },
    )
    assert.equal(heard.status, 201)
    assert.equal(heard.content, 'across origins')
    assert.ok(heard.request, 'the exposed headers can be read')
  })
}
