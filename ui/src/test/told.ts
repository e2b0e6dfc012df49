import type { Commands, UiEvent } from '../contract.gen'
import type { Host } from '../host'

type Answers = { [K in keyof Commands]?: (request: Commands[K][0]) => Commands[K][1] | Promise<Commands[K][1]> }

/**
 * A host that knows nothing: a test says what each command answers, so that it can choose the order of answers and
 * events. What the core itself does is shown by the stories, with the core itself.
 */
export class ToldHost implements Host {
  kind = 'web' as const
  window: Host['window'] = null
  calls: { name: string; request: unknown }[] = []
  #listeners = new Set<(events: UiEvent[]) => void>()

  constructor(readonly answers: Answers) {}

  async call<K extends keyof Commands>(name: K, request: Commands[K][0]): Promise<Commands[K][1]> {
    this.calls.push({ name, request })
    const answer = this.answers[name] as ((request: Commands[K][0]) => Commands[K][1] | Promise<Commands[K][1]>) | undefined
    if (!answer) throw new Error(`this test does not say what ${name} answers`)
    return structuredClone(await answer(request))
  }

  subscribe(onEvents: (events: UiEvent[]) => void): Promise<() => void> {
    this.#listeners.add(onEvents)
    onEvents([{ type: 'reset' }])
    return Promise.resolve(() => this.#listeners.delete(onEvents))
  }

  emit(...events: UiEvent[]): void {
    for (const listener of this.#listeners) listener(structuredClone(events))
  }

  count(name: keyof Commands): number {
    return this.calls.filter((call) => call.name === name).length
  }
}
