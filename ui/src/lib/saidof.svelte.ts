import { untrack } from 'svelte'

/**
 * What is wrong with something written, for as long as that stands there: once it reads otherwise the error is no more
 * about it, and it is again where the old words come back or where the same is said anew.
 */
export function saidOf(error: () => string | undefined, written: () => string): { readonly words: string } {
  const said = $derived({ words: error() ?? '', of: untrack(written) })
  return {
    get words() {
      return said.of === written() ? said.words : ''
    },
  }
}
