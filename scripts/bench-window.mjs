// How long the window takes to show the inbox, and how much memory all of its processes use. Runs inside
// `scripts/desktop.mjs`; the display's frame buffer is a file that is looked at every few milliseconds, at no cost to the app.
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, openSync, readFileSync, readSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const [program, seed] = process.argv.slice(2)
const screen = process.env.GUILDHALL_FRAMEBUFFER
const file = openSync(screen, 'r')
const size = statSync(screen).size
const frame = Buffer.alloc(size)

/** Distinct colours among a sample of the screen's pixels. */
function colours() {
  readSync(file, frame, 0, size, 0)
  const seen = new Set()
  for (let at = size - 1280 * 860 * 4; at + 4 <= size; at += 4 * 61) seen.add(frame.readUInt32LE(at) & 0xffffff)
  return seen.size
}

/** The processes that descend from one, itself included. */
function tree(pid) {
  const children = new Map()
  for (const name of readdirSync('/proc').filter((n) => /^\d+$/.test(n))) {
    try {
      const parent = Number(readFileSync(`/proc/${name}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')[1])
      children.set(parent, [...(children.get(parent) ?? []), Number(name)])
    } catch {
      // It ended in between.
    }
  }
  const all = [pid]
  for (let n = 0; n < all.length; n++) all.push(...(children.get(all[n]) ?? []))
  return all
}

function pssMiB(pid) {
  let kib = 0
  for (const one of tree(pid)) {
    try {
      kib += Number(readFileSync(`/proc/${one}/smaps_rollup`, 'utf8').match(/^Pss:\s+(\d+)/m)?.[1] ?? 0)
    } catch {
      // It ended in between.
    }
  }
  return kib / 1024
}

/** Milliseconds to a window with content, and to one that shows the list; memory five seconds later. */
async function once(home, ...args) {
  const environment = { ...process.env }
  delete environment.TAURI_AUTOMATION
  delete environment.TAURI_WEBVIEW_AUTOMATION
  const before = colours()
  const from = performance.now()
  const child = spawn(program, ['--data-dir', home, ...args], { stdio: 'ignore', env: environment })
  let mapped = null
  let content = null
  while (performance.now() - from < 30_000) {
    const now = colours()
    if (mapped === null && now !== before) mapped = performance.now() - from
    // The frame alone has a handful of colours; text and avatars bring many more.
    if (now >= 40) {
      content = performance.now() - from
      break
    }
    await sleep(8)
  }
  await sleep(5_000)
  const memory = pssMiB(child.pid)
  const gone = new Promise((done) => child.once('exit', done))
  child.kill('SIGKILL')
  await gone
  await sleep(500)
  return { mapped, content, memory }
}

const sorted = (values) => [...values].sort((a, b) => a - b)
const median = (values) => sorted(values)[Math.floor(values.length / 2)]
// Neighbours on the machine only ever add: the fastest start is the nearest to what the program itself takes.
const fastest = (values) => sorted(values)[0]
const line = (id, value, unit, floor, what) =>
  console.log(`${id.padEnd(44)} ${value.toFixed(1).padStart(10)} ${unit.padEnd(8)} floor ${floor.toFixed(1).padStart(10)} (${what})  ratio ${(value / floor).toFixed(2)}`)

const homes = mkdtempSync(path.join(tmpdir(), 'guildhall-homes-'))
const home = path.join(homes, 'local')
const runs = { inbox: [], empty: [], few: [], many: [] }
// The first start makes the demo market and its account; those that count find it there.
await once(home, '--local')
// The same account with history besides: as many conversations in both, so that the same is painted.
const kept = { few: 1_000, many: 100_000 }
for (const [name, messages] of Object.entries(kept)) {
  cpSync(home, path.join(homes, name), { recursive: true })
  execFileSync(seed, ['--data-dir', path.join(homes, name), '--messages', String(messages)], { stdio: 'inherit' })
}
for (let n = 0; n < 7; n++) {
  const turns = [
    ['few', path.join(homes, 'few')],
    ['many', path.join(homes, 'many')],
    ['empty', path.join(homes, `empty-${n}`)],
    ['inbox', home],
  ]
  // In turn backwards: what is always started after the same neighbour is measured together with it.
  for (const [name, folder] of n % 2 ? turns.reverse() : turns) runs[name].push(await once(folder))
}
const of = (which, what, take) => take(runs[which].map((run) => run[what] ?? NaN))
for (const [words, take] of [['fastest', fastest], ['median', median]]) {
  const painted = (which) => of(which, 'content', take)
  line(`spawn to painted inbox, local mode, ${words}`, painted('inbox'), 'ms', painted('empty'), 'spawn to painted sign-in of the same program, ms')
  line(`the same with 100,000 messages kept, ${words}`, painted('many'), 'ms', painted('few'), 'with 1,000 kept, ms')
}
line('memory of all processes, local mode', of('inbox', 'memory', median), 'MiB', of('empty', 'memory', median), 'the same at the sign-in, without a server, MiB')
rmSync(homes, { recursive: true, force: true, maxRetries: 5 })
process.exit(0)
