// `npm run check`: the fast subset of the tests: format, lints, types, rules and boundaries. No window, no browser.
import { prepare } from './prepare.mjs'
import { run, say } from './lib.mjs'

prepare()
say('Format')
run('cargo', ['fmt', '--all', '--check'])
say('Lints')
run('cargo', ['clippy', '--workspace', '--exclude', 'guildhall', '--all-targets', '--', '-D', 'warnings'])
say('Rules')
run('cargo', ['test', '-q', '-p', 'guildhall-market', '-p', 'guildhall-pusher', '-p', 'guildhall-contract', '-p', 'guildhall-tests', '--lib', '--test', 'tidy'])
say('Interface')
for (const script of ['ui:lint', 'ui:check', 'ui:test']) run('npm', ['run', '--silent', script])
console.log('\nAll is well.')
