import type { AttachmentContent, AttachmentRef, AttachmentView, PictureRef } from '../contract.gen'
import type { Host } from '../host'

/** Larger pictures are shown as a card and not inside the thread. */
export const INLINE_MAX_BYTES = 6 * 1024 * 1024
/** What the core takes at most. Larger files are not even read. */
export const FILE_MAX_BYTES = 10 * 1024 * 1024
/** What the picker offers first. The core looks into the content and decides. */
export const FILE_KINDS = 'image/jpeg,image/png,image/gif,image/webp,application/pdf'
const PICTURES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])
/** About 48 MB of pictures. */
const KEPT_CHARACTERS_MAX = 64_000_000

export function isPicture(file: { mime: string; size: number }): boolean {
  return PICTURES.has(file.mime) && file.size <= INLINE_MAX_BYTES
}

export function fileRef(file: AttachmentView): AttachmentRef {
  return file.id === null ? { id: null, local_id: file.local_id } : { id: file.id, local_id: null }
}

/** The bytes of a file. */
export async function readBytes(file: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await file.arrayBuffer())
}

/** A file from its bytes. */
export function fileOf(name: string, bytes: Uint8Array): File {
  return new File([new Uint8Array(bytes)], name)
}

const pictures = new Map<string, Promise<string>>()
let keptCharacters = 0

/** A picture as a `data:` address. The latest ones are kept, as far as they are not too much together. */
export function pictureUrl(host: Host, file: AttachmentView): Promise<string> {
  const key = file.id === null ? `local ${file.local_id}` : `id ${file.id}`
  return kept(key, () => host.call('attachment_get', fileRef(file)))
}

/** A picture that was given with something: a job, a part that was handed in, a dispute. */
export function givenPicture(host: Host, id: number): Promise<string> {
  return kept(`id ${id}`, () => host.call('attachment_get', { id, local_id: null }))
}

/** A picture of somebody's page. One that is only here yet may be replaced under its name, and is read anew each time. */
export function pagePicture(host: Host, picture: PictureRef): Promise<string> {
  const get = () => host.call('picture_get', picture)
  return picture.id === null ? get().then(dataUrl) : kept(`page ${picture.id}`, get)
}

function kept(key: string, get: () => Promise<AttachmentContent>): Promise<string> {
  let url = pictures.get(key)
  if (url) {
    pictures.delete(key)
    pictures.set(key, url)
    return url
  }
  url = get().then(async (content) => {
    const made = await dataUrl(content)
    keptCharacters += made.length
    for (const [old, other] of pictures) {
      if (keptCharacters <= KEPT_CHARACTERS_MAX || old === key) break
      pictures.delete(old)
      void other.then((gone) => (keptCharacters -= gone.length))
    }
    return made
  })
  url.catch(() => pictures.delete(key))
  pictures.set(key, url)
  return url
}

/** Forgets pictures of the person who was signed in before. */
export function forgetPictures(): void {
  pictures.clear()
  keptCharacters = 0
}

/** A picture as a `data:` address that is kept nowhere. */
export async function dataUrl(content: AttachmentContent): Promise<string> {
  // The core names the type by content; anything that is no picture is not shown as one.
  if (!PICTURES.has(content.mime)) throw { code: 'attachment', reason: 'file_type', name: '' }
  const picture = new Blob([new Uint8Array(content.bytes)], { type: content.mime })
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => reject(reader.error ?? new Error('the picture cannot be read'))
    reader.readAsDataURL(picture)
  })
}
