/** Small facts about text. */

import { say } from './say'

/** Code points, which is how the length of a message is counted. */
export function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}

/** `TB` for Tunde Bákàrè: the first letters of the first and the last word, with their marks. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean)
  const picked = words.length > 1 ? [words[0], words[words.length - 1]] : words
  return picked.map((word) => firstLetter(word ?? '')).join('') || '?'
}

function firstLetter(word: string): string {
  const match = /[\p{L}\p{N}]\p{M}*/u.exec(word)
  return (match?.[0] ?? '').toLocaleUpperCase('en')
}

/** The first word of a name, for sentences. */
export function firstName(name: string): string {
  return name.trim().split(/\s+/u)[0] || name
}

/** One of the six avatar colours, always the same for the same person. */
export function avatarColour(id: number): number {
  return ((((Math.imul(id, 2_654_435_761) >>> 8) % 6) + 6) % 6) + 1
}

/** `2.4 MB`. Decimal units, as file managers show them. */
export function fileSize(bytes: number): string {
  if (bytes < 1000) return say('size-bytes', { n: bytes })
  const units = ['size-kilobytes', 'size-megabytes', 'size-gigabytes', 'size-terabytes'] as const
  let value = bytes
  let unit = -1
  do {
    value /= 1000
    unit += 1
  } while (value >= 999.5 && unit < units.length - 1)
  return say(units[unit]!, { n: value < 10 ? Math.round(value * 10) / 10 : Math.round(value) })
}

/** The address without scheme and trailing slash. */
export function bareAddress(url: string): string {
  return url.replace(/^https?:\/\//, '').replace(/\/$/, '')
}
