/** Which page is shown. Addresses stand in the hash, so that they work under any host. */

export type Route =
  { page: 'inbox'; conversation: string | null } | { page: 'notifications' } | { page: 'settings'; section: SettingsSection }

export const SETTINGS_SECTIONS = ['account', 'notifications', 'appearance', 'data', 'about'] as const
export type SettingsSection = (typeof SETTINGS_SECTIONS)[number]

export function parseRoute(hash: string): Route {
  const [page, part] = hash.replace(/^#\/?/, '').split('/')
  if (page === 'notifications') return { page }
  if (page === 'settings') {
    const section = SETTINGS_SECTIONS.find((name) => name === part) ?? 'account'
    return { page, section }
  }
  return { page: 'inbox', conversation: part ? decodeURIComponent(part) : null }
}

export function routeHash(route: Route): string {
  switch (route.page) {
    case 'inbox':
      return route.conversation === null ? '#/inbox' : `#/inbox/${encodeURIComponent(route.conversation)}`
    case 'notifications':
      return '#/notifications'
    case 'settings':
      return `#/settings/${route.section}`
  }
}

interface Place {
  at: number
}

/** The route and the way back and forward. */
export class Router {
  route = $state.raw<Route>(parseRoute(location.hash))
  /** The conversation that was open last, to come back to from another page. */
  lastConversation = $state<string | null>(null)
  #at = $state(0)
  #last = $state(0)
  canGoBack = $derived(this.#at > 0)
  canGoForward = $derived(this.#at < this.#last)

  start(): () => void {
    history.replaceState({ at: 0 } satisfies Place, '')
    const follow = () => {
      const place = history.state as Place | null
      if (place === null) {
        // A link was followed: a new place after this one.
        this.#at += 1
        this.#last = this.#at
        history.replaceState({ at: this.#at } satisfies Place, '')
      } else {
        this.#at = place.at
        this.#last = Math.max(this.#last, this.#at)
      }
      this.#show(parseRoute(location.hash))
    }
    this.#show(this.route)
    window.addEventListener('popstate', follow)
    return () => window.removeEventListener('popstate', follow)
  }

  go(route: Route): void {
    const hash = routeHash(route)
    if (hash !== location.hash) location.hash = hash
  }

  /** Goes without leaving a place to come back to. */
  replace(route: Route): void {
    history.replaceState({ at: this.#at } satisfies Place, '', routeHash(route))
    this.#show(route)
  }

  /** The inbox as it was left. */
  get inbox(): Route {
    return { page: 'inbox', conversation: this.lastConversation }
  }

  #show(route: Route): void {
    this.route = route
    if (route.page === 'inbox') this.lastConversation = route.conversation
  }

  back(): void {
    if (this.canGoBack) history.back()
  }

  forward(): void {
    if (this.canGoForward) history.forward()
  }
}
