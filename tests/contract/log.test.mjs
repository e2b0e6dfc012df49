// A log whose reader is gone takes nobody along: requests are answered, and the end is a good one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startServer } from './server.mjs'

test('a server whose log cannot be written answers and stops well', async () => {
  const server = await startServer({ args: ['--debug'], stderr: 'pipe' })
  server.child.stderr.destroy()
  for (let n = 0; n < 3; n++) {
    assert.equal((await fetch(`${server.http}/health`)).status, 200)
    const body = JSON.stringify({ name: 'A', email: `a${n}@example.com`, password: 'a long enough password' })
    const answer = await fetch(`${server.http}/api/register`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    assert.equal(answer.status, 201)
  }
  assert.equal(await server.stop(), 0)
})
