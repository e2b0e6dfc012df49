# Bank accounts to which one is paid: the section of the settings.
payouts-title = Bank accounts
payouts-lead = Where your money is paid out. You can have one account for each currency.
payouts-none = None yet
payouts-none-refused = None yet. { $account } was not accepted. { $reason }
payouts-none-here = This server pays to no bank account.
payouts-unknown = Your bank accounts come from the server and can’t be shown right now.
payouts-account = { $bank } { $number }
payouts-add = Add an account
payouts-add-one = Add an account for { $currency }
payouts-add-other = Use another account
payouts-add-other-one = Use another account for { $currency }
payouts-stop = Stop
payouts-stop-one = Stop { $bank } { $number }
payouts-stop-title = Stop this account?
payouts-stop-body = Nothing is paid to { $bank } { $number } from now on. To be paid there again, it has to be added anew and 72 hours have to pass.
payouts-stopped = Nothing is paid to it
payouts-not-stopped = It was not stopped
payouts-state-pending = An administrator looks
payouts-state-verified = Usable
payouts-state-soon = Usable from { $when }
payouts-state-rejected = Not accepted
payouts-state-revoked = Stopped
payouts-state-other = Unknown
payouts-hint-soon = You are paid there from { $when }. Until then all your devices and addresses can stop it.
payouts-hint-pending = The bank’s name is nearly yours. An administrator compares the two.
payouts-dialog = A bank account in { $currency }
payouts-password = Your password
payouts-password-why = Type your password first; then a code is sent to an address that you proved before. Whoever found your device open gets no further.
payouts-local = A code comes first, so that nobody else does this. In local mode no password is asked, and the code is shown here.
payouts-answer-lost = The answer did not come, so nobody knows whether it was added. Press Add again: it is the same account, and is added once.
payouts-send-code = Send a code
payouts-code = Code
payouts-code-mail = A code is on its way to { $address }.
payouts-code-app = This server runs on your own machine and sends no codes. Yours is { $code }.
payouts-code-administrator = This server sends no letters. Ask the people who run it for your code.
payouts-currency = In { $currency }
payouts-bank = Bank
payouts-bank-choose = Choose your bank
payouts-number = Account number
payouts-number-hint = It must be in your own name: the bank is asked whose it is.
payouts-save = Add
payouts-added = The account is added
payouts-added-waits = An administrator compares the bank’s name with yours.
payouts-added-soon = You are paid there from { $when }.
payouts-nobody-answers = The bank can’t be asked right now. Nothing was changed: try again later, with the same code.

# The code that lets somebody name a bank account.
payouts-code-subject = A bank account at { $hall }
payouts-code-lead = Type this code in { $hall } to name the bank account to which you are paid:

# The letter about a new one.
payouts-added-subject = A new bank account for your money at { $hall }
payouts-added-lead = { $bank } { $number } was named as the account to which your { $currency } are paid, on { $when }, from { $place }.
payouts-added-usable = Nothing is paid to it before 72 hours have passed.
payouts-added-stop = If it was not you, stop it: open this page, and press its button.
payouts-added-stop-in-app = If it was not you, stop it: open { $hall }, and choose Settings, Bank accounts.

# The page to which the letter leads.
payouts-page-title = Stop this bank account?
payouts-page-lead = { $bank } { $number } was named on { $when } as the account to which your { $currency } are paid. If it was not you, stop it: then nothing is paid to it.
payouts-page-button = Stop it
payouts-page-stopped = It is stopped
payouts-page-stopped-lead = Nothing is paid to this account. If it was not you who named it, choose a new password at once.
payouts-page-replaced = Another account stands in its place, about which you got a letter as well. Use the page of that one.
# What people are told of money on its way to their bank.
payouts-arrived = Paid out
payouts-arrived-body = { $amount } arrived at { $bank }.
payouts-failed = A payout did not go through
payouts-failed-body = { $amount } is on your balance again. { $why }
payouts-came-back = A payout came back
payouts-came-back-body = { $bank } sent { $amount } back. It is on your balance again.
