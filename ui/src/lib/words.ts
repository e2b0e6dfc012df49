/** The words for the codes of the core. Plain, second person, present tense. */

import type {
  AppError,
  AttachmentView,
  ConnectionView,
  FileCode,
  LastMessage,
  LinkReason,
  MessagePreview,
  MessageView,
  RefusalCode,
  SendFailure,
} from '../contract.gen'
import { count } from './text'
import { clockTime, daysBetween, duration, moment, writtenWords } from './time'

const UNREACHABLE: Record<LinkReason, string> = {
  busy: 'The server is busy. Try again in a moment.',
  dns: 'There is no server with this name. Check the address.',
  garbled: 'The server’s answer can’t be read. It may be newer than this app.',
  refused: 'The server is not answering at this address.',
  timeout: 'The server takes too long to answer.',
  silent: 'The server went silent.',
  tls: 'The connection is not safe: the server’s certificate is not valid.',
  closed: 'The server closed the connection.',
  server_restart: 'The server is restarting. Try again in a moment.',
  unfit: 'The server doesn’t take this connection for now.',
  intercepted: 'Something between you and the server answered in its place: a sign-in page of the network, or a proxy.',
  keychain_locked: 'Your keychain is locked. Unlock it and try again.',
  keychain_unavailable: 'The system’s keychain doesn’t answer.',
  local_server: 'The server inside this app doesn’t run. It is started again; everything here can be read meanwhile.',
  not_guildhall: 'There is a server, but it is not a Guildhall server.',
  other: 'The server can’t be reached.',
}

const FILE: Record<FileCode, string> = {
  empty_file: 'is empty. Choose a file with something in it.',
  file_too_large: 'is larger than 10 MB. Choose a smaller file.',
  file_type: 'is of a kind that can’t be sent. JPEG, PNG, GIF and WebP pictures and PDF documents can.',
  picture_unreadable: 'is damaged and can’t be read. Save the picture anew and attach that.',
  store_full: 'finds no room: your files take all that you have here. Delete messages with files you no longer need.',
  too_many: 'is one too many. Send the others first.',
  too_many_pixels: 'has more than 67 million pixels. Make the picture smaller.',
  unsent_quota: 'is one too many: fifty files or 100 MB of yours wait to be sent. Send those first.',
}

/** The words for every reason to refuse something. A code of the contract without words does not compile. */
const REFUSAL: Record<RefusalCode, string> = {
  account_in_use: 'This account is open in another window already.',
  attachment_missing: 'A file of this message is no longer there. Attach it again.',
  bad_text: 'Something in it is no text. Remove it and send it again.',
  being_sent: 'The message is being sent right now.',
  broke_off: 'The connection broke off on the way. Try again.',
  busy: 'The server is busy. Try again in a moment.',
  disk_full: 'The server’s disk is full. Nothing was changed; try again later.',
  email_taken: 'There is an account with this email already. Sign in instead.',
  empty: 'There is nothing in it that can be sent.',
  empty_file: 'A file is empty. Attach one with something in it.',
  file_too_large: 'A file is larger than 10 MB. Attach a smaller one.',
  file_type: 'A file is of a kind that can’t be sent. JPEG, PNG, GIF and WebP pictures and PDF documents can.',
  forbidden: 'You may not do this.',
  in_progress: 'This is being done already.',
  internal: 'Something broke on the server. Nothing was changed; try again.',
  invalid: 'Something in it can’t be accepted.',
  invalid_credentials: 'This email and password don’t belong together. Check both and try again.',
  key_reused: 'This was sent before with other words. Look whether it is there, and write it anew.',
  method_not_allowed: 'The server doesn’t know how to do this. It may be older than this app.',
  no_database: 'The server can’t reach its database. Try again in a moment.',
  not_found: 'This is no longer there.',
  not_reachable: 'This person can’t be written to right now.',
  picture_unreadable: 'A picture is damaged and can’t be read. Save it anew and attach that.',
  store_full: 'Your files take all the room you have here. Delete messages with files you no longer need.',
  suspended: 'Your account is suspended. Ask the people who run this server.',
  too_large: 'It is larger than the server takes.',
  too_long: 'It is longer than 1,000 characters. Shorten it and send it again.',
  too_many: 'There are too many files in it. Up to ten go with one message.',
  too_many_logins: 'There were too many failed sign-ins. Wait a minute and try again.',
  too_many_messages: 'That was too fast for the server. Wait a moment and try again.',
  too_many_pixels: 'A picture has more than 67 million pixels. Make it smaller.',
  too_many_registrations: 'There were too many new accounts from where you are. Wait a few minutes and try again.',
  too_slow: 'The connection was too slow. Try again.',
  unauthenticated: 'You’re signed out. Sign in to go on.',
  unknown_recipient: 'This person has no account here.',
  unsent_quota: 'Fifty files or 100 MB of yours wait to be sent. Send those first.',
  unwell: 'A part of the server is not well. It is being started again; try again in a moment.',
  waiting: 'Messages of this conversation wait to be sent. Drop them first, or let them go out.',
  websocket_needed: 'The server expects another kind of connection here.',
  wrong_host: 'The server doesn’t answer under this address. Check it with the people who run the server.',
  wrong_state: 'It was changed meanwhile. Look at it again.',
}

/** Words for a code, or those that came with it for one from a newer server. */
function refusalWords(code: string, message: string): string {
  return (code === 'invalid' ? '' : (REFUSAL as Record<string, string>)[code]) || said(message) || REFUSAL.invalid
}

/** Words of a server. A code is none. */
function said(message: string): string {
  return /\s/.test(message.trim()) ? sentence(message) : ''
}

function unreachableWords(reason: string): string {
  return (UNREACHABLE as Record<string, string>)[reason] ?? UNREACHABLE.other
}

/** What a restoration of one's own unsent things brought: what is here, what is gone, what is safe. */
export function restoredWords(copiedAt: number | null, aside: string, now: number): string {
  const kept = aside === '' ? '' : ` The damaged file is kept as ${aside}.`
  const here =
    copiedAt === null
      ? 'There was no copy of them: drafts and messages that weren’t sent yet are gone, and settings are as at first.'
      : `Drafts, waiting messages and settings come from a copy of ${moment(copiedAt, now)}. What you changed after that is gone.`
  return `${here} Everything that was sent is safe on the server.${kept}`
}

/** What went wrong, and what to do. */
export function errorWords(error: AppError): string {
  switch (error.code) {
    case 'signed_out':
      return 'You’re signed out. Sign in to go on.'
    case 'invalid_credentials':
      return 'This email and password don’t belong together. Check both and try again.'
    case 'unreachable':
      return unreachableWords(error.reason)
    case 'invalid':
    case 'refused':
      return refusalWords(error.reason, error.message)
    case 'not_found':
      return 'This is no longer there.'
    case 'attachment':
      return `“${error.name}” ${(FILE as Record<string, string>)[error.reason] ?? 'can’t be sent.'}`
    case 'disk_full':
      return 'The disk is full. Nothing was changed; make room and try again.'
    case 'unavailable':
      return 'This can’t be done here.'
    case 'internal':
      return `Something broke on our side. It is in the log as ${error.reference}.`
  }
}

/** Why a message failed. */
export function failureWords(failure: SendFailure | null): string {
  if (!failure) return 'The server refused it.'
  return refusalWords(failure.reason, failure.message)
}

/** Why a server cannot be used, as found by looking at it. */
export function serverFailureWords(reason: string): string {
  return unreachableWords(reason)
}

const LINK: Record<LinkReason, string> = {
  busy: 'The server is busy.',
  refused: 'The server is not answering.',
  timeout: 'The server takes too long to answer.',
  silent: 'The server went silent, so the connection was given up.',
  closed: 'The server closed the connection.',
  dns: 'The server’s name can’t be found. Your network may be off.',
  garbled: 'The server’s answers can’t be read. It may be newer than this app.',
  tls: 'The server’s certificate is not valid.',
  server_restart: 'The server is restarting.',
  unfit: 'The server doesn’t take this connection for now. It is tried again every minute.',
  intercepted: 'Something between you and the server answers in its place: a sign-in page of the network, or a proxy.',
  keychain_locked:
    'Your keychain is locked, so the app can’t prove who you are. Unlock it; everything here can be read meanwhile.',
  keychain_unavailable:
    'The system’s keychain doesn’t answer, so the app can’t prove who you are. It is asked again; everything here can be read meanwhile.',
  local_server: 'The server inside this app doesn’t run. It is started again; everything here can be read meanwhile.',
  not_guildhall: 'There is a server, but it is not a Guildhall server.',
  other: 'The connection was lost.',
}

export function linkReasonWords(reason: string | null): string {
  return reason === null ? '' : ((LINK as Record<string, string>)[reason] ?? LINK.other)
}

/** Why Send does nothing for what is written, and what would help. */
export function previewProblem(preview: MessagePreview): string {
  if (preview.reason === null) return ''
  if (preview.reason === 'too_long' && preview.length > preview.length_max)
    return `It is ${count(preview.length - preview.length_max, 'character')} too long. Shorten it, or send it in parts.`
  if (preview.reason === 'empty')
    return preview.shows_less
      ? 'Nothing of it would be sent: what stands in < and > reads like web page code and is left out.'
      : 'There is nothing in it that one could see.'
  return refusalWords(preview.reason, '')
}

/** The words on the connection chip. */
export function connectionWords(connection: ConnectionView, sending = connection.queued): string {
  switch (connection.state) {
    case 'idle':
      return 'Not signed in'
    case 'connecting':
      return 'Connecting'
    case 'syncing':
      return connection.queued > 0 ? `Syncing · ${connection.queued} to send` : 'Syncing'
    case 'online':
      if (connection.held_up !== null) return `Not taken · ${connection.queued} to send`
      return sending > 0 ? `Syncing · ${sending} to send` : 'Online'
    case 'offline':
      return connection.queued > 0 ? `Offline · ${connection.queued} queued` : 'Offline'
  }
}

/** The state in a sentence, for the panel behind the chip. */
export function connectionSentence(connection: ConnectionView): string {
  switch (connection.state) {
    case 'idle':
      return 'You’re not signed in.'
    case 'connecting':
      return 'The first connection is being made.'
    case 'syncing':
      return 'Connected. Fetching what you missed.'
    case 'online':
      if (connection.held_up !== null)
        return 'You’re connected, but your messages are not taken. They stay here and are tried again.'
      return connection.queued > 0 ? 'Your messages are on their way.' : 'Everything is up to date.'
    case 'offline':
      return 'You can read and write. Messages send in order when you’re back.'
  }
}

/** `Next try in 12 s`, and nothing when no try is planned. */
export function retryWords(retryAt: number | null, now: number): string {
  if (retryAt === null) return ''
  return retryAt > now ? `Next try in ${duration(retryAt - now)}` : 'Trying now'
}

/** The line under a message, and the tone it is written in. */
export function messageMeta(
  message: MessageView,
  context: { now: number; online: boolean; slow: boolean; waiting: number },
): { text: string; tone: '' | 'read' | 'wait' | 'fail'; icon: 'none' | 'clock' | 'sending' | 'check' | 'checks' | 'alert' } {
  // The server may have said something that is no time.
  const known = (message.sent_at ?? message.written_at) > 0
  const time = known ? clockTime(message.sent_at ?? message.written_at) : 'Time unknown'
  const written = known ? writtenWords(message.written_at, message.sent_at) : ''
  const when = written || time
  if (!message.mine) return { text: when, tone: '', icon: 'none' }
  if (message.deleted) return { text: when, tone: '', icon: 'none' }
  switch (message.state) {
    case 'waiting':
      if (context.online) {
        // On the way within a blink: no word that would only flash.
        if (!context.slow) return { text: time, tone: '', icon: 'none' }
        return { text: `Queued ${moment(message.written_at, context.now)} · sending soon`, tone: 'wait', icon: 'clock' }
      }
      return {
        text: `${context.waiting > 1 ? `${context.waiting} queued` : 'Queued'} ${moment(message.written_at, context.now)} · will send in order`,
        tone: 'wait',
        icon: 'clock',
      }
    case 'sending':
      return context.slow ? { text: 'Sending', tone: '', icon: 'sending' } : { text: time, tone: '', icon: 'none' }
    case 'sent':
      return { text: `${when} · Sent`, tone: '', icon: 'check' }
    case 'delivered':
      return { text: `${when} · Delivered`, tone: '', icon: 'checks' }
    case 'read':
      return { text: `${when} · ${readWords(message, context.now)}`, tone: 'read', icon: 'checks' }
    case 'failed':
      return { text: 'Not sent', tone: 'fail', icon: 'alert' }
    case 'received':
      return { text: when, tone: '', icon: 'none' }
  }
}

/** The day is said only when it is another than the day of the message. */
function readWords(message: MessageView, now: number): string {
  if (message.read_at === null) return 'Read'
  const sameDay = daysBetween(message.sent_at ?? message.written_at, message.read_at) === 0
  return `Read ${sameDay ? clockTime(message.read_at) : moment(message.read_at, now)}`
}

/** What a person's screen reader says for the state of one's last message. */
export function lastStateWords(last: LastMessage): string {
  if (!last.mine) return ''
  const words: Record<LastMessage['state'], string> = {
    waiting: 'queued',
    sending: 'sending',
    sent: 'sent',
    delivered: 'delivered',
    read: 'read',
    failed: 'not sent',
    received: '',
  }
  return words[last.state]
}

/** The one line of a conversation row. */
export function lastWords(last: LastMessage): string {
  if (last.deleted) return 'Message deleted'
  return last.snippet || last.attachment_name || 'Can’t be shown'
}

/** `Photo` or the name of the first file, for announcements. */
export function attachmentWords(attachments: readonly AttachmentView[]): string {
  if (attachments.length === 0) return ''
  if (attachments.length === 1) return attachments[0]!.name
  return count(attachments.length, 'file')
}

/** The first letter large, and a full stop at the end. */
export function sentence(text: string): string {
  const trimmed = text.trim()
  if (!trimmed) return ''
  const large = trimmed.charAt(0).toLocaleUpperCase('en') + trimmed.slice(1)
  return /[.!?…]$/u.test(large) ? large : `${large}.`
}
