/** Lists of whole rows that replace each other by key. */

/** Puts rows into a sorted list, replacing those with the same key, and takes others out. Answers with a new list. */
export function upsert<T, K>(
  list: readonly T[],
  rows: readonly T[],
  keyOf: (row: T) => K,
  before: (a: T, b: T) => number,
  removed: readonly K[] = [],
): T[] {
  const fresh = new Map(rows.map((row) => [keyOf(row), row]))
  const gone = new Set(removed)
  const kept = list.filter((row) => !fresh.has(keyOf(row)) && !gone.has(keyOf(row)))
  return [...kept, ...[...fresh.values()].filter((row) => !gone.has(keyOf(row)))].sort(before)
}

/**
 * A value that is asked for as a whole and changed by events.
 *
 * **Invariant:** a change that arrives while the whole is being asked for is not lost: it is applied at once and again
 * on top of the answer, which may have been made before it.
 */
export class Snapshot<T> {
  #serial = 0
  #asking = false
  #since: (() => void)[] = []

  /** Asks for the whole, puts it in place, and repeats the changes since. A newer request overtakes an older one. */
  async load(ask: () => Promise<T>, put: (whole: T) => void): Promise<void> {
    const mine = ++this.#serial
    this.#asking = true
    this.#since = []
    try {
      const whole = await ask()
      if (mine !== this.#serial) return
      put(whole)
      for (const change of this.#since) change()
    } finally {
      if (mine === this.#serial) this.drop()
    }
  }

  /** Applies a change. */
  change(apply: () => void): void {
    apply()
    if (this.#asking) this.#since.push(apply)
  }

  /** Forgets a request under way: its answer will not be put in place. */
  drop(): void {
    this.#serial += 1
    this.#asking = false
    this.#since = []
  }
}
