/** Which page is shown. Addresses stand in the hash, so that they work under any host. */

export interface Route {
  page: string
  /** What of the page: a conversation, a section. `null` is its beginning. */
  part: string | null
}

export function parseRoute(hash: string): Route {
  const [page = '', part] = hash.replace(/^#\/?/, '').split('/')
  return { page, part: part ? decodeURIComponent(part) : null }
}

export function routeHash({ page, part }: Route): string {
  return part === null ? `#/${page}` : `#/${page}/${encodeURIComponent(part)}`
}

interface Place {
  at: number
}

/** The route and the way back and forward. */
export class Router {
  route = $state.raw<Route>({ page: '', part: null })
  /** What was open on each page last, to come back to. */
  #lastParts = $state.raw<Record<string, string | null>>({})
  #at = $state(0)
  #last = $state(0)
  canGoBack = $derived(this.#at > 0)
  canGoForward = $derived(this.#at < this.#last)

  /** Knows these pages; an address of none of them leads to the first. */
  constructor(private pages: readonly string[]) {
    this.#show(parseRoute(location.hash))
  }

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

  /** The page that one begins with. */
  get home(): Route {
    return { page: this.pages[0] ?? '', part: null }
  }

  /** A page as it was left, where one comes back to that part of it; else its beginning. */
  asLeft(page: string, returns: boolean | ((part: string | null) => boolean) = true): Route {
    const part = this.#lastParts[page] ?? null
    return { page, part: (typeof returns === 'function' ? returns(part) : returns) ? part : null }
  }

  #show(route: Route): void {
    this.route = this.pages.length === 0 || this.pages.includes(route.page) ? route : this.home
    this.#lastParts = { ...this.#lastParts, [this.route.page]: this.route.part }
  }

  back(): void {
    if (this.canGoBack) history.back()
  }

  forward(): void {
    if (this.canGoForward) history.forward()
  }
}
