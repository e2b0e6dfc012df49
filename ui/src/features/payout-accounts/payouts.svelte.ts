import type { PayoutAccountView, PayoutAccountsView, UiEvent } from '../../contract.gen'
import type { Core } from '../../lib/core.svelte'
import type { FeatureState } from '../../lib/feature'

/** One's bank accounts. Asked for when somebody looks, and again when it is told that one stands differently. */
export class Payouts implements FeatureState {
  known = $state.raw<PayoutAccountsView | null>(null)
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
    // How an account stands is a verification.
    if (event.type === 'stale' && event.topic === 'verifications' && this.#looking > 0) void this.ask()
  }

  back(): void {
    if (this.#looking > 0) void this.ask()
  }

  async ask(): Promise<void> {
    const asking = ++this.#asking
    try {
      const known = await this.core.host.call('payout_account_list', {})
      if (asking === this.#asking) [this.known, this.unknown] = [known, false]
    } catch {
      if (asking === this.#asking) this.unknown = true
    }
  }

  put(account: PayoutAccountView): void {
    // One that was refused while another stands in its place is not kept.
    if (!this.known || account.id === 0) return
    const others = this.known.accounts.filter((other) => other.currency !== account.currency)
    const accounts = [...others, account].sort((a, b) => a.currency.localeCompare(b.currency))
    this.known = { ...this.known, accounts }
  }

  clear(): void {
    this.#asking += 1
    this.known = null
    this.unknown = false
  }
}
