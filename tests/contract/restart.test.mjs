// A restart that nobody feels: the listeners are held open, as systemd does it, and pusher-js is back with the new server, however long
// that takes to come.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import Pusher from 'pusher-js'
import { built, root } from '../../scripts/lib.mjs'

const folder = mkdtempSync(path.join(tmpdir(), 'guildhall-restart-'))
let holder, lines, port, http

before(async () => {
  const args = [path.join(root, 'tests/contract/hold.py'), built('guildhall-server'), 'serve', '--data', path.join(folder, 'data')]
  holder = spawn('python3', args, { stdio: ['pipe', 'pipe', 'inherit'] })
  lines = createInterface({ input: holder.stdout })[Symbol.asyncIterator]()
  const [rest, realtime] = (await lines.next()).value.split(' ').map(Number)
  port = realtime
  http = `http://127.0.0.1:${rest}`
  for (let tries = 0; ; tries++) {
    assert.ok(tries < 20, 'the server answers in time')
    // The listener is there before the server: the first question simply waits.
    if (await fetch(`${http}/health`, { signal: AbortSignal.timeout(5_000) }).then((answer) => answer.ok, () => false)) break
    await sleep(100)
  }
})

after(async () => {
  holder.stdin.end()
  await new Promise((done) => holder.once('exit', done))
  rmSync(folder, { recursive: true, force: true })
})

for (const gap of [0, 0.3, 1, 3]) {
  test(`pusher-js is back after a restart of ${gap} seconds`, async () => {
    const pusher = new Pusher('mysharpjob-key', {
      wsHost: '127.0.0.1',
      wsPort: port,
      forceTLS: false,
      cluster: 'mt1',
      enabledTransports: ['ws'],
      disableStats: true,
    })
    const connected = () => new Promise((done) => pusher.connection.bind('connected', done))
    await connected()
    const began = Date.now()
    const again = connected()
    holder.stdin.write(`${gap}\n`)
    assert.equal((await lines.next()).value, 'started')
    // Without the held port it would be the 15 seconds that pusher-js gives a try, and one more.
    await Promise.race([again, sleep(gap * 1000 + 10_000).then(() => assert.fail('it is not back'))])
    console.log(`gap ${gap} s: back after ${((Date.now() - began) / 1000).toFixed(1)} s`)
    pusher.disconnect()
    assert.ok((await fetch(`${http}/health`)).ok)
  })
}
