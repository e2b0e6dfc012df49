import type { NotificationView, PersonView, UiEvent } from '../../contract.gen'
import type { Core } from '../../lib/core.svelte'
import type { FeatureState } from '../../lib/feature'
import { Snapshot, upsert } from '../../lib/rows'

const PAGE = 50

/** The notifications, newest first. */
export class Notifications implements FeatureState {
  rows = $state.raw<NotificationView[]>([])
  loaded = $state(false)
  /** Whether the server may have more before the last one here. */
  more = $state(false)
  loadingMore = $state(false)
  #whole = new Snapshot<NotificationView[]>()

  constructor(private core: Core) {}

  take(event: UiEvent): void {
    if (event.type === 'notifications') this.put(event.rows, event.removed)
  }

  async load(): Promise<void> {
    await this.#whole.load(
      () => this.core.host.call('notification_list', { before: null, unread_only: false, limit: PAGE }),
      (rows) => {
        this.rows = [...rows].sort(newestFirst)
        this.more = rows.length === PAGE
        this.loaded = true
      },
    )
  }

  async loadMore(): Promise<void> {
    const last = this.rows.at(-1)
    if (!last || !this.more || this.loadingMore) return
    this.loadingMore = true
    try {
      const rows = await this.core.host.call('notification_list', { before: last.id, unread_only: false, limit: PAGE })
      this.rows = upsert(rows, this.rows, (row) => row.id, newestFirst)
      this.more = rows.length === PAGE
    } finally {
      this.loadingMore = false
    }
  }

  put(rows: NotificationView[], removed: number[]): void {
    this.#whole.change(() => (this.rows = upsert(this.rows, rows, (row) => row.id, newestFirst, removed)))
  }

  person(person: PersonView): void {
    this.#whole.change(() => {
      this.rows = this.rows.map((row) => (row.person?.id === person.id ? { ...row, person } : row))
    })
  }

  clear(): void {
    this.#whole.drop()
    this.rows = []
    this.loaded = false
    this.more = false
  }
}

function newestFirst(a: NotificationView, b: NotificationView): number {
  return b.id - a.id
}
