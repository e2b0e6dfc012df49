import { beAmara, expect, expectAccessible, link, rpc, test, theirs } from './support'

const HOUSE = 'foluke@guildhall.example'
const PDF = { name: 'back.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 the back') }
/** A small photo. */
const PHOTO = {
  name: 'passport.png',
  mimeType: 'image/png',
  buffer: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  ),
}

test('papers are sent over a link that breaks, looked at for a reason, and the mark follows', async ({ desk, deskOf }) => {
  await beAmara(await desk())
  const page = await deskOf('kwame@mensah.example')
  await page.goto('/?window=kwame#/settings/verification')
  await page.getByRole('button', { name: 'Send papers' }).click()
  const dialog = page.getByRole('dialog', { name: 'Prove who you are' })
  await expect(dialog.getByRole('button', { name: 'Choose files' })).toBeFocused()
  await expect(dialog.getByRole('button', { name: 'Send', exact: true })).toBeDisabled()
  await expectAccessible(page, 'nothing chosen')
  const picker = page.locator('input[type=file]')
  await picker.setInputFiles([{ name: 'heic.heic', mimeType: 'image/heic', buffer: Buffer.from('none that is read here') }])
  await expect(dialog.getByRole('alert')).toContainText('as JPEG or PDF')
  await picker.setInputFiles([PHOTO, PDF, { ...PDF, name: 'third.pdf' }])
  const chosen = dialog.getByRole('list', { name: 'Chosen papers' })
  await expect(chosen.getByRole('listitem')).toHaveCount(3)
  await dialog.getByRole('button', { name: theirs('Remove third.pdf') }).click()
  await expect(chosen.getByRole('listitem')).toHaveCount(2)
  await expectAccessible(page, 'papers chosen')
  // A stray key closes it, and nothing is lost.
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await page.getByRole('button', { name: 'Send papers' }).click()
  await expect(chosen.getByRole('listitem')).toHaveCount(2)
  await link(page, 'kwame', 'cut')
  await dialog.getByRole('button', { name: 'Send', exact: true }).click()
  await expect(dialog.getByText('The link broke.')).toBeVisible({ timeout: 20_000 })
  await expect(chosen.getByRole('listitem')).toHaveCount(2)
  await link(page, 'kwame', 'mend')
  await expect(page.getByText('Your papers are sent')).toBeVisible({ timeout: 25_000 })
  await expect(dialog).toBeHidden()
  await expect(page.getByText('Waiting')).toBeVisible()

  const boss = await deskOf(HOUSE)
  await boss.goto('/?window=foluke#/desk/verifications')
  const list = boss.getByRole('list', { name: 'Verifications', exact: true })
  await list.getByRole('button', { name: theirs(/Kwame Mensah/) }).click()
  const why = boss.getByRole('dialog', { name: theirs('Look at what Kwame Mensah sent?') })
  await expectAccessible(boss, 'why one looks')
  await why.getByLabel('Reason, which the person can read').fill('He wants to bid')
  await why.getByRole('button', { name: 'Look' }).click()
  const article = boss.getByRole('article', { name: theirs('Kwame Mensah') })
  await article.getByRole('button', { name: theirs(/^Show passport/) }).click()
  await expect(article.getByRole('img', { name: 'Paper 1' })).toBeVisible()
  await expectAccessible(boss, 'a paper')
  await expect(article.getByRole('button', { name: 'Approve' })).toBeDisabled()
  await article.getByLabel('Reason, which Kwame can read').fill('The passport fits the page')
  await article.getByRole('button', { name: 'Approve' }).click()
  await expect(article.getByRole('img', { name: 'Paper 1' })).toBeHidden()
  await expect(article.getByRole('button', { name: 'Take away' })).toBeVisible()
  await expect(article.getByRole('list', { name: 'Written down' })).toContainText('approved a verification')

  await expect(page.getByText('The passport fits the page')).toBeVisible()
  await expect(page.getByText('Verified', { exact: true }).first()).toBeVisible()
  await expectAccessible(page, 'verified')
  await page.goto('/?window=kwame#/settings/your-data')
  const looks = page.getByRole('list', { name: 'Who looked at your private things' })
  await expect(looks).toContainText('looked at a paper of yours')
  const shown = await rpc<{ marks: string[] }>(boss, 'profile_get', { id: await idOf(boss) }, 'foluke')
  expect(shown.marks).toContain('identity')
})

async function idOf(page: Parameters<typeof rpc>[0]): Promise<number> {
  const found = await rpc<{ id: number; name: string }[]>(page, 'desk_people', { q: 'Kwame Mensah' }, 'foluke')
  return found[0]!.id
}
