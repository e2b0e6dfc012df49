// What the app costs while nobody does anything, in the real webview.
import assert from 'node:assert/strict'
import { readFileSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import { App, eventually, folder, plainStart, sleep } from './app.mjs'

const data = folder('idle')
after(() => rmSync(data, { recursive: true, force: true, maxRetries: 5 }))

/** Processor time of all processes that draw pages under this display, in seconds. */
function drawing() {
  const display = `DISPLAY=${process.env.DISPLAY}\0`
  let ticks = 0
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const [, name, rest] = /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))
      if (!name.startsWith('WebKitWebProces')) continue
      if (!readFileSync(`/proc/${pid}/environ`, 'utf8').includes(display)) continue
      const fields = rest.split(' ')
      ticks += Number(fields[11]) + Number(fields[12])
    } catch {
      // It ended just now.
    }
  }
  return ticks / 100
}

// Without a graphics processor, as here, a page that is put together with acceleration costs many times this.
test('a caret that blinks costs next to nothing', async () => {
  const app = await App.startWith(plainStart(data), path.join(data, 'caret'), '--local')
  try {
    await app.says('Tunde Bákàrè', 30)
    await app.web.executeScript("location.hash = '#/inbox/2'")
    await eventually('the composer has the focus', () => app.web.executeScript("return document.activeElement.tagName === 'TEXTAREA'"))
    await sleep(4_000)
    const before = drawing()
    assert.ok(before > 0, 'the process that draws is found')
    await sleep(10_000)
    const share = (drawing() - before) / 10
    console.log(`# ${(share * 100).toFixed(1)} % of a core`)
    assert.ok(share < 0.05, `${(share * 100).toFixed(1)} % of a core`)
  } finally {
    await app.quit()
  }
})
