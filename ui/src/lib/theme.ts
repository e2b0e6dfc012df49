import type { Settings } from '../contract.gen'

const dark = () => window.matchMedia('(prefers-color-scheme: dark)')
let chosen: Pick<Settings, 'theme' | 'more_contrast' | 'text_percent'> = {
  theme: 'system',
  more_contrast: false,
  text_percent: 100,
}

/** Follows the system from the first moment, before the settings are known. */
export function startTheme(): void {
  dark().addEventListener('change', apply)
  apply()
}

export function applyTheme(settings: Settings): void {
  chosen = settings
  apply()
}

function apply(): void {
  const root = document.documentElement
  const theme = chosen.theme === 'system' ? (dark().matches ? 'dark' : 'light') : chosen.theme
  root.dataset.theme = theme
  if (chosen.more_contrast) root.dataset.contrast = 'more'
  else delete root.dataset.contrast
  root.style.fontSize = chosen.text_percent === 100 ? '' : `${(16 * chosen.text_percent) / 100}px`
}
