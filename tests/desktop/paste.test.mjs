// What was copied elsewhere, pasted in the real webview: pictures, files, and words that come with a picture.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import { App, eventually, folder, neighbour } from './app.mjs'

const data = folder('paste')
after(() => rmSync(data, { recursive: true, force: true, maxRetries: 5 }))

/** Puts something on the clipboard, as another program does. */
const copy = (type, input) =>
  execFileSync('xclip', ['-selection', 'clipboard', '-t', type], { input, stdio: ['pipe', 'ignore', 'ignore'] })
const paste = () => execFileSync('xdotool', ['key', 'ctrl+v'])
const chosen = (app) =>
  app.web.executeScript("return [...document.querySelectorAll('.chosen .name')].map((name) => name.textContent)")
const typed = (app) => app.web.executeScript("return document.querySelector('.composer textarea').value")

test('pictures and files that were copied elsewhere are pasted', async () => {
  const app = await App.start(path.join(data, 'app'), '--local')
  try {
    await app.says('Tunde Bákàrè', 30)
    await app.web.executeScript("location.hash = '#/inbox/2'")
    await eventually('the composer has the focus', () =>
      app.web.executeScript("return document.activeElement.tagName === 'TEXTAREA'"),
    )
    const file = path.join(data, 'a drawing.png')
    execFileSync('convert', ['-size', '40x30', 'xc:teal', file])
    execFileSync('xclip', ['-selection', 'clipboard', '-t', 'image/png', '-i', file], { stdio: 'ignore' })
    paste()
    await eventually('the picture is chosen', async () => (await chosen(app)).join() === 'picture.png')
    const long = path.join(data, 'too long.pdf')
    writeFileSync(long, Buffer.alloc(10 * 1024 * 1024 + 1, '%PDF-1.7 '))
    copy('text/uri-list', [file, long].map((name) => `file://${encodeURI(name)}\r\n`).join(''))
    paste()
    await eventually('the file is chosen too', async () => (await chosen(app)).join() === 'picture.png,a drawing.png')
    await app.says('too long.pdf')
    copy('UTF8_STRING', 'only words')
    paste()
    await eventually('the words are pasted', async () => (await typed(app)) === 'only words')
    assert.equal((await chosen(app)).length, 2)
    // Both are offered at once: the picture shows nothing but the words.
    const office = await neighbour('copied', file)
    const offered = execFileSync('xclip', ['-selection', 'clipboard', '-o', '-t', 'TARGETS'], { encoding: 'utf8' })
    assert.match(offered, /^image\/png$/m)
    assert.match(offered, /^UTF8_STRING$/m)
    paste()
    await eventually('the words are pasted', async () => (await typed(app)) === 'only wordswords from a table')
    assert.equal((await chosen(app)).length, 2, 'and no picture')
    await office.end()
    await app.web.executeScript("document.querySelector('.composer').requestSubmit()")
    await eventually('they went out with the message', async () => (await chosen(app)).length === 0 && (await typed(app)) === '')
  } finally {
    await app.quit()
  }
})
