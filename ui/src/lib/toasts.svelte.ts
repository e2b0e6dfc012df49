/** Short notices at the bottom right: three at most, gone after a while unless they ask to stay. */

export interface ToastItem {
  id: number
  tone: 'message' | 'info' | 'ok' | 'stop'
  title: string
  body?: string
  action?: { label: string; run: () => void }
  /** Notices with the same tag replace each other. */
  tag?: string
  stays?: boolean
}

const TOASTS_MAX = 3
const PLAIN_MS = 6_000
const ACTION_MS = 10_000

export class Toasts {
  items = $state.raw<ToastItem[]>([])
  #next = 1
  #timers = new Map<number, ReturnType<typeof setTimeout>>()
  #paused = false

  show(toast: Omit<ToastItem, 'id'>): void {
    const item = { ...toast, id: this.#next++ }
    const kept = this.items.filter((other) => !toast.tag || other.tag !== toast.tag)
    this.items = [...kept, item].slice(-TOASTS_MAX)
    for (const id of [...this.#timers.keys()]) if (!this.items.some((other) => other.id === id)) this.#forget(id)
    if (!this.#paused) this.#arm(item)
  }

  error(title: string, body?: string): void {
    this.show({ tone: 'stop', title, ...(body === undefined ? {} : { body }), stays: true, tag: `error ${title}` })
  }

  dismiss(id: number): void {
    this.#forget(id)
    this.items = this.items.filter((item) => item.id !== id)
  }

  dismissTag(tag: string): void {
    for (const item of this.items.filter((other) => other.tag === tag)) this.dismiss(item.id)
  }

  /** While one looks at them, none goes. */
  pause(): void {
    this.#paused = true
    for (const id of [...this.#timers.keys()]) this.#forget(id)
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    for (const item of this.items) this.#arm(item)
  }

  clear(): void {
    for (const id of [...this.#timers.keys()]) this.#forget(id)
    this.items = []
  }

  #arm(item: ToastItem): void {
    if (item.stays) return
    this.#forget(item.id)
    this.#timers.set(
      item.id,
      setTimeout(() => this.dismiss(item.id), item.action ? ACTION_MS : PLAIN_MS),
    )
  }

  #forget(id: number): void {
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
  }
}
