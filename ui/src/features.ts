/** Every feature, found by its folder: a new one adds a folder and no line here. */

import type { Feature } from './lib/feature'

const found = import.meta.glob<Feature>('./features/*/feature.ts', { import: 'feature', eager: true })

export const features: readonly Feature[] = Object.values(found)
