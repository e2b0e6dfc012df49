import type { Feature } from '../../lib/feature'
import ConnectionChip from './ConnectionChip.svelte'
import OfflineBanner from './OfflineBanner.svelte'

export const feature: Feature = {
  name: 'connection',
  places: { title: ConnectionChip, banner: OfflineBanner },
}
