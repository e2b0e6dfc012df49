import { mount } from 'svelte'
import './styles/index.css'
import App from './App.svelte'
import type { Host } from './host'
import { direction, speak } from './lib/say'
import { startTheme } from './lib/theme'

/** Shows the interface on top of a host. */
export function start(host: Host): void {
  const target = document.getElementById('app')
  if (!target) throw new Error('index.html has no #app')
  if (host.language) speak(host.language)
  document.documentElement.dir = direction()
  startTheme()
  mount(App, { target, props: { host } })
}
