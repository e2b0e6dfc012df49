import { SvelteMap } from 'svelte/reactivity'
import type { PeopleFind, PeoplePage, PersonView, ProfileView, UiEvent } from '../../contract.gen'
import type { Core } from '../../lib/core.svelte'
import type { FeatureState } from '../../lib/feature'
import type { Route } from '../../lib/router.svelte'

/** Finding people, their pages, and one's own. */
export const PAGE = 'people'
/** The part of the page on which one's own is changed. */
export const OWN = 'me'

/** Somebody's page. */
export function pageOf(person: { id: number }): Route {
  return { page: PAGE, part: String(person.id) }
}

/** What is written on one's own page and not saved. */
export interface Unsaved {
  name?: string
  trade?: string
  place?: string
  words?: string
  languages?: string[]
}

const NOBODY: PeopleFind = { q: '', trade: '', place: '', artisans: true, after: null }

/** Pages that were looked at, whom one looked for, and what one is writing about oneself. */
export class People implements FeatureState {
  readonly pages = new SvelteMap<number, ProfileView>()
  /** As it was left: whoever comes back from a page goes on looking. */
  wanted = $state<PeopleFind>({ ...NOBODY })
  found = $state.raw<PeoplePage | null>(null)
  unsaved = $state<Unsaved>({})
  #serial = 0

  constructor(private core: Core) {}

  take(event: UiEvent): void {
    if (event.type === 'profiles') for (const row of event.rows) this.put(row)
  }

  person(person: PersonView): void {
    const page = this.pages.get(person.id)
    if (page) this.pages.set(person.id, { ...page, person: { ...person, place: person.place ?? page.person.place } })
    if (this.found?.rows.some((row) => row.id === person.id)) {
      const rows = this.found.rows.map((row) => (row.id === person.id ? { ...person, place: person.place ?? row.place } : row))
      this.found = { ...this.found, rows }
    }
  }

  put(page: ProfileView): void {
    this.pages.set(page.person.id, page)
  }

  /** Whether one's own page says more than a name; `null` while it is not here. */
  saysSomething(): boolean | null {
    const { session } = this.core
    const page = session?.state === 'signed_in' ? this.pages.get(session.me.id) : undefined
    if (!page) return null
    const { words, works, person } = page
    return Boolean(words || works.length > 0 || person.picture)
  }

  /** Has one's own page brought here. */
  lookAtOwn(): undefined {
    const { session } = this.core
    if (session?.state !== 'signed_in') return
    this.core.host.call('profile_get', { id: session.me.id }).then(
      (page) => this.put(page),
      // Without it nothing is said of it.
      () => {},
    )
  }

  /** Looks for whom is wanted, from the beginning or further on. What comes too late is left. */
  async find(more = false): Promise<void> {
    const mine = ++this.#serial
    const before = more ? this.found : null
    const page = await this.core.host.call('people_find', { ...this.wanted, after: before?.next ?? null })
    if (mine !== this.#serial) return
    const known = new Set(before?.rows.map((row) => row.id))
    const rows = [...(before?.rows ?? []), ...page.rows.filter((row) => !known.has(row.id))]
    this.found = { ...page, rows }
  }

  clear(): void {
    this.#serial += 1
    this.pages.clear()
    this.found = null
    this.wanted = { ...NOBODY }
    this.unsaved = {}
  }
}
