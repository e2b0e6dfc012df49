import BadgeCheck from '@lucide/svelte/icons/badge-check'
import type { Feature } from '../../lib/feature'
import Verification from './Verification.svelte'
import { Verifications } from './verifications.svelte'

export const feature: Feature = {
  name: 'verification',
  state: Verifications,
  sections: [{ name: 'verification', label: 'verification-title', icon: BadgeCheck, show: Verification, order: 1.5 }],
}
