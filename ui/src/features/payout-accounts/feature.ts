import Landmark from '@lucide/svelte/icons/landmark'
import type { Feature } from '../../lib/feature'
import { Payouts } from './payouts.svelte'
import PayoutAccounts from './PayoutAccounts.svelte'

export const feature: Feature = {
  name: 'payout-accounts',
  state: Payouts,
  sections: [{ name: 'bank-accounts', label: 'payouts-title', icon: Landmark, show: PayoutAccounts, order: 1.6 }],
}
