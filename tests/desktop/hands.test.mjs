// What hands do in the real webview: open conversations, type, take back, click among the messages, start the app twice.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import { App, eventually, folder, picture, plainStart, program, sleep } from './app.mjs'

const data = folder('hands')
after(() => rmSync(data, { recursive: true, force: true, maxRetries: 5 }))

const hands = (...args) => execFileSync('xdotool', args)
const composer = (app) => app.web.executeScript("return document.querySelector('.composer textarea')?.value")

/** How many bubbles of the conversation are in sight. */
const inSight = (app) =>
  app.web.executeScript(`
    const log = document.querySelector('.lines')
    if (!log || getComputedStyle(log).visibility === 'hidden') return 0
    const frame = log.getBoundingClientRect()
    return [...log.querySelectorAll('.bubble')].filter((bubble) => {
      const box = bubble.getBoundingClientRect()
      return box.bottom > frame.top && box.top < frame.bottom
    }).length`)

test('no conversation opens blank, however fast one goes from one to the next', async () => {
  const app = await App.start(path.join(data, 'opening'), '--local')
  try {
    await app.says('Tunde Bákàrè', 30)
    for (let id = 2; id <= 11; id += 1) {
      await app.web.executeScript(`location.hash = '#/inbox/${id}'`)
      await eventually(`conversation ${id} shows its messages`, () => inSight(app), 10)
    }
  } finally {
    await app.quit()
  }
})

test('the wheel scrolls, also as people start the app, with nothing said of how pages are drawn', async () => {
  for (const binary of [program, plainStart(data)]) {
    const app = await App.startWith(binary, path.join(data, 'wheel'), '--local')
    try {
      await app.says('Tunde Bákàrè', 30)
      await app.web.executeScript("location.hash = '#/inbox/2'")
      await eventually('the messages show', () => inSight(app))
      const top = () => app.web.executeScript("return document.querySelector('.lines').scrollTop")
      await eventually('the newest stands at the end', async () => (await top()) > 100)
      await sleep(1_000)
      const end = await top()
      hands('mousemove', '800', '350')
      await eventually(`the wheel scrolls up (${path.basename(binary)})`, async () => {
        hands('click', '4')
        await sleep(300)
        return (await top()) < end - 20
      })
    } finally {
      await app.quit()
    }
  }
})

test('nothing of the page behind is painted over a dialog', async () => {
  const app = await App.start(path.join(data, 'behind'), '--local')
  try {
    await app.says('Tunde Bákàrè', 30)
    await app.web.manage().window().setRect({ width: 900, height: 600 })
    await eventually('the window is small', () => app.web.executeScript('return innerWidth === 900'))
    // The list is scrolled to its end, where its scrollbar reaches past the lower edge of the dialog.
    hands('mousemove', '180', '400')
    const [before, now] = [path.join(data, 'before.png'), path.join(data, 'now.png')]
    const rows = "const rows = document.querySelector('.scroll.rows')"
    await eventually('the list is at its end', async () => {
      hands('click', '5')
      await sleep(300)
      return app.web.executeScript(`${rows}; return rows.scrollTop > 0 && rows.scrollTop + rows.clientHeight > rows.scrollHeight - 2`)
    })
    picture(before)
    hands('key', 'ctrl+n')
    await app.find('[role=dialog] input')
    const [x, y] = await app.web.executeScript(
      `${rows}; return [rows.getBoundingClientRect().right - 14, document.querySelector('[role=dialog]').getBoundingClientRect().bottom - 15]`,
    )
    const of = (file, format, left) =>
      execFileSync('convert', [file, '-crop', `14x10+${Math.round(left)}+${Math.round(y)}`, '-format', format, 'info:'], { encoding: 'utf8' })
    // At once, when it is drawn: what lies over it fades by itself.
    const plain = '%[pixel:p{0,0}]'
    await eventually('the dialog is drawn', () => {
      picture(now)
      return of(now, plain, x + 120) !== of(before, plain, x + 120)
    })
    assert.equal(of(now, '%k', x), '1', 'the lower rim of the dialog is of one colour')
  } finally {
    await app.quit()
  }
})

test('undo and redo work, and typing after a click among the messages lands in the composer', async () => {
  const app = await App.start(path.join(data, 'keys'), '--local')
  try {
    await app.says('Tunde Bákàrè', 30)
    await app.web.executeScript("location.hash = '#/inbox/2'")
    await eventually('the messages show', () => inSight(app))
    await eventually('the composer has the focus', () => app.web.executeScript("return document.activeElement.tagName === 'TEXTAREA'"))
    hands('type', '--delay', '30', 'to be taken back')
    await eventually('it is typed', async () => (await composer(app)) === 'to be taken back')
    hands('key', 'ctrl+z')
    await eventually('it is taken back', async () => (await composer(app)) !== 'to be taken back')
    hands('key', 'ctrl+shift+z')
    await eventually('it is there again', async () => (await composer(app)) === 'to be taken back')
    hands('key', 'ctrl+a', 'BackSpace')
    hands('mousemove', '800', '350', 'click', '1')
    await eventually('the focus is among the messages', () => app.web.executeScript("return document.activeElement.tagName !== 'TEXTAREA'"))
    hands('type', '--delay', '30', 'kind words')
    await eventually('it lands in the composer', async () => (await composer(app)) === 'kind words')
    await eventually('what would be left out is shown', async () => {
      hands('key', 'ctrl+a')
      hands('type', '--delay', '30', 'List<String> x')
      await sleep(1_000)
      return (await app.body()).includes('It goes out as:')
    })
  } finally {
    await app.quit()
  }
})

test('a second start with the same folder hands over to the first, and ends well', async () => {
  const place = path.join(data, 'twice')
  const app = await App.start(place, '--local')
  try {
    await app.says('Tunde Bákàrè', 30)
    const second = spawnSync(program, ['--data-dir', place], { timeout: 20_000, encoding: 'utf8' })
    assert.equal(second.status, 0, second.stderr)
    assert.doesNotMatch(second.stderr, /panicked/)
    assert.equal((await app.call('connection_get')).state, 'online', 'the first goes on')
  } finally {
    await app.quit()
  }
})
