/** Whether a key belongs to an input method. WebKit tells only by the code 229 that the key which ends a word is one. */
export function composing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229
}

/** Undo and redo, which WebKitGTK binds to no key. Whether it was one of them. */
export function undoKeys(event: KeyboardEvent): boolean {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || !inTextField(event.target)) return false
  const key = event.key.toLowerCase()
  const redo = (key === 'z' && event.shiftKey) || (key === 'y' && !event.shiftKey)
  if (!redo && key !== 'z') return false
  event.preventDefault()
  // Deprecated, and the only way to the field's own history.
  document.execCommand(redo ? 'redo' : 'undo')
  return true
}

/** Whether a key types a character into whatever has the focus. */
export function types(event: KeyboardEvent): boolean {
  return [...event.key].length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && !composing(event)
}

/** Whether keys belong to a text field. */
export function inTextField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA)$/.test(target.tagName)) &&
    !/^(radio|checkbox|button)$/.test((target as HTMLInputElement).type ?? '')
  )
}

/** Whether letters are meant for whatever has the focus: a text field, or a list that is gone through by them. */
export function takesLetters(target: EventTarget | null): boolean {
  return inTextField(target) || (target instanceof HTMLElement && target.getAttribute('role') === 'combobox')
}
