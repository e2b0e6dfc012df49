/** Words for what the wallet shows; what a newer server knows is called something else. */

import Ban from '@lucide/svelte/icons/ban'
import Check from '@lucide/svelte/icons/check'
import Clock from '@lucide/svelte/icons/clock'
import Hourglass from '@lucide/svelte/icons/hourglass'
import LockKeyhole from '@lucide/svelte/icons/lock-keyhole'
import Snowflake from '@lucide/svelte/icons/snowflake'
import Undo from '@lucide/svelte/icons/undo-2'
import type { Component } from 'svelte'
import type { Payment, Payout } from '../../contract.gen'
import { type Plain, isKey, say } from '../../lib/say'
import type { Route } from '../../lib/router.svelte'

export const PAGE = 'escrow'

type Drawing = Component<Record<string, unknown>>
export interface Standing {
  words: string
  tone: '' | 'paid' | 'held' | 'stop'
  icon: Drawing
}

/** The sentence of that name, or another where there is none. */
function named(name: string, otherwise: Plain): string {
  return say(isKey(name) ? (name as Plain) : otherwise)
}

/** A part of the wallet, or one payment: `payments`, `p-12`. */
export function walletAt(part: string | null): Route {
  return { page: PAGE, part }
}

export const paymentAt = (id: number): Route => walletAt(`p-${id}`)
export const paymentNumber = (id: number): string => `P-${id}`
export const payoutNumber = (id: number): string => `PO-${id}`

/** Where money was or is, as one reads it. */
export function placeOf(account: string): string {
  const known: Record<string, string> = { cash: 'provider', user: 'house', escrow: 'escrow', payout: 'bank' }
  const kind = account.split(':')[0] ?? ''
  return named(`wallet-place-${known[kind] ?? kind}`, 'wallet-place-other')
}

const PAYMENTS: Record<string, [Standing['tone'], Drawing]> = {
  awaiting_funds: ['', Hourglass],
  held: ['held', LockKeyhole],
  in_review: ['held', Clock],
  in_reply: ['held', Clock],
  partially_released: ['held', LockKeyhole],
  disputed: ['stop', Snowflake],
  released: ['paid', Check],
  split: ['paid', Check],
  refunded: ['', Undo],
  charged_back: ['stop', Undo],
  cancelled: ['', Ban],
}

/** Where a payment stands: its process says more than its label while somebody looks or answers. */
export function paymentStanding(payment: Payment): Standing {
  const state = ['in_review', 'in_reply'].includes(payment.stage) ? payment.stage : payment.label
  const [tone, icon] = PAYMENTS[state] ?? ['', Clock]
  return { words: named(`wallet-state-${state}`, 'wallet-state-other'), tone, icon }
}

const PAYOUTS: Record<string, [Standing['tone'], Drawing]> = {
  queued: ['held', Hourglass],
  processing: ['held', Hourglass],
  paid: ['paid', Check],
  failed: ['stop', Undo],
  returned: ['stop', Undo],
}

export function payoutStanding(payout: Payout): Standing {
  const [tone, icon] = PAYOUTS[payout.state] ?? ['', Clock]
  return { words: named(`wallet-payout-state-${payout.state}`, 'wallet-payout-state-other'), tone, icon }
}

export function bankOf(payout: { bank: string | null; number: string | null }): string {
  return payout.bank === null
    ? say('wallet-payout-gone')
    : say('wallet-payout-to', { bank: payout.bank, number: payout.number ?? '' }).trim()
}

export const stepWords = (act: string): string => named(`wallet-step-${act}`, 'wallet-step-other')
