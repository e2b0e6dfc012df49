import Reply from '@lucide/svelte/icons/message-square-quote'
import type { Feature } from '../../lib/feature'
import { Replies } from './replies.svelte'
import SavedReplies from './SavedReplies.svelte'

export const feature: Feature = {
  name: 'saved replies',
  state: Replies,
  sections: [{ name: 'saved-replies', label: 'saved_replies-title', icon: Reply, show: SavedReplies, order: 5 }],
  suggests: (core, word) =>
    core
      .of(Replies)
      .beginningWith(word)
      .map(({ key, text }) => ({ key: `reply ${key}`, label: key, text })),
}
