/** Rows as the core gives them, with what a test does not care about filled in. */

import type { ConnectionView, ConversationRow, MessageView, PersonView, SessionView, Settings, ThreadView } from '../contract.gen'

const MINUTE_MS = 60_000

export function person(id: number, name: string, more: Partial<PersonView> = {}): PersonView {
  return {
    id,
    name,
    craft: null,
    place: null,
    picture: null,
    verified: false,
    admin: false,
    online: false,
    last_seen_at: null,
    blocked: false,
    ...more,
  }
}

export const AMARA = person(1, 'Amara Okonkwo')
export const TUNDE = person(2, 'Tunde Bákàrè', { craft: 'Joiner', verified: true })

export function message(key: string, order: number, more: Partial<MessageView> = {}): MessageView {
  const mine = more.mine ?? false
  const at = more.written_at ?? order * MINUTE_MS
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

export function conversation(key: string, more: Partial<ConversationRow> = {}): ConversationRow {
  return {
    key,
    person: person(Number(key.split('-')[0]), `Person ${key}`),
    subject: { kind: 'none' },
    subject_title: null,
    last: null,
    last_at: 0,
    unread: 0,
    draft: null,
    ...more,
  }
}

export function threadView(messages: MessageView[], more: Partial<ThreadView> = {}): ThreadView {
  return {
    conversation: '2',
    person: TUNDE,
    subject_title: null,
    messages,
    older: 'beginning',
    first_unread: null,
    draft: '',
    attachments: [],
    offline: [],
    ...more,
  }
}

export const SIGNED_IN: SessionView = {
  state: 'signed_in',
  me: AMARA,
  email: 'amara@okonkwo.example',
  server_url: 'http://127.0.0.1:8000',
  local: true,
  token_store: 'session_only',
}

export const ONLINE: ConnectionView = {
  state: 'online',
  since: 0,
  retry_at: null,
  reason: null,
  queued: 0,
  failed: 0,
  synced_to: 1,
  round_trip_ms: 12,
  held_up: null,
}

export const SETTINGS: Settings = {
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
  region: 'en-GB',
}
