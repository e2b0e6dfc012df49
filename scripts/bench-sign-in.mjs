// How long an honest sign-in takes while others guess: `node scripts/bench-sign-in.mjs PROGRAM [GUESSES]`. The guesses come from
// other addresses of this machine, 300 of them under way at any moment; the quiet figure is of the same run.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const [program, guesses = '300'] = process.argv.slice(2)
if (!program) throw new Error('usage: node scripts/bench-sign-in.mjs PROGRAM [GUESSES]')
/** Honest sign-ins of each stretch. Fewer than an account's budget refills would measure the budget. */
const SIGN_INS = 60
/** Addresses that guess. */
const GUESSERS = 8
const PASSWORD = 'a long enough password'

/** Answers with the status and how long it took, milliseconds. */
function post(url, body, { from, token } = {}) {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body)
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), connection: 'close' }
    if (token) headers.authorization = `Bearer ${token}`
    const begun = performance.now()
    const request = http.request(url, { method: 'POST', headers, localAddress: from }, (answer) => {
      const parts = []
      answer.on('data', (part) => parts.push(part))
      answer.on('end', () =>
        resolve({ status: answer.statusCode, ms: performance.now() - begun, text: Buffer.concat(parts).toString() }),
      )
      answer.on('error', reject)
    })
    request.on('error', reject)
    request.end(text)
  })
}

const quantile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
function told(name, times) {
  const sorted = times.toSorted((one, other) => one - other)
  const [p50, p99] = [quantile(sorted, 0.5), quantile(sorted, 0.99)]
  console.log(`${name.padEnd(30)} p50 ${p50.toFixed(1).padStart(7)} ms   p99 ${p99.toFixed(1).padStart(7)} ms`)
  return { p50, p99 }
}

const data = mkdtempSync(path.join(tmpdir(), 'guildhall-sign-in-'))
const ready = path.join(data, 'ready')
const args = ['serve', '--http', '127.0.0.1:0', '--realtime', '127.0.0.1:0', '--data', data, '--ready-file', ready]
const server = spawn(program, args, { stdio: 'ignore', env: { ...process.env, RUST_LOG: 'error' } })
try {
  for (let tries = 0; !existsSync(ready); tries++) {
    if (tries > 200) throw new Error('the server does not start')
    await sleep(50)
  }
  const url = /^http (http:.*)$/m.exec(readFileSync(ready, 'utf8'))[1]
  // Each signs in once: an account's own budget is not what is measured.
  const honest = Array.from({ length: 2 * SIGN_INS }, (_, n) => `honest-${n}@example.com`)
  for (const email of honest) {
    const made = await post(`${url}/api/register`, { name: 'Honest', email, password: PASSWORD })
    if (made.status !== 201) throw new Error(`${made.status} ${made.text}`)
  }
  const signIn = async (email) => {
    const answer = await post(`${url}/api/login`, { email, password: PASSWORD, device_name: 'bench' })
    if (answer.status !== 200) throw new Error(`${email}: ${answer.status} ${answer.text}`)
    return answer.ms
  }
  const quiet = []
  for (const email of honest.slice(0, SIGN_INS)) quiet.push(await signIn(email))

  let guessing = true
  const statuses = new Map()
  const guess = async (n) => {
    const from = `127.0.0.${2 + (n % GUESSERS)}`
    for (let k = 0; guessing; k++) {
      const body = { email: honest[(n + k) % honest.length], password: `guess number ${n} ${k}`, device_name: 'guesser' }
      const { status } = await post(`${url}/api/login`, body, { from }).catch(() => ({ status: 0 }))
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      if (status !== 422 && status !== 401) await sleep(20)
    }
  }
  const guessers = Array.from({ length: Number(guesses) }, (_, n) => guess(n))
  await sleep(500)
  const attacked = []
  for (const email of honest.slice(SIGN_INS)) attacked.push(await signIn(email))
  guessing = false
  await Promise.all(guessers)
  const before = told('nobody guesses', quiet)
  const during = told(`${guesses} guesses under way`, attacked)
  console.log(`times as long: p50 ${(during.p50 / before.p50).toFixed(2)}, p99 ${(during.p99 / before.p99).toFixed(2)}`)
  const answers = [...statuses].map(([status, count]) => `${count} × ${status}`)
  console.log(`what the guesses were told: ${answers.join(', ')}`)
} finally {
  server.kill()
  rmSync(data, { recursive: true, force: true })
}
