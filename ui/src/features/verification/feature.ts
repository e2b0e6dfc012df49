import BadgeCheck from '@lucide/svelte/icons/badge-check'
import MailCheck from '@lucide/svelte/icons/mail-check'
import type { Feature } from '../../lib/feature'
import Verification from './Verification.svelte'
import { Verifications } from './verifications.svelte'

export const feature: Feature = {
  name: 'verification',
  state: Verifications,
  firstSteps: [
    {
      icon: MailCheck,
      title: 'verification-step',
      line: 'verification-step-line',
      does: (core) => {
        const rows = core.of(Verifications).known ?? []
        return rows.find((row) => row.kind === 'email')?.state === 'pending' ? 'verification-enter' : 'verification-send-code'
      },
      order: 1,
      // Where a server verifies nothing there is nothing to do.
      done: (core) => {
        const rows = core.of(Verifications).known
        return rows ? (rows.find((row) => row.kind === 'email')?.state ?? 'verified') === 'verified' : null
      },
      watch: (core) => core.of(Verifications).look(),
      go: (core) => {
        core.of(Verifications).wanted = 'email'
        core.router.go({ page: 'settings', part: 'verification' })
      },
    },
  ],
  sections: [{ name: 'verification', label: 'verification-title', icon: BadgeCheck, show: Verification, order: 1.5 }],
}
