import { Buffer } from 'node:buffer'
import { beAmara, expect, expectAccessible, link, type Page, rpc, test, theirs, unique } from './support'

const JOB = 'Iroko kitchen cabinets and island'

interface Listed {
  data: { rows: { id: number; title: string; milestones: { id: number; title: string; payment_id: number | null }[] }[] }
}

async function jobOf(page: Page, title: string, window = 'main'): Promise<Listed['data']['rows'][number]> {
  const found = await rpc<Listed>(page, 'job_find', { q: title, mine: '1' }, window)
  return found.data.rows.find((job) => job.title === title)!
}

/** Pays on the sandbox's page, as somebody would in their browser. */
async function payInBrowser(page: Page, payment: number): Promise<void> {
  const address = await rpc<string>(page, 'payment_page', { id: payment })
  const answer = await page.request.post(address, { form: { choice: 'pay' } })
  expect(answer.ok(), await answer.text()).toBe(true)
}

test('hire, fund, hand in, take a release back, release, and say how it was', async ({ desk, deskOf }) => {
  // It goes through all of it, twice ten seconds of which are waited for.
  test.setTimeout(240_000)
  const client = await desk()
  await beAmara(client)
  const artisan = await deskOf('chidi@eze.example')
  const title = unique('Lamps for the stairs')

  // The client writes the job step by step, with keys alone where there is no list to choose from.
  await client.getByRole('link', { name: 'Jobs', exact: true }).click()
  await client.getByRole('link', { name: 'Post a job' }).click()
  await expectAccessible(client, 'a new job')
  await client.getByLabel('Title').fill(title)
  await client.getByRole('combobox', { name: 'Trade' }).click()
  await client.getByRole('option', { name: 'Electrical' }).click()
  await client.getByRole('button', { name: 'Continue: Where and when' }).click()
  await expect(client.getByText('Write 10 characters at least.')).toBeVisible()
  await client.getByLabel('What is to be done').fill('Six lamps along the stairs, with a switch at either end.')
  await client.getByRole('button', { name: 'Continue: Where and when' }).click()
  await client.getByLabel('Where', { exact: true }).fill('Ikoyi')
  await client.getByRole('button', { name: 'Continue: Budget' }).click()
  await client.getByLabel('Budget for the whole job').fill('ninety')
  await client.getByRole('button', { name: 'Continue: Photos' }).click()
  await expect(client.getByText('Type an amount in NGN, such as 15000.00.')).toBeVisible()
  await client.getByLabel('Budget for the whole job').fill('90,000')
  await client.getByRole('button', { name: 'Continue: Photos' }).click()
  await expect(client.getByText(/^Draft kept/)).toBeVisible()
  await client.getByRole('button', { name: 'Continue: Review and publish' }).click()
  await expectAccessible(client, 'a job to publish')
  await client.getByRole('button', { name: 'Publish' }).click()
  await expect(client.getByRole('heading', { name: theirs(title) })).toBeVisible()
  const { id } = await jobOf(client, title)

  // The artisan finds it, and sees what is left after the fee before applying.
  await artisan.goto('/?window=chidi#/jobs')
  await artisan.getByLabel('Find in open jobs').fill(title)
  await artisan.getByRole('link', { name: theirs(new RegExp(title)) }).click()
  await expect(artisan.getByText('You would receive ₦81,000.00 after the fee of 10 %.')).toBeVisible()
  await artisan.getByLabel('Your price').fill('100000')
  await expect(artisan.getByText('You would receive ₦90,000.00 after the fee of 10 %.')).toBeVisible()
  await artisan.getByRole('button', { name: 'Apply' }).click()
  await artisan.getByLabel('What you would do, and when').fill('too short')
  await artisan.getByRole('button', { name: 'Send application' }).click()
  await expect(artisan.getByText('Write 20 characters at least.')).toBeVisible()
  await artisan.getByLabel('What you would do, and when').fill('Two days, with the power off for one hour on the first of them.')
  await expectAccessible(artisan, 'an application')
  await artisan.getByRole('button', { name: 'Send application' }).click()
  await expect(artisan.getByText('Applied, not decided')).toBeVisible()

  // The client compares and accepts: the button names the person and the price.
  await client.goto(`/?window=main#/jobs/${id}-applications`)
  await expect(client.getByText('₦10,000.00 over')).toBeVisible()
  await expectAccessible(client, 'applications')
  await client.getByRole('button', { name: 'Accept Chidi at ₦100,000.00' }).click()
  const accept = client.getByRole('dialog', { name: 'Give the job to Chidi?' })
  await expect(accept.getByRole('button', { name: 'Not yet' })).toBeFocused()
  await expectAccessible(client, 'accepting')
  await accept.getByRole('button', { name: 'Accept Chidi at ₦100,000.00' }).click()
  await expect(client.getByText('Chidi has the job. Pay in the first part, and the work can begin.')).toBeVisible()

  // A part is planned, and paid on the provider's page.
  await client.getByRole('button', { name: 'Add a milestone' }).click()
  const plan = client.getByRole('dialog', { name: 'Add a milestone' })
  await plan.getByLabel('What is done then').fill('All six lamps')
  await plan.getByLabel('Price').fill('60000')
  await plan.getByRole('button', { name: 'Save' }).click()
  await expect(plan).toBeHidden()
  await client.getByRole('button', { name: theirs('Fund All six lamps') }).click()
  const fund = client.getByRole('dialog', { name: theirs('Pay in “All six lamps”') })
  await expect(fund).toBeVisible()
  await expectAccessible(client, 'paying in')
  // What came back to her of a dispute would do as well.
  await fund.getByRole('radio', { name: 'Sandbox: a page that moves no money' }).check()
  await fund.getByRole('button', { name: 'Pay ₦60,000.00' }).click()
  await expect(fund.getByText('Open this address in a browser, and pay there:')).toBeVisible()
  await fund.getByRole('button', { name: 'Close' }).last().click()
  await expect(client.getByText('Payment awaited')).toBeVisible()
  const planned = (await jobOf(client, title)).milestones[0]!
  await payInBrowser(client, planned.payment_id!)
  await expect(client.getByText('Held', { exact: true })).toBeVisible()
  await expect(client.getByText('Payment awaited')).toBeHidden()

  // The artisan hands it in, with a picture.
  await artisan.goto(`/?window=chidi#/jobs/${id}`)
  await artisan.getByRole('button', { name: 'Hand in the work' }).click()
  const submit = artisan.getByRole('dialog', { name: theirs('Hand in “All six lamps”') })
  await submit.getByLabel('What is done').fill('short')
  await submit.getByRole('button', { name: 'Hand in', exact: true }).click()
  await expect(submit.getByRole('alert')).toBeVisible()
  await submit.getByLabel('What is done').fill('All six lamps are up. Both switches work.')
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAIAAAACUFjqAAAAEklEQVR4nGP4z8CAB+GTG8HSALfKY52fTcuYAAAAAElFTkSuQmCC',
    'base64',
  )
  const [chooser] = await Promise.all([
    artisan.waitForEvent('filechooser'),
    submit.getByRole('button', { name: 'Add files' }).click(),
  ])
  await chooser.setFiles({ name: 'lamps.png', mimeType: 'image/png', buffer: png })
  await expect(submit.getByText('lamps.png')).toBeVisible()
  await expectAccessible(artisan, 'handing in')
  await submit.getByRole('button', { name: 'Hand in', exact: true }).click()
  await expect(artisan.getByText('Held · in review')).toBeVisible()

  // The client sees the clock, and what would be written to the kobo; a part first, and taken back in time.
  await expect(client.getByText('Held · your review')).toBeVisible()
  await expect(client.getByText('If you do nothing, it is released to Chidi at that time.')).toBeVisible()
  await expectAccessible(client, 'a part in review')
  await client.getByRole('button', { name: 'Release ₦60,000.00' }).click()
  const release = client.getByRole('dialog', { name: /^Release/ })
  await release.getByRole('button', { name: /^Half/ }).click()
  await expect(release.getByText('Stays in escrow for All six lamps')).toBeVisible()
  await expect(release.getByRole('row', { name: theirs(/Escrow P-\d+ Guild fees ₦3,000\.00/) })).toBeVisible()
  await expectAccessible(client, 'a release')
  await release.getByRole('button', { name: 'Release ₦30,000.00' }).click()
  const going = client.getByRole('region', { name: 'Money that leaves in a moment' })
  await expect(going.getByText('Releasing ₦30,000.00 to Chidi')).toBeVisible()
  await going.getByRole('button', { name: 'Undo' }).click()
  await expect(going).toBeHidden()
  await client.waitForTimeout(500)
  const payment = await rpc<{ data: { held_minor: number; version: number } }>(client, 'payment_get', { id: planned.payment_id })
  expect(payment.data.held_minor).toBe(6_000_000)

  // Without a link nothing waits: what was leaving stops, and says so.
  await client.getByRole('button', { name: 'Release ₦60,000.00' }).click()
  await expect(release.getByRole('button', { name: 'Release ₦60,000.00' })).toBeEnabled()
  await release.getByRole('button', { name: 'Release ₦60,000.00' }).click()
  await expect(going).toBeVisible()
  await link(client, 'main', 'cut')
  await expect(client.getByText('Stopped: nothing moved')).toBeVisible({ timeout: 12_000 })
  await expect(client.getByText(/As of/)).toBeVisible()
  await client.getByRole('button', { name: 'Release ₦60,000.00' }).click()
  await expect(client.getByText(/You’re offline since/)).toBeVisible()
  await expectAccessible(client, 'a release without a link')
  await client.keyboard.press('Escape')
  await link(client, 'main', 'mend')
  await expect(client.getByText(/As of/)).toBeHidden({ timeout: 15_000 })

  // Now it goes.
  await client.getByRole('button', { name: 'Release ₦60,000.00' }).click()
  await expect(release.getByRole('button', { name: 'Release ₦60,000.00' })).toBeEnabled()
  await release.getByRole('button', { name: 'Release ₦60,000.00' }).click()
  await expect(client.getByText('₦60,000.00 released to Chidi')).toBeVisible({ timeout: 20_000 })
  await expect(artisan.getByText('Released', { exact: true }).first()).toBeVisible()

  // The rest is never planned; the job ends, and both say how it was.
  await client.getByRole('button', { name: 'More', exact: true }).click()
  await client.getByRole('menuitem', { name: 'Complete the job' }).click()
  await client.getByRole('dialog').getByRole('button', { name: 'Complete the job' }).click()
  await expect(client.getByRole('heading', { name: 'How was it with Chidi?' })).toBeVisible()
  await client.getByRole('radio', { name: '5 stars' }).check({ force: true })
  await client.getByLabel('In your words').fill('Quick, clean, and the switches are where we said.')
  await client.getByRole('button', { name: 'Send review' }).click()
  await expect(client.getByText('Your review is written')).toBeVisible()
  await expectAccessible(client, 'a job that is done')
})

test('a report of how far the work is waits for the link, and a job is read without one', async ({ deskOf }) => {
  const page = await deskOf('tunde@bakare.example')
  await page.setViewportSize({ width: 900, height: 600 })
  const { id } = await jobOf(page, JOB, 'tunde')
  await page.goto(`/?window=tunde#/jobs/${id}`)
  await expect(page.getByRole('heading', { name: theirs(JOB) })).toBeVisible()
  await expectAccessible(page, 'a job, narrow')
  await link(page, 'tunde', 'cut')
  await expect(page.getByText(/As of/)).toBeVisible({ timeout: 15_000 })
  await expect(page.getByText('Money moves with a connection alone. Nothing is queued.').first()).toBeVisible()
  await page.getByRole('button', { name: 'Report progress' }).click()
  const dialog = page.getByRole('dialog', { name: 'How far is the work?' })
  const note = unique('The island stands, the worktop is templated')
  await dialog.getByLabel('What is done').fill(note)
  await dialog.getByRole('slider').fill('75')
  await dialog.getByRole('button', { name: 'Queue' }).click()
  await expect(page.getByText('Waits to be sent')).toBeVisible()
  await expectAccessible(page, 'a report that waits')
  await link(page, 'tunde', 'mend')
  await expect(page.getByText('Waits to be sent')).toBeHidden({ timeout: 15_000 })
  await expect(page.getByText(theirs(`Tunde reports 75 %: ${note}`))).toBeVisible()
})

test('the board is narrowed and read by key, light and dark', async ({ deskOf }) => {
  const page = await deskOf('kwame@mensah.example')
  await page.goto('/?window=kwame#/jobs')
  await expect(page.getByRole('list', { name: 'Open' })).toBeVisible()
  await expectAccessible(page, 'the board')
  await page.emulateMedia({ colorScheme: 'dark' })
  await expectAccessible(page, 'the board, dark')
  await page.getByRole('radio', { name: 'Welding' }).check()
  await expect(page.getByRole('list', { name: 'Open' }).getByRole('listitem')).toHaveCount(1)
  await page.getByLabel('Find in open jobs').fill('no such words')
  await expect(page.getByText('Nothing fits. Take a filter away, or look for other words.')).toBeVisible()
  await page.getByLabel('Find in open jobs').fill('')
  await page.getByRole('radio', { name: 'Any trade' }).check()
  await expect(page.getByRole('list', { name: 'Open' }).getByRole('listitem').nth(1)).toBeVisible()
  await page.keyboard.press('Escape')
  await page.locator('body').press('j')
  await expect(page.locator('[data-stop]:focus')).toHaveCount(1)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('complementary').getByRole('heading').first()).toBeVisible()
})
