// `npm run bench`: the benchmarks, each beside its floor of the same run. `npm run bench -- --core` leaves the window out,
// `-- --realtime` runs the realtime part alone, and `--soak` adds its 20 minutes under load.
import { benchRealtime } from './bench-realtime.mjs'
import { buildInterface, prepare } from './prepare.mjs'
import { built, run, say } from './lib.mjs'

const profile = 'bench-fast'
const realtimeOnly = process.argv.includes('--realtime')
const withWindow = !realtimeOnly && !process.argv.includes('--core')
prepare({ forTests: withWindow })
if (!realtimeOnly) buildInterface()
say('Building, optimised')
// In one go: each choice of packages is a choice of features, and the second would build much of the first again.
const packages = ['guildhall-load', 'guildhall-server', 'guildhall-testkit']
const programs = ['load', 'guildhall-server']
if (!realtimeOnly) programs.push('bench', 'bench-people', 'seed')
if (withWindow) {
  packages.push('guildhall')
  programs.push('guildhall')
}
run('cargo', [
  'build',
  '--profile',
  profile,
  ...packages.flatMap((name) => ['-p', name]),
  ...programs.flatMap((name) => ['--bin', name]),
])
if (!realtimeOnly) {
  say('Core and server')
  run(built('bench', profile), [])
  say('Messages, on both databases')
  run('node', ['scripts/bench-messages.mjs', built('guildhall-server', profile)])
  say('Finding people')
  run('node', ['scripts/bench-people.mjs', built('bench-people', profile)])
  say('Signing in while others guess')
  run('node', ['scripts/bench-sign-in.mjs', built('guildhall-server', profile)])
}
say('Realtime')
await benchRealtime({ withSoak: process.argv.includes('--soak') })
if (withWindow && process.platform === 'linux') {
  say('The window')
  run('node', ['scripts/desktop.mjs', 'node', 'scripts/bench-window.mjs', built('guildhall', profile), built('seed', profile)])
}
