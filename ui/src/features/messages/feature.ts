import MessagesSquare from '@lucide/svelte/icons/messages-square'
import type { Feature } from '../../lib/feature'
import { say } from '../../lib/say'
import Beside from './Beside.svelte'
import InboxPage from './InboxPage.svelte'
import { inbox, Messages, PAGE } from './state.svelte'

export const feature: Feature = {
  name: 'messages',
  state: Messages,
  page: {
    name: PAGE,
    show: InboxPage,
    /** Leaves the composer for the list; from the list, closes the conversation. */
    escape(core) {
      if (core.of(Messages).openKey === null) return false
      const row = document.querySelector<HTMLElement>('.row[aria-current]')
      if (row && document.activeElement !== row) row.focus()
      else core.router.go(inbox(null))
      return true
    },
  },
  rail: {
    icon: MessagesSquare,
    label: 'app-inbox',
    counted: (count) => say('app-inbox-unread', { count }),
    count: (core) => core.unread.messages,
    keys: 'Ctrl 1',
    order: 1,
    returns: true,
  },
  shortcuts: [{ keys: 'Ctrl N', does: 'messages-new-message', order: 10, run: (core) => (core.of(Messages).choosing = true) }],
  places: { over: Beside },
  firstSteps: [
    {
      icon: MessagesSquare,
      title: 'messages-step',
      line: 'messages-step-line',
      does: 'messages-new-message',
      order: 3,
      done: (core) => (core.of(Messages).conversations.loaded ? core.of(Messages).conversations.rows.length > 0 : null),
      go: (core) => (core.of(Messages).choosing = true),
    },
  ],
}
