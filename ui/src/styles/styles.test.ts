import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const root = new URL('..', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const files = (readdirSync(root, { recursive: true }) as string[]).sort()
const sheets = files.filter((path) => path.startsWith('styles/') && path.endsWith('.css'))
const components = files.filter((path) => path.endsWith('.svelte') && !path.startsWith('test/'))

const bare = (css: string) => css.replace(/\/\*[^]*?\*\//g, '')
/** Selectors of a stylesheet, those of media and keyframes left out. */
const selectors = (css: string) => [...bare(css).matchAll(/(?<=^|[{};])([^{};@]+)\{/g)].map((found) => found[1]!.trim())
const classesOf = (selector: string) => [...selector.matchAll(/\.(-?[A-Za-z_][\w-]*)/g)].map((found) => found[1]!)
const ownStyle = (path: string) => /\n<style>([^]*)<\/style>/.exec(read(path))?.[1] ?? ''
const markup = (path: string) =>
  read(path)
    .replace(/<script[^]*?<\/script>/g, '')
    .replace(/<style>[^]*<\/style>/, '')

/** Classes that stand in a component's markup, with those that an expression may choose. */
function used(path: string): Set<string> {
  const found = new Set<string>()
  for (const [, value] of markup(path).matchAll(/(?<![\w-])class="([^"]*)"/g)) {
    for (const name of value!.replace(/\{[^}]*\}/g, '{}').split(/\s+/)) if (/^[A-Za-z][\w-]*$/.test(name)) found.add(name)
    for (const [, name] of value!.matchAll(/'([\w-]+)'/g)) found.add(name!)
  }
  for (const [, name] of markup(path).matchAll(/\bclass:([\w-]+)/g)) found.add(name!)
  return found
}

/** What owns a file: a feature, or the kit, or the pages. */
const roomOf = (path: string) => (path.startsWith('features/') ? path.split('/').slice(0, 2).join('/') : path.split('/')[0]!)

const global = new Set(sheets.flatMap((path) => selectors(read(path)).flatMap(classesOf)))
const table = read('styles/README.md')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
const documented = new Set(table.flatMap((line) => [...line.matchAll(/`([\w-]+)`/g)].map((found) => found[1]!)))

test('styles for everybody are those that are said to be', () => {
  // Drawn by `kit/Icon`, and stands in boxes.
  global.delete('icon')
  expect([...global].filter((name) => !documented.has(name))).toEqual([])
  expect([...documented].filter((name) => !global.has(name) && name !== 'input' && name !== 'textarea')).toEqual([])
})

test('a class that one feature alone uses stands in that feature', () => {
  const first = table.flatMap((line) => line.split('|')[1]!.match(/[\w-]+/g) ?? [])
  for (const name of first) {
    const said = (path: string) => used(path).has(name) || read(path).includes(`'${name}'`)
    const rooms = new Set(components.filter(said).map(roomOf))
    const shared = rooms.size > 1 || [...rooms].some((room) => !room.startsWith('features/'))
    expect(shared, `.${name} is used by ${[...rooms].join(', ') || 'nobody'}`).toBe(true)
  }
})

test('every class of a component is styled there, for everybody, or by the part that it is given to', () => {
  const given = new Set(
    components.flatMap((path) =>
      [...ownStyle(path).matchAll(/:global\s*(?:\([^)]*\)|\{[^]*\})/g)].flatMap((found) => classesOf(found[0])),
    ),
  )
  const lost = components.flatMap((path) => {
    const own = new Set(selectors(ownStyle(path)).flatMap(classesOf))
    return [...used(path)]
      .filter((name) => !own.has(name) && !global.has(name) && !given.has(name))
      .map((name) => `${path}: .${name}`)
  })
  expect(lost).toEqual([])
})

test('what a feature says beyond its own markup begins at its own markup', () => {
  const loose = components
    .filter((path) => !path.startsWith('kit/'))
    .flatMap((path) =>
      selectors(ownStyle(path))
        .flatMap((selector) => selector.split(/,(?![^(]*\))/))
        .filter(
          (selector) =>
            selector.includes(':global') && classesOf(selector.replace(/:global\([^]*?\)(?=$|[\s.:>[])/g, '')).length === 0,
        )
        .map((selector) => `${path}: ${selector.trim()}`),
    )
  expect(loose).toEqual([])
})
