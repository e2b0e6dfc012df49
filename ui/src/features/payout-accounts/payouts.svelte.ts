import type { PayoutAccountView, PayoutAccountsView } from '../../contract.gen'
import type { Core } from '../../lib/core.svelte'
import { LookedAt } from '../../lib/looked-at.svelte'

/** One's bank accounts. How one stands is a verification. */
export class Payouts extends LookedAt<PayoutAccountsView> {
  constructor(core: Core) {
    super(core, 'verifications', () => core.host.call('payout_account_list', {}))
  }

  putAccount(account: PayoutAccountView): void {
    // One that was refused while another stands in its place is not kept.
    if (!this.known || account.id === 0) return
    const others = this.known.accounts.filter((other) => other.currency !== account.currency)
    const accounts = [...others, account].sort((a, b) => a.currency.localeCompare(b.currency))
    this.put({ ...this.known, accounts })
  }
}
