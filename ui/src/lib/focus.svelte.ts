/** Whether the window is in front and in sight. */
class WindowFocus {
  focused = $state(document.hasFocus() && document.visibilityState !== 'hidden')

  start(): () => void {
    const follow = () => (this.focused = document.hasFocus() && document.visibilityState !== 'hidden')
    const blurred = () => (this.focused = false)
    window.addEventListener('focus', follow)
    window.addEventListener('blur', blurred)
    document.addEventListener('visibilitychange', follow)
    return () => {
      window.removeEventListener('focus', follow)
      window.removeEventListener('blur', blurred)
      document.removeEventListener('visibilitychange', follow)
    }
  }
}

export const windowFocus = new WindowFocus()
