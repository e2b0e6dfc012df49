// A server of one's own for a test: on free ports, in a folder that goes with it.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { built } from '../../scripts/lib.mjs'

/** Starts one. `stderr` is passed on to the child; `said` is what it printed; `stop` ends it as an operator would and answers with its
 * code. */
export async function startServer({ args = [], stderr = 'inherit' } = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'guildhall-server-'))
  const ready = path.join(folder, 'ready')
  const all = ['serve', '--http', '127.0.0.1:0', '--realtime', '127.0.0.1:0', '--data', path.join(folder, 'data'), '--ready-file', ready]
  const child = spawn(built('guildhall-server'), [...all, ...args], { stdio: ['ignore', 'pipe', stderr] })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (said += text))
  const ended = new Promise((done) => child.once('exit', (code) => done(code)))
  for (let tries = 0; !existsSync(ready); tries++) {
    assert.ok(tries < 300, 'the server is ready in time')
    await sleep(100)
  }
  const lines = readFileSync(ready, 'utf8')
  return {
    child,
    said: () => said,
    http: lines.match(/^http (.*)$/m)[1],
    realtime: new URL(lines.match(/^realtime (.*)$/m)[1]),
    async stop() {
      child.kill('SIGTERM')
      const code = await ended
      rmSync(folder, { recursive: true, force: true })
      return code
    },
  }
}
