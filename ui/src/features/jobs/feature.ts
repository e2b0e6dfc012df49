import Compass from '@lucide/svelte/icons/drafting-compass'
import type { Feature } from '../../lib/feature'
import JobsPage from './JobsPage.svelte'
import Leaving from './Leaving.svelte'
import { Jobs, PAGE } from './state.svelte'
import ThreadJob from './ThreadJob.svelte'

export const feature: Feature = {
  name: 'jobs',
  state: Jobs,
  page: { name: PAGE, show: JobsPage },
  rail: { icon: Compass, label: 'job-jobs', keys: 'Ctrl 5', order: 1.5, returns: true },
  places: { over: Leaving, banner: ThreadJob },
}
