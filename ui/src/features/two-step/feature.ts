import ShieldCheck from '@lucide/svelte/icons/shield-check'
import type { Feature } from '../../lib/feature'
import TwoStep from './TwoStep.svelte'
import { TwoStepState } from './two-step.svelte'

export const feature: Feature = {
  name: 'two-step',
  state: TwoStepState,
  sections: [{ name: 'two-step', label: 'two-step-title', icon: ShieldCheck, show: TwoStep, order: 1.2 }],
}
