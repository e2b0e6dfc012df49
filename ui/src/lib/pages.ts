import type { Known } from '../contract.gen'

interface Page<T> {
  rows: T[]
  next: number | null
  lost: number
}

/** So many pages of a list, one behind the other, as one. What is read without a link makes all of it as old as its oldest. */
export async function pagesOf<T>(
  count: number,
  ask: (before: number | null) => Promise<Known<Page<T>>>,
): Promise<Known<Page<T>>> {
  let { data, as_of } = await ask(null)
  for (let page = 1; page < count && data.next !== null; page += 1) {
    const more = await ask(data.next)
    data = { rows: [...data.rows, ...more.data.rows], next: more.data.next, lost: data.lost + more.data.lost }
    if (more.as_of !== null) as_of = Math.min(as_of ?? Infinity, more.as_of)
  }
  return { data, as_of }
}
