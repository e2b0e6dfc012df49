import FileArchive from '@lucide/svelte/icons/file-archive'
import type { Feature } from '../../lib/feature'
import YourData from './YourData.svelte'

export const feature: Feature = {
  name: 'departures',
  sections: [{ name: 'your-data', label: 'departures-title', icon: FileArchive, show: YourData, order: 8 }],
}
