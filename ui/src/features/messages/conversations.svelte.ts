import type { ConversationKey, ConversationRow, PersonView } from '../../contract.gen'
import type { Host } from '../../host'
import { Snapshot, upsert } from '../../lib/rows'

const ROWS_MAX = 500

/** The rows of the inbox, latest first. */
export class Conversations {
  rows = $state.raw<ConversationRow[]>([])
  loaded = $state(false)
  /** Keys found by name, while the list is filtered by one. */
  found = $state.raw<ConversationKey[] | null>(null)
  #whole = new Snapshot<ConversationRow[]>()
  #search = 0

  constructor(private host: Host) {}

  async load(): Promise<void> {
    await this.#whole.load(
      () => this.host.call('conversation_list', { unread_only: false, name: null, limit: ROWS_MAX }),
      (rows) => {
        this.rows = [...rows].sort(latestFirst)
        this.loaded = true
      },
    )
  }

  put(rows: ConversationRow[]): void {
    this.#whole.change(() => (this.rows = upsert(this.rows, rows, (row) => row.key, latestFirst)))
  }

  remove(keys: readonly ConversationKey[]): void {
    if (keys.length === 0) return
    this.#whole.change(() => (this.rows = this.rows.filter((row) => !keys.includes(row.key))))
  }

  /** Puts a person's new facts into their rows. */
  person(person: PersonView): void {
    this.#whole.change(() => {
      this.rows = this.rows.map((row) => (row.person.id === person.id ? { ...row, person } : row))
    })
  }

  get(key: ConversationKey): ConversationRow | undefined {
    return this.rows.find((row) => row.key === key)
  }

  /** Asks for one row that the list does not hold, such as for somebody one has not written to yet. */
  async fetch(key: ConversationKey): Promise<ConversationRow> {
    return this.get(key) ?? this.host.call('conversation_get', { conversation: key })
  }

  /** Fetches unread rows beyond the latest ones. */
  async loadUnread(): Promise<void> {
    if (this.rows.length < ROWS_MAX) return
    this.put(await this.host.call('conversation_list', { unread_only: true, name: null, limit: ROWS_MAX }))
  }

  /** Narrows the list to people whose name contains this. An empty name shows all again. */
  async search(name: string): Promise<void> {
    const mine = ++this.#search
    if (!name.trim()) {
      this.found = null
      return
    }
    const rows = await this.host.call('conversation_list', { unread_only: false, name: name.trim(), limit: ROWS_MAX })
    if (mine !== this.#search) return
    const known = new Set(this.rows.map((row) => row.key))
    const missing = rows.filter((row) => !known.has(row.key))
    if (missing.length > 0) this.put(missing)
    this.found = rows.map((row) => row.key)
  }

  clear(): void {
    this.#whole.drop()
    this.#search += 1
    this.rows = []
    this.found = null
    this.loaded = false
  }
}

function latestFirst(a: ConversationRow, b: ConversationRow): number {
  return b.last_at - a.last_at || (a.key < b.key ? -1 : 1)
}
