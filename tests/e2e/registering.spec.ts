import { startServer } from '../contract/server.mjs'
import { codeIn, startMail } from '../support/letters.mjs'
import { expect, expectAccessible, type Page, test } from './support'

/** Goes to what has this name by key, and not further than through the page once. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    const here = await page.evaluate(() => {
      const active = document.activeElement
      const label = active?.id ? document.querySelector(`label[for="${active.id}"]`)?.textContent : undefined
      return (active?.getAttribute('aria-label') ?? label ?? active?.textContent ?? '').trim()
    })
    if (here === name) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`no way by key to ${name}`)
}

test('an account is made by key alone, with the code of a real letter', async ({ desk }) => {
  const mail = await startMail()
  const server = await startServer({ args: mail.flags })
  try {
    const page = await desk('newcomer')
    await page.getByRole('button', { name: 'Create an account' }).focus()
    await page.keyboard.press('Enter')
    const other = page.getByRole('radio', { name: 'Another server' })
    if (!(await other.isChecked())) await other.check()
    await page.getByLabel('Address of the server').fill(server.http)
    await tabTo(page, 'Name')
    await page.keyboard.type('Ada Obi')
    await tabTo(page, 'Email')
    await page.keyboard.type('ada@example.com')
    await tabTo(page, 'Password')
    await page.keyboard.type('a long enough password')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('heading', { name: 'Check your email' })).toBeVisible()
    const code = page.getByLabel('Code', { exact: true })
    await expect(code).toBeFocused()
    await expect(page.getByText('A code is on its way to ada@example.com.')).toBeVisible()
    await expect(page.getByRole('button', { name: /^Send again from/ })).toBeDisabled()
    for (const [colorScheme, size] of [
      ['light', { width: 1200, height: 800 }],
      ['dark', { width: 900, height: 600 }],
    ] as const) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize(size)
      await expectAccessible(page, `the code, ${colorScheme}`)
      await expect(page.getByRole('button', { name: 'Create account' })).toBeInViewport({ ratio: 1 })
    }
    // A wrong one is said to be so, as long as it stands there.
    const right = codeIn(await mail.letter('ada@example.com'))
    await page.keyboard.type(right === '111111' ? '222222' : '111111')
    await page.keyboard.press('Enter')
    await expect(page.getByText('This code is not right, or does not work any more.')).toBeVisible()
    await expect(code).toBeFocused()
    await expectAccessible(page, 'a wrong code')
    await page.keyboard.press('Control+A')
    await page.keyboard.type('1')
    await expect(page.getByText('This code is not right, or does not work any more.')).toBeHidden()
    // Back is where one was, with what was typed.
    await page.getByRole('button', { name: 'Back' }).press('Enter')
    await expect(page.getByLabel('Name')).toHaveValue('Ada Obi')
    await page.getByLabel('Email').fill('ada.obi@example.com')
    await page.getByLabel('Password', { exact: true }).press('Enter')
    await expect(page.getByText('A code is on its way to ada.obi@example.com.')).toBeVisible()
    // It waits, also where the page is loaded anew.
    await page.reload()
    const second = codeIn(await mail.letter('ada.obi@example.com'))
    await expect(code).toBeFocused()
    await page.evaluate((text) => navigator.clipboard.writeText(text), `${second.slice(0, 3)} ${second.slice(3)}`)
    await page.keyboard.press('Control+V')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('heading', { name: 'Inbox' })).toBeVisible()
    await expect(page.getByText('Your first steps')).toBeVisible()
    await expect(page.getByText('Confirm your email (done)')).toBeVisible()
    await page.request.post('/rpc/newcomer/session_sign_out', { data: {} })
  } finally {
    await server.stop()
    mail.stop()
  }
})
