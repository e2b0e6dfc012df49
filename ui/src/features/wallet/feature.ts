import Vault from '@lucide/svelte/icons/vault'
import type { Feature } from '../../lib/feature'
import WalletPage from './WalletPage.svelte'
import { PAGE, walletAt } from './words'

export const feature: Feature = {
  name: 'wallet',
  page: {
    name: PAGE,
    show: WalletPage,
    escape(core) {
      if (!core.router.route.part?.startsWith('p-')) return false
      core.router.go(walletAt('payments'))
      return true
    },
  },
  rail: { icon: Vault, label: 'wallet-title', keys: 'Ctrl 4', order: 4, returns: true },
}
