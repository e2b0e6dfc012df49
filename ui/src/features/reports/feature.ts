import Flag from '@lucide/svelte/icons/flag'
import type { Feature } from '../../lib/feature'
import { say } from '../../lib/say'
import ReportDialog from './ReportDialog.svelte'
import { Reports } from './reports.svelte'
import YourReports from './YourReports.svelte'

export const feature: Feature = {
  name: 'reports',
  state: Reports,
  sections: [{ name: 'reports', label: 'reports-title', icon: Flag, show: YourReports, order: 7 }],
  actions: (core, on) => {
    if (on.person.id === core.me?.id) return []
    const what = on.message
      ? { kind: 'message', id: on.message, name: on.person.name }
      : { kind: 'profile', id: on.person.id, name: on.person.name }
    const label = on.message ? say('reports-report-message') : say('reports-report-person')
    const picture = { kind: 'picture', id: on.person.id, name: on.person.name }
    const actions = [{ label, icon: Flag, stop: true, run: () => core.of(Reports).begin(what) }]
    if (!on.message && on.person.picture !== null)
      actions.push({ label: say('reports-report-picture'), icon: Flag, stop: true, run: () => core.of(Reports).begin(picture) })
    return actions
  },
  places: { over: ReportDialog },
}
