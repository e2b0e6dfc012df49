// A desktop with a panel that shows tray icons, with and without the system's library for them.
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import { App, eventually, folder, neighbour, program } from './app.mjs'

const data = folder('tray')
after(() => rmSync(data, { recursive: true, force: true, maxRetries: 5 }))

const offer = 'Guildhall stays in the tray and goes on receiving messages'

async function settingsOf(app) {
  await app.says('Tunde Bákàrè', 30)
  await app.web.executeScript("location.hash = '#/settings/appearance'")
  await app.says('Theme')
  return app.body()
}

test('where there is a tray, closing to it is offered', async () => {
  const panel = await neighbour('tray')
  const app = await App.start(path.join(data, 'with'), '--local')
  try {
    assert.ok((await settingsOf(app)).includes(offer))
  } finally {
    await app.quit()
    await panel.end()
  }
})

test('without the library for the tray the app starts, and closing to it is not offered', async () => {
  // The loader takes what it finds here first, and cannot read it: as if nothing were installed.
  const libraries = path.join(data, 'libraries')
  mkdirSync(libraries, { recursive: true })
  for (const name of ['ayatana-appindicator3', 'appindicator3'])
    for (const end of ['so', 'so.1']) writeFileSync(path.join(libraries, `lib${name}.${end}`), '')
  const start = path.join(data, 'start')
  writeFileSync(start, `#!/bin/sh\nLD_LIBRARY_PATH='${libraries}' exec '${program}' "$@" 2>'${path.join(data, 'said')}'\n`)
  chmodSync(start, 0o755)
  const panel = await neighbour('tray')
  const app = await App.startWith(start, path.join(data, 'without'), '--local')
  try {
    assert.ok(!(await settingsOf(app)).includes(offer))
    await eventually('the log says why', () =>
      readFileSync(path.join(data, 'said'), 'utf8').includes('the library that shows tray icons is missing'),
    )
  } finally {
    await app.quit()
    await panel.end()
  }
})
