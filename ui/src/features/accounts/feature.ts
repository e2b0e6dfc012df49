import CircleUser from '@lucide/svelte/icons/circle-user'
import type { Feature } from '../../lib/feature'
import AccountSettings from './AccountSettings.svelte'
import PersonMenu from './PersonMenu.svelte'

export const feature: Feature = {
  name: 'accounts',
  sections: [{ name: 'account', label: 'app-account', icon: CircleUser, show: AccountSettings, order: 1 }],
  places: { rail: PersonMenu },
}
