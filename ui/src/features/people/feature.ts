import Users from '@lucide/svelte/icons/users-round'
import type { Feature } from '../../lib/feature'
import PeoplePage from './PeoplePage.svelte'
import { PAGE, People } from './state.svelte'

export const feature: Feature = {
  name: 'people',
  state: People,
  page: { name: PAGE, show: PeoplePage },
  rail: { icon: Users, label: 'profiles-people', keys: 'Ctrl 3', order: 3, returns: true },
}
