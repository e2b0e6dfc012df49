import type {
  AttachmentDraft,
  ConversationKey,
  MessageView,
  OfflineSpan,
  Older,
  PersonView,
  ThreadView,
} from '../../contract.gen'
import type { Host } from '../../host'
import { Snapshot, upsert } from '../../lib/rows'

const PAGE = 60
const KEPT_THREADS = 12
const DRAFT_MS = 250
/** How long a half-loaded thread is waited for until it is taken as it is. */
const HALF_MS = 3_000

/** One conversation as far as it is loaded, and what is being written in it. */
export class Thread {
  person = $state.raw<PersonView | null>(null)
  subjectTitle = $state<string | null>(null)
  messages = $state.raw<MessageView[]>([])
  older = $state<Older>('beginning')
  firstUnread = $state<string | null>(null)
  offline = $state.raw<OfflineSpan[]>([])
  chosen = $state.raw<AttachmentDraft[]>([])
  loaded = $state(false)
  /** Whether what is here was asked for at this visit. */
  fresh = $state(false)
  /**
   * Whether the newest stretch is whole, as far as it can be: only then is it known which message is the first unread
   * one, where the thread opens, and what counts as read.
   */
  settled = $state(false)
  loadingOlder = $state(false)
  /** The text in the composer. */
  text = $state('')
  sending = $state(false)
  #whole = new Snapshot<ThreadView>()
  #patience: ReturnType<typeof setTimeout> | undefined
  #draftTimer: ReturnType<typeof setTimeout> | undefined
  #saving: Promise<void> = Promise.resolve()
  /** The text as the core last had it, or `null` before the first answer. */
  #savedText: string | null = null

  constructor(
    readonly key: ConversationKey,
    private host: Host,
  ) {}

  /** Asks for the newest messages. Unless `anew`, keeps older ones that are here as long as the two stretches meet. */
  async load(anew = false): Promise<void> {
    await this.#whole.load(
      () => this.host.call('thread_get', { conversation: this.key, before: null, limit: PAGE }),
      (view) => {
        this.#takeFacts(view)
        const start = view.messages[0]?.order ?? -Infinity
        const before = !anew && this.loaded && view.older === 'here' ? this.messages.filter((m) => m.order < start) : []
        const meets = before.length > 0 && this.messages.some((m) => m.order >= start && m.id !== null)
        if (!meets) this.older = view.older
        else if (this.older === 'gap') this.older = 'here'
        this.messages = upsert(meets ? before : [], view.messages, keyOf, inOrder)
        this.#markUnread(view.first_unread)
        this.chosen = view.attachments
        if (this.#savedText === null) {
          // Keys pressed while the answer was under way win over what it says.
          if (this.text === '') this.text = view.draft
          this.#savedText = view.draft
        }
        this.loaded = true
        this.fresh = true
        this.#settle(view.older !== 'gap' || view.messages.length >= PAGE)
      },
    )
  }

  /** Asks for messages before the first one here. */
  async loadOlder(): Promise<void> {
    const first = this.messages[0]
    if (!first || this.older !== 'here' || this.loadingOlder) return
    this.loadingOlder = true
    try {
      const view = await this.host.call('thread_get', { conversation: this.key, before: first.order, limit: PAGE })
      if (this.messages[0]?.key !== first.key) return
      this.offline = mergeSpans(this.offline, view.offline)
      this.older = view.older
      this.messages = upsert(view.messages, this.messages, keyOf, inOrder)
      this.#markUnread(view.first_unread)
    } finally {
      this.loadingOlder = false
    }
  }

  /** Takes changed rows. Those before the stretch that is here are left for when it is asked for. */
  put(rows: readonly MessageView[], removed: readonly string[]): void {
    this.#whole.change(() => {
      const start = this.messages[0]?.order
      const known = new Set(this.messages.map(keyOf))
      const mine = rows.filter(
        (row) => known.has(row.key) || start === undefined || this.older === 'beginning' || row.order > start,
      )
      this.messages = upsert(this.messages, mine, keyOf, inOrder, removed)
    })
  }

  putPerson(person: PersonView): void {
    this.#whole.change(() => {
      if (this.person?.id === person.id) this.person = person
    })
  }

  putChosen(drafts: AttachmentDraft[]): void {
    this.#whole.change(() => (this.chosen = drafts))
  }

  /** Called with every key press. Saves the draft shortly after the last, and at once when it was cleared: words that were taken back must not come back. */
  write(text: string): void {
    this.text = text
    clearTimeout(this.#draftTimer)
    if (text === '') void this.saveDraft().catch(() => {})
    else this.#draftTimer = setTimeout(() => void this.saveDraft(), DRAFT_MS)
  }

  /** One save at a time: an older one that ends late would bring back what was cleared or sent since. */
  saveDraft(): Promise<void> {
    clearTimeout(this.#draftTimer)
    const saving = this.#saving.then(() => this.#saveNow())
    this.#saving = saving.catch(() => {})
    return saving
  }

  async #saveNow(): Promise<void> {
    const body = this.text
    if (this.sending || this.#savedText === null || body === this.#savedText) return
    const before = this.#savedText
    this.#savedText = body
    try {
      await this.host.call('draft_set', { conversation: this.key, body })
    } catch (thrown) {
      if (this.#savedText === body) this.#savedText = before
      throw thrown
    }
  }

  /**
   * Sends what is written. The text leaves the composer only when the core has it on disk.
   *
   * **Invariant:** one text is given to the core once: a second call while the first is under way does nothing.
   */
  async send(): Promise<boolean> {
    const body = this.text
    if (this.sending || (!body.trim() && this.chosen.length === 0)) return false
    this.sending = true
    clearTimeout(this.#draftTimer)
    try {
      await this.#saving
      const message = await this.host.call('message_send', { conversation: this.key, body })
      this.text = this.text.startsWith(body) ? this.text.slice(body.length) : this.text
      this.#savedText = ''
      this.chosen = []
      this.answer(message)
      return true
    } finally {
      this.sending = false
      if (this.text) this.write(this.text)
    }
  }

  /** Takes a row out of an answer. Events are newer than answers: a row that is here already stays as it is. */
  answer(message: MessageView): void {
    if (this.messages.some((row) => row.key === message.key)) return
    this.put([message], [])
  }

  /** Forgets how far one had read, so that the line is drawn anew at the next visit. */
  left(): void {
    this.fresh = false
    this.settled = false
    clearTimeout(this.#patience)
    this.firstUnread = null
    if (this.messages.length > 3 * PAGE && this.older !== 'gap') {
      this.messages = this.messages.slice(-PAGE)
      this.older = 'here'
    }
  }

  /** What there is must do: nothing more comes, because there is no link or no answer. */
  giveUp(): void {
    clearTimeout(this.#patience)
    this.fresh = true
    this.settled = true
  }

  /** The part before the newest messages is on its way, but nobody waits for it for ever. */
  #settle(whole: boolean): void {
    clearTimeout(this.#patience)
    if (whole) this.settled = true
    else if (!this.settled) this.#patience = setTimeout(() => this.giveUp(), HALF_MS)
  }

  /** An earlier unread message is found when more of the thread comes; a later one is only what came since. */
  #markUnread(found: string | null): void {
    if (found === null || found === this.firstUnread) return
    const before = this.messages.findIndex((message) => message.key === this.firstUnread)
    const now = this.messages.findIndex((message) => message.key === found)
    // What is not here lies before everything that is.
    if (this.firstUnread === null || now < before) this.firstUnread = found
  }

  #takeFacts(view: ThreadView): void {
    this.person = view.person
    this.subjectTitle = view.subject_title
    this.offline = mergeSpans(this.offline, view.offline)
  }
}

/** The conversations one has looked at, the latest few of them. */
export class Threads {
  #kept = new Map<ConversationKey, Thread>()

  constructor(private host: Host) {}

  /** The thread of a conversation, made empty if it is not here. */
  open(key: ConversationKey): Thread {
    let thread = this.#kept.get(key)
    if (thread) this.#kept.delete(key)
    else thread = new Thread(key, this.host)
    this.#kept.set(key, thread)
    for (const [old, candidate] of this.#kept) {
      if (this.#kept.size <= KEPT_THREADS) break
      if (!candidate.sending) this.#kept.delete(old)
    }
    return thread
  }

  get(key: ConversationKey): Thread | undefined {
    return this.#kept.get(key)
  }

  all(): Iterable<Thread> {
    return this.#kept.values()
  }

  /** Drops all but one, which is asked for again. */
  dropAllBut(key: ConversationKey | null): void {
    for (const old of [...this.#kept.keys()]) if (old !== key) this.#kept.delete(old)
  }
}

function keyOf(message: MessageView): string {
  return message.key
}

function inOrder(a: MessageView, b: MessageView): number {
  return a.order - b.order
}

function mergeSpans(here: readonly OfflineSpan[], fresh: readonly OfflineSpan[]): OfflineSpan[] {
  return upsert(
    here,
    fresh,
    (span) => span.from,
    (a, b) => a.from - b.from,
  )
}
