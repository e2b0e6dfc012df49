import type { UiEvent } from '../contract.gen'
import type { Core } from './core.svelte'
import type { FeatureState } from './feature'

/** Something that the server keeps and the window shows: asked for when somebody looks, and again when it is told that it changed. */
export abstract class LookedAt<T> implements FeatureState {
  /** `undefined` until it is known. */
  known = $state.raw<T | undefined>(undefined)
  /** It was asked for, and nobody knows it. What was known before stands still. */
  unknown = $state(false)
  #looking = 0
  #asking = 0

  constructor(
    protected core: Core,
    private topic: string,
    private fetch: () => Promise<T>,
  ) {}

  /** Somebody looks: what follows is kept current until they look away. */
  look(): () => void {
    this.#looking += 1
    void this.ask()
    return () => (this.#looking -= 1)
  }

  take(event: UiEvent): void {
    if (event.type === 'stale' && event.topic === this.topic && this.#looking > 0) void this.ask()
  }

  back(): void {
    if (this.#looking > 0) void this.ask()
  }

  async ask(): Promise<void> {
    const asking = ++this.#asking
    try {
      const known = await this.fetch()
      if (asking === this.#asking) this.put(known)
    } catch {
      if (asking === this.#asking) this.unknown = true
    }
  }

  /** What is known from now on, whatever is answered to what was asked before. */
  put(known: T): void {
    this.#asking += 1
    this.known = known
    this.unknown = false
  }

  /** Something is changed: what was asked before says nothing any more. Whether nothing was changed or asked since. */
  protected changing(): () => boolean {
    const asking = ++this.#asking
    return () => asking === this.#asking
  }

  clear(): void {
    this.#asking += 1
    this.known = undefined
    this.unknown = false
  }
}
