# Two-step sign-in: letters, notices, the section of the settings, the second step of a sign-in.
two-step-letter-on-subject = Two-step sign-in is on at { $hall }
two-step-letter-on-lead = Two-step sign-in was turned on for your account on { $when }, from { $place }. From now on signing in asks for a code as well.
two-step-letter-on-undo = If it was not you, take your account back: open { $hall }, choose “Forgot it?” where you sign in, then “I have a code”. Type the address at which you read this, this code, and a new password:
two-step-letter-on-life = The code works for 72 hours. With it two-step sign-in is off again, and all devices are signed out.
two-step-letter-off-subject = Two-step sign-in is off at { $hall }
two-step-letter-off-lead = Two-step sign-in was turned off for your account on { $when }, from { $place }. From now on the password is enough.
two-step-letter-renewed-subject = New recovery codes at { $hall }
two-step-letter-renewed-lead = New recovery codes were made for your account on { $when }, from { $place }. Those that you had before open nothing any more.
two-step-letter-not-you = If it was not you, choose a new password at once: open { $hall }, and choose “Forgot it?” where you sign in. All devices are signed out then.
two-step-letter-asked-subject = Somebody asks to turn off your two-step sign-in at { $hall }
two-step-letter-asked-lead = On { $when } an administrator asked that two-step sign-in be turned off for your account. Another one may confirm it within a day. The reason:
two-step-letter-asked-not-you = If you did not ask for that, sign in with a code: that ends it. Or write to the people who run { $hall }.
two-step-letter-removed-subject = Two-step sign-in was turned off for you at { $hall }
two-step-letter-removed-lead = On { $when } administrators turned off two-step sign-in for your account. From now on the password is enough. The reason:
two-step-letter-removed-then = If you asked for it, sign in and turn it on again. If not, choose a new password at once, and write to the people who run { $hall }.

two-step-notice-on = Two-step sign-in is on
two-step-notice-off = Two-step sign-in is off
two-step-notice-renewed = New recovery codes were made
two-step-notice-from = From { $place }. If it wasn’t you, change your password.
two-step-notice-asked = An administrator asks to turn off your two-step sign-in
two-step-notice-asked-line = Another one may confirm it within a day: { $reason }
two-step-notice-removed = Administrators turned off your two-step sign-in
two-step-notice-confirm = Two-step sign-in of { $name }: confirm that it is turned off
two-step-notice-confirm-line = { $name } asks for it. Look at the person on the desk.

# What recovery codes are saved as.
two-step-file-title = Recovery codes of { $email }
two-step-file-line = Each works once, in the place of a code of your app. Keep them where nobody else finds them.

# The section of the settings.
two-step-title = Two-step sign-in
two-step-lead = When you sign in, you also type a code from an app on your phone. Whoever has only your password can’t get in.
two-step-label = Ask for a code when signing in
two-step-state-on = On
two-step-state-off = Off
two-step-off-hint = Your password alone opens your account.
two-step-since = On since { $when }
two-step-unknown = How it stands comes from the server and can’t be shown right now.
two-step-none = This server has no two-step sign-in.
two-step-local = In local mode you sign in without a password, so a second step would protect nothing.
two-step-set-up = Set it up
two-step-off-button = Turn off…
two-step-set-up-title = Set up two-step sign-in
two-step-set-up-lead = You need an app that makes codes, on your phone. Your other devices stay signed in.
two-step-password = Your password
two-step-next = Next
two-step-scan = Scan this with the app, then type the code that it shows. Nothing changes before the code was right.
two-step-drawing = The secret as a square code for a camera
two-step-secret-typed = Or type it there:
two-step-secret-copy = Copy
two-step-secret-copied = The secret is copied
two-step-first-code = The code that the app shows
two-step-first-code-wrong = This code isn’t right, or its half minute is over. Type the one that the app shows now.
two-step-turn-on = Turn on
two-step-on-title = Two-step sign-in is on
two-step-codes = Recovery codes
two-step-codes-left = { $count ->
    [0] None is left. Make new ones, or you can’t get in without your app.
    [one] One is left. Each works once, where your app is lost.
   *[other] { NUMBER($count) } are left. Each works once, where your app is lost.
}
two-step-codes-lead = Keep these recovery codes where nobody else finds them: each opens your account once, if your phone is lost. They are shown only now.
two-step-codes-copy = Copy
two-step-codes-copied = The recovery codes are copied
two-step-codes-save = Save as a file
two-step-codes-not-saved = The recovery codes were not saved
two-step-codes-kept = I have kept them
two-step-renew-button = New ones…
two-step-renew-title = New recovery codes
two-step-renew-lead = Those that you have now open nothing any more then.
two-step-renew = Make new ones
two-step-off-title = Turn off two-step sign-in?
two-step-off-lead = Your password alone opens your account then.
two-step-turn-off = Turn it off
two-step-is-off = Two-step sign-in is off
two-step-is-off-line = Your password alone opens your account.

# The second step, wherever the password was asked for.
two-step-code = Code of your app
two-step-code-hint = Six digits. Spaces don’t matter.
two-step-recovery-code = Recovery code
two-step-recovery-code-hint = Ten letters and digits. Each works once.
two-step-use-recovery = Use a recovery code
two-step-use-app = Use the app
two-step-sign-in-title = One more step
two-step-sign-in-lead = Two-step sign-in is on for { $email }.
two-step-back = Back
two-step-lost = Lost both the app and the recovery codes? The people who run this server can help, once they know that it’s you.

# The administrator's desk.
two-step-desk = Two-step sign-in
two-step-desk-asked = { $name } asks to turn it off. Another administrator can confirm it until { $when }.
two-step-desk-off = Turn off…
two-step-desk-confirm = Confirm…
two-step-desk-title = Turn off two-step sign-in for { $name }?
two-step-desk-body = For somebody who lost both the app and the recovery codes, once you know that it is they. Where there is another administrator, that one confirms it within a day. They are told at once, with the reason.
two-step-desk-do = Turn off
two-step-notice-taken-back-line = It was turned on shortly before you took your account back.
two-step-answer-lost = The answer did not come, so nobody knows whether it is on. Press Turn on again: it is the same code, and counts once. If you go, look in the settings later whether it is on, and have recovery codes made there.
two-step-notice-taken-back = Two-step sign-in was turned off
two-step-letter-taken-back-subject = Two-step sign-in is off at { $hall }
two-step-letter-taken-back-lead = You took your account back on { $when }. Two-step sign-in had been turned on shortly before, so it was turned off: whoever did that gets no further with it.
two-step-notice-codes-taken-back = Your recovery codes open nothing any more
two-step-notice-codes-taken-back-line = They were made shortly before you took your account back. Make new ones in the settings.
two-step-letter-codes-taken-back-subject = Make new recovery codes at { $hall }
two-step-letter-codes-taken-back-lead = You took your account back on { $when }. New recovery codes had been made shortly before, so they open nothing any more. Your app goes on as before: make new recovery codes in the settings.
