import type { Locator } from '@playwright/test'
import { beAmara, bubble, composer, emailOf, expect, openConversation, test, unique, theirs } from './support'

test('a message elsewhere shows a notice that leads to it', async ({ desk, deskOf }) => {
  const amara = await desk()
  await beAmara(amara)
  const lena = await deskOf(await emailOf(amara, 'Lena Hartwig'))
  // Nothing of hers is unread before, whichever story was told first.
  await openConversation(amara, 'Lena Hartwig')
  await openConversation(amara, 'Tunde Bákàrè')
  await openConversation(lena, 'Amara Okonkwo')

  const text = unique('I can send the transfer code tonight')
  await composer(lena).fill(text)
  await composer(lena).press('Enter')
  const notice = amara
    .getByRole('region', { name: 'Notices' })
    .getByRole('status')
    .filter({ hasText: theirs('Lena Hartwig') })
  await expect(notice).toContainText('Lena Hartwig')
  await expect(amara.getByRole('link', { name: /^Inbox, \d+ unread/ })).toBeVisible()
  await expect(amara.getByRole('link', { name: /^Lena Hartwig, 1 unread/ })).toBeVisible()
  await notice.getByRole('button', { name: 'Open' }).click()
  await expect(bubble(amara, text)).toBeVisible()
  await expect(amara.getByRole('link', { name: /^Lena Hartwig, 1 unread/ })).toHaveCount(0)
  await expect(bubble(lena, text)).toContainText('Read')
})

test('notices lie neither on the composer nor on the last message', async ({ desk, deskOf }) => {
  const amara = await desk()
  await beAmara(amara)
  await amara.setViewportSize({ width: 900, height: 600 })
  const lena = await deskOf(await emailOf(amara, 'Lena Hartwig'))
  await openConversation(amara, 'Tunde Bákàrè')
  const mine = unique('Three lines of mine, so that the last message is as tall as they are')
  await composer(amara).fill(mine)
  await composer(amara).press('Enter')
  await expect(bubble(amara, mine)).toBeVisible()
  // A composer of many lines is a tall one.
  await composer(amara).fill('one\ntwo\nthree\nfour\nfive\nsix')
  await openConversation(lena, 'Amara Okonkwo')
  await composer(lena).fill(unique('The transfer code'))
  await composer(lena).press('Enter')
  const notice = amara.getByRole('region', { name: 'Notices' })
  await expect(notice.getByRole('status')).toContainText('Lena Hartwig')
  const box = async (of: Locator) => (await of.boundingBox())!
  // It rises into its place.
  await expect
    .poll(async () => {
      const [above, last, form] = [await box(notice), await box(bubble(amara, mine)), await box(amara.locator('.composer'))]
      const apart = (other: typeof above) =>
        above.y + above.height <= other.y ||
        other.y + other.height <= above.y ||
        above.x + above.width <= other.x ||
        other.x + other.width <= above.x
      return [apart(last), apart(form)]
    })
    .toEqual([true, true])
})

test('notices are listed, opened, marked and deleted', async ({ desk, deskOf }) => {
  const amara = await desk()
  await beAmara(amara)
  const chidi = await deskOf(await emailOf(amara, 'Chidi Eze'))
  await amara.keyboard.press('Control+2')
  await expect(amara.getByRole('heading', { name: 'Notifications' })).toBeVisible()
  await openConversation(chidi, 'Amara Okonkwo')
  const text = unique('The lights are in')
  await composer(chidi).fill(text)
  await composer(chidi).press('Enter')

  // What was told of jobs may name him, too.
  const row = amara.getByRole('listitem').filter({ hasText: text })
  await expect(row).toContainText('Chidi Eze')
  await expect(row).toContainText('Unread')
  await row.getByRole('button', { name: /^Mark as read/ }).click()
  await expect(row).not.toContainText('Unread')
  await row.getByRole('button', { name: /^Delete/ }).click()
  await expect(row).toHaveCount(0)
  const all = amara.getByRole('button', { name: 'Mark all read' })
  await expect(all).toHaveText('Mark all read')
  if (await all.isEnabled()) await all.click()
  await expect(all).toBeDisabled()
})
