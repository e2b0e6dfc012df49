/** Where small things that float over the page stand. Lengths are CSS pixels from the window's upper left corner. */

export interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

export interface Size {
  width: number
  height: number
}

/** Nothing that floats touches the edge of the window. */
export const MARGIN_PX = 8
const GAP_PX = 6

/**
 * The upper left corner of something that belongs to `target`: below it and centred, or beside it; on the other side
 * where there is no room, and never outside the window.
 */
export function placeTip(target: Box, tip: Size, view: Size, side: 'bottom' | 'right'): { x: number; y: number } {
  const middle = { x: (target.left + target.right - tip.width) / 2, y: (target.top + target.bottom - tip.height) / 2 }
  if (side === 'right' && target.right + GAP_PX + tip.width + MARGIN_PX <= view.width)
    return { x: within(target.right + GAP_PX, tip.width, view.width), y: within(middle.y, tip.height, view.height) }
  const below = target.bottom + GAP_PX
  const y = below + tip.height + MARGIN_PX <= view.height ? below : target.top - GAP_PX - tip.height
  return { x: within(middle.x, tip.width, view.width), y: within(y, tip.height, view.height) }
}

/** What is larger than the window begins at its beginning. */
function within(at: number, length: number, room: number): number {
  return Math.max(MARGIN_PX, Math.min(at, room - MARGIN_PX - length))
}
