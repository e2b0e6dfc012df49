import type { UiEvent } from '../contract.gen'
import { asAppError, type Host } from './types'

/**
 * The browser host: the same commands over HTTP and one event stream. `?window=` chooses which window this page is,
 * `?language=` what it speaks.
 */
export function webHost(): Host {
  const asked = new URLSearchParams(location.search)
  const name = encodeURIComponent(asked.get('window') ?? 'main')
  const language = asked.get('language')
  return {
    kind: 'web',
    ...(language ? { language } : {}),
    tray: true,
    async call(command, request) {
      let response: Response
      try {
        response = await fetch(`/rpc/${name}/${command}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(request),
        })
      } catch (thrown) {
        throw asAppError(thrown)
      }
      const body: unknown = await response.json().catch(() => null)
      if (response.ok) return body as never
      throw asAppError(body ?? `http ${response.status}`)
    },
    subscribe(onEvents) {
      const source = new EventSource(`/events/${name}`)
      source.onmessage = (message: MessageEvent<string>) => onEvents(JSON.parse(message.data) as UiEvent[])
      return Promise.resolve(() => source.close())
    },
    window: null,
  }
}
