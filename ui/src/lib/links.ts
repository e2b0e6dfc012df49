/** Finds addresses in plain text. Only http, https and mailto count; anything else stays text. */

export type Piece = { kind: 'text'; text: string } | { kind: 'link'; text: string; url: string; odd: boolean }

const ADDRESS = /\b(?:https?:\/\/|mailto:)[^\s<>"'`{}|\\^\u0000-\u001f]+/giu

/** Splits text into plain stretches and links. `odd` marks a host with letters beyond ASCII, shown in its ASCII form. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = []
  let end = 0
  for (const match of text.matchAll(ADDRESS)) {
    const raw = trimTail(match[0])
    const link = asLink(raw)
    if (!link) continue
    if (match.index > end) found.push({ kind: 'text', text: text.slice(end, match.index) })
    found.push(link)
    end = match.index + raw.length
  }
  if (end < text.length) found.push({ kind: 'text', text: text.slice(end) })
  return found
}

function asLink(raw: string): Piece | null {
  let url: URL
  try {
    url = new URL(raw)
  } catch {
    return null
  }
  if (!['http:', 'https:', 'mailto:'].includes(url.protocol)) return null
  if (url.protocol === 'mailto:') return { kind: 'link', text: raw, url: url.href, odd: !isAscii(raw) }
  if (!url.hostname) return null
  // An address that hides its host behind a name and "@" is as misleading as one in look-alike letters.
  const odd = url.hostname.includes('xn--') || !isAscii(hostPart(raw)) || url.username !== '' || url.password !== ''
  return { kind: 'link', text: odd ? asciiForm(url) : raw, url: url.href, odd }
}

function asciiForm(url: URL): string {
  const tail = `${url.pathname}${url.search}${url.hash}`
  return `${url.protocol}//${url.host}${tail === '/' ? '' : tail}`
}

function hostPart(raw: string): string {
  return raw.replace(/^https?:\/\//iu, '').split(/[/?#]/u)[0] ?? ''
}

function isAscii(text: string): boolean {
  return /^[\u0020-\u007e]*$/u.test(text)
}

/** Punctuation at the end belongs to the sentence, and so does a closing bracket that was opened outside. */
function trimTail(raw: string): string {
  let text = raw
  for (;;) {
    const last = text.at(-1) ?? ''
    if ('.,;:!?…’”»'.includes(last)) text = text.slice(0, -last.length)
    else if (last === ')' && occurrences(text, ')') > occurrences(text, '(')) text = text.slice(0, -1)
    else if (last === ']' && occurrences(text, ']') > occurrences(text, '[')) text = text.slice(0, -1)
    else return text
  }
}

function occurrences(text: string, mark: string): number {
  return text.split(mark).length - 1
}
