import Vault from '@lucide/svelte/icons/vault'
import type { Feature } from '../../lib/feature'
import WalletPage from './WalletPage.svelte'
import { PAGE } from './words'

export const feature: Feature = {
  name: 'wallet',
  page: { name: PAGE, show: WalletPage },
  rail: { icon: Vault, label: 'wallet-title', keys: 'Ctrl 4', order: 4, returns: true },
}
