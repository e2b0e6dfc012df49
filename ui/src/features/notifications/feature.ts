import Bell from '@lucide/svelte/icons/bell'
import type { Feature } from '../../lib/feature'
import { say } from '../../lib/say'
import { Notifications } from './state.svelte'
import NotificationsPage from './NotificationsPage.svelte'

export const feature: Feature = {
  name: 'notifications',
  state: Notifications,
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
    { keys: 'Shift Esc', does: 'app-mark-all-notifications-read', order: 60 },
    { keys: 'Del', does: 'app-delete-a-notification', order: 61 },
  ],
}
