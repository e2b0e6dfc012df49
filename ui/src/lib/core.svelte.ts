import { getContext, setContext, untrack } from 'svelte'
import { SvelteMap } from 'svelte/reactivity'
import type {
  AboutView,
  AppError,
  Commands,
  ConnectionView,
  ConversationKey,
  PersonView,
  SessionView,
  Settings,
  Toast,
  UiEvent,
  UnreadView,
} from '../contract.gen'
import type { Host } from '../host'
import { copyText } from './clipboard'
import { clock } from './clock.svelte'
import { forgetPictures } from './files'
import { Router } from './router.svelte'
import { chime } from './sound'
import { Conversations } from './state/conversations.svelte'
import { Notices } from './state/notices.svelte'
import { type Thread, Threads } from './state/threads.svelte'
import { Toasts } from './state/toasts.svelte'
import { count } from './text'
import { applyTheme } from './theme'
import { errorWords, restoredWords } from './words'

const NO_CONNECTION: ConnectionView = {
  state: 'connecting',
  since: 0,
  retry_at: null,
  reason: null,
  queued: 0,
  failed: 0,
  synced_to: 0,
  round_trip_ms: null,
  held_up: null,
}

/** How long to wait for the first event before asking without it. */
const FIRST_EVENT_MS = 1500
/** What was in sight for less than this was not read: one only went past it. */
const READ_MS = 150

/**
 * What the interface knows, fed by the stream of events. Everything is asked for again at `reset`.
 * Decides nothing: it keeps rows and passes commands on.
 */
export class Core {
  session = $state.raw<SessionView | null>(null)
  connection = $state.raw<ConnectionView>(NO_CONNECTION)
  unread = $state.raw<UnreadView>({ messages: 0, conversations: 0, notifications: 0 })
  settings = $state.raw<Settings | null>(null)
  about = $state.raw<AboutView | null>(null)
  /** A sentence for screen readers, said politely. */
  said = $state('')
  /** Nobody answers behind the interface. */
  broken = $state<AppError | null>(null)
  readonly toasts = new Toasts()
  readonly router = new Router()
  readonly conversations: Conversations
  readonly threads: Threads
  readonly notices: Notices
  /** Who is typing where, and until when. */
  readonly typing = new SvelteMap<ConversationKey, number>()
  #attention = ''
  #generation = 0
  #titleBefore = ''

  constructor(readonly host: Host) {
    this.conversations = new Conversations(host)
    this.threads = new Threads(host)
    this.notices = new Notices(host)
  }

  me = $derived(this.session?.state === 'signed_in' ? this.session.me : null)
  local = $derived(this.session?.state === 'signed_in' && this.session.local)
  offline = $derived(this.connection.state === 'offline')

  /** Opens the stream. Answers with the way to close everything. */
  async start(): Promise<() => void> {
    const ends = [clock.start(), this.router.start()]
    let begun = false
    const timer = setTimeout(() => {
      if (!begun) void this.#askAll()
    }, FIRST_EVENT_MS)
    try {
      ends.push(
        await this.host.subscribe((events) => {
          begun = true
          for (const event of events) this.take(event)
        }),
      )
    } catch (thrown) {
      this.broken = thrown as AppError
    }
    return () => {
      clearTimeout(timer)
      for (const end of ends) end()
    }
  }

  /** Runs a command. Says what went wrong in a notice and answers with `undefined` then. */
  async try<K extends keyof Commands>(name: K, request: Commands[K][0], failed: string): Promise<Commands[K][1] | undefined> {
    try {
      return await this.host.call(name, request)
    } catch (thrown) {
      this.fail(failed, thrown)
      return undefined
    }
  }

  fail(title: string, thrown: unknown): void {
    const error = thrown as AppError
    if (error.code === 'signed_out') return
    this.toasts.error(title, errorWords(error))
  }

  /** Puts text on the clipboard, and says so. */
  async copy(text: string, done: string, body?: string): Promise<void> {
    if (await copyText(text)) this.toasts.show({ tone: 'ok', title: done, ...(body ? { body } : {}), tag: 'copied' })
  }

  say(sentence: string): void {
    // The same sentence twice is read twice only if the text changes.
    this.said = this.said === sentence ? `${sentence}\u00a0` : sentence
  }

  isTyping(key: ConversationKey): boolean {
    return (this.typing.get(key) ?? 0) > clock.now
  }

  /** The conversation on screen. */
  get openKey(): ConversationKey | null {
    const route = this.router.route
    return route.page === 'inbox' ? route.conversation : null
  }

  /** Takes one event of the stream. */
  take(event: UiEvent): void {
    switch (event.type) {
      case 'reset':
        void this.#askAll()
        break
      case 'session':
        this.#putSession(event.session)
        break
      case 'connection':
        this.#putConnection(event.connection)
        break
      case 'conversations':
        this.conversations.put(event.rows)
        this.conversations.remove(event.removed)
        break
      case 'messages':
        this.#putMessages(event)
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
      case 'people':
        for (const person of event.rows) this.putPerson(person)
        break
      case 'unread':
        this.unread = event.unread
        break
      case 'notifications':
        this.notices.put(event.rows, event.removed)
        break
      case 'settings':
        this.putSettings(event.settings)
        break
      case 'toast':
        this.#toast(event.toast)
        break
      case 'open_conversation':
        this.router.go({ page: 'inbox', conversation: event.conversation })
        break
    }
  }

  putPerson(person: PersonView): void {
    this.conversations.person(person)
    this.notices.person(person)
    for (const thread of this.threads.all()) thread.putPerson(person)
    if (this.session?.state === 'signed_in' && this.session.me.id === person.id) this.session = { ...this.session, me: person }
  }

  async block(person: PersonView, blocked: boolean): Promise<void> {
    const refused = blocked ? `${person.name} is not blocked` : `${person.name} is still blocked`
    const changed = await this.try('person_block', { id: person.id, blocked }, refused)
    if (changed) this.putPerson(changed)
  }

  putSettings(settings: Settings): void {
    this.settings = settings
    applyTheme(settings)
  }

  /** Replaces the settings, at once here and then in the core. */
  async saveSettings(change: Partial<Settings>): Promise<void> {
    const before = this.settings
    if (!before) return
    this.putSettings({ ...before, ...change })
    try {
      this.putSettings(await this.host.call('settings_set', { ...before, ...change }))
    } catch (thrown) {
      this.putSettings(before)
      this.fail('The setting was not kept', thrown)
    }
  }

  /** Tells the core what is looked at. Says the same thing only once. */
  attend(focused: boolean, conversation: ConversationKey | null): void {
    const said = JSON.stringify([focused, conversation])
    if (this.#attention === said || this.session?.state !== 'signed_in') return
    this.#attention = said
    void this.host.call('attention_set', { focused, conversation }).catch(() => (this.#attention = ''))
  }

  /**
   * Marks a conversation as read once it was looked at for a moment, and once for messages that come close together.
   * Answers with the way to say that one has looked away before that.
   */
  markRead(key: ConversationKey, done: () => void = () => {}): () => void {
    const timer = setTimeout(() => {
      done()
      void this.host.call('conversation_read', { conversation: key }).catch(() => {})
    }, READ_MS)
    return () => clearTimeout(timer)
  }

  async retryConnection(): Promise<void> {
    const connection = await this.try('connection_retry', {}, 'Couldn’t try now')
    if (connection) this.connection = connection
  }

  async signOut(): Promise<void> {
    const session = await this.try('session_sign_out', {}, 'You’re still signed in')
    if (session) this.#putSession(session)
  }

  /** Takes the answer of signing in: the stream says the same, perhaps later. */
  signedIn(session: SessionView): void {
    this.#putSession(session)
  }

  async #askAll(): Promise<void> {
    const generation = ++this.#generation
    this.#attention = ''
    try {
      const [session, settings, about] = await Promise.all([
        this.host.call('session_get', {}),
        this.host.call('settings_get', {}),
        this.host.call('about_get', {}),
      ])
      if (generation !== this.#generation) return
      this.broken = null
      this.about = about
      document.documentElement.dataset.os = about.os
      this.putSettings(settings)
      if (!this.#putSession(session)) await this.#askSignedIn()
    } catch (thrown) {
      if (generation === this.#generation && this.session === null) this.broken = thrown as AppError
    }
  }

  async #askSignedIn(): Promise<void> {
    if (this.session?.state !== 'signed_in') return
    this.threads.dropAllBut(this.openKey)
    const open = this.openKey === null ? undefined : this.threads.get(this.openKey)
    await Promise.all([
      this.host.call('connection_get', {}).then((connection) => this.#putConnection(connection)),
      this.host.call('unread_get', {}).then((unread) => (this.unread = unread)),
      this.conversations.load(),
      this.notices.load(),
      open?.load(true),
    ]).catch((thrown: unknown) => this.fail('Not everything could be loaded', thrown))
  }

  /** Answers whether this is somebody else than before; everything is asked for then. */
  #putSession(session: SessionView): boolean {
    const before = this.session
    this.session = session
    const was = before?.state === 'signed_in' ? `${before.me.id} ${before.server_url}` : ''
    const is = session.state === 'signed_in' ? `${session.me.id} ${session.server_url}` : ''
    if (was === is) return false
    this.#attention = ''
    this.conversations.clear()
    this.notices.clear()
    this.threads.dropAllBut(null)
    this.typing.clear()
    // What the core had to say while nobody listened comes before the first answer, and is for whoever is here.
    if (before !== null) this.toasts.clear()
    forgetPictures()
    this.unread = { messages: 0, conversations: 0, notifications: 0 }
    this.connection = NO_CONNECTION
    // The address that is left would open a conversation for whoever is here next, and read it.
    if (before?.state === 'signed_in') this.router.replace({ page: 'inbox', conversation: null })
    if (session.state === 'signed_in') {
      // A page that is opened anew stays where its address says.
      if (before?.state === 'signed_out') this.router.replace({ page: 'inbox', conversation: null })
      void this.#askSignedIn()
    }
    return true
  }

  #putConnection(connection: ConnectionView): void {
    const before = this.connection
    this.connection = connection
    if (before.state === 'offline' && connection.state !== 'offline' && this.openKey !== null) {
      // The stretch without a link is over: ask where it lies in the thread.
      void this.#reload(this.threads.get(this.openKey))
    }
  }

  #putMessages(event: UiEvent & { type: 'messages' }): void {
    const thread = this.threads.get(event.conversation)
    const known = new Set(thread?.messages.map((row) => row.key))
    thread?.put(event.rows, event.removed)
    // Its words are gone, also from the notice that quotes them.
    if (event.rows.some((row) => row.deleted)) this.toasts.dismissTag(`message ${event.conversation}`)
    const fresh = event.rows.filter((row) => !row.mine && !known.has(row.key))
    if (fresh.length === 0) return
    this.typing.delete(event.conversation)
    if (thread?.loaded && event.conversation === this.openKey) {
      const name = thread.person?.name ?? ''
      const last = fresh.at(-1)!
      this.say(fresh.length > 3 ? `${count(fresh.length, 'new message')} from ${name}` : `${name}: ${last.body || 'a file'}`)
    }
  }

  async #reload(thread: Thread | undefined): Promise<void> {
    await thread?.load().catch((thrown: unknown) => this.fail('The conversation could not be loaded', thrown))
  }

  #toast(toast: Toast): void {
    switch (toast.kind) {
      case 'message':
        this.toasts.show({
          tone: 'message',
          title: toast.name,
          ...(toast.body ? { body: toast.body } : {}),
          tag: `message ${toast.conversation}`,
          action: {
            label: 'Open',
            run: () => this.router.go({ page: 'inbox', conversation: toast.conversation }),
          },
        })
        if (toast.sound) chime()
        break
      case 'back_online':
        this.toasts.show({
          tone: 'info',
          title: toast.sent > 0 ? `Back online, ${count(toast.sent, 'message')} sent` : 'Back online',
          tag: 'link',
        })
        break
      case 'cache_rebuilt':
        this.toasts.show({
          tone: 'info',
          title: 'The copy on this computer was damaged',
          body: 'It is being made anew from the server. Your drafts and waiting messages are kept elsewhere and are safe.',
          stays: true,
          tag: 'cache',
        })
        break
      case 'own_restored':
        this.toasts.show({
          tone: 'info',
          title: 'What wasn’t sent yet was damaged here',
          body: restoredWords(toast.copied_at, toast.aside, Date.now()),
          stays: true,
          tag: 'own',
        })
        break
      case 'disk_full':
        this.toasts.error('The disk is full', 'Nothing new can be kept here until you make room.')
        break
      case 'no_notification_service':
        this.toasts.show({
          tone: 'info',
          title: 'Desktop notices don’t work here',
          body: 'The system’s notification service doesn’t answer. You see notices in the app.',
          tag: 'service',
        })
        break
      case 'saved':
        this.toasts.show({ tone: 'ok', title: 'Saved', body: toast.path, tag: 'saved' })
        break
    }
  }

  /** The title of the window: what waits, and who is signed in. */
  title(): string {
    const waiting = this.unread.messages > 0 ? `(${this.unread.messages}) ` : ''
    return this.me ? `${waiting}${this.me.name} · Guildhall` : 'Guildhall'
  }

  /** Sets the window's title when it differs. */
  showTitle(title: string): void {
    untrack(() => {
      if (title === this.#titleBefore) return
      this.#titleBefore = title
      document.title = title
      void this.host.window?.setTitle?.(title).catch(() => {})
    })
  }
}

const KEY = Symbol('core')

export function provideCore(core: Core): Core {
  return setContext(KEY, core)
}

export function useCore(): Core {
  return getContext<Core>(KEY)
}
