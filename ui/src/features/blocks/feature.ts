import Ban from '@lucide/svelte/icons/ban'
import type { Feature } from '../../lib/feature'
import Blocked from './Blocked.svelte'

export const feature: Feature = {
  name: 'blocks',
  sections: [{ name: 'blocked', label: 'blocks-title', icon: Ban, show: Blocked, order: 6 }],
}
