import { describe, expect, it } from 'vitest'
import { MARGIN_PX, placeTip } from './place'

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
