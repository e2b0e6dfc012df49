import type { TwoStepView } from '../../contract.gen'
import type { Core } from '../../lib/core.svelte'
import { LookedAt } from '../../lib/looked-at.svelte'

/** How two-step sign-in stands; `null` where the server has none. */
export class TwoStepState extends LookedAt<TwoStepView | null> {
  constructor(core: Core) {
    super(core, 'two_step', () => core.host.call('two_step_get', {}))
  }
}
