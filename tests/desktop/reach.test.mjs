// The title strip is always within reach of the pointer: whatever place was kept, and whatever screen went away.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import { App, eventually, folder, sleep } from './app.mjs'

const data = folder('reach')
const kept = path.join(process.env.XDG_CONFIG_HOME, 'app.guildhall.desktop')
after(() => {
  rmSync(data, { recursive: true, force: true, maxRetries: 5 })
  // The tests after this one begin with a window that was never anywhere.
  rmSync(kept, { recursive: true, force: true })
})

const xrandr = (...args) => execFileSync('xrandr', args, { encoding: 'utf8' })

/** The place and size of the app's window, as the display has them. */
function geometry() {
  const ids = execFileSync('xdotool', ['search', '--onlyvisible', '--name', 'Guildhall'], { encoding: 'utf8' }).trim().split('\n')
  const words = execFileSync('xdotool', ['getwindowgeometry', '--shell', ids.at(-1)], { encoding: 'utf8' })
  const [x, y, width, height] = ['X', 'Y', 'WIDTH', 'HEIGHT'].map((name) => Number(new RegExp(`^${name}=(.*)$`, 'm').exec(words)[1]))
  return { id: ids.at(-1), x, y, width, height }
}

function keep(place) {
  mkdirSync(kept, { recursive: true })
  const state = { prev_x: 0, prev_y: 0, maximized: false, visible: true, decorated: false, fullscreen: false, ...place }
  writeFileSync(path.join(kept, '.window-state.json'), JSON.stringify({ main: state }))
}

test('a place that was kept with the strip out of sight is not taken again', async () => {
  // Its lower part touches the screen: the toolkit takes that for a good place.
  keep({ width: 1000, height: 700, x: 100, y: -400 })
  const app = await App.start(path.join(data, 'above'), '--local')
  try {
    await app.says('Tunde Bákàrè', 30)
    await eventually('the strip is in sight', () => geometry().y === 0)
    const { x, width, height } = geometry()
    assert.deepEqual({ x, width, height }, { x: 100, width: 1000, height: 700 }, 'nothing else changed')
  } finally {
    await app.quit()
  }
})

test('a place that was kept within reach is taken again as it was', async () => {
  keep({ width: 1000, height: 700, x: 150, y: 90 })
  const app = await App.start(path.join(data, 'inside'), '--local')
  try {
    await app.says('Tunde Bákàrè', 30)
    await sleep(2_500)
    const { x, y, width, height } = geometry()
    assert.deepEqual({ x, y, width, height }, { x: 150, y: 90, width: 1000, height: 700 })
  } finally {
    await app.quit()
  }
})

test('a window comes in when its screen goes away, and when it gets the focus', async () => {
  rmSync(kept, { recursive: true, force: true })
  const app = await App.start(path.join(data, 'away'), '--local')
  const [, before] = /current (\d+ x \d+)/.exec(xrandr())
  try {
    await app.says('Tunde Bákàrè', 30)
    const { id } = geometry()
    execFileSync('xdotool', ['windowsize', '--sync', id, '900', '600', 'windowmove', '--sync', id, '930', '700'])
    await sleep(2_500)
    assert.deepEqual([geometry().x, geometry().y], [930, 700], 'on the large screen it stays where it was put')

    xrandr('--newmode', 'small', '20', '920', '940', '960', '980', '640', '641', '644', '650')
    xrandr('--addmode', 'screen', 'small')
    xrandr('--output', 'screen', '--mode', 'small')
    await eventually('the window comes in', () => geometry().x === 20 && geometry().y === 40)
    assert.deepEqual([geometry().width, geometry().height], [900, 600])

    // Whoever put it there: when it is wanted, it comes.
    await sleep(2_000)
    execFileSync('xdotool', ['windowmove', '--sync', id, '3000', '100'])
    execFileSync('xdotool', ['windowfocus', id])
    await eventually('the window comes in', () => geometry().x === 20 && geometry().y === 40)
  } finally {
    await app.quit()
    xrandr('--output', 'screen', '--mode', before.replaceAll(' ', ''))
  }
})
