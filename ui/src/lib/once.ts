import type { AppError } from '../contract.gen'
import { newKey } from './keys'

/**
 * Something that is meant once. Said again after a lost answer it is the same command to the letter, under the same key, also
 * where what it was said about was read anew meanwhile; whatever else is meant has a key of its own.
 */
export class Once<T> {
  #last: { meant: string; key: string; said: T } | null = null

  /** How `meant` is said now. `said` may hold what does not change the meaning, such as the version that was seen. */
  as(meant: unknown, said: T): { key: string; said: T } {
    const name = JSON.stringify(meant)
    if (this.#last?.meant !== name) this.#last = { meant: name, key: newKey(), said }
    return this.#last
  }

  /** An answer came: whatever is said next is meant anew. */
  answered(): void {
    this.#last = null
  }
}

/** Whether nobody knows what became of a command: it may have been done. */
export function isLost(thrown: unknown): boolean {
  return (thrown as AppError).code === 'unreachable'
}
