// Drives the real app: starts it through the webview's driver, finds things by what they are called, reads what the
// system was told. Runs inside `scripts/desktop.mjs`.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Builder, By, Capabilities, Key } from 'selenium-webdriver'
import { built, freePort } from '../../scripts/lib.mjs'

export { By, Key, sleep }

assert.ok(process.env.GUILDHALL_NOTICES, 'run inside scripts/desktop.mjs')
/** The longest that anything asked of the app through its driver may take, seconds. The driver itself waits for ever. */
const ANSWERED_WITHIN = 40
export const program = process.env.GUILDHALL_PROGRAM ?? built('guildhall')

export function folder(name) {
  return mkdtempSync(path.join(tmpdir(), `guildhall-${name}-`))
}

/** Asks again and again until the answer is truthy. */
export async function eventually(what, ask, seconds = 20) {
  const until = Date.now() + seconds * 1000
  let last
  for (;;) {
    try {
      const answer = await ask()
      if (answer) return answer
    } catch (error) {
      last = error
    }
    assert.ok(Date.now() < until, `after ${seconds} s it still was not so: ${what}${last ? ` (${last.message})` : ''}`)
    await sleep(50)
  }
}

/** Waits no longer than that, and says then what did not come. */
function within(seconds, what, asked) {
  let timer
  const late = new Promise((_, failed) => {
    timer = setTimeout(() => failed(new Error(`no answer within ${seconds} s: ${what()}`)), seconds * 1000)
  })
  return Promise.race([asked, late]).finally(() => clearTimeout(timer))
}

/** What the processes of this program are doing, for whoever reads why one of them did not answer. */
function doing(data) {
  const read = (file) => {
    try {
      return readFileSync(file, 'utf8').trim()
    } catch {
      return 'gone'
    }
  }
  return processes(data).map((pid) => `${pid} ${read(`/proc/${pid}/wchan`)} ${read(`/proc/${pid}/status`).match(/State:.*/)}`)
}

/**
 * A webview driver of its own for each app that is started: one that was asked of an app that is gone may never answer again.
 * Ends with this process.
 */
async function startDriver() {
  const port = await freePort()
  const child = spawn('WebKitWebDriver', ['--host=127.0.0.1', `--port=${port}`], { stdio: 'ignore' })
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  child.once('exit', () => process.removeListener('exit', end))
  child.unref()
  const url = `http://127.0.0.1:${port}`
  await eventually('the driver listens', async () => (await fetch(`${url}/status`, { signal: AbortSignal.timeout(5_000) })).ok)
  return { url, end }
}

/** The processes that run this program with this folder. */
export function processes(data) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/exe`) === program && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(data)
      } catch {
        return false
      }
    })
    .map(Number)
}

/** Writes a start of the app as people have it, who say nothing of how pages are drawn. */
export function plainStart(place) {
  mkdirSync(place, { recursive: true })
  const start = path.join(place, 'start.sh')
  writeFileSync(start, `#!/bin/sh\nexec env -u WEBKIT_DISABLE_COMPOSITING_MODE '${program}' "$@"\n`, { mode: 0o700 })
  return start
}

export class App {
  /** Starts the app with a data folder and further arguments, and waits for its page. */
  static start(data, ...args) {
    return App.startWith(program, data, ...args)
  }

  /** The same through another program that becomes the app. */
  static async startWith(binary, data, ...args) {
    const capabilities = new Capabilities()
    capabilities.set('browserName', 'wry')
    capabilities.set('webkitgtk:browserOptions', { binary, args: ['--data-dir', data, ...args] })
    const app = new App()
    app.data = data
    const said = (what) => () => `${what}; the app: ${doing(data).join(', ') || 'has ended'}`
    for (let tries = 1; ; tries++) {
      app.driver = await startDriver()
      try {
        const session = new Builder().usingServer(app.driver.url).withCapabilities(capabilities).build()
        app.web = await within(ANSWERED_WITHIN, said('a session with the app'), session)
        break
      } catch (error) {
        await app.kill()
        // The driver hands its app the number of a port that anybody may have taken by then, and waits there for ever.
        if (tries === 2) throw error
        console.log(`# started once more: ${error.message}`)
      }
    }
    const execute = app.web.execute.bind(app.web)
    app.web.execute = (command) => within(ANSWERED_WITHIN, said(command.getName()), execute(command))
    await app.web.manage().setTimeouts({ script: 20_000, pageLoad: 30_000 })
    return app
  }

  /** One command of the bridge, as the page calls it. */
  async call(name, request = {}) {
    const answer = await this.web.executeAsyncScript(
      `const [name, request, done] = arguments
       window.__TAURI_INTERNALS__.invoke(name, { request }).then((ok) => done({ ok }), (error) => done({ error }))`,
      name,
      request,
    )
    if (answer.error) throw Object.assign(new Error(`${name}: ${JSON.stringify(answer.error)}`), { refusal: answer.error })
    return answer.ok
  }

  /** The element with this role or tag and name. */
  find(selector, seconds) {
    return eventually(`there is ${selector}`, async () => (await this.web.findElements(By.css(selector)))[0], seconds)
  }

  /** The element whose text is this, of a tag. */
  text(words, tag = '*', seconds) {
    const escaped = words.includes("'") ? `"${words}"` : `'${words}'`
    return eventually(`there is "${words}"`, async () => (await this.web.findElements(By.xpath(`//${tag}[normalize-space(.)=${escaped}]`)))[0], seconds)
  }

  /** Whether the page says this anywhere. */
  says(words, seconds) {
    return eventually(`the page says "${words}"`, async () => (await this.body()).includes(words), seconds)
  }

  /** What the page says, the driver's own idea of text left aside: it drops what is cut with an ellipsis. */
  async body() {
    return this.web.executeScript('return document.body.innerText')
  }

  async quit() {
    await this.web.quit().catch(() => {})
    await eventually('the app has ended', () => processes(this.data).length === 0).catch(() => this.kill())
    this.driver.end()
  }

  /** kill -9, whatever it is doing. */
  async kill() {
    for (const pid of processes(this.data)) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It ended by itself just now.
      }
    }
    this.driver.end()
    await eventually('the process is gone', () => processes(this.data).length === 0)
  }
}

/** What the notification daemon was told, in order: [number, title, text]. */
export function notices() {
  return readFileSync(process.env.GUILDHALL_NOTICES, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t'))
}

export function forgetNotices() {
  // What an app of an earlier test left standing counts among what is shown.
  execFileSync('dunstctl', ['close-all'])
  writeFileSync(process.env.GUILDHALL_NOTICES, '')
}

/** Another program on the desktop: see `neighbours.py`. */
export async function neighbour(...args) {
  // Debian's own, which has the bindings of its toolkit.
  const child = spawn('/usr/bin/python3', [path.join(import.meta.dirname, 'neighbours.py'), ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  // A test that fails does not wait for it.
  process.once('exit', () => child.kill())
  await new Promise((done, failed) => {
    child.stdout.once('data', done)
    child.once('exit', (code) => failed(new Error(`neighbours.py ${args[0]} ended with ${code}`)))
  })
  child.unref()
  child.stdout.unref()
  return {
    end: () =>
      new Promise((done) => {
        child.ref()
        child.once('exit', done)
        child.kill()
      }),
  }
}

/** A picture of the display. */
export function picture(file, geometry) {
  mkdirSync(path.dirname(file), { recursive: true })
  execFileSync('import', ['-window', 'root', ...(geometry ? ['-crop', geometry, '+repage'] : []), file])
}

/** Talks to a server as somebody else. */
export class Other {
  static async register(url, name) {
    const other = new Other()
    other.url = url
    const answer = await other.post('/api/register', { name, email: `${name.toLowerCase()}@example.com`, password: 'a long enough password' })
    other.id = answer.data.user.id
    other.token = answer.data.token
    return other
  }

  async post(where, body) {
    const headers = { 'content-type': 'application/json', ...(this.token ? { authorization: `Bearer ${this.token}` } : {}) }
    const response = await fetch(this.url + where, { method: 'POST', headers, body: JSON.stringify(body) })
    assert.ok(response.ok, `${where}: ${response.status}`)
    return response.status === 204 ? null : response.json()
  }

  async get(where) {
    const response = await fetch(this.url + where, { headers: { authorization: `Bearer ${this.token}` } })
    assert.ok(response.ok, `${where}: ${response.status}`)
    return response.json()
  }

  send(to, content) {
    return this.post('/api/messages', { recipient_id: to, content })
  }

  /** All texts of a conversation, oldest first. */
  async texts(other) {
    const texts = []
    for (let before = null; ; ) {
      const page = await this.get(`/api/messages/conversations/${other}?per_page=100${before ? `&before=${before}` : ''}`)
      texts.push(...page.data.map((message) => message.content))
      if (!page.meta.next) return texts.reverse()
      before = page.meta.next
    }
  }
}

/** The server as a program of its own. */
export async function startServer(data, ...args) {
  const ready = path.join(data, 'ready')
  mkdirSync(data, { recursive: true })
  rmSync(ready, { force: true })
  const child = spawn(
    built('guildhall-server'),
    ['serve', '--http', '127.0.0.1:0', '--realtime', '127.0.0.1:0', '--message-rate', '100000', '--data', data, '--ready-file', ready, ...args],
    { stdio: 'ignore' },
  )
  await eventually('the server is ready', () => existsSync(ready))
  const url = readFileSync(ready, 'utf8').match(/^http (.*)$/m)[1]
  return {
    url,
    stop: () =>
      new Promise((done) => {
        child.once('exit', done)
        child.kill('SIGTERM')
      }),
  }
}
