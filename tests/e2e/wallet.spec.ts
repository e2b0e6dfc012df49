import { expect, expectAccessible, link, rpc, test, theirs } from './support'

test('a statement is checked here, and money is paid out to the kobo, once', async ({ deskOf }) => {
  test.slow()
  const page = await deskOf('bola@adeyemi.example')
  await page.setViewportSize({ width: 1200, height: 800 })
  await page.goto('/?window=bola#/escrow')
  await expect(page.getByText('Checked on this computer')).toBeVisible()
  await expect(page.getByText(theirs('Paid for First fix'))).toBeVisible()
  await expectAccessible(page, 'the wallet')
  await page.emulateMedia({ colorScheme: 'dark' })
  await expectAccessible(page, 'the wallet, dark')
  await page.emulateMedia({ colorScheme: 'light' })

  await page.getByRole('button', { name: 'Pay out…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Pay out how much?' })
  await expect(dialog.getByRole('button', { name: 'Pay out ₦162,000.00' })).toBeEnabled()
  await dialog.getByLabel('Amount').fill('62,000.50')
  const pay = dialog.getByRole('button', { name: 'Pay out ₦62,000.50' })
  await expect(pay).toBeEnabled()
  await expect(dialog.getByText('₦99,999.50')).toBeVisible()
  await expectAccessible(page, 'a payout')

  // Without a link nothing waits.
  await link(page, 'bola', 'cut')
  await expect(dialog.getByText('Money is never sent later by itself')).toBeVisible({ timeout: 15_000 })
  await expect(dialog.getByRole('button', { name: 'Pay out', exact: true })).toBeDisabled()
  await expectAccessible(page, 'a payout without a link')
  await link(page, 'bola', 'mend')
  await expect(pay).toBeEnabled({ timeout: 15_000 })
  await dialog.getByLabel('Amount').press('Enter')
  await expect(page.getByText('₦62,000.50 left your balance')).toBeVisible()
  const wallet = await rpc<{ data: { balances: { balance_minor: number }[] } }>(page, 'wallet_get', {}, 'bola')
  expect(wallet.data.balances[0]!.balance_minor).toBe(9_999_950)
})

test('a payment shows its steps and its entries, and leads to its job; narrow, by key', async ({ deskOf }) => {
  const page = await deskOf('tunde@bakare.example')
  await page.setViewportSize({ width: 900, height: 600 })
  await page.goto('/?window=tunde#/escrow')
  await page
    .getByRole('tab', { name: 'Payments' })
    .or(page.getByRole('link', { name: 'Payments', exact: true }))
    .click()
  await expect(page.getByText(theirs('Carcasses and doors')).first()).toBeVisible()
  await expectAccessible(page, 'payments, narrow')
  const { data } = await rpc<{ data: { rows: { id: number; title: string }[] } }>(page, 'payment_list', { before: null }, 'tunde')
  const payment = data.rows.find((row) => row.title === 'Timber and machining')!
  await page.goto(`/?window=tunde#/escrow/p-${payment.id}`)
  await expect(page.getByText('Entries in the book')).toBeVisible()
  await expectAccessible(page, 'a payment, narrow')
  await page.getByRole('link', { name: 'Open the job' }).click()
  await expect(page.getByRole('heading', { name: theirs('Iroko kitchen cabinets and island') })).toBeVisible()
})
