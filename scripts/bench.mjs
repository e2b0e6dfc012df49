// `npm run bench`: the benchmarks, each beside its floor of the same run. `npm run bench -- --core` leaves the window out.
import { buildInterface, prepare } from './prepare.mjs'
import { built, run, say } from './lib.mjs'

const profile = 'bench-fast'
const coreOnly = process.argv.includes('--core')
prepare({ forTests: !coreOnly })
buildInterface()
say('Building, optimised')
// In one go: each choice of packages is a choice of features, and the second would build much of the first again.
const window = coreOnly ? [] : ['-p', 'guildhall', '--bin', 'guildhall']
run('cargo', ['build', '--profile', profile, '-p', 'guildhall-testkit', '--bin', 'bench', '--bin', 'seed', ...window])
say('Core and server')
run(built('bench', profile), [])
if (!coreOnly && process.platform === 'linux') {
  say('The window')
  run('node', ['scripts/desktop.mjs', 'node', 'scripts/bench-window.mjs', built('guildhall', profile), built('seed', profile)])
}
