// `npm run nightly`: what takes longer than `npm test` may: licences and sources of all crates, the simulations at length, processes
// killed hundreds of times, and mutation testing. Names given as arguments choose parts: `npm run nightly -- mutants`. Of the
// mutants one night takes an hour, and the next one goes on there; `-- mutants --all` tries all of them. It may be stopped at any time.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { mutants } from './mutants.mjs'
import { buildInterface, prepare } from './prepare.mjs'
import { built, environment, fail, has, nodeTests, run, say, targetDir } from './lib.mjs'

const all = process.argv.includes('--all')
const chosen = process.argv.slice(2).filter((name) => name !== '--all')
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
    run('npm', ['run', '--silent', 'ui:e2e'], { env: { LANGUAGE: 'en-XA', WEBHOST: built('webhost') } })
  },
  licences: () => run(tool('cargo-deny', '0.20.2'), ['--workspace', 'check', '--hide-inclusion-graph', 'licenses', 'bans', 'sources']),
  simulation: () => {
    run('cargo', ['test', '--workspace', '--lib', 'simulation', '--', '--nocapture'], { env: { GUILDHALL_SIMULATION_STEPS: '5000000' } })
    // Random histories of money: the books hold whatever happens.
    run('cargo', ['test', '--workspace', '--test', 'money'], { env: { PROPTEST_CASES: '10000' } })
    // And the same as two databases keep them.
    run('cargo', ['test', '--workspace', '--test', 'books'], { env: { GUILDHALL_HISTORIES: '300' } })
  },
  kills: () => {
    run('cargo', ['build', '--workspace', '--bins'])
    run('cargo', ['test', '--workspace', '--test', 'journeys', 'kills'], { env: { GUILDHALL_KILLS: '500' } })
    if (process.platform !== 'linux') return
    run('node', ['scripts/desktop.mjs', 'node', ...nodeTests, 'tests/desktop/kills.test.mjs'], { env: { GUILDHALL_KILLS: '200' } })
  },
  opening: () => {
    run('cargo', ['build', '--workspace', '--bins'])
    run('npm', ['run', '--silent', 'ui:e2e', '--', 'opening'], { env: { OPENING_ROUNDS: '20', WEBHOST: built('webhost') } })
  },
  soak: () => run('node', ['scripts/bench.mjs', '--realtime', '--soak']),
  mutants: () => mutants(tool('cargo-mutants', '27.1.0'), { all }),
}

for (const name of chosen) if (!(name in parts)) fail(`There is no part ${name}; there are ${Object.keys(parts).join(', ')}.`)
process.env.CARGO_TARGET_DIR = environment.CARGO_TARGET_DIR
prepare({ forTests: true })
// The app is made with it: no part builds anything before it is there.
buildInterface()
const took = []
for (const [name, work] of Object.entries(parts)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue
  say(`Nightly: ${name}`)
  const began = Date.now()
  await work()
  took.push([name, (Date.now() - began) / 1000])
}
say('All is well')
for (const [name, seconds] of took) console.log(`${seconds.toFixed(0).padStart(6)} s  ${name}`)
