import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'svelte/compiler'
import { expect, test } from 'vitest'

const root = new URL('..', import.meta.url)
const components = (readdirSync(root, { recursive: true }) as string[]).filter((path) => path.endsWith('.svelte')).sort()

/** Read only while the list still stands, which its element shows. */
const GUARDED = new Set(['kit/List.svelte: places'])

interface Node {
  type: string
  start: number
  end: number
  [key: string]: unknown
}

const isNode = (value: unknown): value is Node => typeof (value as Node | null)?.type === 'string'
const isFunction = (node: Node) => /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)

function* within(node: Node, into: (child: Node) => boolean = () => true): Generator<Node> {
  yield node
  for (const [key, value] of Object.entries(node)) {
    // Names of members and keys are no reading of what is called so.
    if (node.type === 'MemberExpression' && key === 'property' && !node['computed']) continue
    if (node.type === 'Property' && key === 'key') continue
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child) && into(child)) yield* within(child, into)
  }
}

/** The derived values that a component reads after it has waited, when it may be gone. */
function readLate(source: string): Set<string> {
  const script = parse(source, { modern: true }).instance?.content as unknown as Node | undefined
  if (!script) return new Set()
  const all = [...within(script)]
  const nameOf = (node: unknown) => (isNode(node) && node.type === 'Identifier' ? String(node['name']) : '')
  const isDerived = (node: Node) =>
    node.type === 'VariableDeclarator' && /^\$derived\b/.test(isNode(node['init']) ? source.slice(node['init'].start) : '')
  const derived = new Set(all.filter(isDerived).map((node) => nameOf(node['id'])))
  const late = new Set<string>()
  const note = (nodes: Iterable<Node>) => {
    for (const node of nodes) if (derived.has(nameOf(node))) late.add(nameOf(node))
  }
  for (const node of all) {
    if (isFunction(node)) {
      const own = [...within(node, (child) => !isFunction(child))]
      const waited = own.find((inner) => inner.type === 'AwaitExpression')?.end
      if (waited !== undefined) note([...within(node)].filter((inner) => inner.start >= waited))
    }
    const called = node['callee']
    if (node.type === 'CallExpression' && isNode(called) && ['then', 'catch', 'finally'].includes(nameOf(called['property'])))
      for (const given of node['arguments'] as Node[]) note(within(given))
  }
  return late
}

test('what a component has derived is not read after a wait, when it may be gone', () => {
  const found = components.flatMap((path) =>
    [...readLate(readFileSync(new URL(path, root), 'utf8'))].map((name) => `${path}: ${name}`),
  )
  expect(found.filter((one) => !GUARDED.has(one))).toEqual([])
})
