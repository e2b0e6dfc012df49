import { expect, it } from 'vitest'
import { type Plain, say } from './say'

/** Sentences that somebody who is here for the first time understands: said so, and not otherwise. */
it.each<[Plain, string]>([
  [
    'two-step-lead',
    'When you sign in, you also type a code from an app on your phone. Whoever has only your password can’t get in.',
  ],
  ['two-step-off-hint', 'Your password alone opens your account.'],
  ['two-step-local', 'In local mode you sign in without a password, so a second step would protect nothing.'],
  ['payouts-lead', 'Where your money is paid out. You can have one account for each currency.'],
  ['payouts-add-other', 'Use another account'],
  ['payouts-nobody-answers', 'The bank can’t be asked right now. Nothing was changed: try again later, with the same code.'],
  ['verification-opens-phone', 'Lets you bid up to ₦500,000 or $200.'],
  ['reports-lead', 'What you reported, and what was decided about you. You can answer a decision about you once.'],
  ['desk-verifications-none', 'Nothing waits to be verified'],
  ['desk-dismiss', 'Take no action'],
  ['desk-reports-line', 'Choose one on the left. That you open it is written down, and the person it is about can read that.'],
  ['desk-number-panics', 'Crashes since the server started'],
  ['profiles-no-reviews', 'None yet. Reviews come with jobs that have ended.'],
  ['settings-at-the-lower-right-when', 'At the lower right, when the conversation is not in view'],
])('%s', (name, sentence) => expect(say(name)).toBe(sentence))
