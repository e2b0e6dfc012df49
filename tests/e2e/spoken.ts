/**
 * The stories in the made-up language (`LANGUAGE=en-XA`). They say what they look for in English; here it becomes what the
 * interface must say for it: the sentence of the catalogue with other letters and whatever is inserted as it stands. So a
 * story fails where a sentence stays English, and where an inserted value is lost.
 */
import { readdirSync, readFileSync } from 'node:fs'
import type { Expect, Page } from '@playwright/test'
import { pseudo } from '../../ui/src/lib/pseudo'

export const LANGUAGE = process.env.LANGUAGE === 'en-XA' ? 'en-XA' : null

const CATALOGUES = new URL('../../crates/words/en/', import.meta.url)

const lettersOf = (text: string) => text.replace(/[^\p{L}]/gu, '').length
const hasWords = (text: string) => /\p{L}/u.test(text)

/** A sentence: words, and the names of what is inserted between them. */
type Sentence = { words: string[]; letters: number }

/** Every sentence of the catalogues, those with a choice once for each. */
const SENTENCES: Sentence[] = readdirSync(CATALOGUES)
  .filter((name) => name.endsWith('.ftl'))
  .flatMap((name) => patterns(readFileSync(new URL(name, CATALOGUES), 'utf8')))
  .map((pattern) => pattern.split(/\{[^{}]*\}/))
  .map((words) => ({ words, letters: lettersOf(words.join('')) }))
  .sort((a, b) => b.letters - a.letters)

function patterns(file: string): string[] {
  const found: string[] = []
  for (const [, body] of file.matchAll(/^[a-z][\w-]* =((?:.*)(?:\n[ \t}].*)*)/gm)) {
    const variants = [...body!.matchAll(/^\s+\*?\[[\w-]+\] (.*)$/gm)].map((variant) => variant[1]!)
    if (variants.length > 0) found.push(...variants)
    else found.push(body!.trim().replace(/\n\s+/g, '\n'))
  }
  return found
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
/** Marks around what is inserted. */
const MARKS = '[\\u2068\\u2069]*'
/** As the page has it: with marks between, and any white space. */
const loose = (text: string) => [...text].map((letter) => (/\s/.test(letter) ? '\\s+' : escaped(letter))).join(MARKS)

interface Spoken {
  source: string
  letters: number
}

/** How a sentence of the catalogues says this text, as the source of an expression, and how many of its letters are the
 * sentence's own; `null` where none says it. */
function said(text: string, depth = 0): Spoken | null {
  for (const { words, letters } of SENTENCES) {
    if (words.length === 1 ? words[0] !== text : letters === 0) continue
    const found = new RegExp(`^${words.map(escaped).join('([^]+?)')}$`).exec(text)
    if (!found) continue
    const source = words
      .map(
        (part, index) =>
          loose(pseudo(part)) + (index + 1 < words.length ? MARKS + inserted(found[index + 1]!, depth) + MARKS : ''),
      )
      .join('')
    return { source, letters }
  }
  return null
}

/** What is inserted is what people wrote, or another sentence. */
function inserted(text: string, depth: number): string {
  const other = depth < 2 && hasWords(text) ? part(text, depth + 1) : null
  return other === null ? loose(text) : `(?:${loose(text)}|${other.source})`
}

/** Where one sentence ends and another begins in one label: `Lena Hartwig, 2 unread`, `Settings Ctrl ,`. */
const BETWEEN = [/(: )/, /(, )/, /( · )/, /(\. )/, /( — )/, /((?<=^| )\d[\d,.:]*(?= |$))/, /( (?=(?:Ctrl|Alt|Shift|Esc|Del)\b))/]

/** A sentence, a part of one, or several in a row: whichever says the most letters of a text. */
function part(text: string, depth = 0): Spoken | null {
  if (!hasWords(text)) return null
  const found: (Spoken | null)[] = [said(text, depth)]
  const whole = new RegExp(`(?<![\\p{L}\\p{N}])${text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}(?![\\p{L}\\p{N}])`, 'u')
  if (SENTENCES.some(({ words }) => words.some((piece) => whole.test(piece))))
    found.push({ source: loose(pseudo(text)), letters: lettersOf(text) })
  for (const between of BETWEEN) {
    const pieces = text.split(between)
    if (pieces.length < 2 || depth > 2) continue
    const all = pieces.map((piece) => part(piece, depth + 1))
    const source = all.map((piece, index) => MARKS + (piece?.source ?? loose(pieces[index]!)) + MARKS).join('')
    found.push({ source, letters: all.reduce((sum, piece) => sum + (piece?.letters ?? 0), 0) })
  }
  // Ends within something inserted: `You blocked Lena`.
  for (const { words } of SENTENCES) {
    if (words.length < 2) continue
    const first = words
      .find((piece) => piece.trim().length > 2 && hasWords(piece) && text.startsWith(piece.trimStart()))
      ?.trimStart()
    if (first === undefined) continue
    found.push({ source: loose(pseudo(first)) + MARKS + inserted(text.slice(first.length), 1), letters: lettersOf(first) })
  }
  return found.reduce((best, one) => (one && one.letters > (best?.letters ?? 0) ? one : best), null)
}

/** What a catalogue says of a text must be so much of it, one part in so many, to rule out that people wrote it. */
const MOSTLY = 4

/** What stands on the page for a text in English. What no catalogue says is what people wrote: it stands as it is. */
export function spoken(text: string, exact: boolean): string | RegExp {
  const trimmed = text.trim()
  const found = part(trimmed)
  if (found === null) return text
  // A few letters of a sentence in a long text are no sentence for sure.
  const sure = found.letters * MOSTLY >= lettersOf(trimmed)
  const source = sure ? found.source : `(?:${loose(trimmed)}|${found.source})`
  return exact ? new RegExp(`^${MARKS}\\s*${source}\\s*${MARKS}$`) : new RegExp(source, 'i')
}

/** The words of an expression are spoken, its signs stay. */
export function spokenExpression(expression: RegExp): RegExp {
  const source = expression.source.replace(
    /(\\[pP]\{[^}]*\}|\\.|\[(?:\\.|[^\]\\])*\]|\(\?[:=!]|[()|^$.*+?]|\{\d+,?\d*\})|((?:[^\\[\](){}|^$.*+?]|\\[./-])+)/g,
    (all: string, sign: string | undefined, run: string | undefined, at: number) => {
      if (sign !== undefined || run === undefined) return all
      // A sign behind it belongs to the last letter alone.
      const counted = /^[*+?{]/.test(expression.source.slice(at + run.length)) && run.length > 1
      const body = (counted ? run.slice(0, -1) : run).replace(/\\([./-])/g, '$1')
      const [, before, words, after] = /^(\s*)([^]*?)(\s*)$/.exec(body)!
      const of = part(words!)?.source ?? null
      const rest = counted ? `(?:${of === null ? escaped(run.at(-1)!) : loose(pseudo(run.at(-1)!))})` : ''
      return `${MARKS}${before ? `${MARKS}\\s*${MARKS}` : ''}${of ?? loose(words!)}${after ? `${MARKS}\\s*${MARKS}` : ''}${MARKS}${rest}`
    },
  )
  return new RegExp(
    source.replace(/^\^/, `^${MARKS}\\s*`).replace(/\$$/, `\\s*${MARKS}$`),
    expression.flags.includes('u') ? 'u' : expression.flags,
  )
}

const untouched = new WeakSet<RegExp>()

/** What people wrote: it stands as it is in every language, also where a sentence could say it. */
export function theirs<T extends string | RegExp>(text: T): T | RegExp {
  if (!LANGUAGE) return text
  const found = typeof text === 'string' ? new RegExp(loose(text), 'i') : new RegExp(text)
  untouched.add(found)
  return found
}

type Wanted = string | RegExp | readonly (string | RegExp)[]

function wanted(text: unknown, exact: boolean): unknown {
  if (typeof text === 'string') return spoken(text, exact)
  if (text instanceof RegExp) return untouched.has(text) ? text : spokenExpression(text)
  if (Array.isArray(text)) return (text as Wanted[]).map((one) => wanted(one, exact))
  return text
}

/** English for what the page says, for what a story reads by itself. Text that is plain in it is marked. */
export function inEnglish(text: string): string {
  if (!LANGUAGE) return text
  const plain = text.replace(/[\u2068\u2069]/g, '')
  const sentence = SENTENCES.find(({ words }) => {
    const found = new RegExp(`^${words.map((piece) => escaped(pseudo(piece))).join('[^]+?')}$`)
    return words.some(hasWords) && found.test(plain)
  })
  if (!sentence) return hasWords(plain) ? `(not said: ${plain})` : plain
  const values = new RegExp(`^${sentence.words.map((piece) => escaped(pseudo(piece))).join('([^]+?)')}$`).exec(plain)!.slice(1)
  return sentence.words.map((piece, index) => piece + (values[index] ?? '')).join('')
}

/** Makes what stories ask a page for be asked for in the made-up language. */
export function speakOn(page: Page): void {
  if (!LANGUAGE) return
  const go = page.goto.bind(page)
  page.goto = (url, options) => go(url.replace(/^\/\?(?!language)/, `/?language=${LANGUAGE}&`), options)
  const locator = Object.getPrototypeOf(page.locator('body')) as object
  patch(Object.getPrototypeOf(page) as object)
  patch(locator)
}

const patched = new WeakSet<object>()

function patch(prototype: object): void {
  if (patched.has(prototype)) return
  patched.add(prototype)
  const on = prototype as Record<string, (...args: unknown[]) => unknown>
  const before = (name: string, change: (args: unknown[]) => unknown[]) => {
    const original = on[name]
    if (!original) return
    on[name] = function (...args: unknown[]) {
      return original.apply(this, change(args))
    }
  }
  for (const name of ['getByText', 'getByLabel', 'getByPlaceholder'])
    before(name, ([text, options]) => [wanted(text, (options as { exact?: boolean } | undefined)?.exact ?? false)])
  before('getByRole', ([role, options]) => {
    const { name, exact, ...rest } = (options ?? {}) as { name?: string | RegExp; exact?: boolean }
    return [role, name === undefined ? rest : { ...rest, name: wanted(name, exact ?? false) }]
  })
  const filtered = (options: unknown) =>
    options && typeof options === 'object' && 'hasText' in options
      ? { ...options, hasText: wanted(options.hasText, false) }
      : options
  before('filter', ([options]) => [filtered(options)])
  before('locator', ([selector, options]) => [selector, filtered(options)])
}

const EXACT = new Set(['toHaveText', 'toHaveAccessibleName', 'toHaveAccessibleDescription'])
const WITHIN = new Set(['toContainText'])

/** `expect` for pages in the made-up language. */
export function expecting(expect: Expect): Expect {
  if (!LANGUAGE) return expect
  const matchers = <T extends object>(of: T): T =>
    new Proxy(of, {
      get(target, name, receiver) {
        const value: unknown = Reflect.get(target, name, receiver)
        if (name === 'not') return matchers(value as object)
        if (typeof value !== 'function' || typeof name !== 'string' || !(EXACT.has(name) || WITHIN.has(name))) return value
        return (text: unknown, ...rest: unknown[]) =>
          (value as (...args: unknown[]) => unknown)(wanted(text, EXACT.has(name)), ...rest)
      },
    })
  return new Proxy(expect, { apply: (target, self, args) => matchers(Reflect.apply(target, self, args) as object) })
}
