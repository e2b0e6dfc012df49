import type { Feature } from '../../lib/feature'
import AnnouncementBanner from './AnnouncementBanner.svelte'
import { Announcements } from './announcements.svelte'

export const feature: Feature = {
  name: 'announcements',
  state: Announcements,
  places: { top: AnnouncementBanner },
}
