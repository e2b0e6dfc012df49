import { beAmara, bubble, composer, expect, openConversation, test, unique } from './support'

test('a message elsewhere shows a notice that leads to it', async ({ desk, deskOf, request }) => {
  const amara = await desk()
  await beAmara(amara)
  const people = (await (await request.post('/rpc/main/local_people', { data: {} })).json()) as { name: string; email: string }[]
  const lena = await deskOf(people.find((person) => person.name === 'Lena Hartwig')!.email)
  await openConversation(amara, 'Tunde Bákàrè')
  await openConversation(lena, 'Amara Okonkwo')

  const text = unique('I can send the transfer code tonight')
  await composer(lena).fill(text)
  await composer(lena).press('Enter')
  const notice = amara.getByRole('region', { name: 'Notices' }).getByRole('status')
  await expect(notice).toContainText('Lena Hartwig')
  await expect(amara.getByRole('link', { name: /^Inbox, \d+ unread/ })).toBeVisible()
  await expect(amara.getByRole('link', { name: /^Lena Hartwig, 1 unread/ })).toBeVisible()
  await notice.getByRole('button', { name: 'Open' }).click()
  await expect(bubble(amara, text)).toBeVisible()
  await expect(amara.getByRole('link', { name: /^Lena Hartwig, 1 unread/ })).toHaveCount(0)
  await expect(bubble(lena, text)).toContainText('Read')
})

test('notices are listed, opened, marked and deleted', async ({ desk, deskOf, request }) => {
  const amara = await desk()
  await beAmara(amara)
  const people = (await (await request.post('/rpc/main/local_people', { data: {} })).json()) as { name: string; email: string }[]
  const chidi = await deskOf(people.find((person) => person.name === 'Chidi Eze')!.email)
  await amara.keyboard.press('Control+2')
  await expect(amara.getByRole('heading', { name: 'Notifications' })).toBeVisible()
  await openConversation(chidi, 'Amara Okonkwo')
  const text = unique('The lights are in')
  await composer(chidi).fill(text)
  await composer(chidi).press('Enter')

  const row = amara.getByRole('listitem').filter({ hasText: 'Chidi Eze' }).first()
  await expect(row).toContainText('Unread')
  await row.getByRole('button', { name: /^Mark as read/ }).click()
  await expect(row).not.toContainText('Unread')
  await row.getByRole('button', { name: /^Delete/ }).click()
  await expect(amara.getByRole('listitem').filter({ hasText: text })).toHaveCount(0)
  const all = amara.getByRole('button', { name: 'Mark all read' })
  if (await all.isEnabled()) await all.click()
  await expect(all).toBeDisabled()
})
