/**
 * The made-up language: English one can still read, with other letters, and longer by a third. Text that is plain in it
 * stands in code and not in a catalogue. The core has the same table (`crates/words/src/pseudo.rs`), and a test compares them.
 */

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const OTHERS = [...'áƀçðéƒĝĥíĵķļɱñóþʠŕšţúṽŵẋýžÁƁÇÐÉƑĜĤÍĴĶĻṀÑÓÞǪŔŠŢÚṼŴẊÝŽ']

/** A piece of a sentence in the made-up language: vowels are doubled. */
export function pseudo(text: string): string {
  let said = ''
  for (const letter of text) {
    const at = LETTERS.indexOf(letter)
    const other = at < 0 ? letter : OTHERS[at]!
    said += 'aeiou'.includes(letter) ? other + other : other
  }
  return said
}
