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
import { type Key, isKey, say } from './say'
import { clockTime, daysBetween, duration, moment, writtenWords } from './time'

/** Words for a code, or those that came with it for one from a newer server. */
function refusalWords(code: string, message: string): string {
  // A code of the contract without words does not compile: its name stands for all of them.
  const known: `refusal-${RefusalCode}` | null = code === 'invalid' ? null : named(`refusal-${code}`)
  return (known && say(known)) || said(message) || say('refusal-invalid')
}

function fileWords(reason: string, name: string): string {
  const known: `file-${FileCode}` | null = named(`file-${reason}`)
  return say(known ?? 'file-other', { name })
}

/** The name of a sentence, when there is one: a newer server has codes that this app has no words for. */
function named<K extends Key>(name: string): K | null {
  return isKey(name) ? (name as K) : null
}

/** Words of a server. A code is none. */
function said(message: string): string {
  return /\s/.test(message.trim()) ? sentence(message) : ''
}

function unreachableWords(reason: string): string {
  const known: `unreachable-${LinkReason}` | null = named(`unreachable-${reason}`)
  return say(known ?? 'unreachable-other')
}

/** What a restoration of one's own unsent things brought: what is here, what is gone, what is safe. */
export function restoredWords(copiedAt: number | null, aside: string, now: number): string {
  const what = copiedAt === null ? say('app-own-restored-none') : say('app-own-restored-from', { when: moment(copiedAt, now) })
  return aside === '' ? what : say('app-own-restored-kept', { what, file: aside })
}

/** What went wrong, and what to do. */
export function errorWords(error: AppError): string {
  switch (error.code) {
    case 'signed_out':
      return say('refusal-unauthenticated')
    case 'invalid_credentials':
      return say('refusal-invalid_credentials')
    case 'unreachable':
      return unreachableWords(error.reason)
    case 'invalid':
    case 'refused':
      return refusalWords(error.reason, error.message)
    case 'not_found':
      return say('refusal-not_found')
    case 'attachment':
      return fileWords(error.reason, error.name)
    case 'disk_full':
      return say('refusal-here-disk-full')
    case 'unavailable':
      return say('refusal-here-unavailable')
    case 'internal':
      return say('refusal-here-internal', { reference: error.reference })
  }
}

/** Why a message failed. */
export function failureWords(failure: SendFailure | null): string {
  if (!failure) return say('messages-refused')
  return refusalWords(failure.reason, failure.message)
}

/** Why a server cannot be used, as found by looking at it. */
export function serverFailureWords(reason: string): string {
  return unreachableWords(reason)
}

export function linkReasonWords(reason: string | null): string {
  if (reason === null) return ''
  const known: `link-${LinkReason}` | null = named(`link-${reason}`)
  return say(known ?? 'link-other')
}

/** Why Send does nothing for what is written, and what would help. */
export function previewProblem(preview: MessagePreview): string {
  if (preview.reason === null) return ''
  if (preview.reason === 'too_long' && preview.length > preview.length_max)
    return say('messages-over-by', { count: preview.length - preview.length_max })
  if (preview.reason === 'empty') return preview.shows_less ? say('messages-nothing-left') : say('messages-nothing-visible')
  return refusalWords(preview.reason, '')
}

/** The words on the connection chip. */
export function connectionWords(connection: ConnectionView, sending = connection.queued): string {
  switch (connection.state) {
    case 'idle':
      return say('connection-state-idle')
    case 'connecting':
      return say('connection-state-connecting')
    case 'syncing':
      return connection.queued > 0
        ? say('connection-state-syncing-queued', { count: connection.queued })
        : say('connection-state-syncing')
    case 'online':
      if (connection.held_up !== null) return say('connection-state-held-up', { count: connection.queued })
      return sending > 0 ? say('connection-state-syncing-queued', { count: sending }) : say('connection-state-online')
    case 'offline':
      return connection.queued > 0
        ? say('connection-state-offline-queued', { count: connection.queued })
        : say('connection-state-offline')
  }
}

/** The state in a sentence, for the panel behind the chip. */
export function connectionSentence(connection: ConnectionView): string {
  switch (connection.state) {
    case 'idle':
      return say('connection-sentence-idle')
    case 'connecting':
      return say('connection-sentence-connecting')
    case 'syncing':
      return say('connection-sentence-syncing')
    case 'online':
      if (connection.held_up !== null) return say('connection-sentence-held-up')
      return say(connection.queued > 0 ? 'connection-sentence-sending' : 'connection-sentence-online')
    case 'offline':
      return say('connection-sentence-offline')
  }
}

/** `Next try in 12 s`, and nothing when no try is planned. */
export function retryWords(retryAt: number | null, now: number): string {
  if (retryAt === null) return ''
  return retryAt > now ? say('connection-next-try', { wait: duration(retryAt - now) }) : say('connection-trying')
}

/** The same where room is short: `12 s`. */
export function waitWords(retryAt: number | null, now: number): string {
  return retryAt !== null && retryAt > now ? duration(retryAt - now) : retryWords(retryAt, now)
}

/** The line under a message, and the tone it is written in. */
export function messageMeta(
  message: MessageView,
  context: { now: number; online: boolean; slow: boolean; waiting: number },
): { text: string; tone: '' | 'read' | 'wait' | 'fail'; icon: 'none' | 'clock' | 'sending' | 'check' | 'checks' | 'alert' } {
  // The server may have said something that is no time.
  const known = (message.sent_at ?? message.written_at) > 0
  const time = known ? clockTime(message.sent_at ?? message.written_at) : say('messages-time-unknown')
  const written = known ? writtenWords(message.written_at, message.sent_at) : ''
  const when = written || time
  if (!message.mine) return { text: when, tone: '', icon: 'none' }
  if (message.deleted) return { text: when, tone: '', icon: 'none' }
  switch (message.state) {
    case 'waiting':
      if (context.online) {
        // On the way within a blink: no word that would only flash.
        if (!context.slow) return { text: time, tone: '', icon: 'none' }
        return {
          text: say('messages-queued-soon', { when: moment(message.written_at, context.now) }),
          tone: 'wait',
          icon: 'clock',
        }
      }
      const at = moment(message.written_at, context.now)
      return {
        text:
          context.waiting > 1
            ? say('messages-queued-several', { count: context.waiting, when: at })
            : say('messages-queued', { when: at }),
        tone: 'wait',
        icon: 'clock',
      }
    case 'sending':
      return context.slow
        ? { text: say('messages-state-sending'), tone: '', icon: 'sending' }
        : { text: time, tone: '', icon: 'none' }
    case 'sent':
      return { text: say('messages-when-sent', { when }), tone: '', icon: 'check' }
    case 'delivered':
      return { text: say('messages-when-delivered', { when }), tone: '', icon: 'checks' }
    case 'read':
      return { text: readWords(message, when, context.now), tone: 'read', icon: 'checks' }
    case 'failed':
      return { text: say('messages-state-failed'), tone: 'fail', icon: 'alert' }
    case 'received':
      return { text: when, tone: '', icon: 'none' }
  }
}

/** The day is said only when it is another than the day of the message. */
function readWords(message: MessageView, when: string, now: number): string {
  if (message.read_at === null) return say('messages-when-read', { when })
  const sameDay = daysBetween(message.sent_at ?? message.written_at, message.read_at) === 0
  const readAt = sameDay ? clockTime(message.read_at) : moment(message.read_at, now)
  return say('messages-when-read-at', { when, read: readAt })
}

/** What a person's screen reader says for the state of one's last message. */
export function lastStateWords(last: LastMessage): string {
  if (!last.mine) return ''
  return last.state === 'received' ? '' : say(`messages-last-${last.state}`)
}

/** The one line of a conversation row. */
export function lastWords(last: LastMessage): string {
  if (last.deleted) return say('messages-last-deleted')
  return last.snippet || last.attachment_name || say('messages-last-unknown')
}

/** `Photo` or the name of the first file, for announcements. */
export function attachmentWords(attachments: readonly AttachmentView[]): string {
  if (attachments.length === 0) return ''
  if (attachments.length === 1) return attachments[0]!.name
  return say('messages-files', { count: attachments.length })
}

/** The first letter large, and a full stop at the end. */
export function sentence(text: string): string {
  const trimmed = text.trim()
  if (!trimmed) return ''
  const large = trimmed.charAt(0).toLocaleUpperCase('en') + trimmed.slice(1)
  return /[.!?…]$/u.test(large) ? large : `${large}.`
}
