/** The rules of `List`, without a page. */

export interface ListHandle {
  focusFirst(): void
  focusNear(index: number): void
  indexOf(key: string | number | null): number
}

/** Where a key leads among the places one can stop at, from one of them. `null` when it is no key of a list. */
export function listStep(key: string, places: readonly number[], at: number): number | null {
  if (places.length === 0) return null
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return places.find((place) => place > at) ?? places.at(-1)!
    case 'ArrowUp':
    case 'k':
      return places.findLast((place) => place < at) ?? places[0]!
    case 'Home':
      return places[0]!
    case 'End':
      return places.at(-1)!
    default:
      return null
  }
}

/** As names are looked for everywhere: without marks, small and large alike. */
function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase('en')
}

/**
 * The next name that begins with what was typed, or has a word that does; the same letter again goes on to the next. `-1`
 * when there is none.
 */
export function nameFound(typed: string, names: readonly string[], at: number): number {
  const wanted = folded(typed)
  const same = [...wanted].every((letter) => letter === wanted[0])
  const start = same ? wanted[0]! : wanted
  const from = same ? at + 1 : Math.max(0, at)
  const order = names.map((_, index) => (from + index) % names.length)
  const begins = (index: number) => folded(names[index]!).startsWith(start)
  const holds = (index: number) =>
    folded(names[index]!)
      .split(/[^\p{L}\p{N}]+/u)
      .some((word) => word.startsWith(start))
  return order.find(begins) ?? order.find(holds) ?? -1
}
