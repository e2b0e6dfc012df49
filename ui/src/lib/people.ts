import type { PersonView } from '../contract.gen'
import { moment } from './time'
import { say } from './say'

/** The dot beside a name: online, not online, `null` for unknown; none for somebody one blocked. */
export function presenceDot(person: PersonView, offline: boolean): boolean | null | undefined {
  if (person.blocked) return undefined
  return offline ? null : person.online
}

/** What stands under a name: trade and presence. */
export function presenceWords(person: PersonView, context: { offlineSince: number | null; now: number }): string {
  const parts: string[] = []
  if (person.craft) parts.push(person.craft)
  if (person.blocked) parts.push(say('messages-presence-blocked'))
  else if (context.offlineSince !== null) {
    if (person.last_seen_at !== null)
      parts.push(say('messages-presence-last-seen-before', { when: moment(person.last_seen_at, context.now) }))
  } else if (person.online) parts.push(say('messages-presence-online'))
  else if (person.last_seen_at !== null)
    parts.push(say('messages-presence-last-seen', { when: moment(person.last_seen_at, context.now) }))
  else if (person.online === false) parts.push(say('messages-presence-offline'))
  const words = parts.join(' · ')
  return words.charAt(0).toLocaleUpperCase('en') + words.slice(1)
}
