/** How a notification looks, by its type. Types of newer servers get the bell. */

import BadgeCheck from '@lucide/svelte/icons/badge-check'
import Bell from '@lucide/svelte/icons/bell'
import Flag from '@lucide/svelte/icons/flag'
import Gavel from '@lucide/svelte/icons/gavel'
import KeyRound from '@lucide/svelte/icons/key-round'
import MessagesSquare from '@lucide/svelte/icons/messages-square'
import PackageCheck from '@lucide/svelte/icons/package-check'
import Scale from '@lucide/svelte/icons/scale'
import Vault from '@lucide/svelte/icons/vault'
import type { Component } from 'svelte'
import type { NotificationView } from '../../contract.gen'
import { dayName, daysBetween } from '../../lib/time'
import { say } from '../../lib/say'

type Drawing = Component<Record<string, unknown>>

const LOOKS: [prefix: string, icon: Drawing, tone: '' | 'stop' | 'paid' | 'info'][] = [
  ['message', MessagesSquare, ''],
  ['job', PackageCheck, ''],
  ['milestone', PackageCheck, ''],
  ['escrow', Vault, 'paid'],
  ['payout', Vault, 'paid'],
  ['bid', Gavel, ''],
  ['auction', Gavel, ''],
  ['dispute', Scale, 'info'],
  ['verification', BadgeCheck, 'paid'],
  ['session', KeyRound, 'info'],
  ['account', KeyRound, 'info'],
  ['report', Flag, 'info'],
]

export function look(kind: string): { icon: Drawing; tone: string } {
  const found = LOOKS.find(([prefix]) => kind === prefix || kind.startsWith(`${prefix}.`) || kind.startsWith(`${prefix}_`))
  return found ? { icon: found[1], tone: found[2] } : { icon: Bell, tone: '' }
}

export interface NotificationGroup {
  title: string
  rows: NotificationView[]
}

/** Unread notifications with something to do come first, the others by day. */
export function groupNotifications(rows: readonly NotificationView[], now: number): NotificationGroup[] {
  const groups: NotificationGroup[] = []
  const needs = rows.filter(needsYou)
  if (needs.length > 0) groups.push({ title: say('notifications-needs-you'), rows: needs })
  for (const row of rows) {
    if (needsYou(row)) continue
    const today = daysBetween(row.created_at, now) <= 0
    const title = today
      ? needs.length > 0
        ? say('notifications-earlier-today')
        : say('time-today')
      : dayName(row.created_at, now)
    const group = groups.find((other) => other.title === title)
    if (group) group.rows.push(row)
    else groups.push({ title, rows: [row] })
  }
  return groups
}

export function needsYou(row: NotificationView): boolean {
  return row.read_at === null && row.conversation !== null
}
