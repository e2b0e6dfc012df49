import { beAmara, bubble, composer, expect, openConversation, test, unique } from './support'

const TUNDE = 'Tunde Bákàrè'

test('words that would be left out are shown as they will be sent, and go only then', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  await openConversation(page, TUNDE)
  const text = unique('the type is')
  await composer(page).fill(`${text} List<String> x`)
  // At once, as fast as a person can: nothing goes before it was shown.
  await composer(page).evaluate((box) => {
    const enter = () => box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
    enter()
    enter()
  })
  await expect(page.getByText('What stands in < and > reads like web page code and is left out. It goes out as:')).toBeVisible()
  await expect(page.locator('.sent-as q')).toHaveText(`${text} List x`)
  await expect(bubble(page, text)).toHaveCount(0)
  await page.waitForTimeout(800)
  await composer(page).press('Enter')
  await expect(bubble(page, `${text} List x`)).toHaveCount(1)
  await expect(page.locator('.sent-as')).toHaveCount(0)
  await expect(composer(page)).toHaveValue('')
})

test('Send says why it does nothing, in a sentence', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  await openConversation(page, TUNDE)
  const send = page.getByRole('button', { name: 'Send' })
  await composer(page).fill('<img src=x>')
  await expect(page.getByRole('alert')).toHaveText(
    'Nothing of it would be sent: what stands in < and > reads like web page code and is left out.',
  )
  await expect(send).toBeDisabled()
  await composer(page).fill('x'.repeat(1012))
  await expect(page.getByRole('alert')).toHaveText('It is 12 characters too long. Shorten it, or send it in parts.')
  await expect(send).toBeDisabled()
  await composer(page).press('Enter')
  await expect(composer(page)).toHaveValue('x'.repeat(1012))
  // Counted as it will be sent: a thousand characters and some code that is left out are a thousand.
  const fits = unique('fits')
  await composer(page).fill(`<b>${fits}${'y'.repeat(1000 - fits.length)}</b>`)
  await expect(page.getByText('0 left')).toBeVisible()
  await expect(send).toBeEnabled()
  // Nothing is left for the next story: what is cleared is kept as cleared.
  await composer(page).fill('')
  await page.waitForTimeout(1_000)
  await page.reload()
  await expect(composer(page)).toHaveValue('')
})

test('a click beside the words of the composer, or on the head of the conversation, leaves nothing typed to nobody', async ({
  desk,
}) => {
  const page = await desk()
  await beAmara(page)
  await openConversation(page, 'Ifeoma Nwosu')
  const box = composer(page)
  // Between the buttons under the words.
  await page.getByText('Enter to send').click()
  await expect(box).toBeFocused()
  await page.keyboard.type('beside')
  await expect(box).toHaveValue('beside')
  await page.getByRole('heading', { name: 'Ifeoma Nwosu' }).click()
  await expect(box).not.toBeFocused()
  await page.keyboard.type(' and above')
  await expect(box).toHaveValue('beside and above')
  await box.fill('')
})
