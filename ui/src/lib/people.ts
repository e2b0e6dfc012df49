import type { PersonView } from '../contract.gen'
import { moment } from './time'

/** What stands under a name: trade and presence. */
export function presenceWords(person: PersonView, context: { offlineSince: number | null; now: number }): string {
  const parts: string[] = []
  if (person.craft) parts.push(person.craft)
  if (person.blocked) parts.push('blocked')
  else if (context.offlineSince !== null) {
    if (person.last_seen_at !== null) parts.push(`last seen ${moment(person.last_seen_at, context.now)}, before you went offline`)
  } else if (person.online) parts.push('online')
  else if (person.last_seen_at !== null) parts.push(`last seen ${moment(person.last_seen_at, context.now)}`)
  else if (person.online === false) parts.push('offline')
  const words = parts.join(' · ')
  return words.charAt(0).toLocaleUpperCase('en') + words.slice(1)
}
