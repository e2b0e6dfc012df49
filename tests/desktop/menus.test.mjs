// Menus and tooltips in the real window: the toolkit's own never show, and ours do what they say.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import { App, eventually, folder, sleep } from './app.mjs'

const data = folder('menus')
after(() => rmSync(data, { recursive: true, force: true, maxRetries: 5 }))

const hands = (...args) => execFileSync('xdotool', args.map(String))
const copied = () => execFileSync('xclip', ['-selection', 'clipboard', '-o'], { encoding: 'utf8' })
const copy = (type, input) =>
  execFileSync('xclip', ['-selection', 'clipboard', '-t', type], { input, stdio: ['pipe', 'ignore', 'ignore'] })
const composer = (app) => app.web.executeScript("return document.querySelector('.composer textarea')?.value")
const writing = (app) => app.web.executeScript("return document.activeElement.matches('.composer textarea')")

/** Where something is on the screen: its middle, or so far from its upper left corner. */
async function place(app, selector, dx, dy) {
  const [x, y] = await app.web.executeScript(
    `const box = document.querySelector(arguments[0]).getBoundingClientRect()
     return [box.left + (arguments[1] ?? box.width / 2) + window.screenX, box.top + (arguments[2] ?? box.height / 2) + window.screenY]`,
    selector,
    dx ?? null,
    dy ?? null,
  )
  return [Math.round(x), Math.round(y)]
}

async function rightClick(app, selector, dx, dy) {
  hands('mousemove', ...(await place(app, selector, dx, dy)), 'click', 3)
}

/** What our menu offers. */
function offered(app) {
  return app.web.executeScript(
    `return [...document.querySelectorAll('[role="menu"][aria-label="Actions"] [role="menuitem"]')].map((item) => item.querySelector('.grow').textContent.trim())`,
  )
}

async function choose(app, name) {
  await eventually(`the menu offers ${name}`, async () => (await offered(app)).includes(name))
  await app.web.executeScript(
    `for (const item of document.querySelectorAll('[role="menuitem"]')) item.toggleAttribute('data-wanted', item.querySelector('.grow').textContent.trim() === arguments[0])`,
    name,
  )
  await sleep(200)
  hands('mousemove', ...(await place(app, '[data-wanted]')), 'click', 1)
  await eventually('the menu is gone', async () => (await offered(app)).length === 0)
}

/** Asks the page for every menu it was asked for and left to the toolkit. A driven webview shows those to nobody. */
const listen = (app) =>
  app.web.executeScript(`
    window.asked = 0
    window.left = 0
    window.addEventListener('contextmenu', (event) => ((window.asked += 1), (window.left += event.defaultPrevented ? 0 : 1)))`)
const noneLeft = async (app) => assert.equal(await app.web.executeScript('return window.left'), 0, 'no menu is left to the toolkit')

test('right click, the menu key and the pointer bring up our own menus and tooltips', async () => {
  const app = await App.start(path.join(data, 'app'), '--local')
  try {
    await app.says('Tunde Bákàrè', 30)
    await app.web.executeScript("location.hash = '#/inbox/2'")
    await eventually('the composer has the focus', () => writing(app))
    await listen(app)

    // A message.
    hands('type', '--delay', '20', 'words to copy')
    hands('key', 'Return')
    await eventually('it stands there', () => app.web.executeScript("return [...document.querySelectorAll('.message.mine .bubble')].at(-1)?.textContent === 'words to copy'"))
    // Somebody may answer just then, and move it away from under the pointer.
    await eventually('the menu of the message', async () => {
      await app.web.executeScript(
        "for (const bubble of document.querySelectorAll('.message.mine .bubble')) bubble.toggleAttribute('data-mine', bubble.textContent === 'words to copy')",
      )
      await rightClick(app, '[data-mine]')
      // A graphics system that computes takes its time.
      await eventually('a menu is there', async () => (await offered(app)).length > 0, 3)
      if ((await offered(app)).join() === 'Copy,Delete for both') return true
      hands('key', 'Escape')
      return false
    })
    await noneLeft(app)
    await choose(app, 'Copy')
    await eventually('the words are on the clipboard', () => copied() === 'words to copy')
    await eventually('the focus is where it was', () => writing(app), 3)

    // The composer: everything that a menu of a text field does.
    await rightClick(app, '.composer textarea')
    await choose(app, 'Paste')
    await eventually('the words are pasted', async () => (await composer(app)) === 'words to copy')
    await rightClick(app, '.composer textarea')
    await choose(app, 'Select all')
    await rightClick(app, '.composer textarea')
    await choose(app, 'Cut')
    await eventually('the words are cut', async () => (await composer(app)) === '')
    await rightClick(app, '.composer textarea')
    await choose(app, 'Undo')
    await eventually('the words are back', async () => (await composer(app)) === 'words to copy')
    await rightClick(app, '.composer textarea')
    await choose(app, 'Redo')
    await eventually('the words are gone again', async () => (await composer(app)) === '')
    const picture = path.join(data, 'picture.png')
    execFileSync('convert', ['-size', '40x30', 'xc:teal', picture])
    execFileSync('xclip', ['-selection', 'clipboard', '-t', 'image/png', '-i', picture], { stdio: 'ignore' })
    await rightClick(app, '.composer textarea')
    await choose(app, 'Paste')
    await eventually('the picture is chosen', () => app.web.executeScript("return document.querySelectorAll('.chosen li').length === 1"))
    await noneLeft(app)

    // The keyboard.
    copy('UTF8_STRING', 'by the keyboard')
    for (const key of ['shift+F10', 'Menu']) {
      await app.web.executeScript("document.querySelector('.composer textarea').focus()")
      hands('key', key)
      await eventually(`${key} brings up the menu`, async () => (await offered(app)).includes('Paste'))
      await noneLeft(app)
      hands('key', 'Escape')
      await eventually('Escape closes it', async () => (await offered(app)).length === 0)
      await eventually('the focus is where it was', () => writing(app), 3)
    }
    hands('key', 'shift+F10')
    await eventually('the menu is there', async () => (await offered(app)).includes('Paste'))
    await eventually('it has the focus', () => app.web.executeScript("return document.activeElement.closest('[role=menu]') !== null"))
    hands('type', 'pas')
    await eventually('its letters find it', () => app.web.executeScript("return document.activeElement.textContent.includes('Paste')"))
    hands('key', 'Return')
    await eventually('it was worked by its letters', async () => (await composer(app)) === 'by the keyboard')

    // Where nothing can be done there is no menu, of nobody.
    await rightClick(app, '.rail .space')
    await sleep(500)
    assert.deepEqual(await offered(app), [])
    assert.ok((await app.web.executeScript('return window.asked')) > 5, 'the page was asked')
    await noneLeft(app)

    // A tooltip.
    hands('mousemove', ...(await place(app, 'button[aria-label="New message"]')))
    await eventually('the tooltip says what it is', async () => /^New message\s+Ctrl\s+N$/.test((await app.web.executeScript("return document.querySelector('[role=tooltip]')?.textContent ?? ''")).trim()))
    assert.equal(await app.web.executeScript("return document.querySelectorAll('[title]').length"), 0, 'no tooltip of the toolkit')
    hands('mousemove', 640, 300)
    await eventually('it goes', () => app.web.executeScript("return document.querySelector('[role=tooltip]') === null"))
  } finally {
    await app.quit()
  }
})
