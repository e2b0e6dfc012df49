// System packages: what the app needs to be built and run, and what its tests need besides.
import { existsSync, readFileSync } from 'node:fs'
import { ask, fail, has, run, say } from './lib.mjs'

/** Webview, tray and keychain libraries, and what Rust needs to link. */
const toBuild = [
  'build-essential',
  'pkg-config',
  'libwebkit2gtk-4.1-dev',
  'libgtk-3-dev',
  'libayatana-appindicator3-dev',
  'librsvg2-dev',
  'libdbus-1-dev',
]

/** A display, a webview driver, a bus with a real secret service and a real notification daemon, a browser, a database server,
 * and the three proxies that the documentation has settings for. */
const toTest = [
  'xvfb',
  'xauth',
  'webkit2gtk-driver',
  'dbus',
  'dbus-x11',
  'dunst',
  'gnome-keyring',
  'chromium',
  'postgresql',
  'nginx',
  'caddy',
  'apache2-bin',
  'imagemagick',
  'xdotool',
  'xclip',
  'x11-xserver-utils',
  'procps',
  'python3',
  'python3-venv',
  'python3-gi',
  'gir1.2-gtk-3.0',
  'fonts-noto-color-emoji',
]

function isDebian() {
  if (process.platform !== 'linux' || !existsSync('/etc/os-release')) return false
  return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'))
}

function missing(packages) {
  return packages.filter((name) => !ask('dpkg-query', ['-W', '-f=${Status}', name])?.startsWith('install ok installed'))
}

const elsewhere = {
  darwin: 'On macOS: install the command line tools with `xcode-select --install`. Everything else is part of the system.',
  win32:
    'On Windows: install the Microsoft C++ Build Tools with "Desktop development with C++"; WebView2 is part of Windows 10 (from 1803) and 11.',
  linux: `On this Linux, install what Debian calls: ${toBuild.join(' ')}.`,
}

/** Installs what is missing, or says what to install. With `forTests`, what the tests need as well. */
export function ensurePackages({ forTests = false } = {}) {
  if (!has('cargo')) fail('Rust is missing: install it from https://rustup.rs, then run this again.')
  if (!isDebian()) {
    console.log(elsewhere[process.platform] ?? elsewhere.linux)
    if (forTests && process.platform === 'linux') console.log(`For the tests, also: ${toTest.join(' ')}.`)
    return
  }
  const wanted = missing(forTests ? [...toBuild, ...toTest] : toBuild)
  if (wanted.length === 0) return
  say(`Installing Debian packages: ${wanted.join(' ')}`)
  const isRoot = process.getuid?.() === 0
  if (!isRoot && !has('sudo')) fail(`These packages are missing, and there is no sudo here. As root: apt-get install ${wanted.join(' ')}`)
  const [program, before] = isRoot ? ['env', []] : ['sudo', ['env']]
  const apt = (...args) => run(program, [...before, 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1', 'apt-get', '-q', ...args])
  apt('update')
  apt('install', '-y', '--no-install-recommends', ...wanted)
}

/** Installs npm packages when the lock file is newer than what is installed. */
export function ensureNpm() {
  const mark = 'node_modules/.package-lock.json'
  const wanted = readFileSync('package-lock.json', 'utf8')
  const stamp = 'node_modules/.guildhall-lock'
  if (existsSync(mark) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return false
  say('Installing npm packages')
  run('npm', ['ci', '--no-audit', '--no-fund'])
  return wanted
}
