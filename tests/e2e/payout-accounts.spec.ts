import { beAmara, expect, expectAccessible, rpc, test, theirs, unique } from './support'

test('a bank account is named with password and code, and stopped; a name that is nearly right is looked at', async ({
  desk,
  deskOf,
}) => {
  // Five passwords are proved, each with its work.
  test.slow()
  const main = await desk()
  await beAmara(main)
  const { server_url } = await rpc<{ server_url: string }>(main, 'session_get', {})
  const email = `${unique('paid').replaceAll(/[^a-z0-9]+/gi, '-')}@example.org`
  const password = 'a long enough password'
  await rpc(main, 'session_register', { server_url, name: 'Kwame Mensah-Paid', email, password }, 'paid')
  const page = await desk('paid')
  await page.setViewportSize({ width: 900, height: 600 })
  await page.goto('/?window=paid#/settings/bank-accounts')
  await expect(page.getByRole('heading', { name: 'Bank accounts' })).toBeVisible()
  await expectAccessible(page, 'no bank account')
  await page.getByRole('button', { name: 'Add an account for NGN' }).click()
  const dialog = page.getByRole('dialog', { name: 'A bank account in NGN' })
  await expect(dialog.getByLabel('Your password')).toBeFocused()
  await dialog.getByLabel('Your password').fill(password)
  await page.keyboard.press('Enter')
  await expect(dialog.getByText('Confirm your email first')).toBeVisible()
  await expectAccessible(page, 'an email that was not proved')
  await page.keyboard.press('Escape')
  const asked = await rpc<{ code: string }>(page, 'verification_ask', { kind: 'email', value: null }, 'paid')
  await rpc(page, 'verification_confirm', { kind: 'email', code: asked.code }, 'paid')

  const add = async (number: string) => {
    await dialog.getByLabel('Your password').fill(password)
    await page.keyboard.press('Enter')
    await expect(dialog.getByLabel('Code')).toBeVisible()
    const code = /\d{6}/.exec((await dialog.textContent()) ?? '')?.[0] ?? ''
    expect(code).toHaveLength(6)
    await dialog.getByLabel('Code').fill(code)
    await dialog.getByLabel('Account number').fill(number)
  }
  await page.getByRole('button', { name: 'Add an account for NGN' }).click()
  await add('0000 000 000')
  await expectAccessible(page, 'an account is named')
  await page.keyboard.press('Enter')
  await expect(dialog.getByText('The bank knows no such account.')).toBeVisible()
  await dialog.getByLabel('Account number').fill('0000000005')
  await page.keyboard.press('Enter')
  await expect(dialog.getByText('under another name: S••• E•••')).toBeVisible()
  // It is not theirs: the list behind says so, and offers to add one as before.
  const refused = 'None yet. Sandbox Bank •••• 0005 was not accepted. The bank knows this account under another name: S••• E•••.'
  await expect(page.getByText(refused)).toBeVisible()
  await expect(page.getByText('Not accepted', { exact: true })).toHaveCount(0)
  await expect(page.locator('[aria-label="Add an account for NGN"]')).toHaveText('Add an account')
  await dialog.getByLabel('Account number').fill('0000000002')
  await page.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
  await expect(page.getByText(/^Usable from/)).toBeVisible()
  await expectAccessible(page, 'an account')
  await page.getByRole('button', { name: theirs('Stop Sandbox Bank •••• 0002') }).click()
  const stop = page.getByRole('dialog', { name: 'Stop this account?' })
  await expectAccessible(page, 'the stop')
  await stop.getByRole('button', { name: 'Stop', exact: true }).click()
  await expect(page.getByText('Stopped', { exact: true })).toBeVisible()

  // The firm of somebody of that name: an administrator has both names before them.
  const name = 'Kwame Adjei-Firm'
  await rpc(main, 'session_register', { server_url, name, email: `firm-${email}`, password }, 'firm')
  const firm = await desk('firm')
  await firm.goto('/?window=firm#/settings/bank-accounts')
  const proof = await rpc<{ code: string }>(firm, 'verification_ask', { kind: 'email', value: null }, 'firm')
  await rpc(firm, 'verification_confirm', { kind: 'email', code: proof.code }, 'firm')
  const sent = await rpc<{ code: string }>(firm, 'payout_account_code', { password, code: null }, 'firm')
  const account = { key: crypto.randomUUID(), currency: 'USD', bank_code: '000', number: '0000000004', password, code: sent.code }
  await rpc(firm, 'payout_account_add', account, 'firm')
  await expect(firm.getByText('An administrator looks')).toBeVisible()
  await expectAccessible(firm, 'a name that is nearly right')
  const boss = await deskOf('foluke@guildhall.example')
  await boss.goto('/?window=foluke#/desk/verifications')
  const list = boss.getByRole('list', { name: 'Verifications', exact: true })
  await list.getByRole('button', { name: theirs(/Kwame Adjei-Firm/) }).click()
  await boss.getByRole('dialog').getByLabel('Reason, which the person can read').fill('To compare')
  await boss.getByRole('dialog').getByRole('button', { name: 'Look' }).click()
  const article = boss.getByRole('article', { name: theirs('Kwame Adjei-Firm') })
  await expect(article.getByText('KWAME VENTURES LTD')).toBeVisible()
  await expectAccessible(boss, 'two names')
  await article.getByLabel('Reason, which Kwame can read').fill('It is somebody else’s firm')
  await article.getByRole('button', { name: 'Reject' }).click()
  await expect(firm.getByText(/It is somebody else’s firm/)).toBeVisible()
})
