import type { Component } from 'svelte'
import type { Attachment } from 'svelte/attachments'

export interface MenuItem {
  label: string
  hint?: string
  icon?: Component<Record<string, unknown>>
  /** The key combination that does the same. */
  keys?: string
  /** Takes something away. */
  stop?: boolean
  disabled?: boolean
  run: () => void
}

/** Answers what can be done with a thing at the moment somebody asks. */
type Offer = () => MenuItem[]

const offered = new WeakMap<Element, Offer>()

/** Says what `ContextMenu` offers for an element and for all that is inside. */
export function offers(offer: Offer): Attachment<HTMLElement> {
  return (node) => {
    offered.set(node, offer)
    return () => {
      offered.delete(node)
    }
  }
}

/** What is offered at an element, group by group: what is closest to it comes first. */
export function offeredAt(target: Element): MenuItem[][] {
  const groups: MenuItem[][] = []
  for (let node: Element | null = target; node; node = node.parentElement) {
    const items = offered.get(node)?.() ?? []
    if (items.length > 0) groups.push(items)
  }
  return groups
}
