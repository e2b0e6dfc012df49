import { createHmac } from 'node:crypto'
import type { Locator } from '@playwright/test'
import { beAmara, expect, expectAccessible, type Page, rpc, test, theirs, unique } from './support'

const PASSWORD = 'a long enough password'

/** The code that an app shows for a secret, so many half minutes from now (RFC 6238). */
function codeOf(secret: string, steps = 0): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret.replaceAll(/\s/g, '')].map((c) => letters.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps))
  const hash = createHmac('sha1', key).update(counter).digest()
  const at = hash[19]! & 15
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** Somebody new, at the same server as an account of a server's, in a window of their own. */
async function somebodyNew(desk: (name?: string) => Promise<Page>, window: string, name: string): Promise<[Page, string]> {
  const main = await desk()
  await beAmara(main)
  const { server_url } = await rpc<{ server_url: string }>(main, 'session_get', {})
  const email = `${unique('two').replaceAll(/[^a-z0-9]+/gi, '-')}@example.org`
  await rpc(main, 'session_register', { server_url, name, email, password: PASSWORD }, window)
  const page = await desk(window)
  await page.setViewportSize({ width: 900, height: 600 })
  return [page, email]
}

test('two-step sign-in is set up, with the keyboard alone', async ({ desk }) => {
  const [page] = await somebodyNew(desk, 'two-step', 'Tola Careful')
  await page.goto('/?window=two-step#/settings/two-step')
  await expect(page.getByRole('heading', { name: 'Two-step sign-in' })).toBeVisible()
  await expect(page.getByText('Your password alone opens your account.')).toBeVisible()
  await expectAccessible(page, 'two-step sign-in, off')
  await page.getByRole('button', { name: 'Set it up' }).focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByLabel('Your password')).toBeFocused()
  await page.keyboard.type('not the password')
  await page.keyboard.press('Enter')
  await expect(dialog.getByText('This is not your password. Check it and try again.')).toBeVisible()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type(PASSWORD)
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('img', { name: 'The secret as a square code for a camera' })).toBeVisible()
  await expect(dialog.getByLabel('The code that the app shows')).toBeFocused()
  await expectAccessible(page, 'a secret')
  const secret = (await dialog.locator('.mono').textContent()) ?? ''
  const left = async (of: Locator) => Math.round((await of.boundingBox())!.x)
  expect(await left(dialog.getByRole('button', { name: 'Copy' }))).toBe(await left(dialog.locator('.mono')))
  await page.keyboard.type('000000')
  await page.keyboard.press('Enter')
  // Recovery codes there are none yet, and none are spoken of.
  const wrong = 'This code isn’t right, or its half minute is over. Type the one that the app shows now.'
  await expect(dialog.getByText(wrong, { exact: true })).toBeVisible()
  await page.keyboard.press('ControlOrMeta+a')
  const code = codeOf(secret)
  await page.keyboard.type(`${code.slice(0, 3)} ${code.slice(3)}`)
  await page.keyboard.press('Enter')
  const kept = dialog.getByRole('button', { name: 'I have kept them' })
  await expect(kept).toBeFocused()
  const codes = await dialog.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allTextContents()
  expect(codes).toHaveLength(10)
  await expectAccessible(page, 'recovery codes')
  await page.keyboard.press('Shift+Tab')
  await expect(dialog.getByRole('button', { name: 'Save as a file' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByText(/guildhall-recovery-codes/)).toBeVisible()
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Enter')
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(codes.join('\n'))
  await kept.focus()
  await page.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
  await expect(page.getByText('On', { exact: true })).toBeVisible()
  await expectAccessible(page, 'two-step sign-in, on')
})

/** Turns it on, without the interface. Answers with the recovery codes. */
async function turnedOn(page: Page, window: string): Promise<string[]> {
  const again = { password: PASSWORD, code: null }
  const begun = await rpc<{ secret: string; codes: string[] }>(page, 'two_step_begin', again, window)
  await rpc(page, 'two_step_confirm', { key: crypto.randomUUID(), code: codeOf(begun.secret) }, window)
  return begun.codes
}

test('signing in asks for a code, or takes a recovery code, with the keyboard alone', async ({ desk }) => {
  const [page, email] = await somebodyNew(desk, 'second-step', 'Tola Careful')
  const codes = await turnedOn(page, 'second-step')
  await page.request.post('/rpc/second-step/session_sign_out', { data: {} })
  await page.reload()
  await page.getByLabel('Email').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'One more step' })).toBeVisible()
  await expect(page.getByLabel('Code of your app')).toBeFocused()
  await expectAccessible(page, 'the second step')
  await page.keyboard.type('12345')
  await page.keyboard.press('Enter')
  await expect(page.getByText(/^This code is not right, or was used already\./)).toBeVisible()
  await expect(page.getByLabel('Code of your app')).toBeFocused()
  // Back to the password, which is still there.
  await page.getByRole('button', { name: 'Back' }).focus()
  await page.keyboard.press('Enter')
  await expect(page.getByLabel('Password', { exact: true })).toHaveValue(PASSWORD)
  await page.getByLabel('Password', { exact: true }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Use a recovery code' }).focus()
  await page.keyboard.press('Enter')
  await page.getByLabel('Recovery code').focus()
  await page.keyboard.type(codes[0]!.toLowerCase().replace('-', ' '))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible()
})

test('what cannot be undone asks for a code; new recovery codes end the old; it is turned off with a code', async ({ desk }) => {
  const [page] = await somebodyNew(desk, 'again', 'Tola Careful')
  const codes = await turnedOn(page, 'again')
  const dialog = page.getByRole('dialog')
  await page.goto('/?window=again#/settings/account')
  await page.getByRole('button', { name: 'Change your password' }).click()
  const changing = page.getByRole('dialog', { name: 'Change your password' })
  await changing.getByLabel('Your password now').fill(PASSWORD)
  await changing.getByLabel('New password').fill('another good password')
  await page.keyboard.press('Enter')
  await expect(changing.getByLabel('Code of your app')).toBeVisible()
  await expectAccessible(page, 'changing the password with a code')
  await changing.getByLabel('Code of your app').fill(codes[0]!)
  await page.keyboard.press('Enter')
  await expect(changing).toBeHidden()

  await page.goto('/?window=again#/settings/two-step')
  await expect(page.getByText('9 are left. Each works once, where your app is lost.')).toBeVisible()
  await page.getByRole('button', { name: 'New ones…' }).click()
  await dialog.getByLabel('Your password').fill('another good password')
  await dialog.getByLabel('Code of your app').fill(codes[0]!)
  await page.keyboard.press('Enter')
  await expect(dialog.getByText(/^This code is not right, or was used already\./)).toBeVisible()
  await dialog.getByLabel('Code of your app').fill(codes[1]!)
  await page.keyboard.press('Enter')
  const list = dialog.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem')
  await expect(list).toHaveCount(10)
  const renewed = await list.allTextContents()
  expect(renewed).not.toContain(codes[3])
  await dialog.getByRole('button', { name: 'I have kept them' }).click()
  await page.getByRole('button', { name: 'Turn off…' }).click()
  await expectAccessible(page, 'turning it off')
  await dialog.getByLabel('Your password').fill('another good password')
  await dialog.getByLabel('Code of your app').fill(renewed[0]!)
  await page.keyboard.press('Enter')
  await expect(dialog).toBeHidden()
  await expect(
    page.getByRole('group', { name: 'Two-step sign-in' }).getByText('Your password alone opens your account.'),
  ).toBeVisible()
})

test('an administrator turns it off for somebody who lost everything, and they can read why', async ({ desk, deskOf }) => {
  const [page] = await somebodyNew(desk, 'lost', 'Lota Lostit')
  await turnedOn(page, 'lost')
  const boss = await deskOf('foluke@guildhall.example')
  await boss.goto('/?window=foluke#/desk/people')
  await boss.getByLabel('Name or email address').fill('lota lostit')
  await boss.keyboard.press('Enter')
  await boss.getByRole('list', { name: 'People' }).getByRole('button').first().click()
  const dialog = boss.getByRole('dialog')
  await dialog.getByRole('textbox').fill('She came to the office')
  await dialog.getByRole('button', { name: 'Look' }).click()
  const off = boss.getByRole('button', { name: 'Turn off…' })
  await expect(off).toBeVisible()
  await expectAccessible(boss, 'somebody with two-step sign-in')
  await off.click()
  await expect(dialog).toContainText('Turn off two-step sign-in for')
  await expectAccessible(boss, 'turning it off for somebody')
  await dialog.getByRole('textbox').fill('Lost her phone, showed her passport')
  await dialog.getByRole('button', { name: 'Turn off' }).click()
  await expect(off).toBeHidden()
  await page.goto('/?window=lost#/settings/your-data')
  const looks = page.getByRole('list', { name: 'Who looked at your private things' })
  await expect(looks).toContainText('turned off your two-step sign-in')
  await expect(looks.getByText(theirs('Lost her phone, showed her passport'))).toBeVisible()
})
