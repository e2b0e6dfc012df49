// What a team brings along that moves over: a path before the address, and SDKs that take digits for an app's id.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import Echo from 'laravel-echo'
import Pusher from 'pusher-js'
import { pythonWith } from '../../scripts/python.mjs'
import { startServer } from './server.mjs'

const key = 'mysharpjob-key'
let server, ana

before(async () => {
  server = await startServer({ args: ['--path-prefix', '/realtime'] })
  const body = JSON.stringify({ name: 'ana', email: 'ana@example.com', password: 'a long enough password' })
  const answer = await fetch(`${server.http}/api/register`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  assert.equal(answer.status, 201)
  ana = (await answer.json()).data
})

after(() => server.stop())

async function within(seconds, what, promise) {
  return Promise.race([promise, sleep(seconds * 1000).then(() => assert.fail(`never came: ${what}`))])
}

test('Echo with a wsPath signs in, listens and hears what is sent', async () => {
  const echo = new Echo({
    broadcaster: 'reverb',
    Pusher,
    key,
    wsHost: server.realtime.hostname,
    wsPort: Number(server.realtime.port),
    wsPath: '/realtime',
    forceTLS: false,
    enabledTransports: ['ws'],
    authEndpoint: `${server.http}/broadcasting/auth`,
    auth: { headers: { Authorization: `Bearer ${ana.token}`, Accept: 'application/json' } },
  })
  const channel = echo.private(`user.${ana.user.id}`)
  const heard = new Promise((done) => channel.listen('.from-python', done))
  await within(10, 'the subscription', new Promise((done) => channel.subscribed(done)))
  assert.equal(echo.connector.pusher.config.wsPath, '/realtime')

  // The Python SDK takes digits only, and the app has a name: the server prints the number that stands for it.
  const [, number] = server.said().match(/^app mysharpjob (\d+) mysharpjob-key$/m)
  const script = `
import json, sys, pusher
host, port, number, channel = sys.argv[1:]
def client(app_id):
    return pusher.Pusher(app_id=app_id, key="mysharpjob-key", secret="mysharpjob-secret", host=host, port=int(port), ssl=False)
try:
    client("mysharpjob")
    by_name = "taken"
except ValueError:
    by_name = "refused"
numbered = client(number)
numbered.trigger(channel, "from-python", {"naira": "\u20a6"})
print(json.dumps([by_name, numbered.channel_info(channel, ["subscription_count"])]))
`
  const python = pythonWith('pusher==3.3.4')
  const where = [server.realtime.hostname, server.realtime.port, number, `private-user.${ana.user.id}`]
  const [byName, info] = JSON.parse(execFileSync(python, ['-c', script, ...where], { encoding: 'utf8' }))
  assert.equal(byName, 'refused', 'without the number there is no way in')
  assert.deepEqual([info.occupied, info.subscription_count], [true, 1])
  assert.deepEqual(await within(10, 'the event', heard), { naira: '₦' })
  echo.disconnect()
})
