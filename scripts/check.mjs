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
run('cargo', ['test', '-q', '--workspace', '--lib', '--test', 'tidy'])
say('Interface')
for (const script of ['ui:lint', 'ui:check', 'ui:rules']) run('npm', ['run', '--silent', script])
console.log('\nAll is well.')
