import type { AppError, VerificationView } from '../../contract.gen'
import type { Core } from '../../lib/core.svelte'
import { FILE_MAX_BYTES, readBytes } from '../../lib/files'
import { say } from '../../lib/say'
import { errorWords } from '../../lib/words'

export const PAPERS_MAX = 4
/** What one may choose. The server looks into the content and decides. */
export const PAPER_KINDS = 'image/jpeg,image/png,image/webp,image/heic,application/pdf'
/** The longer side of a photo as it is sent, in pixels: a page of a passport can be read. */
const PIXELS_MAX = 2_400
const QUALITY = 0.9

/** A paper that was chosen. */
export interface Chosen {
  /** Under which it is uploaded: said again after a broken link, it is the same one. */
  key: string
  name: string
  bytes: Uint8Array<ArrayBuffer>
  /** The server's number, once it is there. */
  id: number | null
}

/** A photo upright and no larger than is needed; a PDF as it is. Throws for a picture that cannot be read here. */
async function readPaper(file: File): Promise<Uint8Array<ArrayBuffer>> {
  if (file.type === 'application/pdf') return readBytes(file)
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' })
  const scale = Math.min(1, PIXELS_MAX / Math.max(picture.width, picture.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(picture.width * scale))
  canvas.height = Math.max(1, Math.round(picture.height * scale))
  const context = canvas.getContext('2d')
  if (!context) throw new Error('no canvas')
  context.fillStyle = '#fff'
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.imageSmoothingQuality = 'high'
  context.drawImage(picture, 0, 0, canvas.width, canvas.height)
  picture.close()
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', QUALITY))
  if (!blob) throw new Error('the picture cannot be drawn')
  return readBytes(blob)
}

/** The papers that somebody is about to send. Closing the dialog loses none; signing out forgets all. */
export class Papers {
  chosen = $state.raw<readonly Chosen[]>([])
  sending = $state(false)
  problem = $state('')
  /** The link broke while they were sent: it goes on when it is back. */
  waits = $state(false)
  uploaded = $derived(this.chosen.filter((paper) => paper.id !== null).length)
  #key = crypto.randomUUID()
  #of = 0

  constructor(private core: Core) {}

  async add(files: Iterable<File>): Promise<void> {
    const of = this.#of
    this.problem = ''
    for (const file of files) {
      if (this.chosen.length >= PAPERS_MAX) {
        this.problem = say('verification-identity-too-many')
        return
      }
      const { name } = file
      const bytes = await readPaper(file).catch(() => null)
      if (of !== this.#of) return
      if (!bytes) this.problem = say('verification-identity-unreadable', { name })
      else if (bytes.length > FILE_MAX_BYTES) this.problem = say('verification-identity-too-large', { name })
      else this.#now([...this.chosen, { key: crypto.randomUUID(), name, bytes, id: null }])
    }
  }

  remove(key: string): void {
    this.#now(this.chosen.filter((paper) => paper.key !== key))
    this.problem = ''
  }

  /** Others are another sending. */
  #now(chosen: readonly Chosen[]): void {
    this.chosen = chosen
    this.waits = false
    this.#key = crypto.randomUUID()
  }

  /** Uploads what is not there yet, one after the other, and sends all. `null` when it is not done: why stands in `problem`. */
  async send(): Promise<VerificationView | null> {
    if (this.sending || this.chosen.length === 0) return null
    const of = this.#of
    this.sending = true
    this.waits = false
    this.problem = ''
    try {
      for (const { key, name, bytes } of this.chosen.filter((paper) => paper.id === null)) {
        const { id } = await this.core.host.call('identity_paper_put', { key, name, bytes })
        if (of !== this.#of) return null
        this.chosen = this.chosen.map((paper) => (paper.key === key ? { ...paper, id } : paper))
      }
      const papers = this.chosen.map((paper) => paper.id ?? 0)
      const sent = await this.core.host.call('identity_send', { key: this.#key, papers })
      if (of === this.#of) this.clear()
      return sent
    } catch (thrown) {
      const error = thrown as AppError
      if (of !== this.#of) return null
      // It goes on once a broken link is back. Whoever has one is told why, and presses Send again.
      this.waits = error.code === 'unreachable'
      this.problem = errorWords(error)
      // Wiped meanwhile, or sent by another device: they are uploaded once more.
      if (error.code === 'invalid' && error.field === 'papers')
        this.#now(this.chosen.map((paper) => ({ ...paper, key: crypto.randomUUID(), id: null })))
      return null
    } finally {
      if (of === this.#of) this.sending = false
    }
  }

  clear(): void {
    this.#of += 1
    this.#now([])
    this.sending = false
    this.waits = false
    this.problem = ''
  }
}
