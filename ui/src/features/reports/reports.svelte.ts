import type { FeatureState } from '../../lib/feature'

/** What is being reported. */
export interface Reported {
  kind: string
  id: number
  /** Whom it is about. */
  name: string
}

/** The report that somebody is about to make. */
export class Reports implements FeatureState {
  what = $state.raw<Reported | null>(null)
  /** What was being written when the dialog was closed, and about what: a stray click loses nothing. */
  unsaid = { about: '', words: '' }

  begin(what: Reported): void {
    this.what = what
  }

  clear(): void {
    this.what = null
    this.unsaid = { about: '', words: '' }
  }
}
