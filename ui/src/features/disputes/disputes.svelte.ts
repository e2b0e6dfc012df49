import Ban from '@lucide/svelte/icons/ban'
import Check from '@lucide/svelte/icons/check'
import Clock from '@lucide/svelte/icons/clock'
import Scale from '@lucide/svelte/icons/scale'
import Snowflake from '@lucide/svelte/icons/snowflake'
import type { Component } from 'svelte'
import type { Dispute, UiEvent } from '../../contract.gen'
import type { Core } from '../../lib/core.svelte'
import type { FeatureState } from '../../lib/feature'
import type { Route } from '../../lib/router.svelte'
import { say } from '../../lib/say'

export const PAGE = 'disputes'

export function disputeAt(id: number): Route {
  return { page: PAGE, part: String(id) }
}

export interface Standing {
  words: string
  tone: '' | 'paid' | 'held' | 'stop'
  icon: Component<Record<string, unknown>>
}

/** Where a dispute stands. */
export function standing(dispute: Dispute): Standing {
  switch (dispute.state) {
    case 'open':
      if (dispute.flagged_at) return { words: say('disputes-state-flagged'), tone: 'stop', icon: Clock }
      if (dispute.status === 'investigating') return { words: say('disputes-state-looked-at'), tone: 'held', icon: Scale }
      return { words: say('disputes-state-open'), tone: 'stop', icon: Snowflake }
    case 'resolved':
      return { words: say('disputes-state-resolved'), tone: 'paid', icon: Check }
    case 'withdrawn':
      return { words: say('disputes-state-withdrawn'), tone: '', icon: Ban }
    default:
      return { words: say('disputes-state-other'), tone: '', icon: Scale }
  }
}

/** What it is about: what is held, or was divided. */
export function amountOf(dispute: Dispute): number {
  return dispute.ended ? dispute.ended.to_payee_minor + dispute.ended.to_payer_minor : dispute.held_minor
}

/** Whether the other side said or proposed something since it was begun. Lists do not hold what was said. */
export function answered(dispute: Dispute): boolean {
  const proposed = dispute.opener.id === dispute.payer.id ? dispute.payee_proposes : dispute.payer_proposes
  return proposed !== null || dispute.statements.some(({ by }) => by.id !== dispute.opener.id)
}

/** Whether there are disputes, for the rail. The page looks for itself. */
export class Disputes implements FeatureState {
  own = $state.raw<Dispute[]>([])
  /** What administrators can decide. */
  queue = $state.raw<Dispute[]>([])
  open = $derived(new Set([...this.own, ...this.queue].filter(({ state }) => state === 'open').map(({ id }) => id)).size)
  #looking = 0

  constructor(private core: Core) {}

  take(event: UiEvent): void {
    const told =
      (event.type === 'stale' && event.topic === 'disputes') ||
      (event.type === 'notifications' && event.rows.some((row) => row.kind.startsWith('dispute')))
    if (told) void this.load()
  }

  async load(): Promise<void> {
    const looking = ++this.#looking
    try {
      const own = await this.core.host.call('dispute_list', { before: null })
      const queue = this.core.me?.admin ? await this.core.host.call('dispute_queue', {}) : []
      if (looking !== this.#looking) return
      this.own = own.data.rows
      this.queue = queue
    } catch {
      // Without a link nobody knows; it is asked for again when it is back.
    }
  }

  back(): void {
    void this.load()
  }

  clear(): void {
    this.#looking += 1
    this.own = []
    this.queue = []
  }
}
