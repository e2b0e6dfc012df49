import { untrack } from 'svelte'
import type { AppError, Known } from '../contract.gen'
import type { Core } from './core.svelte'
import { say } from './say'
import { errorWords } from './words'

/** How long is waited after the first answer that did not come, and at most, milliseconds. */
const FIRST_MS = 1_000
const LAST_MS = 30_000

/**
 * Something of the server's that a component shows, for as long as it is shown: asked for at once, whenever the server says that
 * what belongs to one of `topics` stands otherwise, and when the link is back. Without a link it is what was said last, with its
 * time. For the setup of a component.
 */
export class Looked<T> {
  /** `undefined` until something is known. */
  data = $state.raw<T | undefined>(undefined)
  /** When it was said, where the server cannot be asked now. */
  asOf = $state<number | null>(null)
  /** Why nothing is known, or why it is not known anew, in words. */
  problem = $state('')
  /** There is no such thing, or one may not know of it. */
  missing = $state(false)
  #asking = 0
  #ask: () => Promise<Known<T>>

  constructor(core: Core, topics: readonly string[], ask: () => Promise<Known<T>>) {
    this.#ask = ask
    $effect(() => {
      void core.online
      for (const topic of topics) void core.stale.get(topic)
      let timer: ReturnType<typeof setTimeout> | undefined
      let pause = FIRST_MS
      let over = false
      const again = async () => {
        if ((await this.again()) || over || core.offline) return
        timer = setTimeout(() => void again(), pause)
        pause = Math.min(2 * pause, LAST_MS)
      }
      untrack(() => void again())
      return () => {
        over = true
        clearTimeout(timer)
      }
    })
  }

  /** Asks once more. Whether an answer came. */
  async again(): Promise<boolean> {
    const mine = ++this.#asking
    try {
      const known = await this.#ask()
      if (mine !== this.#asking) return true
      this.data = known.data
      this.asOf = known.as_of
      this.problem = ''
      this.missing = false
      return known.as_of === null
    } catch (thrown) {
      if (mine !== this.#asking) return true
      const error = thrown as AppError
      this.missing = error.code === 'not_found'
      // What one may not know (any more) is not shown any more.
      if (this.missing || (error.code === 'refused' && error.reason === 'forbidden')) this.data = undefined
      this.problem = error.code === 'unreachable' ? say('known-nobody-answers') : errorWords(error)
      return error.code !== 'unreachable' && error.code !== 'internal'
    }
  }

  /** What is known from now on: the answer to a command. */
  put(data: T): void {
    this.#asking += 1
    this.data = data
    this.asOf = null
    this.problem = ''
  }
}
