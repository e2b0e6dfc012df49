import type { AppError, Commands, UiEvent } from '../contract.gen'

/** What stands behind the interface: the desktop app, or a browser host for tests and development. */
export interface Host {
  kind: 'tauri' | 'web'
  /** Runs a command of the table. Rejects with an `AppError` and nothing else. */
  call<K extends keyof Commands>(name: K, request: Commands[K][0]): Promise<Commands[K][1]>
  /** Opens the stream of events, in order, several at a time. The first is always `reset`. Answers with the way to end it. */
  subscribe(onEvents: (events: UiEvent[]) => void): Promise<() => void>
  /** The window, where the interface draws its own title bar. */
  window: HostWindow | null
  /** Whether a window that is closed can stay behind in the tray. Absent where there is no tray to come back by. */
  tray?: boolean
  /** The language that was asked for. Absent: the one that is whole. */
  language?: string
  /** Opens an address outside the app, where the host can. */
  openExternal?(url: string): Promise<void>
}

export interface HostWindow {
  minimize(): Promise<void>
  toggleMaximize(): Promise<void>
  close(): Promise<void>
  setTitle?(title: string): Promise<void>
}

/** Makes an `AppError` of whatever came back, so that callers can rely on `code`. */
export function asAppError(thrown: unknown): AppError {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown) return thrown as AppError
  return { code: 'internal', reference: thrown instanceof Error ? thrown.message : String(thrown) }
}
