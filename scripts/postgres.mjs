// A PostgreSQL of our own for benchmarks.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePort } from './lib.mjs'

/** The newest PostgreSQL's programs, as Debian has them; none elsewhere. */
export function postgresPrograms() {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql').map(Number).filter(Boolean) : []
  const bin = versions.length > 0 ? `/usr/lib/postgresql/${Math.max(...versions)}/bin` : null
  return bin && existsSync(path.join(bin, 'initdb')) ? bin : null
}

/** A PostgreSQL of our own, as it comes: in a temporary folder, on a port of loopback, with everything durable. */
export async function startPostgres(bin) {
  const folder = mkdtempSync(path.join(tmpdir(), 'guildhall-postgres-'))
  const port = await freePort()
  // It refuses to run as root.
  const asUser = process.getuid() === 0 ? ['runuser', ['-u', 'postgres', '--']] : null
  if (asUser) spawnSync('chown', ['postgres', folder])
  chmodSync(folder, 0o700)
  const run = (program, args) => {
    const command = [path.join(bin, program), ...args]
    const [first, rest] = asUser ? [asUser[0], [...asUser[1], ...command]] : [command[0], command.slice(1)]
    const ended = spawnSync(first, rest, { cwd: '/', stdio: 'ignore' })
    if (ended.status !== 0) throw new Error(`${program} ended with ${ended.status}`)
  }
  const data = path.join(folder, 'data')
  run('initdb', ['-D', data, '-U', 'guildhall', '-A', 'trust', '--locale=C.UTF-8', '-E', 'UTF8'])
  const options = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1`
  run('pg_ctl', ['-D', data, '-l', path.join(folder, 'log'), '-o', options, '-w', '-t', '60', 'start'])
  return {
    database(name) {
      run('createdb', ['-h', '127.0.0.1', '-p', String(port), '-U', 'guildhall', name])
      return `postgres://guildhall@127.0.0.1:${port}/${name}`
    },
    stop() {
      run('pg_ctl', ['-D', data, '-m', 'immediate', '-w', 'stop'])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
