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

/** How far notices stand from the edge of the window at first. */
export const NOTICES_PX = 16

/**
 * How far above the lower edge of the window something at `box` stands so that it covers none of `clear`: as low as it can.
 * Where there is no room (`top` is the highest it may go) it stands above as many of them as it can, the lowest first.
 */
export function placeAbove(box: Box, clear: readonly Box[], view: Size, top: number): number {
  const height = box.bottom - box.top
  let bottom = NOTICES_PX
  for (let tries = 0; tries <= clear.length; tries += 1) {
    const lower = view.height - bottom
    const under = clear.filter(
      (other) =>
        other.left < box.right &&
        other.right > box.left &&
        other.top < lower + MARGIN_PX &&
        other.bottom > lower - height - MARGIN_PX,
    )
    if (under.length === 0) return bottom
    // Over the lowest of them first: where there is no room over all, there may be over that one.
    const next = view.height - Math.max(...under.map((other) => other.top)) + MARGIN_PX
    if (view.height - next - height < top) return bottom
    bottom = next
  }
  return bottom
}
