import type { PictureRef, ProfileView, WorkView } from '../../contract.gen'

/** The picture of somebody as it is now: one's own new one is still here. `null` where there is none. */
export function portrait(page: ProfileView): PictureRef | null {
  if (page.picture_waiting !== null) return page.picture_waiting ? { id: null, key: 'avatar' } : null
  return page.person.picture === null ? null : { id: page.person.picture, key: null }
}

/** The picture of a work. */
export function workPicture(work: WorkView): PictureRef {
  return work.picture === null ? { id: null, key: work.key } : { id: work.picture, key: null }
}

/** What one may choose. The core looks into the content and decides. */
export const PICTURE_KINDS = 'image/jpeg,image/png,image/webp'
/** The longer side of a picture of work as it is sent, in pixels. */
const WORK_PIXELS_MAX = 1_600
/** The side of one's own picture as it is sent, in pixels. */
export const PORTRAIT_PIXELS = 512
const QUALITY = 0.88

/** A file as a picture that can be drawn, turned upright. Throws for what is none. */
export async function opened(file: Blob): Promise<ImageBitmap> {
  return createImageBitmap(file, { imageOrientation: 'from-image' })
}

/** A part of a picture, at another size, as the bytes of a JPEG on white. */
export async function drawn(
  picture: ImageBitmap,
  part: { left: number; top: number; width: number; height: number },
  size: { width: number; height: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = document.createElement('canvas')
  canvas.width = size.width
  canvas.height = size.height
  const context = canvas.getContext('2d')
  if (!context) throw new Error('no canvas')
  context.fillStyle = '#fff'
  context.fillRect(0, 0, size.width, size.height)
  context.imageSmoothingQuality = 'high'
  context.drawImage(picture, part.left, part.top, part.width, part.height, 0, 0, size.width, size.height)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', QUALITY))
  if (!blob) throw new Error('the picture cannot be drawn')
  return new Uint8Array(await blob.arrayBuffer())
}

/** The whole picture, made smaller where it is larger than anybody needs. */
export async function forWork(file: Blob): Promise<Uint8Array<ArrayBuffer>> {
  const picture = await opened(file)
  const scale = Math.min(1, WORK_PIXELS_MAX / Math.max(picture.width, picture.height))
  const size = { width: Math.max(1, Math.round(picture.width * scale)), height: Math.max(1, Math.round(picture.height * scale)) }
  const bytes = await drawn(picture, { left: 0, top: 0, width: picture.width, height: picture.height }, size)
  picture.close()
  return bytes
}

/** Which part of a picture a square shows: how far in, and where its middle is, both from 0 to 1. */
export interface Cut {
  zoom: number
  x: number
  y: number
}

/** The part in the picture's own pixels. It never reaches beyond the picture. */
export function cutOf(picture: { width: number; height: number }, cut: Cut) {
  const side = Math.min(picture.width, picture.height) / Math.max(1, cut.zoom)
  const within = (middle: number, length: number) => Math.min(Math.max(middle * length - side / 2, 0), length - side)
  return { left: within(cut.x, picture.width), top: within(cut.y, picture.height), width: side, height: side }
}
