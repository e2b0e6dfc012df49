// Runs a command inside a desktop of its own: a display in memory, a session bus, an unlocked secret service, a
// notification daemon that writes down what it shows. `node scripts/desktop.mjs COMMAND [ARG…]`
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { environment, fail, has, root } from './lib.mjs'

const [command, ...args] = process.argv.slice(2)
if (!command) fail('usage: node scripts/desktop.mjs COMMAND [ARG…]')
for (const program of ['Xvfb', 'dbus-run-session', 'dunst', 'gnome-keyring-daemon', 'WebKitWebDriver']) {
  if (!has(program)) fail(`${program} is missing: \`npm test\` installs it on Debian.`)
}

const folder = mkdtempSync(path.join(tmpdir(), 'guildhall-desktop-'))
const notices = path.join(folder, 'notices')
const script = path.join(folder, 'notice.sh')
// dunst hands over app, summary, body, icon and urgency; one line of JSON-free, tab-separated text for each.
writeFileSync(script, `#!/bin/sh\nprintf '%s\\t%s\\t%s\\n' "$DUNST_ID" "$DUNST_SUMMARY" "$DUNST_BODY" >> ${notices}\n`)
chmodSync(script, 0o700)
// The menu in which the daemon offers the buttons of a notice: somebody who chooses the last.
const menu = path.join(folder, 'menu.sh')
writeFileSync(menu, '#!/bin/sh\ntail -n 1\n')
chmodSync(menu, 0o700)
writeFileSync(notices, '')
mkdirSync(path.join(folder, 'dunst'))
writeFileSync(
  path.join(folder, 'dunst', 'dunstrc'),
  `[global]\n    follow = none\n    origin = bottom-right\n    width = 340\n    mouse_left_click = do_action, close_current\n    dmenu = ${menu}\n[write-down]\n    summary = "*"\n    script = ${script}\n    timeout = 0\n`,
)

let display = 90
while (existsSync(`/tmp/.X${display}-lock`) || existsSync(`/tmp/.X11-unix/X${display}`)) display++
const size = process.env.GUILDHALL_SCREEN ?? '1280x860x24'
const xvfb = spawn('Xvfb', [`:${display}`, '-screen', '0', size, '-nolisten', 'tcp', '-fbdir', folder], { stdio: 'ignore' })
for (let tries = 0; !existsSync(`/tmp/.X11-unix/X${display}`); tries++) {
  if (tries > 100) fail('Xvfb did not start.')
  await sleep(50)
}
// Inside the session: unlock the secret service, start the daemon, run the command, end it again.
const inside = `
printf 'a passphrase' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
dunst -config ${path.join(folder, 'dunst', 'dunstrc')} >/dev/null 2>&1 & D=$!
"$@"; R=$?
kill $D 2>/dev/null
exit $R
`
const result = spawnSync('dbus-run-session', ['--', 'sh', '-c', inside, 'sh', command, ...args], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...environment,
    DISPLAY: `:${display}`,
    WAYLAND_DISPLAY: '',
    // What the app keeps goes to this folder, never to the person who runs the tests.
    HOME: folder,
    XDG_DATA_HOME: path.join(folder, 'data'),
    XDG_CONFIG_HOME: path.join(folder, 'config'),
    XDG_CACHE_HOME: path.join(folder, 'cache'),
    XDG_RUNTIME_DIR: folder,
    GUILDHALL_NOTICES: notices,
    GUILDHALL_FRAMEBUFFER: path.join(folder, 'Xvfb_screen0'),
    TAURI_AUTOMATION: 'true',
    TAURI_WEBVIEW_AUTOMATION: 'true',
    WEBKIT_DISABLE_COMPOSITING_MODE: process.env.WEBKIT_DISABLE_COMPOSITING_MODE ?? '1',
    NO_AT_BRIDGE: '1',
    GDK_BACKEND: 'x11',
  },
})
xvfb.kill()
if (!process.env.GUILDHALL_KEEP) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
process.exit(result.status ?? 1)
