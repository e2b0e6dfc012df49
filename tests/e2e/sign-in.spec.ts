import { beAmara, beNobody, expect, expectAccessible, rpc, test, theirs, unique } from './support'

test('the first start offers servers, an account and a private hall', async ({ desk }) => {
  const page = await desk()
  await beNobody(page)
  await expect(page.getByText('Not signed in')).toBeVisible()
  await expect(page.getByRole('region', { name: 'Try it locally' })).toBeVisible()

  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByText('Type your email address.')).toBeVisible()
  await expect(page.getByText('Type your password.')).toBeVisible()

  await page.getByRole('button', { name: 'Create an account' }).click()
  await expect(page.getByLabel('Name')).toBeVisible()
  await page.getByRole('button', { name: 'Sign in instead' }).click()
})

test('a server that is not there is said to be so', async ({ desk }) => {
  const page = await desk()
  await beNobody(page)
  const other = page.getByRole('radio', { name: 'Another server' })
  if (!(await other.isChecked())) await other.check()
  await page.getByLabel('Address of the server').fill('http://127.0.0.1:9')
  await page.getByRole('button', { name: 'Check' }).click()
  await expect(page.getByText('The server is not answering at this address.')).toBeVisible()
  await page.getByLabel('Email').fill('amara@okonkwo.example')
  await page.getByLabel('Password', { exact: true }).fill('not the password')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByText('The server is not answering at this address.').first()).toBeVisible()
  await expect(page.getByLabel('Email')).toHaveValue('amara@okonkwo.example')
  // At the other forms and back the same server is meant.
  await page.getByRole('button', { name: 'Forgot it?' }).click()
  await expect(page.getByLabel('Address of the server')).toHaveValue('http://127.0.0.1:9')
  await page.getByRole('button', { name: 'Sign in instead' }).click()
  await expect(page.getByLabel('Address of the server')).toHaveValue('http://127.0.0.1:9')
  // What was wrong with it is not said of another.
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByText('The server is not answering at this address.').first()).toBeVisible()
  await page.getByLabel('Address of the server').fill('http://127.0.0.1:10')
  await expect(page.getByText('The server is not answering at this address.')).toHaveCount(0)
})

test('an address that is none, and a server that is none of ours, are said to be so', async ({ desk, baseURL }) => {
  const page = await desk()
  await beNobody(page)
  const other = page.getByRole('radio', { name: 'Another server' })
  if (!(await other.isChecked())) await other.check()
  await page.getByLabel('Address of the server').fill('my hall')
  await page.getByRole('button', { name: 'Check' }).click()
  await expect(page.getByText('This is no address of a server. Type one such as hall.example.')).toBeVisible()
  // The host of this page is a server, and knows no accounts.
  await page.getByLabel('Address of the server').fill(new URL(baseURL ?? '').origin)
  await page.getByRole('button', { name: 'Check' }).click()
  const words = 'What answers there is no Guildhall server. Check the address, or sign in to the network first.'
  await expect(page.getByText(words)).toBeVisible()
  await page.getByLabel('Email').fill('amara@okonkwo.example')
  await page.getByLabel('Password', { exact: true }).fill('not the password')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByText(words)).toHaveCount(2)
})

test('the private hall starts with one press and says that it is local', async ({ desk }) => {
  const page = await desk()
  await beAmara(page)
  await expect(page.getByText('Local', { exact: true })).toBeVisible()
  await expect(page.getByRole('button', { name: /^Connection: Online/ })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Conversations' }).getByRole('link').first()).toBeVisible()
  await expect(page).toHaveTitle(/Amara Okonkwo/)
  // Nothing to sign in to again after the page is loaded anew.
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Inbox' })).toBeVisible()
})

test('whoever is suspended is signed out, told why with the right password, and may answer once', async ({ desk, deskOf }) => {
  await beAmara(await desk())
  const boss = await deskOf('foluke@guildhall.example')
  const page = await desk('kept-out')
  const { server_url } = await rpc<{ server_url: string }>(boss, 'session_get', {}, 'foluke')
  const [email, password] = [`${unique('kept').replaceAll(' ', '.')}@example.com`, 'a long enough password']
  await rpc(page, 'session_register', { server_url, name: 'Kept Out', email, password }, 'kept-out')
  await expect(page.getByRole('heading', { name: 'Inbox' })).toBeVisible()
  const [found] = await rpc<{ id: number }[]>(boss, 'desk_people', { q: email }, 'foluke')
  const why = 'This is not your name'
  await rpc(boss, 'desk_suspend', { id: found!.id, suspend: true, reason: why }, 'foluke')
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  const signIn = page.getByRole('button', { name: 'Sign in', exact: true })
  await page.getByLabel('Password', { exact: true }).fill('not the password')
  await signIn.click()
  await expect(page.getByText('belong together')).toBeVisible()
  await expect(page.getByText(theirs(why))).toHaveCount(0)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await signIn.click()
  await expect(page.getByText(theirs(why))).toBeVisible()
  await expectAccessible(page, 'a sign-in that is refused')
  await page.getByLabel('Your answer').fill('It is my name')
  await page.getByRole('button', { name: 'Answer' }).click()
  await expect(page.getByText('You answered:')).toBeVisible()
  await expect(page.getByLabel('Your answer')).toHaveCount(0)
})
