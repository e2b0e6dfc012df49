import type { UiEvent } from '../contract.gen'
import { pack, unpack } from './frames'
import { asAppError, type Host } from './types'

/** The kind of a body that has bytes beside its JSON. */
const FRAME = 'application/octet-stream'

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
      const packed = pack(request)
      let response: Response
      try {
        response = await fetch(`/rpc/${name}/${command}`, {
          method: 'POST',
          headers: { 'content-type': typeof packed === 'string' ? 'application/json' : FRAME },
          body: packed,
        })
      } catch (thrown) {
        throw asAppError(thrown)
      }
      if (response.headers.get('content-type') === FRAME) return unpack(await response.arrayBuffer()) as never
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
