import { untrack } from 'svelte'

/** How long is waited after the first answer that did not come, and at most, milliseconds. */
const FIRST_MS = 1_000
const LAST_MS = 30_000

/**
 * Loads something whenever there is a connection, and again after a while where no answer came: a link that breaks and is back
 * before anybody noticed tells nobody. `load` says whether it came. For the setup of a component.
 */
export function loaded(online: () => boolean, load: () => Promise<boolean>) {
  $effect(() => {
    if (!online()) return
    let timer: ReturnType<typeof setTimeout> | undefined
    let pause = FIRST_MS
    let over = false
    async function ask() {
      if ((await load()) || over) return
      timer = setTimeout(() => void ask(), pause)
      pause = Math.min(2 * pause, LAST_MS)
    }
    untrack(() => void ask())
    return () => {
      over = true
      clearTimeout(timer)
    }
  })
}
