import { describe, expect, it } from 'vitest'
import { Snapshot, upsert } from './rows'

type Row = { key: string; at: number }
const put = (list: Row[], rows: Row[], removed: string[] = []) =>
  upsert(
    list,
    rows,
    (row) => row.key,
    (a, b) => a.at - b.at,
    removed,
  )

describe('rows', () => {
  it('replaces by key and keeps the order', () => {
    const list = put(
      [],
      [
        { key: 'b', at: 2 },
        { key: 'a', at: 1 },
      ],
    )
    expect(put(list, [{ key: 'a', at: 3 }]).map((row) => row.key)).toEqual(['b', 'a'])
    expect(put(list, [], ['a']).map((row) => row.key)).toEqual(['b'])
  })

  it('keeps one row when the same key comes twice at once', () => {
    expect(
      put(
        [],
        [
          { key: 'a', at: 1 },
          { key: 'a', at: 2 },
        ],
      ),
    ).toEqual([{ key: 'a', at: 2 }])
  })
})

describe('a snapshot', () => {
  it('puts changes that came meanwhile on top of the answer', async () => {
    const snapshot = new Snapshot<string[]>()
    let value: string[] = []
    let answer: (rows: string[]) => void = () => {}
    const loading = snapshot.load(
      () => new Promise((resolve) => (answer = resolve)),
      (rows) => (value = rows),
    )
    snapshot.change(() => (value = [...value, 'new']))
    expect(value).toEqual(['new'])
    answer(['old'])
    await loading
    expect(value).toEqual(['old', 'new'])
  })

  it('lets a newer request overtake an older one', async () => {
    const snapshot = new Snapshot<string>()
    const answers: ((value: string) => void)[] = []
    let value = ''
    const ask = () => new Promise<string>((resolve) => answers.push(resolve))
    const first = snapshot.load(ask, (fresh) => (value = fresh))
    const second = snapshot.load(ask, (fresh) => (value = fresh))
    answers[1]!('second')
    await second
    answers[0]!('first')
    await first
    expect(value).toBe('second')
  })

  it('puts nothing in place after it was dropped', async () => {
    const snapshot = new Snapshot<string>()
    let value = ''
    const loading = snapshot.load(
      () => Promise.resolve('late'),
      (fresh) => (value = fresh),
    )
    snapshot.drop()
    await loading
    expect(value).toBe('')
  })
})
