// `npm run nightly`: what takes longer than `npm test` may: licences and sources of all crates, the simulations at length, and
// mutation testing. Names given as arguments choose parts: `npm run nightly -- mutants`.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { buildInterface, prepare } from './prepare.mjs'
import { built, environment, fail, has, root, run, say, targetDir } from './lib.mjs'

const chosen = process.argv.slice(2)
const tools = path.join(path.dirname(targetDir), 'tools')

/** A tool from the registry, installed beside the builds, once. */
function tool(name, version) {
  const program = path.join(tools, 'bin', process.platform === 'win32' ? `${name}.exe` : name)
  if (!existsSync(program)) {
    say(`Installing ${name} ${version}`)
    mkdirSync(tools, { recursive: true })
    run('cargo', ['install', '--locked', '--root', tools, '--version', version, name])
  }
  return program
}

/**
 * What is mutated: the rooms whose rules are everybody's, by their own tests alone. `files` narrows it to those that hold
 * arithmetic of ranges and merges, `tests` names the tests beside the crate that hold them to it.
 */
const MUTATED = [
  { crate: 'guildhall-market' },
  { crate: 'guildhall-pusher' },
  { crate: 'guildhall-cache', tests: ['known', 'history'], files: ['crates/cache/src/known/ranges.rs', 'crates/cache/src/known/messages.rs'] },
]
/** Of a hundred mutants so many may live, each of them named with its reason in `tests/mutants.md`. */
const SURVIVORS_PERCENT_MAX = 3

function lines(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
}

function mutants() {
  const program = tool('cargo-mutants', '27.1.0')
  const named = readFileSync(path.join(root, 'tests/mutants.md'), 'utf8')
  const wrong = []
  for (const { crate, tests = [], files = [] } of MUTATED) {
    const output = path.join(targetDir, 'mutants', crate)
    mkdirSync(output, { recursive: true })
    const args = ['mutants', '--package', crate, '--output', output, '--timeout', '40', '--build-timeout', '300', '--no-times', '--colors', 'never']
    for (const file of files) args.push('--file', file)
    args.push('--', '--lib', ...tests.flatMap((name) => ['--test', name]))
    // It ends with 2 when something lived and 3 when something took too long, and both are judged here.
    // Drawn cases find little here that examples do not, and each mutant pays for them.
    run(program, args, { allowed: [0, 2, 3], env: { PROPTEST_CASES: '48' } })
    const out = path.join(output, 'mutants.out')
    const [missed, caught, slow] = ['missed', 'caught', 'timeout'].map((name) => lines(path.join(out, `${name}.txt`)))
    const all = missed.length + caught.length + slow.length
    console.log(`${crate}: of ${all} mutants ${missed.length} lived`)
    if (missed.length * 100 > all * SURVIVORS_PERCENT_MAX) wrong.push(`${crate}: ${missed.length} of ${all} mutants live, at most ${SURVIVORS_PERCENT_MAX} in 100 may`)
    // Without the place, which moves with every line above.
    for (const line of missed) {
      const what = line.replace(/:\d+:\d+: /, ': ')
      if (!named.includes(`\`${what}\``)) wrong.push(`no reason is given in tests/mutants.md for: ${what}`)
    }
  }
  if (wrong.length > 0) fail(wrong.join('\n'))
}

/** Bodies made to be slow: what each costs must grow as its length does. */
const HOSTILE = ['<?', '<a@', '<!--', '<a ="', '<', '</script ="', '<b>']
/** How much more four times the text may take: four times, and what is the same for all. */
const LINEAR_RATIO_MAX = 4.2

/** Text cleaning in instructions at n and 4n, as valgrind counts them: the same on every machine, whatever else it does. */
function linear() {
  if (!has('valgrind')) fail('valgrind is missing: on Debian, apt-get install valgrind.')
  run('cargo', ['build', '--workspace', '--bin', 'vectors'])
  const file = path.join(targetDir, 'linear.json')
  const instructions = (typed, times) => {
    writeFileSync(file, JSON.stringify({ cases: [{ id: 'x', in: typed, times, reason: 'too_long' }] }))
    const counted = spawnSync('valgrind', ['--tool=callgrind', '--callgrind-out-file=/dev/null', built('vectors'), 'text', file], { encoding: 'utf8' })
    return Number(/Collected : (\d+)/.exec(counted.stderr)?.[1] ?? fail(`valgrind counted nothing: ${counted.stderr}`))
  }
  const without = instructions('a', 1)
  for (const part of HOSTILE) {
    const n = Math.floor(4096 / part.length)
    const [once, four] = [instructions(part, n) - without, instructions(part, 4 * n) - without]
    const ratio = four / once
    console.log(`${part.padEnd(12)} ${once} · ${four} instructions, ratio ${ratio.toFixed(2)}`)
    if (ratio > LINEAR_RATIO_MAX) fail(`cleaning ${part} is not linear: four times the text took ${ratio.toFixed(2)} times the work`)
  }
}

const parts = {
  linear,
  // Every story in the made-up language: each finds what the catalogues say for the English that it looks for.
  pseudo: () => {
    run('cargo', ['build', '--workspace', '--bins'])
    buildInterface()
    run('npm', ['run', '--silent', 'ui:e2e'], { env: { LANGUAGE: 'en-XA', WEBHOST: built('webhost') } })
  },
  licences: () => run(tool('cargo-deny', '0.20.2'), ['--workspace', 'check', '--hide-inclusion-graph', 'licenses', 'bans', 'sources']),
  simulation: () => run('cargo', ['test', '--workspace', '--lib', 'simulation', '--', '--nocapture'], { env: { GUILDHALL_SIMULATION_STEPS: '5000000' } }),
  mutants,
}

for (const name of chosen) if (!(name in parts)) fail(`There is no part ${name}; there are ${Object.keys(parts).join(', ')}.`)
process.env.CARGO_TARGET_DIR = environment.CARGO_TARGET_DIR
prepare({ forTests: true })
for (const [name, work] of Object.entries(parts)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  say(`Nightly: ${name}`)
  work()
}
say('All is well')
