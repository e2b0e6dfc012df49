// How long it takes to find people among 100,000, on SQLite and on PostgreSQL: `node scripts/bench-people.mjs PROGRAM [PEOPLE]`.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { run } from './lib.mjs'
import { postgresPrograms, startPostgres } from './postgres.mjs'

const [program, people = '100000'] = process.argv.slice(2)
if (!program) throw new Error('usage: node scripts/bench-people.mjs PROGRAM [PEOPLE]')
const folder = mkdtempSync(path.join(tmpdir(), 'guildhall-people-'))
try {
  console.log(`SQLite, ${people} people`)
  run(program, [`sqlite:${path.join(folder, 'hall.sqlite')}`, '--people', people])
  const bin = postgresPrograms()
  if (bin) {
    const postgres = await startPostgres(bin)
    try {
      console.log(`PostgreSQL, ${people} people`)
      run(program, [postgres.database('people'), '--people', people])
    } finally {
      postgres.stop()
    }
  } else console.log('PostgreSQL is not installed here: SQLite alone is measured.')
} finally {
  rmSync(folder, { recursive: true, force: true })
}
