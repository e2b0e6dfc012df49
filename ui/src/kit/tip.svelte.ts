import type { Attachment } from 'svelte/attachments'
import { SvelteMap } from 'svelte/reactivity'

export interface Tip {
  words: string
  /** The key combination that does the same, such as `Ctrl N`. */
  keys: string | undefined
  side: 'bottom' | 'right'
}

/** Watched, so that what is shown follows its words. */
const tips = new SvelteMap<Element, Tip>()

const ARIA: Record<string, string> = { Ctrl: 'Control', Esc: 'Escape', Left: 'ArrowLeft', Right: 'ArrowRight' }

/** `Ctrl N` as screen readers expect it: `Control+N`. */
export function ariaKeys(keys: string): string {
  return keys
    .split(' ')
    .map((key) => ARIA[key] ?? key)
    .join('+')
}

/**
 * Words that explain an element when the pointer rests on it, or when the keyboard comes to it. `Tooltip` shows them.
 * An attachment and not a component around each control, so that any element can have one.
 */
export function tip(words: string | undefined, keys?: string, side: Tip['side'] = 'bottom'): Attachment<HTMLElement> {
  return (node) => {
    if (!words) return
    tips.set(node, { words, keys, side })
    if (keys) node.setAttribute('aria-keyshortcuts', ariaKeys(keys))
    return () => {
      tips.delete(node)
    }
  }
}

export function tipOf(node: Element): Tip | undefined {
  return tips.get(node)
}

/** The closest element with words of its own, from a target outwards. */
export function tipped(target: EventTarget | null): Element | null {
  for (let node = target instanceof Element ? target : null; node; node = node.parentElement) if (tips.has(node)) return node
  return null
}
