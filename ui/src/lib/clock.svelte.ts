/** One clock for everything that shows how time passes. Ticks each second while the window is visible. */
class Clock {
  now = $state(Date.now())
  #timer: ReturnType<typeof setInterval> | undefined

  start(): () => void {
    const follow = () => {
      clearInterval(this.#timer)
      if (document.visibilityState === 'hidden') return
      this.now = Date.now()
      this.#timer = setInterval(() => (this.now = Date.now()), 1000)
    }
    document.addEventListener('visibilitychange', follow)
    follow()
    return () => {
      clearInterval(this.#timer)
      document.removeEventListener('visibilitychange', follow)
    }
  }

  /** The current minute, for texts that need not be made anew each second. */
  minute = $derived(Math.floor(this.now / 60_000) * 60_000)
}

export const clock = new Clock()
