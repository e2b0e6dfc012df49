import { describe, expect, it } from 'vitest'
import { MARGIN_PX, NOTICES_PX, placeAbove, placeTip } from './place'

const view = { width: 900, height: 600 }
const tip = { width: 120, height: 28 }

function target(left: number, top: number, size = 32) {
  return { left, top, right: left + size, bottom: top + size }
}

describe('placeTip', () => {
  it('stands below the middle of what it explains', () => {
    expect(placeTip(target(400, 100), tip, view, 'bottom')).toEqual({ x: 356, y: 138 })
  })

  it('goes above where there is no room below', () => {
    expect(placeTip(target(400, 560), tip, view, 'bottom')).toEqual({ x: 356, y: 526 })
  })

  it('stands beside, and below where there is no room beside', () => {
    expect(placeTip(target(16, 100), tip, view, 'right')).toEqual({ x: 54, y: 102 })
    expect(placeTip(target(860, 100), tip, view, 'right').y).toBe(138)
  })

  it('is inside the window wherever the target is, in the smallest window too', () => {
    for (let left = -40; left <= 900; left += 20)
      for (let top = -40; top <= 600; top += 20)
        for (const side of ['bottom', 'right'] as const) {
          const { x, y } = placeTip(target(left, top), tip, view, side)
          expect(x, `${left} ${top} ${side}`).toBeGreaterThanOrEqual(MARGIN_PX)
          expect(y, `${left} ${top} ${side}`).toBeGreaterThanOrEqual(MARGIN_PX)
          expect(x + tip.width, `${left} ${top} ${side}`).toBeLessThanOrEqual(view.width - MARGIN_PX)
          expect(y + tip.height, `${left} ${top} ${side}`).toBeLessThanOrEqual(view.height - MARGIN_PX)
        }
  })

  it('begins at the edge when it is wider than the window', () => {
    expect(placeTip(target(400, 100), { width: 1000, height: 28 }, view, 'bottom').x).toBe(MARGIN_PX)
  })
})

describe('placeAbove', () => {
  /** A notice at the right of the window, wherever it stands now. */
  const notice = { left: 544, right: 884, top: 500, bottom: 584 }
  const box = (left: number, top: number, right: number, bottom: number) => ({ left, top, right, bottom })
  const at = (...clear: ReturnType<typeof box>[]) => placeAbove(notice, clear, view, 40)

  it('stands at the bottom, where nothing is in the way', () => {
    expect(at()).toBe(NOTICES_PX)
    expect(at(box(300, 480, 500, 590), box(600, 60, 880, 100))).toBe(NOTICES_PX)
  })

  it('stands above what must be seen, and above what stands above that', () => {
    expect(at(box(300, 480, 884, 586))).toBe(128)
    expect(at(box(700, 410, 880, 470), box(300, 480, 884, 586))).toBe(198)
  })

  it('goes no higher than it may', () => {
    expect(at(box(300, 60, 884, 590))).toBe(NOTICES_PX)
    // A message that fills the pane may be covered, where one writes may not.
    expect(at(box(300, 60, 884, 480), box(300, 480, 884, 586))).toBe(128)
  })
})
