// The realtime part of the benchmarks: drives the server with the load generator (tests/load), each figure beside the floor
// of the same run, and beside another Pusher server when one is named. docs/performance.md says how.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { built, environment, fail, freePort, root } from './lib.mjs'

/** What is run; `args` are the generator's, `figures` what is printed of it, `floor` the sockets of the floor beside it. */
const scenarios = [
  ...[100, 1_000, 5_000].map((n) => ({
    id: `to ${n}, flat out`,
    args: ['fanout', '--subscribers', n, '--seconds', 5],
    figures: ['deliveries_per_s', 'cpu_s_per_million', 'p99_ms', 'peak_rss_mb'],
    floor: n,
  })),
  ...[[100, 100], [1_000, 10], [5_000, 2]].map(([n, rate]) => ({
    id: `to ${n}, ${rate} events/s`,
    args: ['fanout', '--subscribers', n, '--rate', rate, '--seconds', 5],
    figures: ['cpu_s_per_million', 'p50_ms', 'p99_ms'],
    floor: n,
  })),
  {
    // Events large enough to fill what the system keeps for a socket that is not read.
    id: 'to 200 of 4 KiB, 20 stalled',
    args: ['fanout', '--subscribers', 200, '--stalled', 20, '--seconds', 4, '--payload-bytes', 4_096],
    figures: ['deliveries_per_s', 'p99_ms'],
  },
  { id: 'idle, 10000', args: ['idle'], figures: ['connects_per_s', 'handshake_p99_ms', 'rss_bytes_each'] },
  { id: 'idle, 10000 subscribed', args: ['idle', '--subscribed'], figures: ['rss_bytes_each'] },
  { id: 'publish', args: ['publish'], figures: ['publishes_per_s', 'cpu_s_per_million'] },
  {
    id: 'client events, 100 pairs',
    args: ['client-events'],
    figures: ['deliveries_per_s', 'cpu_s_per_million', 'p99_ms'],
    floor: 100,
  },
  { id: 'presence, 1000 join', args: ['presence'], figures: ['joined_s', 'left_s', 'cpu_s_per_million'] },
  {
    id: 'presence, 200 of 5 sockets',
    args: ['presence', '--members', 200, '--sockets-per-user', 5],
    figures: ['joined_s'],
  },
  { id: 'presence churn', args: ['presence-churn', '--seconds', 5], figures: ['settled_s', 'cpu_s_per_million'] },
]

const soak = {
  id: 'soak, 20 minutes',
  args: ['soak'],
  figures: ['deliveries_per_s', 'cpu_s_per_million', 'p99_ms', 'rss_mb_first', 'rss_mb_last', 'rss_mb_per_hour', 'descriptors_first', 'descriptors_last'],
}

const units = {
  deliveries_per_s: ['deliveries', '/s'],
  publishes_per_s: ['publishes', '/s'],
  connects_per_s: ['connects', '/s'],
  cpu_s_per_million: ['CPU', 's/M'],
  p50_ms: ['p50', 'ms'],
  p99_ms: ['p99', 'ms'],
  handshake_p99_ms: ['handshake p99', 'ms'],
  peak_rss_mb: ['peak', 'MB'],
  rss_bytes_each: ['memory each', 'bytes'],
  joined_s: ['all rosters', 's'],
  left_s: ['half gone', 's'],
  settled_s: ['settled', 's'],
  rss_mb_first: ['memory, first', 'MB'],
  rss_mb_last: ['memory, last', 'MB'],
  rss_mb_per_hour: ['memory, slope', 'MB/h'],
  descriptors_first: ['descriptors, first', ''],
  descriptors_last: ['descriptors, last', ''],
}

/**
 * What the floor says to a figure: the price of a bare write, and how many one processor makes of them. Not how many were
 * made: the neighbours decide how much of a processor the writer gets, and a starved floor flatters.
 */
const floors = {
  deliveries_per_s: (floor) => [floor.writes_per_cpu_s, 'bare writes of one core, /s'],
  cpu_s_per_million: (floor) => [floor.cpu_s_per_million, 'bare writes, s/M'],
}

/** Figures that hold our half minute of grace, which a peer need not have: beside its figure a ratio would say nothing. */
const withGrace = new Set(['left_s', 'settled_s'])

function load(args) {
  const result = spawnSync(built('load', 'bench-fast'), ['--json', ...args.map(String)], {
    cwd: root,
    env: environment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // 2: it was measured, and something was lost, doubled or wrong.
  if (result.status !== 0 && result.status !== 2) return null
  return { ...JSON.parse(result.stdout), right: result.status === 0 }
}

/** Another server to be put beside ours: `URL APP_ID KEY SECRET COMMAND…`, in one variable. */
function peerFromEnvironment() {
  const given = process.env.REALTIME_PEER
  if (!given) return null
  const [url, id, key, secret, ...command] = given.trim().split(/\s+/)
  if (!url?.startsWith('ws://') || command.length === 0) {
    fail('REALTIME_PEER holds: ws://HOST:PORT APP_ID KEY SECRET COMMAND…')
  }
  return ['--url', url, '--app-id', id, '--key', key, '--secret', secret, '--spawn', command.join(' ')]
}

function wrongs(found) {
  const kinds = ['lost', 'doubled', 'out_of_order', 'closed', 'refused', 'unseen_gaps', 'wrong_rosters', 'wrong_rosters_joined', 'wrong_rosters_left', 'broken_snapshots']
  return kinds.filter((kind) => found[kind] > 0).map((kind) => `${kind.replaceAll('_', ' ')} ${found[kind]}`).join(', ')
}

function text(value) {
  return value.toFixed(Math.abs(value) < 100 ? 2 : 0).padStart(9)
}

function ratio(value, other) {
  return `ratio ${(value / other).toPrecision(2)}`
}

/** What stands behind a figure when a peer was measured too. No ratio to one that did not get it right: it did less. */
function besidePeer(figure, value, theirs) {
  if (!(theirs?.[figure] > 0)) return ''
  const words = theirs.right ? (withGrace.has(figure) ? 'no such grace' : ratio(value, theirs[figure])) : 'not right'
  return `  peer ${text(theirs[figure])}  ${words}`
}

function lines(id, figures, ours, floor, theirs) {
  for (const figure of figures) {
    const value = ours[figure]
    if (value === undefined) continue
    const [words, unit] = units[figure]
    let line = `${`${id}: ${words}`.padEnd(44)} ${text(value)} ${unit.padEnd(6)}`
    const [below, what] = (floor && floors[figure]?.(floor)) ?? []
    if (below) line += ` floor ${text(below)} (${what})  ${ratio(value, below)}`
    console.log(line + besidePeer(figure, value, theirs))
  }
  if (!ours.right) console.log(`${id}: WRONG: ${wrongs(ours)}`)
  if (theirs && theirs.right === undefined) console.log(`${id}: the peer could not be measured.`)
  else if (theirs && !theirs.right) console.log(`${id}: the peer: ${wrongs(theirs)}`)
}

/** Runs it all; ends the script when the server loses, doubles or reorders something, or a roster is wrong. */
export async function benchRealtime({ withSoak = false } = {}) {
  if (process.platform === 'win32') {
    console.log('The realtime part needs a Unix system: this one was not measured.')
    return
  }
  const data = mkdtempSync(path.join(tmpdir(), 'guildhall-bench-'))
  const port = await freePort()
  // Said in full, so that a .env in this folder changes nothing.
  const app = ['PUSHER_APP_ID=bench', 'PUSHER_APP_KEY=bench-key', 'PUSHER_APP_SECRET=bench-secret', 'RUST_LOG=error']
  const program = built('guildhall-server', 'bench-fast')
  // Flat out, client events would meet the ten a second that a socket may send.
  const options = `--http 127.0.0.1:0 --realtime 127.0.0.1:${port} --data '${data}' --max-client-events 1000000`
  const server = `env ${app.join(' ')} '${program}' serve ${options}`
  const us = ['--url', `ws://127.0.0.1:${port}`, '--app-id', 'bench', '--key', 'bench-key', '--secret', 'bench-secret', '--spawn', server]
  const peer = peerFromEnvironment()
  const beside = new Map()
  let right = true
  try {
    for (const { id, args, figures, floor } of withSoak ? [...scenarios, soak] : scenarios) {
      if (floor && !beside.has(floor)) beside.set(floor, load(['floor', '--sockets', floor, '--seconds', 2]))
      const ours = load([...us, ...args])
      if (!ours) fail(`${id} could not be measured.`)
      // One after the other, so that both meet the machine in the same mood.
      const theirs = peer && (load([...peer, ...args]) ?? {})
      lines(id, figures, ours, beside.get(floor), theirs)
      right &&= ours.right
    }
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
  if (!right) fail('The server did not keep what the protocol promises: see the lines marked WRONG.')
}
