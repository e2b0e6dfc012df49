/**
 * Says the sentences of the catalogues (`crates/words/en`), which the app's core says its notices from too. A sentence that
 * is not there, or with something else inserted than it asks for, does not compile.
 */

import { FluentBundle, FluentResource } from '@fluent/bundle'
import type { Sentences } from '../words.gen'
import { pseudo } from './pseudo'

export type Key = keyof Sentences
/** The sentences into which nothing is inserted. */
export type Plain = { [K in Key]: Sentences[K] extends null ? K : never }[Key]

/** The language that is whole, and whose region says how dates and numbers are written. */
export const DEFAULT: string = 'en-GB'
/** The made-up language: longer, accented, from right to left. */
export const PSEUDO = 'en-XA'

const catalogues = import.meta.glob<string>('../../../crates/words/en/*.ftl', {
  query: '?raw',
  import: 'default',
  eager: true,
})

let language = DEFAULT
let bundle = made(language)

function made(name: string): FluentBundle {
  const fresh = new FluentBundle(name === PSEUDO ? DEFAULT : name, {
    // Done here, and only where it is needed.
    useIsolating: false,
    ...(name === PSEUDO ? { transform: pseudo } : {}),
  })
  for (const text of Object.values(catalogues)) fresh.addResource(new FluentResource(text))
  return fresh
}

/** Speaks a language from now on. What is on screen was said before, and must be drawn anew. */
export function speak(name: string): void {
  language = name
  bundle = made(name)
  formatsOf.clear()
}

/** From where to where lines run. */
export function direction(): 'ltr' | 'rtl' {
  return language === PSEUDO ? 'rtl' : 'ltr'
}

/** Whether there is a sentence of that name. */
export function isKey(name: string): name is Key {
  return bundle.hasMessage(name)
}

export function say<K extends Plain>(key: K): string
export function say<K extends Key>(key: K, inserted: Sentences[K]): string
export function say(key: Key, inserted?: Record<string, string | number> | null): string {
  const pattern = bundle.getMessage(key)?.value
  if (!pattern) throw new Error(`no sentence is called ${key}`)
  const safe: Record<string, string | number> = {}
  for (const [name, value] of Object.entries(inserted ?? {})) safe[name] = typeof value === 'string' ? isolated(value) : value
  return bundle.formatPattern(pattern, safe)
}

/** Text from right to left, and marks that turn what follows them around. */
const TURNS = /[\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u

/** A name keeps to itself: whatever stands in it, the sentence around it stays as it is. */
function isolated(text: string): string {
  return language === PSEUDO || TURNS.test(text) ? `\u2068${text}\u2069` : text
}

/** How moments are written here. */
export interface Formats {
  clock: Intl.DateTimeFormat
  weekday: Intl.DateTimeFormat
  dayMonth: Intl.DateTimeFormat
  dayMonthYear: Intl.DateTimeFormat
  longDay: Intl.DateTimeFormat
  longDayYear: Intl.DateTimeFormat
  monthYear: Intl.DateTimeFormat
  full: Intl.DateTimeFormat
  /** Amounts of a currency. */
  money(currency: string): Intl.NumberFormat
}

const formatsOf = new Map<string, Formats>()

const moneyFormats = new Map<string, Intl.NumberFormat>()

function moneyFormat(name: string, currency: string): Intl.NumberFormat {
  const key = `${name} ${currency}`
  let format = moneyFormats.get(key)
  if (!format) {
    // Of a currency that this engine does not know the letters stand in the place of a sign.
    const known = /^[A-Z]{3}$/.test(currency) ? currency : 'XXX'
    format = new Intl.NumberFormat(name, { style: 'currency', currency: known, currencyDisplay: 'narrowSymbol' })
    moneyFormats.set(key, format)
  }
  return format
}

export function formats(): Formats {
  let here = formatsOf.get(language)
  if (!here) {
    const name = language === PSEUDO ? DEFAULT : language
    const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(name, options)
    here = {
      clock: format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
      weekday: format({ weekday: 'short' }),
      dayMonth: format({ day: 'numeric', month: 'short' }),
      dayMonthYear: format({ day: 'numeric', month: 'short', year: 'numeric' }),
      longDay: format({ weekday: 'long', day: 'numeric', month: 'long' }),
      longDayYear: format({ day: 'numeric', month: 'long', year: 'numeric' }),
      monthYear: format({ month: 'long', year: 'numeric' }),
      full: format({ dateStyle: 'full', timeStyle: 'medium', hourCycle: 'h23' }),
      money: (currency) => moneyFormat(name, currency),
    }
    formatsOf.set(language, here)
  }
  return here
}
