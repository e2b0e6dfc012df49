import type { TwoStepView, UiEvent } from '../../contract.gen'
import type { Core } from '../../lib/core.svelte'
import type { FeatureState } from '../../lib/feature'

/** How two-step sign-in stands. Asked for when somebody looks, and again when it is told that it changed. */
export class TwoStepState implements FeatureState {
  /** `null` where the server has none. */
  stands = $state.raw<TwoStepView | null | undefined>(undefined)
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
    if (event.type === 'stale' && event.topic === 'two_step' && this.#looking > 0) void this.ask()
  }

  back(): void {
    if (this.#looking > 0) void this.ask()
  }

  async ask(): Promise<void> {
    const asking = ++this.#asking
    try {
      const stands = await this.core.host.call('two_step_get', {})
      if (asking === this.#asking) [this.stands, this.unknown] = [stands, false]
    } catch {
      if (asking === this.#asking) this.unknown = true
    }
  }

  put(stands: TwoStepView): void {
    this.#asking += 1
    this.stands = stands
    this.unknown = false
  }

  clear(): void {
    this.#asking += 1
    this.stands = undefined
    this.unknown = false
  }
}
