import type { Core } from './core.svelte'

/** What the hall would keep of an amount, as the market counts it; `null` until it is known. For the setup of a component. */
export function feeShown(core: Core, of: () => { minor: number | null; bps: number | null }): { readonly minor: number | null } {
  let fee = $state<number | null>(null)
  $effect(() => {
    const { minor, bps } = of()
    if (minor === null || bps === null) {
      fee = null
      return undefined
    }
    let late = false
    core.host.call('fee_get', { minor, bps }).then(
      (found) => {
        if (!late) fee = found
      },
      () => {
        if (!late) fee = null
      },
    )
    return () => {
      late = true
    }
  })
  return {
    get minor() {
      return fee
    },
  }
}
