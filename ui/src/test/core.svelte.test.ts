import { describe, expect, it, vi } from 'vitest'
import type { AboutView, Commands, MessageView, Settings, ThreadView } from '../contract.gen'
import { conversation, message, ONLINE, SETTINGS, SIGNED_IN, threadView } from './rows'
import { ToldHost } from './told'
import { Messages } from '../features/messages/state.svelte'
import { features } from '../features'
import { Core } from '../lib/core.svelte'

const ABOUT: AboutView = {
  version: '0.1.0',
  data_dir: '/home/amara',
  cache_bytes: 0,
  own_bytes: 0,
  notification_service: null,
  local_mode: true,
  os: 'linux',
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 0))

/** A window of somebody with conversations, as the core would answer for it. */
function told(threads: Map<string, MessageView[]>, drafts = new Map<string, string>()) {
  const page = ({ conversation: key, before, limit }: Commands['thread_get'][0]) => {
    const all = (threads.get(key) ?? []).filter((row) => before === null || row.order < before)
    const messages = all.slice(-limit)
    const older = all.length > messages.length ? ('here' as const) : ('beginning' as const)
    return threadView(messages, { conversation: key, older, draft: drafts.get(key) ?? '' })
  }
  return new ToldHost({
    session_get: () => SIGNED_IN,
    connection_get: () => ONLINE,
    unread_get: () => ({ messages: 0, conversations: 0, notifications: 0 }),
    settings_get: () => SETTINGS,
    saved_reply_list: () => [],
    announcement_get: () => null,
    about_get: () => ABOUT,
    conversation_list: () => [...threads.keys()].map((key) => conversation(key)),
    conversation_get: ({ conversation: key }) => conversation(key),
    notification_list: () => [],
    attention_set: () => ({}),
    conversation_read: () => ({}),
    conversation_typing: () => ({}),
    thread_get: page,
    draft_set: ({ conversation: key, body }) => {
      if (body) drafts.set(key, body)
      else drafts.delete(key)
      return {}
    },
    message_preview: ({ body }) => ({ body, shows_less: false, length: body.length, length_max: 1000, reason: null }),
    message_send: ({ conversation: key, body }) => {
      drafts.delete(key)
      return message('w1', 1e6, { mine: true, id: null, body, state: 'waiting', sent_at: null })
    },
  })
}

async function signedIn(threads = new Map([['2', [message('a', 1), message('b', 2)]]]), drafts = new Map<string, string>()) {
  const host = told(threads, drafts)
  const core = new Core(host, features)
  await core.start()
  await settled()
  return { host, core, threads, drafts }
}

async function signedInAtOnce() {
  const drafts = new Map<string, string>()
  const host = told(new Map([['2', [message('a', 1), message('b', 2)]]]), drafts)
  const core = new Core(host, features)
  const started = core.start()
  await vi.advanceTimersByTimeAsync(0)
  await started
  return { host, core, drafts }
}

/** Drafts are kept when one says so: each call waits, and takes effect at its end. */
function slowDrafts(host: ToldHost) {
  const call = host.call.bind(host)
  const waits: (() => void)[] = []
  let slow = true
  vi.spyOn(host, 'call').mockImplementation(async (name, request) => {
    if (name === 'draft_set' && slow) await new Promise<void>((resolve) => waits.push(resolve))
    return (await call(name, request)) as never
  })
  const free = () => {
    slow = false
    for (const go of waits) go()
  }
  return { waits, free }
}

describe('settings', () => {
  it('are kept as they were changed last, whatever older answers and events say meanwhile', async () => {
    const { host, core } = await signedIn()
    let kept: Settings = { ...SETTINGS, more_contrast: true }
    core.putSettings(kept)
    const ends: (() => void)[] = []
    host.answers.settings_set = async (said) => {
      await new Promise<void>((end) => ends.push(end))
      kept = said
      host.emit({ type: 'settings', settings: kept })
      return kept
    }
    const saved = [
      core.saveSettings({ theme: 'dark' }),
      core.saveSettings({ text_percent: 125 }),
      core.saveSettings({ more_contrast: false }),
    ]
    expect(core.settings).toMatchObject({ theme: 'dark', text_percent: 125, more_contrast: false })
    // Another window changed something, and the first one's answer is older than what was pressed since.
    host.emit({ type: 'settings', settings: { ...kept, sound: false } })
    while (ends.length > 0) {
      ends.shift()!()
      await settled()
      expect(core.settings).toMatchObject({ theme: 'dark', text_percent: 125, more_contrast: false })
    }
    await Promise.all(saved)
    expect(kept).toMatchObject({ theme: 'dark', text_percent: 125, more_contrast: false })
    expect(core.settings).toEqual(kept)
  })

  it('are as they were where the core refuses', async () => {
    const { host, core } = await signedIn()
    host.answers.settings_set = () => Promise.reject({ code: 'internal', reference: 'abc' } as never)
    await core.saveSettings({ theme: 'dark' })
    expect(core.settings).toEqual(SETTINGS)
  })
})

describe('the stream of events', () => {
  it('asks for everything at reset, and again at the next', async () => {
    const { host, core, threads } = await signedIn()
    expect(core.me?.name).toBe('Amara Okonkwo')
    expect(core.of(Messages).conversations.rows.map((row) => row.key)).toEqual(['2'])
    const thread = core.of(Messages).threads.open('2')
    await thread.load()
    core.router.go({ page: 'inbox', part: '2' })
    core.router.route = { page: 'inbox', part: '2' }

    threads.set('2', [message('c', 3)])
    threads.set('3', [message('d', 4)])
    host.emit({ type: 'reset' })
    await settled()
    expect(
      core
        .of(Messages)
        .conversations.rows.map((row) => row.key)
        .sort(),
    ).toEqual(['2', '3'])
    expect(thread.messages.map((row) => row.key)).toEqual(['c'])
  })

  it('shows what was said before anybody listened', async () => {
    const core = new Core(told(new Map()), features)
    const started = core.start()
    core.take({ type: 'toast', toast: { kind: 'own_restored', copied_at: Date.now(), aside: '' } })
    await started
    await settled()
    expect(core.me?.name).toBe('Amara Okonkwo')
    expect(core.toasts.items.map((toast) => toast.title)).toEqual(['What wasn’t sent yet was damaged here'])
  })

  it('replaces rows by key and takes removed ones out', async () => {
    const { core } = await signedIn()
    const thread = core.of(Messages).threads.open('2')
    await thread.load()
    core.take({ type: 'messages', conversation: '2', rows: [message('b', 2, { body: 'changed' })], removed: ['a'] })
    expect(thread.messages.map((row) => [row.key, row.body])).toEqual([['b', 'changed']])
  })

  it('leaves rows alone that lie before the stretch that is here', async () => {
    const rows = Array.from({ length: 100 }, (_, index) => message(`k${index}`, index))
    const { core } = await signedIn(new Map([['2', rows]]))
    const thread = core.of(Messages).threads.open('2')
    await thread.load()
    expect(thread.messages).toHaveLength(60)
    core.take({ type: 'messages', conversation: '2', rows: [message('k1', 1, { deleted: true })], removed: [] })
    expect(thread.messages).toHaveLength(60)
    await thread.loadOlder()
    expect(thread.messages.map((row) => row.order)).toEqual(Array.from({ length: 100 }, (_, index) => index))
    expect(thread.older).toBe('beginning')
  })

  it('forgets everything of one person when another signs in', async () => {
    const { core } = await signedIn()
    core.take({
      type: 'session',
      session: { state: 'signed_out', because: 'revoked', kept_messages: 2, server_url: null, email: null, registering: null },
    })
    expect(core.of(Messages).conversations.rows).toEqual([])
    expect(core.of(Messages).threads.get('2')).toBeUndefined()
    core.take({ type: 'session', session: SIGNED_IN })
    await settled()
    expect(core.of(Messages).conversations.rows).toHaveLength(1)
  })
})

describe('reading', () => {
  it('is what was in sight for a moment, not what one only went past', async () => {
    vi.useFakeTimers()
    try {
      const { host, core } = await signedInAtOnce()
      const reads = () => host.calls.filter((call) => call.name === 'conversation_read').map((call) => call.request)
      const done = vi.fn()
      const away = core.of(Messages).markRead('2', done)
      await vi.advanceTimersByTimeAsync(40)
      away()
      await vi.advanceTimersByTimeAsync(1_000)
      expect(reads()).toEqual([])
      expect(done).not.toHaveBeenCalled()

      core.of(Messages).markRead('2', done)
      await vi.advanceTimersByTimeAsync(150)
      expect(reads()).toEqual([{ conversation: '2' }])
      expect(done).toHaveBeenCalledTimes(1)
    } finally {
      vi.useRealTimers()
    }
  })

  it('leaves no address behind that would open a conversation for whoever is here next', async () => {
    const { core } = await signedIn()
    core.router.replace({ page: 'inbox', part: '2' })
    core.take({ type: 'session', session: { state: 'signed_out' } as never })
    expect(core.router.route).toEqual({ page: 'inbox', part: null })
  })
})

describe('sending', () => {
  it('keeps one row when the event comes before the answer, and does not fall back to an older state', async () => {
    const { host, core } = await signedIn()
    const thread = core.of(Messages).threads.open('2')
    await thread.load()
    let shownStates: string[] = []
    const look = () =>
      (shownStates = [
        ...shownStates,
        thread.messages
          .filter((row) => row.key.startsWith('w'))
          .map((row) => row.state)
          .join(),
      ])
    host.call = vi.fn(async (name: string) => {
      if (name !== 'message_send') return {} as never
      const waiting = message('w1', 1e6, { mine: true, id: null, state: 'waiting', sent_at: null })
      const sent: MessageView = { ...waiting, id: 3, order: 3, state: 'sent', sent_at: 1 }
      core.take({ type: 'messages', conversation: '2', rows: [waiting], removed: [] })
      look()
      core.take({ type: 'messages', conversation: '2', rows: [sent], removed: [] })
      look()
      return waiting as never
    }) as never
    thread.write('Hello')
    await thread.send()
    look()
    expect(shownStates).toEqual(['waiting', 'sent', 'sent'])
    expect(thread.messages.filter((row) => row.key === 'w1')).toHaveLength(1)
    expect(thread.text).toBe('')
  })

  it('gives one text to the core once, however often one presses', async () => {
    const { host, core } = await signedIn()
    const thread = core.of(Messages).threads.open('2')
    await thread.load()
    thread.write('Once')
    const results = await Promise.all([thread.send(), thread.send(), thread.send()])
    expect(results).toEqual([true, false, false])
    expect(host.count('message_send')).toBe(1)
  })

  it('keeps the text when the core refuses it', async () => {
    const { host, core } = await signedIn()
    const thread = core.of(Messages).threads.open('2')
    await thread.load()
    host.answers.message_send = () => Promise.reject({ code: 'disk_full' })
    thread.write('Precious')
    await expect(thread.send()).rejects.toEqual({ code: 'disk_full' })
    expect(thread.text).toBe('Precious')
    expect(thread.sending).toBe(false)
  })

  it('keeps what was typed while the message went out', async () => {
    const { host, core } = await signedIn()
    const thread = core.of(Messages).threads.open('2')
    await thread.load()
    const send = host.answers.message_send!
    host.answers.message_send = (request) => {
      thread.write('First and more')
      return send(request)
    }
    thread.write('First')
    await thread.send()
    expect(thread.text).toBe(' and more')
  })
})

describe('drafts', () => {
  it('are saved a moment after the last key, and not again unchanged', async () => {
    vi.useFakeTimers()
    try {
      const drafts = new Map<string, string>()
      const host = told(new Map([['2', [message('a', 1)]]]), drafts)
      const thread = new Core(host, features).of(Messages).threads.open('2')
      await thread.load()
      thread.write('H')
      thread.write('He')
      await vi.advanceTimersByTimeAsync(249)
      expect(drafts.get('2')).toBeUndefined()
      await vi.advanceTimersByTimeAsync(1)
      expect(drafts.get('2')).toBe('He')
      await thread.saveDraft()
      expect(host.count('draft_set')).toBe(1)
    } finally {
      vi.useRealTimers()
    }
  })

  it('do not overwrite what is typed while the thread loads', async () => {
    const drafts = new Map([['2', 'old draft']])
    const { core } = await signedIn(undefined, drafts)
    const thread = core.of(Messages).threads.open('2')
    const loading = thread.load()
    thread.write('new')
    await loading
    expect(thread.text).toBe('new')
    await thread.saveDraft()
    expect(drafts.get('2')).toBe('new')
  })

  it('that are cleared are gone at once, and not a moment later', async () => {
    vi.useFakeTimers()
    try {
      const { core, drafts } = await signedInAtOnce()
      const thread = core.of(Messages).threads.open('2')
      await thread.load()
      thread.write('second thoughts')
      await vi.advanceTimersByTimeAsync(250)
      expect(drafts.get('2')).toBe('second thoughts')
      thread.write('')
      await vi.advanceTimersByTimeAsync(0)
      expect(drafts.get('2') ?? '').toBe('')
    } finally {
      vi.useRealTimers()
    }
  })

  it('that were cleared stay cleared, however late an older save ends', async () => {
    const { host, core, drafts } = await signedIn()
    const thread = core.of(Messages).threads.open('2')
    await thread.load()
    const { waits, free } = slowDrafts(host)
    thread.write('hello')
    const first = thread.saveDraft()
    await settled()
    thread.write('')
    const second = thread.saveDraft()
    await settled()
    // The later save may not end first.
    waits.at(-1)?.()
    free()
    await Promise.all([first, second])
    expect(drafts.get('2')).toBeUndefined()
  })

  it('of a message that went out do not come back with a save that ends late', async () => {
    const { host, core, drafts } = await signedIn()
    const thread = core.of(Messages).threads.open('2')
    await thread.load()
    const { free } = slowDrafts(host)
    thread.write('hello')
    const saving = thread.saveDraft()
    await settled()
    const sending = thread.send()
    await settled()
    free()
    await Promise.all([saving, sending])
    expect(thread.text).toBe('')
    expect(drafts.get('2')).toBeUndefined()
  })

  it('are not saved again after the message went out', async () => {
    const { host, core, drafts } = await signedIn()
    const thread = core.of(Messages).threads.open('2')
    await thread.load()
    thread.write('Hello')
    await thread.send()
    await thread.saveDraft()
    expect(drafts.has('2')).toBe(false)
    expect(host.count('draft_set')).toBe(0)
  })
})

describe('a thread of which only the end is here yet', () => {
  const unread = (key: string, order: number) => message(key, order, { mine: false, read_at: null })
  function opened(...answers: ThreadView[]) {
    return new Core(new ToldHost({ thread_get: () => answers.shift()! }), features).of(Messages).threads.open('2')
  }

  it('draws the line above the first unread message once the rest is here', async () => {
    const thread = opened(
      threadView([unread('c', 3)], { older: 'gap', first_unread: 'c' }),
      threadView([unread('a', 1), unread('b', 2), unread('c', 3)], { first_unread: 'b' }),
    )
    await thread.load()
    expect([thread.firstUnread, thread.settled]).toEqual(['c', false])
    await thread.load()
    expect([thread.firstUnread, thread.settled]).toEqual(['b', true])
  })

  it('keeps the line where it is when more comes, and when all of it was read', async () => {
    const thread = opened(
      threadView([unread('a', 1), unread('b', 2)], { first_unread: 'b' }),
      threadView([unread('a', 1), unread('b', 2), unread('c', 3)], { first_unread: 'c' }),
      threadView([unread('a', 1), unread('b', 2), unread('c', 3)], { first_unread: null }),
    )
    for (let turn = 0; turn < 3; turn += 1) {
      await thread.load()
      expect(thread.firstUnread).toBe('b')
    }
    thread.left()
    expect(thread.firstUnread).toBeNull()
  })

  it('is taken as it is when the rest does not come', async () => {
    vi.useFakeTimers()
    const thread = opened(threadView([unread('c', 3)], { older: 'gap', first_unread: 'c' }))
    await thread.load()
    vi.advanceTimersByTime(2_999)
    expect(thread.settled).toBe(false)
    vi.advanceTimersByTime(1)
    expect(thread.settled).toBe(true)
    vi.useRealTimers()
  })
})
