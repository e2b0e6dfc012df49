/** Words for what the desk shows; what a newer server knows stands as it is. */

import { isKey, say } from '../../lib/say'

function named(prefix: string, word: string): string {
  const key = `desk-${prefix}-${word.replaceAll('.', '-')}`
  return isKey(key) ? say(key as 'desk-title') : word
}

export const thingOf = (kind: string): string => named('thing', kind)
export const stateOf = (state: string): string => named('state', state)
export const didOf = (action: string): string => named('did', action)
export const numberOf = (name: string): string => named('number', name)
export const letterOf = (kind: string): string => named('letter-kind', kind)
export const purposeOf = (purpose: string): string => named('code-purpose', purpose)
/** What is to be verified; `slot` says which of several. */
export function verifiedOf(row: { kind: string; slot: string }): string {
  if (row.kind === 'identity') return say('desk-verification-kind-identity')
  return row.kind === 'payout_account' ? say('desk-verification-kind-payout_account', { slot: row.slot }) : row.kind
}
export const fieldOf = (name: string): string => named('field', name)
