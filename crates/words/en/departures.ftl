# What belongs to one: taking it along, who looked at it, and leaving.
departures-title = Your data
departures-lead = Everything of yours to take along, who looked at your private things, and the end of your account.
departures-take-along = Take it along
departures-everything = Everything in one file
departures-everything-hint = A zip with pages for a browser, the same as JSON, and your files: profile, messages, notifications, devices, saved replies, reports, who looked.
departures-save = Save
departures-saving = Saving…
departures-not-saved = The file was not saved
departures-looks = Who looked at your private things
departures-looks-none = Nobody did. Whenever an administrator looks at your address, your devices, your papers or something you’re reported for, it stands here with the reason.
departures-looks-unknown = The list comes from the server. It is shown as soon as there is a connection.
departures-more = Show earlier ones
departures-operator = Whoever runs the server
departures-did-user-look = looked at your address and devices
departures-did-user-find = found you by your address
departures-did-user-suspend = suspended your account
departures-did-user-reinstate = let you in again
departures-did-user-two_step_ask = asked to turn off your two-step sign-in
departures-did-user-two_step_off = turned off your two-step sign-in
departures-did-user-role = changed your role
departures-did-user-delete = deleted this account
departures-did-verification-look = opened what you want verified
departures-did-verification-look_paper = looked at a paper of yours
departures-did-verification-approve = approved what you wanted verified
departures-did-verification-reject = did not approve what you wanted verified
departures-did-verification-revoke = took a verification of yours away
departures-did-code-look = saw a code of yours, to pass it on
departures-did-letter-retry = had a letter to you tried again
departures-did-connections-look = looked at all connections, and from where they come
departures-did-report-look = looked at something you’re reported for
departures-did-report-look_file = looked at a file you’re reported for
departures-did-report-decide = decided about something of yours
departures-did-report-uphold = left a decision about you as it was
departures-did-report-take_back = took a decision about you back
departures-did-attachment-look = looked at a file of a payment or a dispute of yours
departures-did-job-look = looked at a job of yours
departures-did-job-look_applications = looked at who applied for a job of yours
departures-did-job-look_progress = looked at the progress of a job of yours
departures-did-job-look_proposals = looked at what was proposed about a job of yours
departures-did-payment-look = looked at a payment of yours
departures-did-payment-release = released money of yours
departures-did-payment-refund = gave money of yours back
departures-did-payment-cancel = cancelled a payment of yours
departures-did-payment-resolve = decided a dispute of yours
departures-did-payment-put_off = gave a payment of yours more time
departures-did-dispute-look = looked at a dispute of yours
departures-did-suspense-return = sent money of yours back
departures-leave = Leave
departures-delete = Delete your account
departures-delete-hint = Your name, address and everything that is only yours go at once and for good.
departures-delete-button = Delete…
departures-delete-title = Delete your account?
departures-means-gone = Your profile, devices, saved replies and notifications are gone at once, and your address is free.
departures-means-others = What you wrote to others stays with them, from “Deleted user”.
departures-means-here =
    { $count ->
        [0] What is kept of it on this computer goes, too.
        [one] What is kept of it on this computer goes, too, and with it one message that was not sent yet.
       *[other] What is kept of it on this computer goes, too, and with it { $count } messages that were not sent yet.
    }
departures-means-never = Nobody can bring it back.
departures-first = Something must end first:
departures-password = Your password
departures-password-hint = So that nobody else does it who finds this computer open.
departures-delete-for-good = Delete for good

# To whoever deleted an account, where its address was proved.
departures-letter-subject = Your account at { $hall } is deleted
departures-letter-lead = Your account at { $hall } was deleted on { $when }, from { $place }, by somebody with its password.
departures-letter-not-you = If it was not you, write to the people who run { $hall }. Nobody can bring the account back, and somebody else knows your password: change it wherever you use it as well.
departures-first-address = The address of the account was changed. Until { $when } whoever reads { $address } can take that back; the account can be deleted after that.
