import { beAmara, expect, expectAccessible, rpc, test, unique } from './support'

test('letters that one may do without are chosen in the settings, by key, and heard from the other device', async ({ desk }) => {
  const main = await desk()
  await beAmara(main)
  const { server_url } = await rpc<{ server_url: string }>(main, 'session_get', {})
  const email = `${unique('letters').replaceAll(/[^a-z0-9]+/gi, '-')}@example.org`
  const password = 'a long enough password'
  await rpc(main, 'session_register', { server_url, name: 'Lara Letters', email, password }, 'letters')
  // Another device of theirs, at the server itself.
  const signedIn = await main.request.post(`${server_url}/api/login`, { data: { email, password, device_name: 'Phone' } })
  const { data } = (await signedIn.json()) as { data: { token: string } }
  const phone = { headers: { authorization: `Bearer ${data.token}` } }
  const page = await desk('letters')
  await page.setViewportSize({ width: 900, height: 600 })
  await page.goto('/?window=letters#/settings/notifications')
  const name = 'When people wrote while I was away'
  const here = page.getByRole('switch', { name })
  await expect(here).toBeChecked()
  await expect(page.getByText('This server writes no such letters.')).toBeVisible()
  await expectAccessible(page, 'letters by mail')
  await here.focus()
  await page.keyboard.press('Space')
  await expect(here).not.toBeChecked()
  const path = `${server_url}/api/user/mail-preferences`
  const wanted = async () => {
    const answer = (await (await main.request.get(path, phone)).json()) as { data: { kinds: { wanted: boolean }[] } }
    return answer.data.kinds[0]?.wanted
  }
  await expect.poll(wanted).toBe(false)
  await main.request.patch(path, { ...phone, data: { kind: 'unread_messages', wanted: true } })
  await expect(here).toBeChecked()
  // Nobody else's letter box is behind the people of local mode.
  await main.goto('/?window=main#/settings/notifications')
  await expect(main.getByRole('heading', { name: 'Notifications' }).first()).toBeVisible()
  await expect(main.getByRole('switch', { name })).toBeHidden()
})
