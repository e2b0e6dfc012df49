import { type Plain, isKey, say } from '../../lib/say'

/** A sentence by its name, or another one for what a newer server has. */
function named(name: string, otherwise: Plain): string {
  return isKey(name) ? say(name as Plain) : say(otherwise)
}

export const kindWords = (kind: string): string => named(`verification-${kind}`, 'verification-other')
export const stateWords = (state: string): string => named(`verification-state-${state}`, 'verification-state-other')

/** What it lets somebody do. */
export function opensWords(kind: string): string {
  const name = `verification-opens-${kind}`
  return isKey(name) ? say(name as Plain) : ''
}
