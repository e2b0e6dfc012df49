// Unmodified public clients of the Pusher protocol against the real server: pusher-js, laravel-echo, and the server SDK.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import Echo from 'laravel-echo'
import PusherServer from 'pusher'
import Pusher from 'pusher-js'
import { startServer } from './server.mjs'

const key = 'mysharpjob-key'
const password = 'a long enough password'
let server, http, realtime, ana, tunde
const open = new Set()

async function post(where, body, token, headers = {}) {
  const response = await fetch(http + where, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: response.status === 204 ? null : await response.json() }
}

async function register(name) {
  const { status, body } = await post('/api/register', { name, email: `${name}@example.com`, password })
  assert.equal(status, 201)
  return { id: body.data.user.id, token: body.data.token, name }
}

before(async () => {
  server = await startServer()
  ;({ http, realtime } = server)
  ana = await register('ana')
  tunde = await register('tunde')
})

after(async () => {
  for (const pusher of open) pusher.disconnect()
  await server.stop()
})

function options(token) {
  return {
    wsHost: realtime.hostname,
    wsPort: Number(realtime.port),
    wssPort: Number(realtime.port),
    forceTLS: false,
    disableStats: true,
    enabledTransports: ['ws', 'wss'],
    cluster: 'mt1',
    authEndpoint: `${http}/broadcasting/auth`,
    auth: { headers: token ? { Authorization: `Bearer ${token}`, Accept: 'application/json' } : {} },
  }
}

function client(token) {
  const pusher = new Pusher(key, options(token))
  open.add(pusher)
  return pusher
}

function echo(token) {
  const echo = new Echo({ broadcaster: 'pusher', key, encrypted: false, client: client(token), ...options(token) })
  return echo
}

/** The first event that is bound with `bind`, within ten seconds. */
function first(what, bind) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`never came: ${what}`)), 10_000)
    bind((...data) => {
      clearTimeout(timer)
      resolve(data[0])
    })
  })
}

const subscribed = (channel) => first(`subscription to ${channel.name}`, (f) => channel.bind('pusher:subscription_succeeded', f))

test('pusher-js connects, and its own ping is answered', async () => {
  const pusher = client()
  await first('connected', (f) => pusher.connection.bind('connected', f))
  assert.match(pusher.connection.socket_id, /^\d+\.\d+$/)
  const pong = first('pong', (f) => pusher.connection.bind('message', (m) => m.event === 'pusher:pong' && f(m)))
  pusher.connection.send_event('pusher:ping', {})
  await pong
})

test('Echo hears messages of both dialects on the private channel, with their fields and types', async () => {
  const heard = []
  const channel = echo(tunde.token).private(`user.${tunde.id}`)
  channel.listen('.message.sent', (data) => heard.push(data))
  await first('subscribed', (f) => channel.subscribed(f))
  const one = await post('/api/messages', { recipient_id: tunde.id, content: 'Hello! <i>₦</i>', message_type: 'text' }, ana.token)
  assert.equal(one.status, 201)
  const two = await post('/api/messages', { to_user_id: tunde.id, domain_id: 456, body: 'about the domain' }, ana.token)
  assert.equal(two.status, 201)
  for (let tries = 0; heard.length < 2 && tries < 100; tries++) await sleep(50)
  assert.equal(heard.length, 2)
  const [m, f] = heard
  assert.deepEqual(
    [m.id, m.sender_id, m.recipient_id, m.content, m.message_type, m.job_id, m.attachments, m.is_read],
    [one.body.data.id, ana.id, tunde.id, 'Hello! ₦', 'text', null, [], false],
  )
  assert.deepEqual([m.sender.id, m.sender.name, m.sender.avatar], [ana.id, 'ana', null])
  assert.match(m.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  assert.deepEqual(
    [f.from_user_id, f.to_user_id, f.domain_id, f.body, f.from_user.name, f.domain.id],
    [ana.id, tunde.id, 456, 'about the domain', 'ana', 456],
  )
  assert.equal(m.client_key, undefined, "the sender's key is the sender's")
})

test('toOthers: the sending socket gets nothing, the sender’s other socket does', async () => {
  const [mine, other] = [client(ana.token), client(ana.token)]
  const channels = [mine, other].map((pusher) => pusher.subscribe(`private-user.${ana.id}`))
  await Promise.all(channels.map(subscribed))
  const heard = [0, 0]
  channels.forEach((channel, n) => channel.bind('message.sent', () => heard[n]++))
  const there = first('on the other socket', (f) => channels[1].bind('message.sent', f))
  await post('/api/messages', { recipient_id: tunde.id, content: 'x' }, ana.token, { 'X-Socket-ID': mine.connection.socket_id })
  await there
  await sleep(200)
  assert.deepEqual(heard, [0, 1])
})

test('one notification comes under both names', async () => {
  const lena = await register('lena')
  const channel = client(lena.token).subscribe(`private-user.${lena.id}`)
  await subscribed(channel)
  const both = Promise.all(['notification.sent', 'notification.created'].map((name) => first(name, (f) => channel.bind(name, f))))
  await post('/api/messages', { recipient_id: lena.id, content: 'welcome' }, ana.token)
  const [sent, created] = await both
  assert.equal(sent.id, created.id)
  assert.equal(typeof sent.id, 'string')
  assert.deepEqual([sent.type, sent.title, sent.message], ['message.received', 'ana', 'welcome'])
  assert.equal(created.data.title, 'ana')
})

test('message.read comes to both people once', async () => {
  const channel = client(ana.token).subscribe(`private-user.${ana.id}`)
  await subscribed(channel)
  const { body } = await post('/api/messages', { recipient_id: tunde.id, content: 'read me' }, ana.token)
  let count = 0
  const read = first('message.read', (f) => channel.bind('message.read', (data) => (count++, f(data))))
  const patch = () =>
    fetch(`${http}/api/messages/${body.data.id}/read`, { method: 'PATCH', headers: { authorization: `Bearer ${tunde.token}` } })
  assert.equal((await patch()).status, 200)
  const data = await read
  assert.deepEqual([data.message_id, data.from_user_id, data.to_user_id, data.domain_id], [body.data.id, ana.id, tunde.id, null])
  assert.equal((await patch()).status, 200)
  await sleep(200)
  assert.equal(count, 1)
})

test('a channel of somebody else, a forged spelling and an unknown channel are refused', async () => {
  for (const name of [`private-user.${tunde.id}`, `private-user.0${ana.id}`, 'private-nothing', 'private-admin']) {
    const channel = client(ana.token).subscribe(name)
    const error = await first(`error for ${name}`, (f) => channel.bind('pusher:subscription_error', f))
    assert.equal(error.status, 403, name)
  }
  const channel = client('1|wrong').subscribe(`private-user.${ana.id}`)
  const error = await first('error without a token', (f) => channel.bind('pusher:subscription_error', f))
  assert.equal(error.status, 401)
})

test('an unknown app key is refused with 4001 and pusher-js gives up', async () => {
  const pusher = new Pusher('no-such-key', options())
  open.add(pusher)
  const error = await first('an error', (f) => pusher.connection.bind('error', f))
  assert.equal(error.data?.code ?? error.error?.data?.code, 4001)
  await first('failed or disconnected', (f) => {
    if (['failed', 'disconnected'].includes(pusher.connection.state)) f()
    pusher.connection.bind('state_change', ({ current }) => ['failed', 'disconnected'].includes(current) && f())
  })
})

test('the server SDK publishes, and lists what it published to', async () => {
  const server = new PusherServer({
    appId: 'mysharpjob',
    key,
    secret: 'mysharpjob-secret',
    host: new URL(http).hostname,
    port: new URL(http).port,
    useTLS: false,
  })
  const [one, two] = [client(), client()]
  const [news, also] = [one.subscribe('news'), two.subscribe('news')]
  await Promise.all([subscribed(news), subscribed(also)])
  const heard = [news, also].map((channel) => first('breaking', (f) => channel.bind('breaking', f)))
  assert.equal((await server.trigger('news', 'breaking', { title: '₦ "quoted"' })).status, 200)
  assert.deepEqual(await Promise.all(heard), [{ title: '₦ "quoted"' }, { title: '₦ "quoted"' }])

  let excluded = 0
  news.bind('others', () => excluded++)
  const other = first('others', (f) => also.bind('others', f))
  await server.trigger('news', 'others', {}, { socket_id: one.connection.socket_id })
  await other
  assert.equal(excluded, 0)

  const batch = first('second of a batch', (f) => also.bind('second', f))
  await server.triggerBatch([
    { channel: 'news', name: 'first', data: {} },
    { channel: 'news', name: 'second', data: { n: 2 } },
  ])
  assert.deepEqual(await batch, { n: 2 })

  const channels = await (await server.get({ path: '/channels', params: { filter_by_prefix: 'ne' } })).json()
  assert.deepEqual(channels, { channels: { news: {} } })
  const info = await (await server.get({ path: '/channels/news', params: { info: 'subscription_count' } })).json()
  assert.deepEqual(info, { occupied: true, subscription_count: 2 })

  const wrong = new PusherServer({ appId: 'mysharpjob', key, secret: 'wrong', host: new URL(http).hostname, port: new URL(http).port, useTLS: false })
  await assert.rejects(wrong.trigger('news', 'x', {}), (error) => error.status === 401)
})

test('presence: members see each other come and go, one member however many windows', async () => {
  const server = new PusherServer({ appId: 'mysharpjob', key, secret: 'mysharpjob-secret', host: 'x' })
  const join = (id) => {
    const pusher = new Pusher(key, {
      ...options(),
      channelAuthorization: {
        customHandler: ({ socketId, channelName }, callback) =>
          callback(null, server.authorizeChannel(socketId, channelName, { user_id: id, user_info: { name: id } })),
      },
    })
    open.add(pusher)
    return pusher.subscribe('presence-room')
  }
  const a = join('a')
  const first_ = await subscribed(a)
  assert.equal(first_.count, 1)
  const added = first('member added', (f) => a.bind('pusher:member_added', f))
  const b = join('b')
  const roster = await subscribed(b)
  assert.deepEqual(Object.keys(roster.members).sort(), ['a', 'b'])
  assert.deepEqual((await added).info, { name: 'b' })
  const b2 = join('b')
  await subscribed(b2)
  let removed = 0
  const gone = first('member removed', (f) => a.bind('pusher:member_removed', (m) => (removed++, f(m))))
  b.pusher.disconnect()
  await sleep(200)
  assert.equal(removed, 0, 'the other window is still here')
  b2.pusher.disconnect()
  assert.equal((await gone).id, 'b')
})

test('client events reach the others of a private channel, not their sender', async () => {
  const server = new PusherServer({ appId: 'mysharpjob', key, secret: 'mysharpjob-secret', host: 'x' })
  const join = () => {
    const pusher = new Pusher(key, {
      ...options(),
      channelAuthorization: {
        customHandler: ({ socketId, channelName }, callback) => callback(null, server.authorizeChannel(socketId, channelName)),
      },
    })
    open.add(pusher)
    return pusher.subscribe('private-room')
  }
  const [one, two] = [join(), join()]
  await Promise.all([subscribed(one), subscribed(two)])
  let own = 0
  one.bind('client-wave', () => own++)
  const wave = first('wave', (f) => two.bind('client-wave', f))
  assert.ok(one.trigger('client-wave', { hand: 'left' }))
  assert.deepEqual(await wave, { hand: 'left' })
  assert.equal(own, 0)
})
