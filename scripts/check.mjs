// `npm run check`: the fast subset of the tests: format, lints, types, rules and boundaries. No window, no browser.
import { prepare } from './prepare.mjs'
import { run, say } from './lib.mjs'

prepare()
say('Format')
run('cargo', ['fmt', '--all', '--check'])
say('Lints')
run('cargo', ['clippy', '--workspace', '--all-targets', '--', '-D', 'warnings'])
say('Rules')
// The same choice of features as `npm test`, so that either finds what the other built.
// The simulation takes a quarter of its time here: `npm test` and the nights take the rest.
run('cargo', ['test', '-q', '--workspace', '--lib', '--test', 'tidy'], { env: { GUILDHALL_SIMULATION_STEPS: '80000' } })
say('Interface')
for (const script of ['ui:lint', 'ui:check', 'ui:rules']) run('npm', ['run', '--silent', script])
console.log('\nAll is well.')
