import { Channel, invoke } from '@tauri-apps/api/core'
import { getCurrentWindow } from '@tauri-apps/api/window'
import type { UiEvent } from '../contract.gen'
import { pack, unpack } from './frames'
import { asAppError, type Host } from './types'

/** The desktop app. The only file that knows Tauri. */
export function tauriHost(): Host {
  const own = getCurrentWindow()
  return {
    kind: 'tauri',
    tray: (window as { guildhallTray?: boolean }).guildhallTray ?? false,
    async call(name, request) {
      const packed = pack(request)
      try {
        const answer = await invoke(name, typeof packed === 'string' ? { request } : packed)
        return (answer instanceof ArrayBuffer ? unpack(answer) : answer) as never
      } catch (thrown) {
        throw asAppError(thrown)
      }
    },
    async subscribe(onEvents) {
      const channel = new Channel<UiEvent[]>()
      channel.onmessage = onEvents
      await invoke('subscribe', { channel })
      return () => {
        channel.onmessage = () => {}
      }
    },
    // The page may go nowhere: the app opens what it tries to go to in the browser.
    openExternal(url) {
      const link = document.createElement('a')
      link.href = url
      link.click()
      return Promise.resolve()
    },
    window: {
      minimize: () => own.minimize(),
      toggleMaximize: () => own.toggleMaximize(),
      close: () => own.close(),
      setTitle: (title) => own.setTitle(title),
    },
  }
}
