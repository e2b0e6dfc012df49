// A log whose reader is gone takes nobody along: requests are answered, and the end is a good one.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { built } from '../../scripts/lib.mjs'

test('a server whose log cannot be written answers and stops well', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'guildhall-log-'))
  const ready = path.join(folder, 'ready')
  const args = ['serve', '--debug', '--http', '127.0.0.1:0', '--realtime', '127.0.0.1:0', '--data', path.join(folder, 'data'), '--ready-file', ready]
  const child = spawn(built('guildhall-server'), args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise((done) => child.once('exit', (code) => done(code)))
  try {
    for (let tries = 0; !existsSync(ready); tries++) {
      assert.ok(tries < 300, 'the server is ready in time')
      await sleep(100)
    }
    const http = readFileSync(ready, 'utf8').match(/^http (.*)$/m)[1]
    child.stderr.destroy()
    for (let n = 0; n < 3; n++) {
      assert.equal((await fetch(`${http}/health`)).status, 200)
      const body = JSON.stringify({ name: 'A', email: `a${n}@example.com`, password: 'a long enough password' })
      const answer = await fetch(`${http}/api/register`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      assert.equal(answer.status, 201)
    }
    child.kill('SIGTERM')
    assert.equal(await ended, 0)
  } finally {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
})
