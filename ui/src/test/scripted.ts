/**
 * A host that plays a small market in the page, for unit tests and for building screens without a server.
 * Not part of the app: nothing outside `test/` imports it.
 */

import type {
  AppError,
  AttachmentDraft,
  Commands,
  ConnectionView,
  ConversationKey,
  ConversationRow,
  DeviceView,
  LastMessage,
  MessageView,
  NotificationView,
  OfflineSpan,
  PersonView,
  SessionView,
  Settings,
  UiEvent,
} from '../contract.gen'
import type { Host } from '../host'

type Bodies = { [K in keyof Commands]: (request: Commands[K][0]) => Commands[K][1] | Promise<Commands[K][1]> }

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export const DEFAULT_SETTINGS: Settings = {
  theme: 'system',
  more_contrast: false,
  text_percent: 100,
  enter_sends: true,
  toasts: true,
  desktop: true,
  sound: true,
  hide_content: false,
  quiet: false,
  quiet_from_min: 21 * 60,
  quiet_to_min: 7 * 60,
  quiet_until: null,
  close_to_tray: false,
}

export function person(id: number, name: string, more: Partial<PersonView> = {}): PersonView {
  return { id, name, craft: null, verified: false, admin: false, online: false, last_seen_at: null, blocked: false, ...more }
}

export function message(key: string, order: number, more: Partial<MessageView> = {}): MessageView {
  const mine = more.mine ?? false
  const at = more.written_at ?? order * MINUTE
  return {
    key,
    id: order,
    order,
    mine,
    body: `Message ${key}`,
    message_type: 'text',
    attachments: [],
    state: mine ? 'sent' : 'received',
    failure: null,
    written_at: at,
    sent_at: at,
    delivered_at: null,
    read_at: null,
    deleted: false,
    changed_by_server: false,
    ...more,
  }
}

const CRAFTS: [string, string | null][] = [
  ['Amara Okonkwo', null],
  ['Tunde Bákàrè', 'Joiner'],
  ['Ṣadé Ọláyínká', 'Upholsterer'],
  ['Lena Hartwig', null],
  ['Bọlá Adéyẹmí', 'Electrician'],
  ['Ifeoma Nwosu', 'Potter'],
  ['Kwame Mensah', 'Blacksmith'],
  ['Chidi Eze', 'Electrician'],
  ['Yusuf Danjuma', 'Leather worker'],
  ['Ngozi Umeh', null],
  ['Marcus Reid', null],
]

export class ScriptedHost implements Host {
  kind = 'web' as const
  window: Host['window'] = null
  calls: { name: string; request: unknown }[] = []
  people: PersonView[]
  threads = new Map<ConversationKey, MessageView[]>()
  drafts = new Map<ConversationKey, string>()
  chosen = new Map<ConversationKey, AttachmentDraft[]>()
  notices: NotificationView[] = []
  settings = { ...DEFAULT_SETTINGS }
  session: SessionView = { state: 'signed_out', because: null, kept_messages: 0, server_url: null, email: null }
  connection: ConnectionView = {
    state: 'online',
    since: Date.now(),
    retry_at: null,
    reason: null,
    queued: 0,
    failed: 0,
    synced_to: 4182,
    round_trip_ms: 12,
    held_up: null,
  }
  spans: OfflineSpan[] = []
  devices: DeviceView[] = []
  /** Runs before a command is answered; may throw an `AppError` or wait. */
  before: (name: string) => void | Promise<void> = () => {}
  #listeners = new Set<(events: UiEvent[]) => void>()
  #next = 1

  constructor(readonly now = Date.now()) {
    this.people = CRAFTS.map(([name, craft], index) =>
      person(index + 1, name, { craft, verified: craft !== null, online: index < 4, last_seen_at: now - index * HOUR }),
    )
    this.devices = [
      { id: 1, name: 'Linux computer', created_at: now - HOUR, last_used_at: now, current: true },
      { id: 2, name: 'Amara’s MacBook', created_at: now - 30 * DAY, last_used_at: now - DAY, current: false },
    ]
  }

  async call<K extends keyof Commands>(name: K, request: Commands[K][0]): Promise<Commands[K][1]> {
    this.calls.push({ name, request })
    await this.before(name)
    const body = this.#bodies[name] as (request: Commands[K][0]) => Commands[K][1] | Promise<Commands[K][1]>
    return structuredClone(await body(request))
  }

  subscribe(onEvents: (events: UiEvent[]) => void): Promise<() => void> {
    this.#listeners.add(onEvents)
    onEvents([{ type: 'reset' }])
    return Promise.resolve(() => this.#listeners.delete(onEvents))
  }

  emit(...events: UiEvent[]): void {
    for (const listener of this.#listeners) listener(structuredClone(events))
  }

  signIn(): void {
    this.session = {
      state: 'signed_in',
      me: this.people[0]!,
      email: 'amara@okonkwo.example',
      server_url: 'http://127.0.0.1:8000',
      local: true,
      token_store: 'session_only',
    }
  }

  setConnection(change: Partial<ConnectionView>): void {
    this.connection = { ...this.connection, ...change }
    this.emit({ type: 'connection', connection: this.connection })
  }

  row(key: ConversationKey): ConversationRow {
    const other = this.people.find((candidate) => String(candidate.id) === key.split('-')[0])
    if (!other) throw { code: 'not_found' } satisfies AppError
    const messages = this.threads.get(key) ?? []
    const newest = messages.at(-1)
    const last: LastMessage | null = newest
      ? {
          snippet: newest.deleted ? '' : newest.body.slice(0, 200),
          mine: newest.mine,
          state: newest.state,
          attachment_name: newest.attachments[0]?.name ?? null,
          deleted: newest.deleted,
        }
      : null
    return {
      key,
      person: other,
      subject: { kind: 'none' },
      subject_title: null,
      last,
      last_at: newest?.sent_at ?? newest?.written_at ?? 0,
      unread: messages.filter((row) => !row.mine && row.read_at === null).length,
      draft: this.drafts.get(key) || null,
    }
  }

  /** Changes or adds messages and tells about it. */
  put(key: ConversationKey, rows: MessageView[], removed: string[] = []): void {
    const kept = (this.threads.get(key) ?? []).filter(
      (row) => !rows.some((other) => other.key === row.key) && !removed.includes(row.key),
    )
    this.threads.set(
      key,
      [...kept, ...rows].sort((a, b) => a.order - b.order),
    )
    this.emit(
      { type: 'messages', conversation: key, rows, removed },
      { type: 'conversations', rows: [this.row(key)], removed: [] },
      this.#unread(),
    )
  }

  receive(key: ConversationKey, body: string): void {
    const id = this.#nextId()
    this.put(key, [message(`s${id}`, id, { body, written_at: Date.now(), sent_at: Date.now() })])
  }

  /** Sends what waits, as a link that is back does. */
  flush(): void {
    for (const [key, rows] of this.threads)
      for (const row of rows.filter((candidate) => candidate.state === 'waiting')) this.#progress(key, row)
    this.setConnection({ queued: 0 })
  }

  #nextId(): number {
    this.#next += 1
    return 100_000 + this.#next
  }

  #unread(): UiEvent {
    return { type: 'unread', unread: this.#bodies.unread_get({}) as never }
  }

  #progress(key: ConversationKey, row: MessageView): void {
    const id = this.#nextId()
    const sent: MessageView = { ...row, id, order: id, state: 'sent', sent_at: Date.now() }
    this.put(key, [sent])
    setTimeout(() => this.put(key, [{ ...sent, state: 'delivered', delivered_at: Date.now() }]), 400)
  }

  #bodies: Bodies = {
    session_get: () => this.session,
    session_sign_in: ({ email, password }) => {
      if (password !== 'correct horse') throw { code: 'invalid_credentials' } satisfies AppError
      this.signIn()
      if (this.session.state === 'signed_in') this.session = { ...this.session, email, local: false, token_store: 'keychain' }
      return this.session
    },
    session_register: ({ password }) => {
      if (password.length < 10)
        throw {
          code: 'invalid',
          field: 'password',
          reason: 'invalid',
          message: 'must have at least 10 characters',
        } satisfies AppError
      this.signIn()
      return this.session
    },
    session_sign_out: () => {
      this.session = {
        state: 'signed_out',
        because: null,
        kept_messages: this.connection.queued,
        server_url: null,
        email: 'amara@okonkwo.example',
      }
      return this.session
    },
    server_list: () => [
      { url: 'https://guildhall.example', name: 'Guildhall' },
      { url: 'https://hall.osunmakers.example', name: 'Ọ̀ṣun Makers’ Guild' },
    ],
    server_check: ({ url }) =>
      url.includes('nowhere')
        ? { url, name: null, round_trip_ms: null, failure: 'dns' }
        : { url, name: 'Guildhall', round_trip_ms: url.includes('osun') ? 88 : 42, failure: null },
    local_people: () =>
      this.people.map(({ name, craft }) => ({
        name,
        craft,
        email: `${name.split(' ')[0]!.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()}@demo.example`,
      })),
    local_start: () => {
      this.signIn()
      return this.session
    },
    window_open_as: () => ({}),
    connection_get: () => this.connection,
    connection_retry: () => this.connection,
    unread_get: () => {
      const rows = [...this.threads.keys()].map((key) => this.row(key))
      return {
        messages: rows.reduce((sum, row) => sum + row.unread, 0),
        conversations: rows.filter((row) => row.unread > 0).length,
        notifications: this.notices.filter((row) => row.read_at === null && row.kind !== 'message.received').length,
      }
    },
    conversation_list: ({ unread_only, name, limit }) =>
      [...new Set([...this.threads.keys(), ...this.drafts.keys()])]
        .map((key) => this.row(key))
        .filter((row) => (!unread_only || row.unread > 0) && (!name || fold(row.person.name).includes(fold(name))))
        .sort((a, b) => b.last_at - a.last_at)
        .slice(0, limit),
    conversation_get: ({ conversation }) => this.row(conversation),
    conversation_remove: ({ conversation }) => {
      this.threads.delete(conversation)
      this.drafts.delete(conversation)
      this.emit({ type: 'conversations', rows: [], removed: [conversation] })
      return {}
    },
    conversation_read: ({ conversation }) => {
      const rows = (this.threads.get(conversation) ?? []).filter((row) => !row.mine && row.read_at === null)
      if (rows.length > 0)
        this.put(
          conversation,
          rows.map((row) => ({ ...row, read_at: Date.now() })),
        )
      return {}
    },
    conversation_typing: () => ({}),
    thread_get: ({ conversation, before, limit }) => {
      const all = (this.threads.get(conversation) ?? []).filter((row) => before === null || row.order < before)
      const messages = all.slice(-limit)
      return {
        conversation,
        person: this.row(conversation).person,
        subject_title: null,
        messages,
        older: all.length > messages.length ? 'here' : 'beginning',
        first_unread: messages.find((row) => !row.mine && row.read_at === null)?.key ?? null,
        draft: this.drafts.get(conversation) ?? '',
        attachments: this.chosen.get(conversation) ?? [],
        offline: this.spans,
      }
    },
    draft_set: ({ conversation, body }) => {
      if (body) this.drafts.set(conversation, body)
      else this.drafts.delete(conversation)
      this.emit({ type: 'conversations', rows: [this.row(conversation)], removed: [] })
      return {}
    },
    message_preview: ({ body }) => ({
      body: body.trim(),
      shows_less: false,
      length: [...body.trim()].length,
      length_max: 1000,
      reason: [...body.trim()].length > 1000 ? 'too_long' : null,
    }),
    message_send: ({ conversation, body }) => {
      const id = this.#nextId()
      const row = message(`w${id}`, id * 1000, {
        id: null,
        mine: true,
        body,
        state: 'waiting',
        written_at: Date.now(),
        sent_at: null,
        attachments: (this.chosen.get(conversation) ?? []).map((file) => ({ ...file, id: null })),
      })
      this.chosen.delete(conversation)
      this.drafts.delete(conversation)
      this.put(conversation, [row])
      if (this.connection.state === 'online') setTimeout(() => this.#progress(conversation, row), 30)
      else this.setConnection({ queued: this.connection.queued + 1 })
      return row
    },
    message_retry: ({ key, body }) => {
      const [conversation, row] = this.#find(key)
      const again: MessageView = { ...row, body: body ?? row.body, state: 'waiting', failure: null }
      this.put(conversation, [again])
      setTimeout(() => this.#progress(conversation, again), 30)
      return again
    },
    message_discard: ({ key }) => {
      const [conversation] = this.#find(key)
      this.put(conversation, [], [key])
      return {}
    },
    message_delete: ({ id }) => {
      for (const [key, rows] of this.threads) {
        const row = rows.find((candidate) => candidate.id === id)
        if (row) this.put(key, [{ ...row, body: '', attachments: [], deleted: true }])
      }
      return {}
    },
    attachment_add: ({ conversation, name, base64 }) => {
      if (base64 === '') throw { code: 'attachment', reason: 'empty_file', name } satisfies AppError
      const draft = {
        local_id: `f${this.#nextId()}`,
        name,
        mime: name.endsWith('.png') ? 'image/png' : 'text/plain',
        size: base64.length,
      }
      this.#files.set(draft.local_id, base64)
      const all = [...(this.chosen.get(conversation) ?? []), draft]
      this.chosen.set(conversation, all)
      this.emit({ type: 'attachments', conversation, drafts: all })
      return draft
    },
    clipboard_files: () => [],
    attachment_remove: ({ conversation, local_id }) => {
      const all = (this.chosen.get(conversation) ?? []).filter((file) => file.local_id !== local_id)
      this.chosen.set(conversation, all)
      this.emit({ type: 'attachments', conversation, drafts: all })
      return {}
    },
    attachment_get: ({ local_id }) => ({ mime: 'image/png', base64: this.#files.get(local_id ?? '') ?? PIXEL }),
    attachment_save: () => '/home/amara/Downloads/kitchen-drawings-v3.pdf',
    person_search: ({ q }) => this.people.slice(1).filter((candidate) => fold(candidate.name).includes(fold(q))),
    person_get: ({ id }) => this.people.find((candidate) => candidate.id === id)!,
    person_block: ({ id, blocked }) => {
      this.people = this.people.map((candidate) => (candidate.id === id ? { ...candidate, blocked } : candidate))
      return this.people.find((candidate) => candidate.id === id)!
    },
    notification_list: ({ before, limit }) => this.notices.filter((row) => before === null || row.id < before).slice(0, limit),
    notification_read: ({ id }) => {
      this.notices = this.notices.map((row) => (row.id === id ? { ...row, read_at: Date.now() } : row))
      this.emit({ type: 'notifications', rows: this.notices.filter((row) => row.id === id), removed: [] }, this.#unread())
      return {}
    },
    notification_read_all: () => {
      this.notices = this.notices.map((row) => ({ ...row, read_at: row.read_at ?? Date.now() }))
      this.emit({ type: 'notifications', rows: this.notices, removed: [] }, this.#unread())
      return {}
    },
    notification_delete: ({ id }) => {
      this.notices = this.notices.filter((row) => row.id !== id)
      this.emit({ type: 'notifications', rows: [], removed: [id] }, this.#unread())
      return {}
    },
    notification_test: () => ({}),
    settings_get: () => this.settings,
    settings_set: (settings) => (this.settings = settings),
    device_list: () => this.devices,
    device_revoke: ({ id }) => {
      this.devices = this.devices.filter((device) => device.id !== id)
      return {}
    },
    attention_set: () => ({}),
    about_get: () => ({
      version: '0.1.0',
      data_dir: '/home/amara/.local/share/guildhall/profiles/amara',
      cache_bytes: 28_400_000,
      own_bytes: 1_210_000,
      notification_service: 'GNOME Shell',
      local_mode: true,
      os: 'linux',
    }),
  }

  #files = new Map<string, string>()

  #find(key: string): [ConversationKey, MessageView] {
    for (const [conversation, rows] of this.threads) {
      const row = rows.find((candidate) => candidate.key === key)
      if (row) return [conversation, row]
    }
    throw { code: 'not_found' } satisfies AppError
  }
}

function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
