// `npm run pictures`: takes the pictures of every screen, light and dark, wide and narrow, from the real interface over the
// browser host, into docs/pictures.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium } from '@playwright/test'
import { buildInterface, prepare } from './prepare.mjs'
import { built, root, run } from './lib.mjs'

prepare({ forTests: true })
buildInterface()
// With the features that `npm test` built everything with.
run('cargo', ['build', '--workspace'])

const folder = mkdtempSync(path.join(tmpdir(), 'guildhall-pictures-'))
const port = 7421
const address = `http://127.0.0.1:${port}`
const host = spawn(built('webhost'), ['--port', String(port), '--ui', path.join(root, 'ui/dist'), '--data', folder], {
  stdio: 'ignore',
})
const out = path.join(root, 'docs/pictures')
mkdirSync(out, { recursive: true })

const rpc = async (window, name, request = {}) => {
  const response = await fetch(`${address}/rpc/${window}/${name}`, { method: 'POST', body: JSON.stringify(request) })
  const body = await response.json()
  if (!response.ok) throw new Error(`${name}: ${JSON.stringify(body)}`)
  return body
}
const fault = (window, link) =>
  fetch(`${address}/fault/${window}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ link }),
  })

try {
  for (let tries = 0; ; tries++) {
    if (tries > 100) throw new Error('the browser host did not start')
    if (
      await fetch(address).then(
        (r) => r.ok,
        () => false,
      )
    )
      break
    await sleep(100)
  }
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking', '--force-color-profile=srgb'],
  })
  const take = async (name, theme, size, route, ready, window = 'main', press = null) => {
    const page = await browser.newPage({ viewport: size, colorScheme: theme, reducedMotion: 'reduce', locale: 'en-GB' })
    await page.goto(`${address}/?window=${window}#${route}`)
    if (press) await page.getByRole('button', { name: press }).first().click()
    await page.getByText(ready).first().waitFor()
    await sleep(500)
    await page.screenshot({ path: path.join(out, `${name}.png`) })
    await page.close()
  }
  const wide = { width: 1200, height: 800 }
  const narrow = { width: 900, height: 600 }
  const screens = async (name, route, ready, window = 'main') => {
    await take(`${name}-light`, 'light', wide, route, ready, window)
    await take(`${name}-dark`, 'dark', wide, route, ready, window)
    await take(`${name}-narrow`, 'light', narrow, route, ready, window)
  }
  await screens('sign-in', '/', 'Try it locally')
  await rpc('main', 'local_start', { email: null })
  const people = await rpc('main', 'local_people')
  const tunde = people.find((person) => person.craft === 'Joiner')
  await rpc('main', 'window_open_as', { email: tunde.email })
  const other = tunde.email.split('@')[0]
  await rpc(other, 'message_send', { conversation: '1', body: 'The fridge bay is true now. Photo tonight.' })
  await rpc('main', 'message_send', {
    conversation: '2',
    body: 'Thank you. Can the fitting start on Tuesday instead of Monday? The tiler needs the floor until then.',
  })
  await rpc('main', 'draft_set', { conversation: '6', body: 'About the glaze, could we' })
  await sleep(1000)
  await screens('inbox', '/inbox/2', 'Tuesday instead')
  await fault('main', 'cut')
  await sleep(1500)
  await rpc('main', 'message_send', { conversation: '2', body: 'Also, what time does the van come?' })
  await screens('inbox-offline', '/inbox/2', 'offline')
  await fault('main', 'mend')
  await sleep(1500)
  await rpc('main', 'saved_reply_set', {
    key: 'hours',
    text: 'We are in the workshop from 8 to 5, and on Saturdays until noon.',
    instead_of: null,
  })
  await rpc('main', 'saved_reply_set', {
    key: 'thanks',
    text: 'Thank you for your patience. I send a photo as soon as the doors are up.',
    instead_of: null,
  })
  await screens('notifications', '/notifications', 'Notifications')
  await screens('people', '/people', 'Joiner')
  await screens('profile', `/people/${(await rpc(other, 'session_get')).me.id}`, 'I measure twice')
  await screens('own-page', '/people/me', 'Your page')
  await screens('jobs', '/jobs', 'Repair twenty-two church pews', other)
  await screens('jobs-yours', '/jobs', 'Iroko kitchen')
  await screens('job', '/jobs/1', 'Held · your review')
  await screens('job-artisan', '/jobs/1', 'Held · in review', other)
  await screens('applications', '/jobs/2-applications', 'If you accept')
  await screens('job-post', '/jobs/new', 'As artisans will see it')
  await screens('wallet', '/escrow', 'Opening balance', other)
  await screens('wallet-payment', '/escrow/p-5', 'Entries in the book', other)
  await take('release-light', 'light', wide, '/jobs/1', 'Will be written', 'main', 'Release ₦')
  await take('release-dark', 'dark', wide, '/jobs/1', 'Will be written', 'main', 'Release ₦')
  const house = people.find((person) => person.email.startsWith('foluke'))
  await rpc('main', 'window_open_as', { email: house.email })
  for (const [pane, ready] of [
    ['reports', 'Reports'],
    ['people', 'Find'],
    ['verifications', 'Verifications'],
    ['health', 'Health'],
    ['audit', 'Written down'],
  ])
    await screens(`desk-${pane}`, `/desk/${pane}`, ready, 'foluke')
  for (const section of ['account', 'verification', 'bank-accounts', 'notifications', 'appearance', 'saved-replies', 'about'])
    await screens(`settings-${section}`, `/settings/${section}`, 'Settings')
  await browser.close()
} finally {
  host.kill()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
