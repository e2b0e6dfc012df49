import type { AnnouncementView, UiEvent } from '../../contract.gen'
import type { Core } from '../../lib/core.svelte'
import type { FeatureState } from '../../lib/feature'
import { Snapshot } from '../../lib/rows'

/** What an administrator says to everybody. */
export class Announcements implements FeatureState {
  said = $state.raw<AnnouncementView | null>(null)
  /** The one that was put away here: another one is shown again. */
  #hidden = $state<number | null>(null)
  #whole = new Snapshot<AnnouncementView | null>()

  constructor(private core: Core) {}

  take(event: UiEvent): void {
    if (event.type === 'announced') this.#whole.change(() => (this.said = event.announcement))
  }

  async load(): Promise<void> {
    await this.#whole.load(
      () => this.core.host.call('announcement_get', {}),
      (said) => (this.said = said),
    )
  }

  clear(): void {
    this.#whole.drop()
    this.said = null
    this.#hidden = null
  }

  get shown(): AnnouncementView | null {
    return this.said?.number === this.#hidden ? null : this.said
  }

  hide(): void {
    this.#hidden = this.said?.number ?? null
  }
}
