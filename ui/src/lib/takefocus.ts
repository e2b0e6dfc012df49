/** What takes the focus as soon as it stands there: the next thing to be typed, where one step follows another. */
export function takeFocus(element: HTMLElement): void {
  element.focus()
}
