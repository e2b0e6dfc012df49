import { SvelteMap } from 'svelte/reactivity'
import type { ConversationKey, PersonView, Target, UiEvent } from '../../contract.gen'
import { clock } from '../../lib/clock.svelte'
import type { Core } from '../../lib/core.svelte'
import type { FeatureState } from '../../lib/feature'
import { forgetPictures } from '../../lib/files'
import type { Route } from '../../lib/router.svelte'
import { say } from '../../lib/say'
import { Conversations } from './conversations.svelte'
import { type Thread, Threads } from './threads.svelte'

/** What was in sight for less than this was not read: one only went past it. */
const READ_MS = 150

/** The page of conversations, and which of them. */
export const PAGE = 'inbox'

export function inbox(conversation: ConversationKey | null): Route {
  return { page: PAGE, part: conversation }
}

/** Conversations, what was said in those one has looked at, and who is typing. */
export class Messages implements FeatureState {
  readonly conversations: Conversations
  readonly threads: Threads
  /** Who is typing where, and until when. */
  readonly typing = new SvelteMap<ConversationKey, number>()
  /** Whether one is choosing somebody new to write to. */
  choosing = $state(false)
  #attention = ''

  constructor(private core: Core) {
    this.conversations = new Conversations(core.host)
    this.threads = new Threads(core.host)
  }

  isTyping(key: ConversationKey): boolean {
    return (this.typing.get(key) ?? 0) > clock.now
  }

  /** The conversation on screen. */
  get openKey(): ConversationKey | null {
    const { page, part } = this.core.router.route
    return page === PAGE ? part : null
  }

  take(event: UiEvent): void {
    switch (event.type) {
      case 'conversations':
        this.conversations.put(event.rows)
        this.conversations.remove(event.removed)
        break
      case 'messages':
        this.#put(event)
        break
      case 'stale':
        if (event.topic === 'thread' && event.of !== null) void this.#reload(this.threads.get(event.of))
        break
      case 'attachments':
        this.threads.get(event.conversation)?.putChosen(event.drafts)
        break
      case 'typing':
        this.typing.set(event.conversation, event.until_ms)
        break
    }
  }

  person(person: PersonView): void {
    this.conversations.person(person)
    for (const thread of this.threads.all()) thread.putPerson(person)
  }

  async load(): Promise<void> {
    this.#attention = ''
    this.threads.dropAllBut(this.openKey)
    const open = this.openKey === null ? undefined : this.threads.get(this.openKey)
    await Promise.all([this.conversations.load(), open?.load(true)])
  }

  clear(): void {
    this.#attention = ''
    this.conversations.clear()
    this.threads.dropAllBut(null)
    this.typing.clear()
    this.choosing = false
    forgetPictures()
  }

  /** The stretch without a link is over: asks where it lies in the thread. */
  back(): void {
    if (this.openKey !== null) void this.#reload(this.threads.get(this.openKey))
  }

  /** Tells the core what is looked at. Says the same thing only once. */
  attend(focused: boolean, target: Target | null): void {
    const said = JSON.stringify([focused, target])
    if (this.#attention === said || this.core.session?.state !== 'signed_in') return
    this.#attention = said
    void this.core.host.call('attention_set', { focused, target }).catch(() => (this.#attention = ''))
  }

  /**
   * Marks a conversation as read once it was looked at for a moment, and once for messages that come close together.
   * Answers with the way to say that one has looked away before that.
   */
  markRead(key: ConversationKey, done: () => void = () => {}): () => void {
    const timer = setTimeout(() => {
      done()
      void this.core.host.call('conversation_read', { conversation: key }).catch(() => {})
    }, READ_MS)
    return () => clearTimeout(timer)
  }

  #put(event: UiEvent & { type: 'messages' }): void {
    const thread = this.threads.get(event.conversation)
    const known = new Set(thread?.messages.map((row) => row.key))
    thread?.put(event.rows, event.removed)
    // Its words are gone, also from the notice that quotes them.
    if (event.rows.some((row) => row.deleted)) this.core.dismissNews(inbox(event.conversation))
    const fresh = event.rows.filter((row) => !row.mine && !known.has(row.key))
    if (fresh.length === 0) return
    this.typing.delete(event.conversation)
    if (thread?.loaded && event.conversation === this.openKey) {
      const name = thread.person?.name ?? ''
      const last = fresh.at(-1)!
      this.core.say(
        fresh.length > 3
          ? say('messages-new-messages-from', { count: fresh.length, name })
          : say('messages-said', { name, text: last.body || say('messages-a-file') }),
      )
    }
  }

  async #reload(thread: Thread | undefined): Promise<void> {
    await thread?.load().catch((thrown: unknown) => this.core.fail(say('messages-not-loaded-thread'), thrown))
  }
}
