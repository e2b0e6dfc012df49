import { expect, it } from 'vitest'
import type { ReportRow } from '../../contract.gen'
import type { Core } from '../../lib/core.svelte'
import { Desk } from './desk.svelte'

/** An administrator's window whose core answers when it is told to. */
function slow() {
  const answers: ((rows: unknown[]) => void)[] = []
  const call = () => new Promise<unknown[]>((resolve) => answers.push(resolve))
  const core = { me: { admin: true }, host: { call } } as unknown as Core
  return { desk: new Desk(core), answers }
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 0))
const report = { id: 7, waits: true, may_decide: true } as ReportRow

it('keeps nothing that is answered after whoever asked signed out', async () => {
  const { desk, answers } = slow()
  const loading = desk.load()
  desk.clear()
  answers[0]?.([report])
  await settled()
  answers[1]?.([])
  await loading
  expect([desk.reports, desk.verifications, desk.loaded]).toEqual([[], [], false])
})

it('keeps the newest answer, whichever comes last', async () => {
  const { desk, answers } = slow()
  const first = desk.load()
  const second = desk.load()
  answers[1]?.([report])
  await settled()
  answers[2]?.([])
  await second
  answers[0]?.([])
  await settled()
  answers[3]?.([])
  await first
  expect(desk.reports).toEqual([report])
})
