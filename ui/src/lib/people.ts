import type { Party, PersonView } from '../contract.gen'
import { moment } from './time'
import { say } from './say'

/** The dot beside a name: online, not online, `null` for unknown; none for somebody one blocked. */
export function presenceDot(person: PersonView, offline: boolean): boolean | null | undefined {
  if (person.blocked) return undefined
  return offline ? null : person.online
}

/** The form of a picture: an arch for people with a trade, a square for the house itself, a circle for others. */
export type Shape = 'arch' | 'house' | ''

export function shapeOf(who: { craft: string | null; admin?: boolean }): Shape {
  return who.admin ? 'house' : who.craft ? 'arch' : ''
}

/** Somebody of the server's answers, as their picture is drawn. */
export function partyOf(party: Party): { id: number; name: string; craft: string | null; picture: number | null } {
  const picture = /\/api\/attachments\/(\d{1,15})(?:\?|$)/.exec(party.avatar ?? '')
  return { id: party.id, name: party.name, craft: party.craft, picture: picture ? Number(picture[1]) : null }
}

/** What somebody is here. */
export function roleWords(who: { craft: string | null; admin?: boolean }): string {
  return who.admin ? say('profiles-runs-this-hall') : (who.craft ?? say('profiles-client'))
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
