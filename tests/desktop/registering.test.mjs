// An account is made in the real app, at a server that sends real letters, and nothing is left to prove.
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'
import { codeIn, startMail } from '../support/letters.mjs'
import { App, Key, eventually, folder, startServer } from './app.mjs'

const data = folder('registering')
after(() => rmSync(data, { recursive: true, force: true, maxRetries: 5 }))

test('somebody registers with the code of a letter, over a restart of the app', async () => {
  const mail = await startMail()
  const server = await startServer(path.join(data, 'server'), ...mail.flags)
  const place = path.join(data, 'app')
  let app = await App.start(place, '--server', server.url)
  const field = (label) => app.text(label, 'label').then(async (label) => app.find(`#${await label.getAttribute('for')}`))
  try {
    // What is below the servers moves when they are there.
    await app.says(new URL(server.url).host)
    await (await app.text('Create an account', 'button')).click()
    await (await field('Name')).sendKeys('Ada')
    await (await field('Email')).sendKeys('ada@example.com')
    await (await field('Password')).sendKeys('a long enough password', Key.ENTER)
    await app.says('Check your email')
    const letter = await mail.letter('ada@example.com')
    assert.equal(letter.headers.subject, 'Your code for a new account at Guildhall')
    const [code, wrong] = [codeIn(letter), codeIn(letter) === '111111' ? '222222' : '111111']
    const typed = await field('Code')
    assert.ok(await app.web.executeScript('return document.activeElement === arguments[0]', typed), 'one types at once')
    await typed.sendKeys(wrong, Key.ENTER)
    await app.says('This code is not right, or does not work any more.')
    await typed.sendKeys(Key.BACK_SPACE)
    await eventually('it is no more said of another', async () => !(await app.body()).includes('This code is not right'))

    await app.kill()
    app = await App.start(place, '--server', server.url)
    await app.says('Check your email', 30)
    await (await field('Code')).sendKeys(`${code.slice(0, 3)} ${code.slice(3)}`, Key.ENTER)
    await app.says('Inbox', 30)
    const session = await app.call('session_get')
    assert.deepEqual([session.state, session.email, session.me.name], ['signed_in', 'ada@example.com', 'Ada'])
    const proved = await app.call('verification_list')
    assert.equal(proved.find((row) => row.kind === 'email').state, 'verified')
    // What there is to do first is in sight, and the address is none of it.
    await app.says('Your first steps')
    const confirmed = await app.text('Confirm your email (done)', 'b')
    assert.ok(await confirmed.isDisplayed())
    await app.text('Fill your page', 'button')
    assert.equal(mail.letters('ada@example.com').length, 1)
  } finally {
    await app.quit()
    await server.stop()
    mail.stop()
  }
})
