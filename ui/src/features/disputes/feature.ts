import Scale from '@lucide/svelte/icons/scale'
import type { Feature } from '../../lib/feature'
import { say } from '../../lib/say'
import { Disputes, PAGE } from './disputes.svelte'
import DisputesPage from './DisputesPage.svelte'

export const feature: Feature = {
  name: 'disputes',
  state: Disputes,
  page: { name: PAGE, show: DisputesPage },
  rail: {
    icon: Scale,
    label: 'disputes-title',
    counted: (count) => say('disputes-rail', { count }),
    count: (core) => core.of(Disputes).open,
    keys: 'Ctrl 6',
    order: 6,
    returns: true,
    shown: (core) => (core.me?.admin ?? false) || core.of(Disputes).own.length > 0,
  },
}
