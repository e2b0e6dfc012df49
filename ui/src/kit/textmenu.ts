import type { MenuItem } from './menu'
import { say } from '../lib/say'

/** A field whose text has a history and a selection of its own. */
export type TextField = HTMLInputElement | HTMLTextAreaElement

const KINDS = new Set(['text', 'search', 'email', 'password', 'url', 'tel'])

export function textField(target: EventTarget | null): TextField | null {
  if (target instanceof HTMLTextAreaElement) return target
  return target instanceof HTMLInputElement && KINDS.has(target.type) ? target : null
}

/** What a text field can do. Expects to run when the field has the focus. */
export function textItems(field: TextField): MenuItem[][] {
  const secret = field.type === 'password'
  // Some kinds of field hide their selection: then it may be there.
  const selected = field.selectionStart === null || field.selectionStart !== field.selectionEnd
  const able = (command: string) => {
    // Deprecated, and the only way to the field's own history.
    try {
      return document.queryCommandEnabled(command)
    } catch {
      return true
    }
  }
  const fixed = field.readOnly || field.disabled
  const act = (command: string) => () => void document.execCommand(command)
  return [
    [
      { label: say('app-text-undo'), keys: 'Ctrl Z', disabled: fixed || !able('undo'), run: act('undo') },
      { label: say('app-text-redo'), keys: 'Ctrl Shift Z', disabled: fixed || !able('redo'), run: act('redo') },
    ],
    [
      { label: say('app-text-cut'), keys: 'Ctrl X', disabled: fixed || secret || !selected, run: act('cut') },
      { label: say('app-text-copy'), keys: 'Ctrl C', disabled: secret || !selected, run: act('copy') },
      { label: say('app-text-paste'), keys: 'Ctrl V', disabled: fixed, run: () => void paste() },
      { label: say('app-text-select-all'), keys: 'Ctrl A', disabled: field.value === '', run: () => field.select() },
    ],
  ]
}

/** As the key does, with pictures and files; where the webview forbids that, the words alone. */
async function paste(): Promise<void> {
  if (document.execCommand('paste')) return
  const words = await navigator.clipboard.readText().catch(() => '')
  if (words) document.execCommand('insertText', false, words)
}
