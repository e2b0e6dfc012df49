import type { SavedReplyView, UiEvent } from '../../contract.gen'
import type { Core } from '../../lib/core.svelte'
import type { FeatureState } from '../../lib/feature'
import { Snapshot, upsert } from '../../lib/rows'

/** One's saved replies, by name. */
export class Replies implements FeatureState {
  rows = $state.raw<SavedReplyView[]>([])
  loaded = $state(false)
  /** A new one that was being written when its dialog was closed: a stray click loses nothing. */
  unsaved = { name: '', text: '' }
  #whole = new Snapshot<SavedReplyView[]>()

  constructor(private core: Core) {}

  take(event: UiEvent): void {
    if (event.type === 'saved_replies') this.put(event.rows, event.removed)
  }

  put(rows: SavedReplyView[], removed: string[]): void {
    this.#whole.change(() => (this.rows = upsert(this.rows, rows, (row) => row.key, byName, removed)))
  }

  async load(): Promise<void> {
    await this.#whole.load(
      () => this.core.host.call('saved_reply_list', {}),
      (rows) => {
        this.rows = [...rows].sort(byName)
        this.loaded = true
      },
    )
  }

  clear(): void {
    this.#whole.drop()
    this.rows = []
    this.loaded = false
    this.unsaved = { name: '', text: '' }
  }

  /** Those whose name begins with a word, then those that hold it. */
  beginningWith(word: string): SavedReplyView[] {
    const wanted = word.toLocaleLowerCase('en')
    const begins = this.rows.filter((row) => row.key.startsWith(wanted))
    return [...begins, ...this.rows.filter((row) => !row.key.startsWith(wanted) && row.key.includes(wanted))]
  }
}

function byName(a: SavedReplyView, b: SavedReplyView): number {
  return a.key.localeCompare(b.key, 'en')
}
