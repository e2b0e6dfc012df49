import type { ConversationKey, MessagePreview } from '../../contract.gen'
import type { Host } from '../../host'

const AFTER_MS = 120
/** How long words must stand before Enter means them: a key that was pressed twice does not. */
const READ_MS = 700

/** What would be sent of a text that is being written: asked of the core, shown before it is sent. */
export class Preview {
  /** The answer for the text that was asked about last. */
  view = $state.raw<MessagePreview | null>(null)
  #text = ''
  #asked = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #shownAt = Infinity

  constructor(
    private host: Host,
    private conversation: ConversationKey,
  ) {}

  /** The text changed: asks soon. */
  write(text: string): void {
    clearTimeout(this.#timer)
    if (!text.trim()) {
      this.#asked += 1
      this.#text = text
      this.view = null
      return
    }
    this.#timer = setTimeout(() => void this.ask(text).catch(() => {}), AFTER_MS)
  }

  /** Asks now. An older question answered late changes nothing. */
  async ask(text: string): Promise<MessagePreview> {
    clearTimeout(this.#timer)
    if (this.view && this.#text === text) return this.view
    const mine = ++this.#asked
    const view = await this.host.call('message_preview', { conversation: this.conversation, body: text })
    if (mine === this.#asked) {
      if (!this.view || this.view.body !== view.body) this.#shownAt = performance.now()
      this.#text = text
      this.view = view
    }
    return view
  }

  /**
   * Whether a text may go out now: it goes as it is, or how it will go has stood there to be read.
   *
   * **Invariant:** words that are left out are shown as left out before anything is sent.
   */
  async confirm(text: string): Promise<boolean> {
    // When the key was pressed, not when the answer came: on a slow machine that is later, and nothing was read meanwhile.
    const pressedAt = performance.now()
    const view = await this.ask(text)
    if (view.reason !== null) return false
    // An answer that a later question overtook was never shown.
    return !view.shows_less || (this.view === view && pressedAt - this.#shownAt >= READ_MS)
  }

  /** The text is gone. */
  clear(): void {
    clearTimeout(this.#timer)
    this.#asked += 1
    this.#text = ''
    this.#shownAt = Infinity
    this.view = null
  }
}
