import type { MailPreferences as Preferences, UiEvent } from '../../contract.gen'
import type { Core } from '../../lib/core.svelte'
import type { FeatureState } from '../../lib/feature'
import { say } from '../../lib/say'

/** Which letters one wants. Asked for when somebody looks, and again when it is told that it changed. */
export class MailPreferences implements FeatureState {
  /** `null` where the server asks nobody. */
  known = $state.raw<Preferences | null | undefined>(undefined)
  unknown = $state(false)
  #looking = 0
  #asking = 0

  constructor(private core: Core) {}

  /** Somebody looks: what follows is kept current until they look away. */
  look(): () => void {
    this.#looking += 1
    void this.ask()
    return () => (this.#looking -= 1)
  }

  take(event: UiEvent): void {
    if (event.type === 'stale' && event.topic === 'mail_preferences' && this.#looking > 0) void this.ask()
  }

  back(): void {
    if (this.#looking > 0) void this.ask()
  }

  async ask(): Promise<void> {
    const asking = ++this.#asking
    try {
      const known = await this.core.host.call('mail_preferences_get', {})
      if (asking === this.#asking) [this.known, this.unknown] = [known, false]
    } catch {
      if (asking === this.#asking) this.unknown = true
    }
  }

  async set(kind: string, wanted: boolean): Promise<void> {
    const asking = ++this.#asking
    const said = await this.core.try('mail_preference_set', { kind, wanted }, say('mail-preferences-not-changed'))
    // A switch that was pressed stands as it is kept.
    if (asking !== this.#asking) return
    if (said) [this.known, this.unknown] = [said, false]
    else void this.ask()
  }

  clear(): void {
    this.#asking += 1
    this.known = undefined
    this.unknown = false
  }
}
