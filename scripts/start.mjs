// `npm start`: sets everything up and opens the app in local mode. Further arguments go to the app:
// `npm start -- --server https://hall.example`.
import { buildInterface, prepare } from './prepare.mjs'
import { become, built, fail, run, say } from './lib.mjs'

const given = process.argv.slice(2)
const serverOnly = given[0] === '--server-only'

if (!serverOnly && process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
  fail(
    'There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can be opened.\n' +
      'On a machine without one, `npm run server` starts the server with its demo market, and prints how to sign in.',
  )
}
prepare()
if (serverOnly) {
  say('Building the server')
  run('cargo', ['build', '-p', 'guildhall-server'])
  const args = given.length > 1 ? given.slice(1) : ['--data', 'guildhall-data', '--demo']
  become(built('guildhall-server'), ['serve', ...args])
} else {
  buildInterface()
  say('Building the app (the first time this takes several minutes)')
  run('cargo', ['build', '-p', 'guildhall'])
  say('Opening Guildhall')
  become(built('guildhall'), given.length > 0 ? given : ['--local'])
}
