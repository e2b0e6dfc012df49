import { flushSync } from 'svelte'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { loaded } from './loaded.svelte'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('what did not come is asked for again, less and less often, until it is here or nobody wants it', async () => {
  const online = $state({ now: true })
  let here = false
  const load = vi.fn(() => Promise.resolve(here))
  const end = $effect.root(() => loaded(() => online.now, load))
  flushSync()
  expect(load).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(999)
  expect(load).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(load).toHaveBeenCalledTimes(2)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(load).toHaveBeenCalledTimes(3)
  // Without a connection nothing is asked; with one at once.
  online.now = false
  flushSync()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(load).toHaveBeenCalledTimes(3)
  here = true
  online.now = true
  flushSync()
  expect(load).toHaveBeenCalledTimes(4)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(load).toHaveBeenCalledTimes(4)
  end()
})
