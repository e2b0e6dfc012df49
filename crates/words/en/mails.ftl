# Letters that are sent by mail. Each begins with a greeting and ends with where it comes from.
mails-greeting = Hello { $name },
mails-greeting-nobody = Hello,
mails-footer = This letter comes from { $hall }, because it is about your account there.
mails-never-tell = Nobody from { $hall } will ever ask you for this code.

# A code that proves that somebody reads the address of their account.
mails-code-email-subject = Confirm your address at { $hall }
mails-code-email-lead = Type this code in { $hall } to confirm that this address is yours:
mails-code-life = It works for 60 minutes. Spaces don’t matter.
mails-code-email-not-you = If you don’t have an account there, somebody mistyped their address: you need to do nothing.

# The code of whoever makes an account.
mails-registration-subject = Your code for a new account at { $hall }
mails-registration-lead = Type this code in { $hall } to finish making your account:
mails-registration-not-you = If you didn’t begin to make an account, somebody mistyped their address: you need to do nothing, and there will be none. Don’t type this code in { $hall } for anybody else.

# For whom such a letter is, among those that came to nothing.
mails-somebody-new = Somebody new

# Somebody wants to make an account with an address that has one: to its owner.
mails-already-here-subject = You have an account at { $hall } already
mails-already-here-lead = On { $when } somebody began to make an account at { $hall } with this address, which has one.
mails-already-here-you = If that was you, sign in instead. If you don’t know the password any more, open { $hall }, and choose “Forgot it?” where you sign in.
mails-already-here-not-you = If it was not you, you need to do nothing: your account stays as it is, and nobody was told that there is one.

# A code that proves that somebody holds a phone: a text of 160 plain characters at most, where the name is not long.
mails-code-phone = { $code } is your code for { $hall }. It works for 10 minutes. Nobody from { $hall } will ever ask you for it.

# A code that lets somebody choose a new password.
mails-code-password-subject = Choose a new password at { $hall }
mails-code-password-lead = Somebody asked to choose a new password for your account. If that was you, type this code in { $hall }:
mails-code-password-not-you = If it was not you, you need to do nothing: your password stays as it is.

mails-password-changed-subject = Your password at { $hall } was changed
mails-password-changed-lead = The password of your account was changed on { $when }, from { $place }.
mails-password-changed-others = All other devices were signed out.
mails-not-you-password = If it was not you, choose a new password at once: open { $hall }, and choose “Forgot it?” where you sign in.

# The address of an account changed: to the old one.
mails-email-changed-subject = Your account at { $hall } has another address
mails-email-changed-lead = Your account has the address { $new } since { $when }. It was changed from { $place }.
mails-email-changed-undo = If it was not you, take it back: open { $hall }, choose “Forgot it?” where you sign in, then “I have a code”. Type the address at which you read this, this code, and a new password:
mails-email-changed-life = The code works for 72 hours. With it your address is back, and all devices are signed out.

# Somebody signed in from a new place.
mails-new-sign-in-subject = New sign-in to your account at { $hall }
mails-new-sign-in-lead = “{ $device }” signed in to your account on { $when }, from { $place }.
mails-new-sign-in-was-you = If that was you, you need to do nothing.
mails-new-sign-in-not-you = If it was not you, choose a new password at once: open { $hall }, and choose “Forgot it?” where you sign in. All devices are signed out then.
mails-notice-new-sign-in = New sign-in
mails-notice-new-sign-in-line = “{ $device }”, from { $place }. If it wasn’t you, change your password.
