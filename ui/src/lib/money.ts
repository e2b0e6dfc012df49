/** Amounts of money, in minor units, as people read and type them. Nothing here decides what anything costs. */

import { formats, say } from './say'

/** Digits behind the point: 2 for NGN, 0 for XOF. */
export function digitsOf(currency: string): number {
  return formats().money(currency).resolvedOptions().maximumFractionDigits ?? 2
}

/** The minus of amounts (U+2212). */
const MINUS = '\u2212'

export interface MoneyParts {
  /** Sign and whole units: `₦550,000`. */
  whole: string
  /** The point and what is behind it: `.00`; nothing where the currency has none. */
  minor: string
}

/** An amount in the two parts that are drawn differently. */
export function moneyParts(minor: number, currency: string): MoneyParts {
  const parts = formats()
    .money(currency)
    .formatToParts(decimal(minor, digitsOf(currency)))
  const split = parts.findIndex((part) => part.type === 'decimal')
  const text = (some: Intl.NumberFormatPart[]) => some.map((part) => (part.type === 'minusSign' ? MINUS : part.value)).join('')
  return split < 0 ? { whole: text(parts), minor: '' } : { whole: text(parts.slice(0, split)), minor: text(parts.slice(split)) }
}

/** `₦550,000.00`: statements, buttons, dialogs. Whole amounts of lists may go without `.00`. */
export function money(minor: number, currency: string, short = false): string {
  const parts = moneyParts(minor, currency)
  return parts.whole + (short && minor % 10 ** digitsOf(currency) === 0 ? '' : parts.minor)
}

/** With the sign of what came and what went. */
export function signedMoney(minor: number, currency: string): string {
  return minor > 0 ? `+${money(minor, currency)}` : money(minor, currency)
}

/** Minor units as a decimal text, which `Intl` takes as it is: amounts never go through a float. */
function decimal(minor: number, digits: number): Intl.StringNumericLiteral {
  const text = String(Math.abs(minor)).padStart(digits + 1, '0')
  const whole = text.slice(0, text.length - digits)
  const sign = minor < 0 ? '-' : ''
  return (digits === 0 ? `${sign}${whole}` : `${sign}${whole}.${text.slice(-digits)}`) as Intl.StringNumericLiteral
}

/** How an amount stands in a field: `435,000.00`, beside the sign of its currency. */
export function typedMoney(minor: number, currency: string): string {
  const parts = formats()
    .money(currency)
    .formatToParts(decimal(minor, digitsOf(currency)))
  return parts.flatMap((part) => (['currency', 'literal'].includes(part.type) ? [] : part.value)).join('')
}

const DIGIT = /^\p{Nd}$/u

/** Digits of any script as those of ours. Each script's stand together, ten in a row from its zero. */
function ascii(text: string): string {
  return [...text.normalize('NFKC')]
    .map((one) => {
      if (!DIGIT.test(one)) return one
      const code = one.codePointAt(0)!
      let zero = code
      while (code - zero < 9 && DIGIT.test(String.fromCodePoint(zero - 1))) zero -= 1
      return String(code - zero)
    })
    .join('')
}

/**
 * What somebody typed, in minor units: `435,000.5`, `₦435 000`, `435000`. `null` for what is no amount of this currency, and for
 * more digits behind the point than it has.
 */
export function readMoney(text: string, currency: string): number | null {
  const digits = digitsOf(currency)
  const bare = ascii(text)
    .replace(/^\s*(\p{Sc}|[A-Z]{3}|GH₵)?\s*/u, '')
    .replace(/[\s,\u00a0\u202f'’]/g, '')
  const found = /^(\d{1,13})(?:\.(\d*))?$/.exec(bare)
  if (!found || (found[2] ?? '').length > digits) return null
  const minor = Number(found[1]! + (found[2] ?? '').padEnd(digits, '0'))
  return Number.isSafeInteger(minor) ? minor : null
}

/** What the core is told of an amount: `435000.00`. */
export function plainMoney(minor: number, currency: string): string {
  return String(decimal(minor, digitsOf(currency)))
}

/** What the core is told of what was typed: digits and a point, nothing else. `null` as above. */
export function saidMoney(text: string, currency: string): string | null {
  const minor = readMoney(text, currency)
  return minor === null ? null : plainMoney(minor, currency)
}

/** `10 %` of hundredths of a per cent. */
export function percentOf(bps: number): string {
  return say('money-percent', { percent: bps / 100 })
}

/** Its sign: `₦`. */
export function signOf(currency: string): string {
  return formats()
    .money(currency)
    .formatToParts(0)
    .filter((part) => part.type === 'currency')
    .map((part) => part.value)
    .join('')
}
