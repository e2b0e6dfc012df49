import type { Host } from './types'

/** Finds out what is behind this page. */
export async function findHost(): Promise<Host> {
  if ('__TAURI_INTERNALS__' in window) return (await import('./tauri')).tauriHost()
  return (await import('./web')).webHost()
}

export type { Host } from './types'
