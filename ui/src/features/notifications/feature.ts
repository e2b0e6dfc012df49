import Bell from '@lucide/svelte/icons/bell'
import type { Feature } from '../../lib/feature'
import { say } from '../../lib/say'
import { Notices } from './notices.svelte'
import NotificationsPage from './NotificationsPage.svelte'

export const feature: Feature = {
  name: 'notifications',
  state: Notices,
  page: { name: 'notifications', show: NotificationsPage },
  rail: {
    icon: Bell,
    label: 'app-notifications',
    counted: (count) => say('notifications-rail', { count }),
    count: (core) => core.unread.notifications,
    keys: 'Ctrl 2',
    order: 2,
  },
  shortcuts: [
    { keys: 'Shift Esc', does: 'app-mark-all-notices-read', order: 60 },
    { keys: 'Del', does: 'app-delete-a-notice', order: 61 },
  ],
}
