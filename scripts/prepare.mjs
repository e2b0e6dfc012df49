// Everything between a fresh clone and a program: packages, npm, the interface, the build.
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { ensureNpm, ensurePackages } from './packages.mjs'
import { root, run, say } from './lib.mjs'

function newest(folder) {
  let latest = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'dist' || entry.name === 'node_modules') continue
    const full = path.join(folder, entry.name)
    latest = Math.max(latest, entry.isDirectory() ? newest(full) : statSync(full).mtimeMs)
  }
  return latest
}

export function prepare({ forTests = false } = {}) {
  process.chdir(root)
  ensurePackages({ forTests })
  const lock = ensureNpm()
  if (lock) writeFileSync('node_modules/.guildhall-lock', lock)
}

/** Builds the interface unless what is built is newer than every source. */
export function buildInterface() {
  const index = path.join(root, 'ui/dist/index.html')
  const sources = Math.max(newest(path.join(root, 'ui')), statSync(path.join(root, 'package-lock.json')).mtimeMs)
  if (existsSync(index) && statSync(index).mtimeMs > sources) return
  say('Building the interface')
  run('npm', ['run', '--silent', 'ui:build'])
}
