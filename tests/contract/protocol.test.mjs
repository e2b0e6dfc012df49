// The rest of the protocol with unmodified public clients: pusher-js, the server SDKs for Node and
// for Python. What they do, an application does.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import PusherServer from 'pusher'
import Pusher from 'pusher-js'
import { pythonWith } from '../../scripts/python.mjs'
import { built } from '../../scripts/lib.mjs'

const app = { appId: '42', key: 'shop-key', secret: 'shop-secret' }
const folder = mkdtempSync(path.join(tmpdir(), 'guildhall-protocol-'))
const open = new Set()
const hooks = []
let child, realtime, sdk, hookServer

before(async () => {
  hookServer = http.createServer((request, response) => {
    let body = ''
    request.on('data', (part) => (body += part))
    request.on('end', () => {
      hooks.push({ headers: request.headers, rawBody: body })
      response.end()
    })
  })
  await new Promise((done) => hookServer.listen(0, '127.0.0.1', done))
  const file = path.join(folder, 'apps.json')
  const shop = {
    id: app.appId,
    key: app.key,
    secret: app.secret,
    subscription_counts: true,
    webhooks: [{ url: `http://127.0.0.1:${hookServer.address().port}/`, event_types: ['channel_occupied', 'member_added'] }],
  }
  writeFileSync(file, JSON.stringify([shop]))
  const ready = path.join(folder, 'ready')
  const args = ['serve', '--http', '127.0.0.1:0', '--realtime', '127.0.0.1:0', '--data', path.join(folder, 'data')]
  const environment = { ...process.env }
  for (const name of ['PUSHER_APP_ID', 'PUSHER_APP_KEY', 'PUSHER_APP_SECRET']) delete environment[name]
  child = spawn(built('guildhall-server'), [...args, '--ready-file', ready, '--apps-file', file], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...environment, RUST_LOG: 'warn' },
  })
  for (let tries = 0; !existsSync(ready); tries++) {
    assert.ok(tries < 300, 'the server is ready in time')
    await sleep(100)
  }
  realtime = new URL(readFileSync(ready, 'utf8').match(/^realtime (.*)$/m)[1])
  sdk = new PusherServer({ ...app, host: realtime.hostname, port: realtime.port, useTLS: false, encryptionMasterKeyBase64: Buffer.alloc(32, 7).toString('base64') })
})

after(async () => {
  for (const pusher of open) pusher.disconnect()
  child.kill('SIGTERM')
  await new Promise((done) => child.once('exit', done))
  hookServer.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A client whose application signs for it at once, as `user`. */
function client(user, watchlist) {
  const pusher = new Pusher(app.key, {
    wsHost: realtime.hostname,
    wsPort: Number(realtime.port),
    forceTLS: false,
    enabledTransports: ['ws'],
    cluster: 'mt1',
    disableStats: true,
    channelAuthorization: {
      customHandler: ({ socketId, channelName }, done) =>
        done(null, sdk.authorizeChannel(socketId, channelName, channelName.startsWith('presence-') ? { user_id: user, user_info: { name: user } } : undefined)),
    },
    userAuthentication: {
      customHandler: ({ socketId }, done) => done(null, sdk.authenticateUser(socketId, { id: user, watchlist })),
    },
  })
  open.add(pusher)
  return pusher
}

/** The first event that is bound with `bind`, within some seconds. */
function first(what, bind, seconds = 10) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`never came: ${what}`)), seconds * 1000)
    bind((data) => {
      clearTimeout(timer)
      resolve(data)
    })
  })
}

const subscribed = (channel) => first(`subscription to ${channel.name}`, (f) => channel.bind('pusher:subscription_succeeded', f))

async function listens(pusher, name) {
  const channel = pusher.subscribe(name)
  await subscribed(channel)
  return channel
}

test('an encrypted channel is read by those who have its key, and by nobody else', async () => {
  const channel = await listens(client('ana'), 'private-encrypted-orders')
  const plain = first('the decrypted event', (f) => channel.bind('order', f))
  await sdk.trigger('private-encrypted-orders', 'order', { total: '₦15,000' })
  assert.deepEqual(await plain, { total: '₦15,000' })
})

test('a cache channel shows its last event, or says that there is none', async () => {
  const early = client('ana').subscribe('cache-prices')
  await first('the miss', (f) => early.bind('pusher:cache_miss', () => f(true)))
  await sdk.trigger('cache-prices', 'price', { now: 1 })
  const late = client('bo').subscribe('cache-prices')
  assert.deepEqual(await first('the last event', (f) => late.bind('price', f)), { now: 1 })
})

test('users sign in, are reached, watched and disconnected', async () => {
  const ana = client('ana', ['bo'])
  const seen = []
  ana.user.watchlist.bind('online', (event) => seen.push(['online', ...event.user_ids]))
  ana.user.watchlist.bind('offline', (event) => seen.push(['offline', ...event.user_ids]))
  ana.signin()
  await ana.user.signinDonePromise
  const bo = client('bo')
  bo.signin()
  await bo.user.signinDonePromise
  const greeting = first('an event for the user', (f) => bo.user.bind('greeting', f))
  // The subscription to the user's own channel follows the sign-in.
  for (let tries = 0; tries < 50 && !bo.user.serverToUserChannel?.subscribed; tries++) await sleep(50)
  await sdk.sendToUser('bo', 'greeting', { hello: 'bo' })
  assert.deepEqual(await greeting, { hello: 'bo' })
  const gone = first('the end of the connection', (f) => bo.connection.bind('state_change', (s) => s.previous === 'connected' && f(s)))
  await sdk.terminateUserConnections('bo')
  await gone
  for (let tries = 0; tries < 50 && seen.length < 3; tries++) await sleep(50)
  assert.deepEqual(seen, [['offline', 'bo'], ['online', 'bo'], ['offline', 'bo']])
})

test('subscribers are told how many they are', async () => {
  const channel = client('ana').subscribe('counted')
  const two = first('a count of two', (f) => channel.bind('pusher:subscription_count', (data) => data.subscription_count === 2 && f(data)))
  await subscribed(channel)
  await listens(client('bo'), 'counted')
  await two
  assert.equal(channel.subscriptionCount, 2)
})

test('webhooks are believed by the SDK', async () => {
  await listens(client('ana'), 'presence-hooked')
  for (let tries = 0; tries < 100 && !hooks.some((hook) => hook.rawBody.includes('presence-hooked')); tries++) await sleep(50)
  const hook = hooks.find((one) => one.rawBody.includes('presence-hooked'))
  const webhook = sdk.webhook(hook)
  assert.ok(webhook.isValid())
  const names = webhook.getEvents().filter((event) => event.channel === 'presence-hooked').map((event) => event.name)
  assert.deepEqual(names.sort(), ['channel_occupied', 'member_added'])
})

test('an app that does not exist is refused for good: the client does not come back', async () => {
  const states = []
  const pusher = new Pusher('no-such-key', { wsHost: realtime.hostname, wsPort: Number(realtime.port), forceTLS: false, enabledTransports: ['ws'], cluster: 'mt1' })
  open.add(pusher)
  pusher.connection.bind('state_change', (state) => states.push(state.current))
  const error = await first('the error', (f) => pusher.connection.bind('error', f))
  assert.equal(error.data?.code ?? error.error?.data?.code, 4001)
  await sleep(2500)
  assert.deepEqual(states.filter((state) => state === 'connected'), [])
  assert.notEqual(pusher.connection.state, 'connecting')
})

test('a crowd joins one presence channel at once, half of it leaves, and every roster is right', async () => {
  const members = 400
  const all = []
  for (let n = 0; n < members; n++) for (let copy = 0; copy < (n % 20 === 0 ? 5 : 1); copy++) all.push([`m${n}`, client(`m${n}`)])
  await Promise.all(all.map(([, pusher]) => first('connected', (f) => pusher.connection.bind('connected', f), 60)))
  const channels = all.map(([, pusher]) => pusher.subscribe('presence-crowd'))
  const rosterIs = async (channel, ids, what) => {
    for (let tries = 0; ; tries++) {
      const found = Object.keys(channel.members.members).sort()
      if (channel.members.count === ids.length && found.join() === ids.join()) return
      assert.ok(tries < 600, `${what}: ${channel.members.count} of ${ids.length}`)
      await sleep(50)
    }
  }
  const ids = Array.from({ length: members }, (_, n) => `m${n}`).sort()
  for (const channel of channels) await rosterIs(channel, ids, 'after the joins')
  const goes = (name) => Number(name.slice(1)) % 2 === 1 || Number(name.slice(1)) % 40 === 0
  for (const [name, pusher] of all) if (goes(name)) pusher.disconnect()
  const left = ids.filter((name) => !goes(name))
  for (const [n, channel] of channels.entries()) if (!goes(all[n][0])) await rosterIs(channel, left, 'after half has left')
})

test('the Python SDK triggers, asks and signs, and its signatures are ours', async () => {
  const ana = client('ana')
  const channel = await listens(ana, 'private-python')
  const presence = await listens(ana, 'presence-python')
  const heard = []
  for (const one of [channel, presence]) one.bind('from-python', (data) => heard.push([one.name, data]))
  const bo = client('bo')
  await first('connected', (f) => bo.connection.bind('connected', f))
  const python = pythonWith('pusher==3.3.4')
  const out = execFileSync(python, [path.join(import.meta.dirname, 'sdk.py'), realtime.hostname, realtime.port, bo.connection.socket_id], { encoding: 'utf8' })
  const result = JSON.parse(out)
  for (let tries = 0; tries < 100 && heard.length < 4; tries++) await sleep(50)
  assert.deepEqual(heard, [
    ['private-python', { naira: '₦' }],
    ['presence-python', { naira: '₦' }],
    ['private-python', { batch: 1 }],
    ['presence-python', { batch: 2 }],
  ])
  assert.deepEqual(result.channels['presence-python'], { user_count: 1 })
  assert.deepEqual([result.channel.occupied, result.channel.subscription_count], [true, 1])
  assert.deepEqual(result.users, [{ id: 'ana' }])
  assert.match(result.refused, /200 characters|too long/)
  // The channel that Python signs for is the one that the socket may listen to.
  bo.config.channelAuthorizer = (_, done) => done(null, result.auth)
  await listens(bo, 'private-signed-by-python')
})
