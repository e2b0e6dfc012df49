// Messages accepted a second, on SQLite and on PostgreSQL, by the server's program as people run it. With several programs each is
// measured in turn, so that all meet the machine in the same mood: `node scripts/bench-messages.mjs PROGRAM [PROGRAM…]`.
import { spawn } from 'node:child_process'
import { closeSync, existsSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { postgresPrograms, startPostgres } from './postgres.mjs'

const programs = process.argv.slice(2)
/** How often each program has its turn. */
const TURNS = 2
/** How many at once, and how many messages then. */
const LOADS = [
  [1, 300],
  [16, 2_000],
  [64, 2_000],
]

/** The server that is measured. */
let running = null

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 })

function post(url, body, token) {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body)
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    if (token) headers.authorization = `Bearer ${token}`
    const request = http.request(url, { method: 'POST', agent, headers }, (answer) => {
      const parts = []
      answer.on('data', (part) => parts.push(part))
      answer.on('end', () => {
        const words = Buffer.concat(parts).toString()
        if (answer.statusCode >= 300) reject(new Error(`${answer.statusCode} ${words}`))
        else resolve(JSON.parse(words))
      })
    })
    request.on('error', reject)
    request.end(text)
  })
}

/** Sends so many messages, so many at a time, between the people in turn; how many a second were accepted. */
async function sendMany(url, pairs, count, atOnce) {
  let next = 0
  let busy = 0
  const started = performance.now()
  const lane = async () => {
    while (next < count) {
      const n = next++
      const { token, to } = pairs[n % pairs.length]
      const message = { recipient_id: to, content: `Message ${n}: the doors are hung and the grain runs straight across.` }
      // Whoever is told to come again does, as every client of ours.
      for (let tries = 0; ; tries++) {
        try {
          await post(`${url}/api/messages`, message, token)
          break
        } catch (error) {
          if (!error.message.startsWith('503') || tries > 100) throw error
          busy++
          await sleep(50)
        }
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  const rate = count / ((performance.now() - started) / 1_000)
  if (busy > 0) console.log(`${busy} times the server said that it was busy`)
  return rate
}

async function measure(program, database) {
  const data = mkdtempSync(path.join(tmpdir(), 'guildhall-bench-'))
  const ready = path.join(data, 'ready')
  const args = ['serve', '--http', '127.0.0.1:0', '--realtime', '127.0.0.1:0', '--message-rate', '1000000', '--data', data, '--ready-file', ready]
  if (database) args.push('--database', database)
  const server = spawn(program, args, { stdio: 'ignore', env: { ...process.env, RUST_LOG: 'error' } })
  running = server
  const ended = new Promise((resolve) => server.once('exit', resolve))
  try {
    let url = null
    for (let tries = 0; !url; tries++) {
      if (tries > 600 || server.exitCode !== null) throw new Error(`${program} did not start`)
      await sleep(50)
      url = existsSync(ready) ? (/^http (http:.*)$/m.exec(readFileSync(ready, 'utf8'))?.[1] ?? null) : null
    }
    const people = []
    for (let n = 0; n < 8; n++) {
      const person = { name: `Person ${n}`, email: `p${n}@example.com`, password: 'a long enough password' }
      const { data: made } = await post(`${url}/api/register`, person)
      people.push({ id: made.user.id, token: made.token })
    }
    const figures = {}
    // Two people hold each other up, and those who write to others do not.
    for (const [words, chosen] of [['one pair', people.slice(0, 2)], ['four pairs', people]]) {
      const pairs = chosen.filter((_, n) => n % 2 === 0).map(({ token }, n) => ({ token, to: chosen[2 * n + 1].id }))
      await sendMany(url, pairs, 200, 8)
      for (const [atOnce, count] of LOADS) figures[`${words}, ${atOnce} at once`] = await sendMany(url, pairs, count, atOnce)
    }
    return figures
  } finally {
    server.kill()
    await ended
    rmSync(data, { recursive: true, force: true })
  }
}

/** How often this disk makes 4 KiB durable in a second. */
function syncsPerSecond() {
  const folder = mkdtempSync(path.join(tmpdir(), 'guildhall-floor-'))
  const file = openSync(path.join(folder, 'floor'), 'w')
  const [block, started] = [Buffer.alloc(4_096, 7), performance.now()]
  let count = 0
  while (performance.now() - started < 1_000) {
    writeSync(file, block)
    fdatasyncSync(file)
    count++
  }
  closeSync(file)
  rmSync(folder, { recursive: true, force: true })
  return count / ((performance.now() - started) / 1_000)
}

if (programs.length === 0) throw new Error('usage: node scripts/bench-messages.mjs PROGRAM [PROGRAM…]')
const bin = postgresPrograms()
if (!bin) console.log('PostgreSQL is not installed here: SQLite alone is measured.')
const postgres = bin && (await startPostgres(bin))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    running?.kill('SIGKILL')
    postgres?.stop()
    process.exit(1)
  })
}
try {
  for (let turn = 0; turn < TURNS; turn++) {
    for (const engine of postgres ? ['sqlite', 'postgres'] : ['sqlite']) {
      const all = []
      // Whoever comes second meets a PostgreSQL that tidies up behind the first: the order is turned round from turn to turn.
      const order = [...programs.entries()]
      if (turn % 2 === 1) order.reverse()
      for (const [n, program] of order) {
        const floor = syncsPerSecond()
        const figures = await measure(program, engine === 'postgres' ? postgres.database(`turn${turn}_${n}`) : null)
        all[n] = figures
        const line = Object.entries(figures).map(([words, rate]) => `${words} ${rate.toFixed(0)}`)
        console.log(`turn ${turn + 1}, ${engine}, ${program}: messages accepted a second: ${line.join(' · ')} (fdatasync of 4 KiB: ${floor.toFixed(0)})`)
      }
      if (all.length === 2) {
        const ratios = Object.keys(all[0]).map((words) => `${words} ${(all[1][words] / all[0][words]).toFixed(2)}`)
        console.log(`turn ${turn + 1}, ${engine}: the second beside the first: ${ratios.join(' · ')}`)
      }
    }
  }
} finally {
  postgres?.stop()
}
