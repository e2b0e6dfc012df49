import type { Component } from 'svelte'
import type { PersonView, UiEvent } from '../contract.gen'
import type { Core } from './core.svelte'
import type { Plain } from './say'

/** What a feature knows while somebody is signed in. One for each window. */
export interface FeatureState {
  /** Takes one event of the stream. What is not its own it leaves alone. */
  take?(event: UiEvent): void
  /** A person's facts changed. */
  person?(person: PersonView): void
  /** Asks for everything: somebody signed in, or events were left out. */
  load?(): Promise<unknown>
  /** Nobody is signed in any more, or somebody else. */
  clear?(): void
  /** The link is back after a stretch without one. */
  back?(): void
}

/** A page, under an address of its own: `#/name/part`. */
export interface Page {
  name: string
  show: Component<{ part: string | null }> | Component
  /** Esc, where nothing lies over the page. Whether it led anywhere. */
  escape?(core: Core): boolean
}

/** An item of the rail, which leads to the feature's page. */
export interface RailItem {
  icon: Component<Record<string, unknown>>
  label: Plain
  /** Its name with the count of what waits, for screen readers. */
  counted?(count: number): string
  count?(core: Core): number
  keys: string
  /** Smaller stands higher. From 100 on it stands at the lower end. */
  order: number
  /** Where it leads: as it was left, or where this part was not left for good. Absent: to the page's beginning. */
  returns?: boolean | ((part: string | null) => boolean)
  /** Whether it is for whoever is signed in. Absent: for everybody. */
  shown?(core: Core): boolean
}

/** A section of the settings. */
export interface Section {
  name: string
  label: Plain
  icon: Component<Record<string, unknown>>
  show: Component
  order: number
}

/** A key combination that works wherever nothing lies over the page. */
export interface Shortcut {
  /** `Ctrl N`; Ctrl is ⌘ on a Mac. */
  keys: string
  does: Plain
  order: number
  /** Absent: somebody else does it, and this is for the list of keys only. */
  run?(core: Core): void
}

/** Places that features fill: beside the connection, at the end of the rail, above every page, above a conversation, over everything. */
export type Place = 'title' | 'rail' | 'top' | 'banner' | 'over'

/** What can stand in the place of what is being written. */
export interface Suggestion {
  key: string
  /** What it is called. */
  label: string
  /** What is written then. */
  text: string
}

/** Something that can be done, as it stands in a menu. */
export interface Action {
  label: string
  icon?: Component<Record<string, unknown>>
  /** Takes something away, or goes against somebody. */
  stop?: boolean
  run: () => void
}

/** Somebody, or a message of theirs, as it stands in a list: what features can do with it. */
export interface Subject {
  person: PersonView
  /** The message; absent: the person is meant. */
  message?: number
}

/** Something that whoever is new does first. Shown until it is done, where nothing else is open. */
export interface FirstStep {
  icon: Component<Record<string, unknown>>
  title: Plain
  /** Why, in one sentence. */
  line: Plain
  /** What the button says, as far as one has come with it. */
  does: Plain | ((core: Core) => Plain)
  /** Smaller stands higher. */
  order: number
  /** Whether it is done; `null` while nobody knows. */
  done(core: Core): boolean | null
  /** Finds out, and keeps finding out until the answer is called. */
  watch?(core: Core): (() => void) | undefined
  go(core: Core): void
}

/** All that a feature brings along. `feature.ts` in its folder; nothing else names it. */
export interface Feature {
  name: string
  state?: new (core: Core) => FeatureState
  page?: Page
  rail?: RailItem
  sections?: Section[]
  shortcuts?: Shortcut[]
  /** What to write for a word behind a slash at the beginning of a message: `/thanks`. */
  suggests?(core: Core, word: string): Suggestion[]
  /** What can be done with somebody or a message of theirs, wherever they appear. */
  actions?(core: Core, on: Subject): Action[]
  places?: Partial<Record<Place, Component>>
  firstSteps?: FirstStep[]
}
