/** Finds addresses in plain text. Only http, https and mailto count; anything else stays text. */

import { LinkifyIt } from 'linkify-it'

export type Piece = { kind: 'text'; text: string } | { kind: 'link'; text: string; url: string; odd: boolean }

/** Only what says its scheme: `www.a.example` is a word like any other. */
const finder = new LinkifyIt({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false }).add('ftp:', null).add('//', null)

/** Writing without spaces between words: an address ends where such text goes on. */
const RUNNING =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

/** Punctuation of sentences in any script. */
const TAIL = /[\p{Pf}\p{Pi}…、。，．：；！？｡､」』】〕〉》）］｝»”’]/u

/** Splits text into plain stretches and links. `odd` marks a host that is written to look like another, shown in its ASCII form. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = []
  let end = 0
  for (const start of text.matchAll(/(?:https?:\/\/|mailto:)/giu)) {
    const before = [...text.slice(Math.max(0, start.index - 2), start.index)].at(-1) ?? ''
    // Inside a longer word it is no address, except where words have no spaces between them.
    if (start.index < end || (/[\p{L}\p{N}\p{M}_]/u.test(before) && !RUNNING.test(before))) continue
    const rest = text.slice(start.index)
    const match = finder.matchAtStart(rest)
    if (!match) continue
    // What stands before an "@" is a name, not the host, however much it looks like one: the address is taken as a whole.
    const hides = rest.charAt(match.raw.length) === '@' && !match.raw.startsWith('mailto:')
    const raw = cut(hides ? (/^[^\s<>"]+/u.exec(rest)?.[0] ?? match.raw) : match.raw)
    const link = asLink(raw)
    if (!link) continue
    if (start.index > end) found.push({ kind: 'text', text: text.slice(end, start.index) })
    found.push(link)
    end = start.index + raw.length
  }
  if (end < text.length) found.push({ kind: 'text', text: text.slice(end) })
  return found
}

/** The address without what follows it: closing marks of other scripts, and text that goes on without a space. */
function cut(raw: string): string {
  const begin = raw.indexOf(':') + 1
  const host = hostPart(raw)
  // A host may be in any script, but not an ASCII one that goes on in another.
  const ascii = /^(?:[\w-]+\.)+[a-z]{2,}(?=[^\u0000-\u007f])/iu.exec(host)
  const from = begin + raw.slice(begin).indexOf(host) + (ascii ? ascii[0].length : host.length)
  for (let at = from; at < raw.length; at += 1) {
    const char = String.fromCodePoint(raw.codePointAt(at)!)
    if (RUNNING.test(char) || TAIL.test(char)) return raw.slice(0, at)
  }
  const mark = [...host].findIndex((char) => TAIL.test(char))
  return mark < 0 ? raw : raw.slice(0, raw.indexOf(host) + [...host].slice(0, mark).join('').length)
}

function asLink(raw: string): Piece | null {
  let url: URL
  try {
    url = new URL(raw)
  } catch {
    return null
  }
  if (!['http:', 'https:', 'mailto:'].includes(url.protocol)) return null
  if (url.protocol === 'mailto:') return { kind: 'link', text: raw, url: url.href, odd: imitates(raw.split('@')[1] ?? '') }
  if (!url.hostname) return null
  // An address that hides its host behind a name and "@" is as misleading as one in look-alike letters.
  const odd = imitates(hostPart(raw)) || url.username !== '' || url.password !== ''
  return { kind: 'link', text: odd ? asciiForm(url) : raw, url: url.href, odd }
}

function asciiForm(url: URL): string {
  const tail = `${url.pathname}${url.search}${url.hash}`
  return `${url.protocol}//${url.host}${tail === '/' ? '' : tail}`
}

function hostPart(raw: string): string {
  return raw.replace(/^[a-z]+:(?:\/\/)?/iu, '').split(/[/?#]/u)[0] ?? ''
}

/** Letters of other scripts that pass for Latin ones. */
const LOOK_ALIKE = /^[аеорсухѕіјԁԛԝһӏԍьνορυαικτχɑօսոհցզ\d-]+$/u
const CONFUSED = [/\p{Script=Cyrillic}/u, /\p{Script=Greek}/u, /\p{Script=Armenian}/u, /\p{Script=Cherokee}/u]

/**
 * Whether a host is written to look like another: Latin letters mixed with those of a script that has look-alikes, or a name
 * made of look-alikes alone. `münchen.example` and `пример.example` are what they say.
 */
function imitates(host: string): boolean {
  return host
    .toLowerCase()
    .split('.')
    .some((label) => {
      if (label.startsWith('xn--')) return true
      const scripts = CONFUSED.filter((script) => script.test(label))
      if (scripts.length > 1) return true
      if (scripts.length === 0) return /[\u200b-\u200f\u2060\u0338\u2044\u2215\u29f8\uff0f]/u.test(label)
      return /\p{Script=Latin}/u.test(label) || LOOK_ALIKE.test(label)
    })
}
