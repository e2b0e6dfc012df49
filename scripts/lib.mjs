// What the scripts share: saying what is done, running it, finding out about the machine. Plain Node, no dependency.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import net from 'node:net'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')

/** Builds land outside the clone, so that a fresh clone need not build everything again. Nothing depends on what is there. */
export const targetDir =
  process.env.CARGO_TARGET_DIR ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'guildhall', 'target')

export const environment = { ...process.env, CARGO_TARGET_DIR: targetDir, CARGO_TERM_COLOR: process.env.CARGO_TERM_COLOR ?? 'never' }

export function say(words) {
  console.log(`\n== ${words}`)
}

/** Ends the script with words for a person. */
export function fail(words) {
  console.error(`\n${words}`)
  process.exit(1)
}

/** Whether a program can be found on the path. */
export function has(program) {
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : ['']
  return folders.some((folder) => endings.some((ending) => existsSync(path.join(folder, program + ending))))
}

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'

/** Runs a program to its end, its output passed through. Ends the script if it fails; `allowed` names other codes that are no failure. */
export function run(program, args, options = {}) {
  const result = spawnSync(program === 'npm' ? npm : program, args, {
    cwd: root,
    env: { ...environment, ...options.env },
    stdio: 'inherit',
    shell: process.platform === 'win32' && program === 'npm',
  })
  if (result.error) fail(`${program} cannot be started: ${result.error.message}`)
  if (!(options.allowed ?? [0]).includes(result.status)) fail(`${program} ${args.join(' ')} failed (${result.status ?? result.signal}).`)
}

/** Runs a program and answers with what it printed; null when it failed. */
export function ask(program, args) {
  const result = spawnSync(program, args, { cwd: root, env: environment, encoding: 'utf8' })
  return result.status === 0 ? result.stdout : null
}

/** Starts a program and passes on how it ends. */
export function become(program, args, options = {}) {
  const child = spawn(program, args, { cwd: root, env: { ...environment, ...options.env }, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => fail(`${program} cannot be started: ${error.message}`))
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
}

/** A program that was built here. */
export function built(name, profile = 'debug') {
  return path.join(targetDir, profile, process.platform === 'win32' ? `${name}.exe` : name)
}

/** A port of this computer that nobody listens on. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
    server.on('error', reject)
  })
}

/** How Node runs tests: what failed, and why, is said once more at the end. */
export const nodeTests = ['--test', '--test-force-exit', '--test-reporter=spec']
