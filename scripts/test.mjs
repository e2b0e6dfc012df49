// `npm test`: the whole gate, cold or warm. Each part says what it is, and the first that fails ends the run.
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { buildInterface, prepare } from './prepare.mjs'
import { built, nodeTests, root, run, say } from './lib.mjs'

const started = Date.now()
const took = []

function part(words, work) {
  say(words)
  const from = Date.now()
  work()
  took.push([words, (Date.now() - from) / 1000])
}

function tests(folder) {
  return readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.test.mjs'))
    .map((name) => path.join(folder, name))
}

prepare({ forTests: true })
part('Interface: format, lints, types, units', () => {
  for (const script of ['ui:lint', 'ui:check', 'ui:test']) run('npm', ['run', '--silent', script])
})
buildInterface()
part('Rust: format', () => run('cargo', ['fmt', '--all', '--check']))
// The whole workspace in every step: another choice of packages is another choice of features, and would build much of it again.
part('Rust: build', () => run('cargo', ['build', '--workspace', '--all-targets']))
part('Rust: lints', () => run('cargo', ['clippy', '--workspace', '--all-targets', '--', '-D', 'warnings']))
// All of them, whatever fails: one run says everything that is wrong.
part('Rust: rules, boundaries, journeys', () => run('cargo', ['test', '--workspace', '--no-fail-fast']))
part('Vectors', () => ['text', 'ledger'].forEach((what) => run(built('vectors'), [what, `tests/fixtures/${what}.json`])))
part('Public clients of the protocol', () => run('node', [...nodeTests, ...tests('tests/contract')]))
part('Interface in a browser', () => run('npm', ['run', '--silent', 'ui:e2e'], { env: { WEBHOST: built('webhost') } }))
if (process.platform === 'linux') {
  const desktop = (files, compositing) =>
    run('node', ['scripts/desktop.mjs', 'node', ...nodeTests, '--test-concurrency=1', ...files], {
      env: { WEBKIT_DISABLE_COMPOSITING_MODE: compositing ? '0' : '1' },
    })
  part('The desktop app', () => desktop(tests('tests/desktop'), false))
  // As people with a graphics processor run it: the page is put together by it, and what is drawn when differs.
  part('The desktop app, with compositing', () => desktop(tests('tests/desktop'), true))
} else {
  say('The desktop app is tested on Linux only: this system was not driven.')
}
say('All is well')
for (const [words, seconds] of took) console.log(`${seconds.toFixed(0).padStart(6)} s  ${words}`)
console.log(`${((Date.now() - started) / 1000).toFixed(0).padStart(6)} s  in all`)
