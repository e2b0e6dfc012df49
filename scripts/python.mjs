// A Python with one package from its registry, in a folder of its own beside the build cache: for tests against SDKs that
// Node does not have.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fail, has, run, targetDir } from './lib.mjs'

export function pythonWith(requirement) {
  const folder = path.join(path.dirname(targetDir), 'python', requirement.replace(/[^\w.]+/g, '-'))
  const python = path.join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
  const done = path.join(folder, 'installed')
  if (existsSync(done)) return python
  if (!has('python3')) fail('python3 is missing: `npm test` installs it on Debian; elsewhere install Python 3.9 or newer.')
  run('python3', ['-m', 'venv', '--clear', folder])
  run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', requirement])
  run(python, ['-c', `open(${JSON.stringify(done)}, "w").close()`])
  return python
}
