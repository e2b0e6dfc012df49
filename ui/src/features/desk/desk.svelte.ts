import type { ReportRow, UiEvent, VerificationRow } from '../../contract.gen'
import type { Core } from '../../lib/core.svelte'
import type { FeatureState } from '../../lib/feature'
import type { Route } from '../../lib/router.svelte'

export const PAGE = 'desk'

/** Where a report stands. */
export function reportAt(id: number): Route {
  return { page: PAGE, part: `reports-${id}` }
}

/** What waits for an administrator. Nobody else asks for it. */
export class Desk implements FeatureState {
  reports = $state.raw<ReportRow[]>([])
  /** What waits to be verified. */
  verifications = $state.raw<VerificationRow[]>([])
  loaded = $state(false)
  waiting = $derived(this.reports.filter((row) => row.waits && row.may_decide).length)
  toVerify = $derived(this.verifications.filter((row) => row.may_decide).length)

  /** Which look is the newest one: what an older one finds out comes too late, and after signing out to somebody else. */
  #looking = 0

  constructor(private core: Core) {}

  take(event: UiEvent): void {
    // An administrator is told of each report and each answer.
    if (event.type !== 'notifications') return
    const told = /^(report\.|verification_waiting$)/
    if (event.rows.some((row) => told.test(row.kind))) void this.load()
  }

  async load(): Promise<void> {
    if (!this.core.me?.admin) return
    const looking = ++this.#looking
    try {
      const reports = await this.core.host.call('report_queue', { state: null })
      const verifications = await this.core.host.call('verification_queue', { state: null })
      if (looking !== this.#looking) return
      this.reports = reports
      this.verifications = verifications
      this.loaded = true
    } catch {
      // Without a link nobody knows what waits; it is asked for again when it is back.
    }
  }

  put(changed: ReportRow): void {
    const rows = this.reports.map((row) => (row.id === changed.id ? changed : row))
    this.reports = [...rows.filter((row) => row.waits), ...rows.filter((row) => !row.waits)]
  }

  back(): void {
    void this.load()
  }

  clear(): void {
    this.#looking += 1
    this.reports = []
    this.verifications = []
    this.loaded = false
  }
}
