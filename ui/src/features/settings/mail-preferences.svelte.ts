import type { MailPreferences as Preferences } from '../../contract.gen'
import type { Core } from '../../lib/core.svelte'
import { LookedAt } from '../../lib/looked-at.svelte'
import { say } from '../../lib/say'

/** Which letters one wants; `null` where the server asks nobody. */
export class MailPreferences extends LookedAt<Preferences | null> {
  constructor(core: Core) {
    super(core, 'mail_preferences', () => core.host.call('mail_preferences_get', {}))
  }

  async set(kind: string, wanted: boolean): Promise<void> {
    const newest = this.changing()
    const said = await this.core.try('mail_preference_set', { kind, wanted }, say('mail-preferences-not-changed'))
    // A switch that was pressed stands as it is kept.
    if (!newest()) return
    if (said) this.put(said)
    else void this.ask()
  }
}
