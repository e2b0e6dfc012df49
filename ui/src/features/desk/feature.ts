import ShieldCheck from '@lucide/svelte/icons/shield-check'
import type { Feature } from '../../lib/feature'
import { say } from '../../lib/say'
import { Desk, PAGE } from './desk.svelte'
import DeskPage from './DeskPage.svelte'

export const feature: Feature = {
  name: 'desk',
  state: Desk,
  page: { name: PAGE, show: DeskPage },
  rail: {
    icon: ShieldCheck,
    label: 'desk-title',
    counted: (count) => say('desk-rail', { count }),
    count: (core) => core.of(Desk).waiting + core.of(Desk).toVerify,
    keys: 'Ctrl 9',
    order: 9,
    returns: true,
    shown: (core) => core.me?.admin ?? false,
  },
}
