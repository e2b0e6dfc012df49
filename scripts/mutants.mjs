// Mutation testing, in parts small enough to be stopped anywhere: what was tried is written down, and the next run goes on behind it.
//
// A copy of the sources is changed in place, with a build of its own that is kept: each mutant costs one crate built anew without debug
// information and its tests, and a run that is killed leaves nothing changed but that copy, which the next one puts right.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ask, environment, fail, root, targetDir } from './lib.mjs'

/**
 * What is mutated: the rooms whose rules are everybody's, by their own tests alone. `files` narrows it to those that hold
 * arithmetic of ranges and merges, `tests` names the tests beside the crate that hold them to it, `reads` the crates that it is made of.
 */
const MUTATED = [
  { crate: 'market', reads: [] },
  { crate: 'pusher', reads: [] },
  {
    crate: 'cache',
    tests: ['known', 'history'],
    files: ['crates/cache/src/known/ranges.rs', 'crates/cache/src/known/messages.rs'],
    reads: ['market', 'contract'],
  },
]
/** Of a hundred mutants so many may live, each of them named with its reason in `tests/mutants.md`. */
const SURVIVORS_PERCENT_MAX = 3
/** Mutants in one part: what is lost at most when it is stopped. */
const PART = 12
/** How long a mutant may run before it counts as caught: the tests of the slowest crate take a tenth of it. */
const TEST_SECONDS_MAX = 20
/** How long one night takes, unless all is asked for; the next one goes on with what was tried longest ago. */
const NIGHT_MINUTES = 60

const folder = path.join(targetDir, 'mutants')
const tree = path.join(folder, 'tree')
const results = path.join(folder, 'results')
const built = {
  ...environment,
  CARGO_TARGET_DIR: path.join(folder, 'target'),
  // Nobody reads a backtrace of a mutant.
  CARGO_PROFILE_DEV_DEBUG: '0',
  CARGO_PROFILE_TEST_DEBUG: '0',
  // Drawn cases find little here that examples do not, and each mutant pays for them; that one fails is enough.
  PROPTEST_CASES: '32',
  PROPTEST_MAX_SHRINK_ITERS: '0',
}

/** What cargo needs to see of the sources. */
const COPIED = /^(Cargo\.(toml|lock)|rust-toolchain\.toml|crates\/.*|src-tauri\/.*|tests\/.*\.(rs|toml|json|txt))$/

function filesBelow(from, into = '') {
  return readdirSync(path.join(from, into), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(into, entry.name)
    return entry.isDirectory() ? filesBelow(from, name) : [name]
  })
}

/** Makes the copy what the sources are; what is alike is not touched, so that nothing is built anew for it. */
function copySources() {
  const listed = ask('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard']) ?? fail('git cannot list the sources.')
  const names = new Set(listed.split('\0').filter((name) => COPIED.test(name) && existsSync(path.join(root, name))))
  mkdirSync(tree, { recursive: true })
  for (const name of filesBelow(tree)) if (!names.has(name)) rmSync(path.join(tree, name))
  for (const name of names) {
    const [from, to] = [path.join(root, name), path.join(tree, name)]
    if (existsSync(to) && readFileSync(to).equals(readFileSync(from))) continue
    mkdirSync(path.dirname(to), { recursive: true })
    copyFileSync(from, to)
  }
}

/** What a result is true for: everything that a crate and its tests are made of. */
function stateOf({ crate, reads }, args) {
  const hash = createHash('sha256').update(JSON.stringify([args, PART, TEST_SECONDS_MAX]))
  const of = [crate, ...reads].map((name) => `crates/${name}/`)
  for (const name of filesBelow(tree).sort()) {
    if (name !== 'Cargo.lock' && !of.some((start) => name.startsWith(start))) continue
    hash.update(`${name}\0`).update(readFileSync(path.join(tree, name)))
  }
  return hash.digest('hex')
}

let child = null
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
  // The tool puts its file right and ends; the parts that were done stay done.
  process.on(signal, () => {
    if (!child) process.exit(code)
    child.once('exit', () => process.exit(code))
    child.kill('SIGINT')
  })
}

function mutate(program, args) {
  return new Promise((resolve) => {
    child = spawn(program, args, { cwd: tree, env: built, stdio: ['ignore', 'inherit', 'inherit'] })
    writeFileSync(path.join(folder, 'running'), String(child.pid))
    child.once('error', (error) => fail(`${program} cannot be started: ${error.message}`))
    child.once('exit', (status) => {
      child = null
      rmSync(path.join(folder, 'running'), { force: true })
      resolve(status)
    })
  })
}

/** Two runs at once would change each other's copy. */
function refuseASecond() {
  const running = path.join(folder, 'running')
  if (!existsSync(running)) return
  const pid = Number(readFileSync(running, 'utf8'))
  try {
    if (pid > 0) process.kill(pid, 0)
  } catch {
    return
  }
  fail(`Mutants are being tried already, by process ${pid}. If it is none of these, remove ${running}.`)
}

function lines(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
}

/** All parts of all crates, each with what is known of it. */
function partsOf(program) {
  return MUTATED.flatMap((mutated) => {
    const { crate, tests = [], files = [] } = mutated
    const what = ['--package', `guildhall-${crate}`, ...files.flatMap((file) => ['--file', file])]
    const tested = ['--', '--lib', ...tests.flatMap((name) => ['--test', name])]
    const listed = ask(program, ['mutants', '--dir', tree, '--list', ...what]) ?? fail(`The mutants of ${crate} cannot be listed.`)
    const count = Math.ceil(listed.split('\n').filter(Boolean).length / PART)
    const state = stateOf(mutated, [what, tested])
    return Array.from({ length: count }, (_, index) => {
      const file = path.join(results, `${crate}-${index}-of-${count}.json`)
      const known = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { at: 0 }
      return { crate, index, count, what, tested, state, file, known }
    })
  })
}

/** Tries what was not tried as it is now, `all` or for as long as a night, and judges what is known. */
export async function mutants(program, { all }) {
  mkdirSync(results, { recursive: true })
  refuseASecond()
  copySources()
  const parts = partsOf(program)
  const waiting = parts.filter((part) => part.known.state !== part.state).sort((a, b) => a.known.at - b.known.at)
  const [began, sound] = [Date.now(), new Set()]
  for (const part of waiting) {
    if (!all && Date.now() - began > NIGHT_MINUTES * 60_000) break
    const { crate, index, count, what, tested } = part
    const out = path.join(folder, 'out')
    rmSync(out, { recursive: true, force: true })
    mkdirSync(out)
    console.log(`${crate}: part ${index + 1} of ${count}`)
    const started = Date.now()
    const status = await mutate(program, [
      ...['mutants', '--in-place', ...what, '--shard', `${index}/${count}`, '--output', out, '--no-times', '--colors', 'never'],
      ...['--timeout', String(TEST_SECONDS_MAX), '--build-timeout', '900', '--baseline', sound.has(crate) ? 'skip' : 'run', ...tested],
    ])
    // It ends with 2 when something lived and 3 when something took too long, and both are judged below.
    if (![0, 2, 3].includes(status)) fail(`cargo mutants failed (${status}) in part ${index + 1} of ${crate}.`)
    sound.add(crate)
    const [missed, caught, slow] = ['missed', 'caught', 'timeout'].map((name) => lines(path.join(out, 'mutants.out', `${name}.txt`)))
    part.known = { state: part.state, at: Date.now(), seconds: (Date.now() - started) / 1000, missed, caught, slow }
    writeFileSync(part.file, JSON.stringify(part.known))
  }
  judge(parts)
}

function judge(parts) {
  const named = readFileSync(path.join(root, 'tests/mutants.md'), 'utf8')
  const wrong = []
  for (const { crate } of MUTATED) {
    const of = parts.filter((part) => part.crate === crate)
    const known = of.filter((part) => part.known.state === part.state).map((part) => part.known)
    const missed = known.flatMap((part) => part.missed)
    const all = missed.length + known.reduce((sum, part) => sum + part.caught.length + part.slow.length, 0)
    const minutes = known.reduce((sum, part) => sum + part.seconds, 0) / 60
    const rest = of.length > known.length ? `; ${of.length - known.length} of ${of.length} parts wait for the next night` : ''
    console.log(`${crate}: of ${all} mutants ${missed.length} lived, in ${minutes.toFixed(1)} minutes${rest}`)
    if (missed.length * 100 > all * SURVIVORS_PERCENT_MAX) wrong.push(`${crate}: ${missed.length} of ${all} mutants live, at most ${SURVIVORS_PERCENT_MAX} in 100 may`)
    // Without the place, which moves with every line above.
    for (const line of missed) {
      const mutant = line.replace(/:\d+:\d+: /, ': ')
      if (!named.includes(`\`${mutant}\``)) wrong.push(`no reason is given in tests/mutants.md for: ${mutant}`)
    }
  }
  if (wrong.length > 0) fail(wrong.join('\n'))
}
