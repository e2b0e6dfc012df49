import { beAmara, expect, expectAccessible, link, rpc, test, theirs } from './support'

const NARROW = { width: 900, height: 600 }
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

test('the two say what happened, propose, and settle it; an administrator looks, and comes too late', async ({
  desk,
  deskOf,
}) => {
  test.slow()
  test.slow()
  const amara = await desk()
  await beAmara(amara)
  const bola = await deskOf('bola@adeyemi.example')
  await bola.setViewportSize(NARROW)
  await bola.getByRole('link', { name: /^Disputes/ }).click()
  const list = bola.getByRole('list', { name: 'Disputes' })
  await list.getByRole('link').first().focus()
  await bola.keyboard.press('Enter')
  await expect(bola).toHaveURL(/#\/disputes\/1$/)
  const decision = bola.getByRole('complementary', { name: 'Decision' })
  await expect(decision.getByText('₦320,000.00')).toBeVisible()
  await expectAccessible(bola, 'a dispute')

  // An answer with a picture reaches the other one.
  await bola.getByLabel('Say what happened').fill('I was there again: the new breaker holds.')
  await bola.locator('[data-files]').setInputFiles({ name: 'breaker.png', mimeType: 'image/png', buffer: PICTURE })
  await expect(bola.getByRole('group', { name: 'Files', exact: true }).getByText('breaker.png')).toBeVisible()
  await expectAccessible(bola, 'an answer with a file')
  await bola.getByRole('button', { name: 'Send the answer' }).click()
  await expect(bola.getByLabel('Say what happened')).toHaveValue('')
  await amara.goto('/?window=main#/disputes/1')
  const says = amara.getByRole('region', { name: 'What Bọlá Adéyẹmí says' })
  await expect(says.getByText('I was there again: the new breaker holds.')).toBeVisible()
  await says.getByRole('button', { name: theirs('Open breaker.png') }).click()
  const picture = amara.getByRole('dialog', { name: 'breaker.png' })
  await expect(picture.getByRole('img', { name: 'breaker.png' })).toBeVisible()
  await expect(picture.getByRole('button', { name: theirs('Save breaker.png') })).toBeVisible()
  await expectAccessible(amara, 'a picture of a dispute')
  await amara.keyboard.press('Escape')

  // Whichever amount is typed sets the other; the slider and the quick choices set both.
  const payee = decision.getByLabel('To you', { exact: true })
  const payer = decision.getByLabel('To Amara', { exact: true })
  await payee.fill('400000')
  await expect(decision.getByText('Type an amount from ₦0.00 to ₦320,000.00.')).toBeVisible()
  await expectAccessible(bola, 'no split')
  await payee.fill('250,000.50')
  await expect(payer).toHaveValue('69,999.50')
  await payer.fill('80000')
  await expect(payee).toHaveValue('240,000.00')
  await decision.getByRole('button', { name: 'Half' }).click()
  await expect(payer).toHaveValue('160,000.00')
  const slider = decision.getByRole('slider')
  await slider.focus()
  await bola.keyboard.press('End')
  await expect(payer).toHaveValue('0.00')
  await bola.keyboard.press('ArrowLeft')
  await expect(payer).toHaveValue('3,200.00')
  await payer.fill('80000')
  await decision.getByRole('button', { name: 'Propose ₦240,000.00 to you' }).click()
  const split = amara.getByRole('button', { name: 'Accept: ₦80,000.00 to you, ₦240,000.00 to Bọlá' })
  await expect(split).toBeVisible()

  // An administrator takes it, and has the two amounts before them.
  const boss = await deskOf('foluke@guildhall.example')
  await boss.goto('/?window=foluke#/disputes/1')
  const desked = boss.getByRole('complementary', { name: 'Decision' })
  await expectAccessible(boss, 'the desk')
  await desked.getByRole('button', { name: 'Take it' }).click()
  await expect(desked.getByText('An administrator looks at it.', { exact: false })).toBeVisible()
  await expect(amara.getByText('An administrator looks', { exact: true }).first()).toBeVisible()
  await desked.getByLabel('To Bọlá', { exact: true }).fill('200000')
  await expect(desked.getByRole('button', { name: 'Decide…' })).toBeDisabled()
  await desked.getByLabel('Why, which both of them read').fill('Eight of twelve points are sound.')
  await desked.getByRole('button', { name: 'Decide…' }).click()
  const decide = boss.getByRole('dialog', { name: 'Decide it so?' })
  await expect(decide.getByText('₦200,000.00')).toBeVisible()
  await expect(decide.getByText('₦120,000.00')).toBeVisible()
  await expect(decide.getByRole('button', { name: 'Not now' })).toBeFocused()
  await expectAccessible(boss, 'a decision')

  // Meanwhile the two agree. The answer is lost: said again it is the same, and done once.
  await split.focus()
  await amara.keyboard.press('Enter')
  const accept = amara.getByRole('dialog', { name: 'Divide ₦320,000.00 so?' })
  await expect(accept.getByText('₦240,000.00')).toBeVisible()
  await expect(accept.getByText('₦80,000.00')).toBeVisible()
  await expectAccessible(amara, 'a split is accepted')
  await amara.route('**/rpc/main/dispute_act', async (route) => {
    await route.fetch()
    await route.fulfill({ status: 422, json: { code: 'unreachable', reason: 'timeout' } })
  })
  await accept.getByRole('button', { name: 'Accept the split' }).click()
  await expect(accept.getByText(/The answer did not come, so nobody knows/)).toBeVisible()
  await expectAccessible(amara, 'a lost answer')
  await amara.unroute('**/rpc/main/dispute_act')
  await accept.getByRole('button', { name: 'Accept the split' }).click()
  await expect(accept).toBeHidden()
  await expect(amara.getByRole('heading', { name: 'Agreed by both' })).toBeVisible()
  await expect(decision.getByRole('heading', { name: 'Agreed by both' })).toBeVisible()
  await expectAccessible(amara, 'a dispute that is over')

  // What was decided too late is refused, and moves nothing.
  await decide.getByRole('button', { name: 'Divide ₦320,000.00' }).click()
  await expect(decide.getByRole('alert')).toBeVisible()
  const { data } = await rpc<{ data: { ended: object } }>(amara, 'dispute_get', { id: 1 })
  expect(data.ended).toEqual({ to_payee_minor: 24_000_000, to_payer_minor: 8_000_000 })
})

test('whoever began one withdraws it, with a link', async ({ desk }) => {
  test.slow()
  const page = await desk()
  await beAmara(page)
  const { data: payment } = await rpc<{ data: { id: number; version: number } }>(page, 'payment_get', { id: 9 })
  const reason = 'The island is too high for the worktop.'
  const opened = await rpc<{ id: number }>(page, 'dispute_open', {
    payment: payment.id,
    key: crypto.randomUUID(),
    body: { version: payment.version, reason, attachments: [] },
  })
  await page.setViewportSize(NARROW)
  await page.goto(`/?window=main#/disputes/${opened.id}`)
  await expect(page.getByText(reason)).toBeVisible()
  await expect(page.getByText(/^Tunde is expected to answer by/)).toBeVisible()
  await link(page, 'main', 'cut')
  const offline = page.getByText(/There is no connection. Nothing of a dispute/)
  await expect(offline).toBeVisible({ timeout: 20_000 })
  await expect(page.getByRole('button', { name: 'Withdraw the dispute' })).toBeDisabled()
  await expectAccessible(page, 'a dispute without a link')
  await link(page, 'main', 'mend')
  await expect(offline).toBeHidden({ timeout: 20_000 })
  await page.getByRole('button', { name: 'Withdraw the dispute' }).click()
  const dialog = page.getByRole('dialog', { name: 'Withdraw the dispute?' })
  await expectAccessible(page, 'the end of a dispute')
  await dialog.getByRole('button', { name: 'Withdraw it' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByText('You do not dispute it any more.', { exact: false })).toBeVisible()
})

test('whoever has no dispute has no way there', async ({ desk, deskOf }) => {
  await beAmara(await desk())
  const page = await deskOf('kwame@mensah.example')
  await expect(page.getByRole('link', { name: 'Wallet' })).toBeVisible()
  await expect(page.getByRole('link', { name: /^Disputes/ })).toHaveCount(0)
  await page.goto('/?window=kwame#/disputes/1')
  await expect(page.getByText('There is no such dispute')).toBeVisible()
  await expectAccessible(page, 'somebody else’s dispute')
})
