import { getContext, setContext, untrack } from 'svelte'
import { SvelteMap } from 'svelte/reactivity'
import type {
  AboutView,
  AppError,
  Commands,
  ConnectionView,
  PersonView,
  SessionView,
  Settings,
  Target,
  Toast,
  UiEvent,
  UnreadView,
} from '../contract.gen'
import type { Host } from '../host'
import { copyText } from './clipboard'
import { clock } from './clock.svelte'
import type { Action, Feature, FeatureState, Subject } from './feature'
import { Router } from './router.svelte'
import { Toasts } from './toasts.svelte'
import { DEFAULT, say, speak } from './say'
import { chime } from './sound'
import { applyTheme } from './theme'
import { errorWords, refusalWords, restoredWords } from './words'

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

function newsTag({ page, part }: Target): string {
  return `news ${page} ${part ?? ''}`
}

/** How long to wait for the first event before asking without it. */
const FIRST_EVENT_MS = 1500

/**
 * What the interface knows of itself, fed by the stream of events; what it knows of each feature is the feature's own.
 * Everything is asked for again at `reset`. Decides nothing: it keeps rows and passes commands on.
 */
export class Core {
  session = $state.raw<SessionView | null>(null)
  connection = $state.raw<ConnectionView>(NO_CONNECTION)
  unread = $state.raw<UnreadView>({ messages: 0, conversations: 0, notifications: 0 })
  settings = $state.raw<Settings | null>(null)
  /** As the core has them, what was changed here and is not kept there yet, and the work of having it kept. */
  #kept: Settings | null = null
  #unkept: Partial<Settings> = {}
  #keeping: Promise<void> | null = null
  about = $state.raw<AboutView | null>(null)
  /** How dates and numbers are written: what is on screen is said anew when it changes. */
  spoken = $state(DEFAULT)
  /** A sentence for screen readers, said politely. */
  said = $state('')
  /** Nobody answers behind the interface. */
  broken = $state<AppError | null>(null)
  /** How often the server said of a topic that what belongs to it stands otherwise. */
  readonly stale = new SvelteMap<string, number>()
  readonly toasts = new Toasts()
  readonly router: Router
  /** In the order of the rail. */
  readonly features: readonly Feature[]
  #states = new Map<new (core: Core) => FeatureState, FeatureState>()
  #generation = 0
  #titleBefore = ''

  constructor(
    readonly host: Host,
    features: readonly Feature[] = [],
  ) {
    const place = (feature: Feature) => feature.rail?.order ?? Infinity
    this.features = [...features].sort((a, b) => place(a) - place(b))
    this.router = new Router(this.features.flatMap((feature) => feature.page?.name ?? []))
    for (const { state: State } of this.features) if (State) this.#states.set(State, new State(this))
  }

  /** What a feature knows. */
  of<S extends FeatureState>(State: new (core: Core) => S): S {
    const found = this.#states.get(State)
    if (!found) throw new Error(`${State.name} is of no feature`)
    return found as S
  }

  /** What features can do with somebody or a message of theirs. */
  actionsOn(on: Subject): Action[] {
    return this.features.flatMap((feature) => feature.actions?.(this, on) ?? [])
  }

  me = $derived(this.session?.state === 'signed_in' ? this.session.me : null)
  local = $derived(this.session?.state === 'signed_in' && this.session.local)
  offline = $derived(this.connection.state === 'offline')
  /** Whether what is asked for now is answered by the server. */
  online = $derived(this.connection.state === 'online')

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
      case 'people':
        for (const person of event.rows) this.putPerson(person)
        break
      case 'unread':
        this.unread = event.unread
        break
      case 'settings':
        this.putSettings(event.settings)
        break
      case 'toast':
        this.#toast(event.toast)
        break
      case 'open':
        this.router.go(event.target)
        break
      case 'stale':
        this.stale.set(event.topic, (this.stale.get(event.topic) ?? 0) + 1)
        break
    }
    for (const state of this.#states.values()) state.take?.(event)
  }

  /** What leads there is not shown any more: its words are gone. */
  dismissNews(target: Target): void {
    this.toasts.dismissTag(newsTag(target))
  }

  putPerson(person: PersonView): void {
    for (const state of this.#states.values()) state.person?.(person)
    if (this.session?.state === 'signed_in' && this.session.me.id === person.id) this.session = { ...this.session, me: person }
  }

  async block(person: PersonView, blocked: boolean): Promise<void> {
    const refused = blocked
      ? say('messages-not-blocked', { name: person.name })
      : say('messages-still-blocked', { name: person.name })
    const changed = await this.try('person_block', { id: person.id, blocked }, refused)
    if (changed) this.putPerson(changed)
  }

  /** What the core keeps. What was changed here and is not kept yet is laid over it: an older answer takes nothing of it back. */
  putSettings(settings: Settings): void {
    this.#kept = settings
    const shown = { ...settings, ...this.#unkept }
    this.settings = shown
    applyTheme(shown)
    if (!this.host.language && this.spoken !== shown.region) {
      speak(shown.region)
      this.spoken = shown.region
    }
  }

  /** Changes settings, at once here and then in the core: one change after the other, or the last one might not be what is kept. */
  async saveSettings(change: Partial<Settings>): Promise<void> {
    if (!this.#kept) return
    Object.assign(this.#unkept, change)
    this.putSettings(this.#kept)
    this.#keeping ??= this.#keepSettings().finally(() => (this.#keeping = null))
    await this.#keeping
  }

  async #keepSettings(): Promise<void> {
    while (this.#kept && Object.keys(this.#unkept).length > 0) {
      const said = { ...this.#unkept }
      try {
        const kept = await this.host.call('settings_set', { ...this.#kept, ...said })
        // What was changed once more meanwhile is said next.
        this.#unkept = Object.fromEntries(
          Object.entries(this.#unkept).filter(([name, value]) => said[name as keyof Settings] !== value),
        )
        this.putSettings(kept)
      } catch (thrown) {
        this.#unkept = {}
        this.putSettings(this.#kept)
        this.fail(say('app-setting-not-kept'), thrown)
      }
    }
  }

  async retryConnection(): Promise<void> {
    const connection = await this.try('connection_retry', {}, say('app-not-tried'))
    if (connection) this.connection = connection
  }

  async signOut(): Promise<void> {
    const session = await this.try('session_sign_out', {}, say('app-still-signed-in'))
    if (session) this.#putSession(session)
  }

  /** Takes the answer of signing in: the stream says the same, perhaps later. */
  signedIn(session: SessionView): void {
    this.#putSession(session)
  }

  async #askAll(): Promise<void> {
    const generation = ++this.#generation
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
    await Promise.all([
      this.host.call('connection_get', {}).then((connection) => this.#putConnection(connection)),
      this.host.call('unread_get', {}).then((unread) => (this.unread = unread)),
      ...[...this.#states.values()].map((state) => state.load?.()),
    ]).catch((thrown: unknown) => this.fail(say('app-not-everything'), thrown))
  }

  /** Answers whether this is somebody else than before; everything is asked for then. */
  #putSession(session: SessionView): boolean {
    const before = this.session
    this.session = session
    const was = before?.state === 'signed_in' ? `${before.me.id} ${before.server_url}` : ''
    const is = session.state === 'signed_in' ? `${session.me.id} ${session.server_url}` : ''
    if (was === is) return false
    for (const state of this.#states.values()) state.clear?.()
    // What the core had to say while nobody listened comes before the first answer, and is for whoever is here.
    if (before !== null) this.toasts.clear()
    this.unread = { messages: 0, conversations: 0, notifications: 0 }
    this.connection = NO_CONNECTION
    // The address that is left would open a conversation for whoever is here next, and read it.
    if (before?.state === 'signed_in') this.router.replace(this.router.home)
    if (session.state === 'signed_in') {
      // A page that is opened anew stays where its address says.
      if (before?.state === 'signed_out') this.router.replace(this.router.home)
      void this.#askSignedIn()
    }
    return true
  }

  #putConnection(connection: ConnectionView): void {
    const before = this.connection
    this.connection = connection
    if (before.state === 'offline' && connection.state !== 'offline') {
      for (const state of this.#states.values()) state.back?.()
    }
  }

  #toast(toast: Toast): void {
    switch (toast.kind) {
      case 'news':
        this.toasts.show({
          tone: 'message',
          title: toast.title,
          ...(toast.body ? { body: toast.body } : {}),
          tag: newsTag(toast.target),
          action: { label: say('app-open'), run: () => this.router.go(toast.target) },
        })
        if (toast.sound) chime()
        break
      case 'back_online':
        this.toasts.show({
          tone: 'info',
          title: toast.sent > 0 ? say('connection-back-sent', { count: toast.sent }) : say('connection-back'),
          tag: 'link',
        })
        break
      case 'cache_rebuilt':
        this.toasts.show({
          tone: 'info',
          title: say('app-cache-rebuilt'),
          body: say('app-cache-rebuilt-body'),
          stays: true,
          tag: 'cache',
        })
        break
      case 'own_restored':
        this.toasts.show({
          tone: 'info',
          title: say('app-own-restored'),
          body: restoredWords(toast.copied_at, toast.aside, Date.now()),
          stays: true,
          tag: 'own',
        })
        break
      case 'disk_full':
        this.toasts.error(say('app-disk-full'), say('app-disk-full-body'))
        break
      case 'no_notification_service':
        this.toasts.show({
          tone: 'info',
          title: say('app-no-notices'),
          body: say('app-no-notices-body'),
          tag: 'service',
        })
        break
      case 'change_refused':
        this.toasts.error(say('app-change-refused', { name: toast.name }), refusalWords(toast.reason, toast.message))
        break
      case 'saved':
        this.toasts.show({ tone: 'ok', title: say('app-saved'), body: toast.path, tag: 'saved' })
        break
    }
  }

  /** The title of the window: what waits, and who is signed in. */
  title(): string {
    if (!this.me) return say('app-guildhall')
    const { name } = this.me
    return this.unread.messages > 0
      ? say('app-title-of-unread', { count: this.unread.messages, name })
      : say('app-title-of', { name })
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
