import Bell from '@lucide/svelte/icons/bell'
import HardDrive from '@lucide/svelte/icons/hard-drive'
import Info from '@lucide/svelte/icons/info'
import Settings from '@lucide/svelte/icons/settings-2'
import SunMoon from '@lucide/svelte/icons/sun-moon'
import type { Feature } from '../../lib/feature'
import About from './About.svelte'
import Appearance from './Appearance.svelte'
import Data from './Data.svelte'
import { MailPreferences } from './mail-preferences.svelte'
import Notifications from './Notifications.svelte'
import SettingsPage from './SettingsPage.svelte'

export const feature: Feature = {
  name: 'settings',
  state: MailPreferences,
  page: { name: 'settings', show: SettingsPage },
  rail: { icon: Settings, label: 'app-settings', keys: 'Ctrl ,', order: 100 },
  sections: [
    { name: 'notifications', label: 'app-notifications', icon: Bell, show: Notifications, order: 2 },
    { name: 'appearance', label: 'app-appearance', icon: SunMoon, show: Appearance, order: 3 },
    { name: 'data', label: 'app-data-and-storage', icon: HardDrive, show: Data, order: 8 },
    { name: 'about', label: 'app-about', icon: Info, show: About, order: 9 },
  ],
}
