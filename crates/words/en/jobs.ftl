# What people are told of jobs.
jobs-application-received = New application
jobs-application-received-body = { $name } applied for “{ $title }”.
jobs-application-accepted = The job is yours
jobs-application-accepted-body = { $name } gave you “{ $title }” for { $price }.
jobs-application-rejected = Your application
jobs-application-rejected-body = “{ $title }” was not given to you.
jobs-application-given-body = “{ $title }” was given to somebody else.
jobs-changed = A job you applied for changed
jobs-changed-body = “{ $title }” says something else now. You keep the price you asked.
jobs-cancelled = A job was cancelled
jobs-cancelled-body = “{ $title }” was cancelled.
jobs-expired = A job is closed
jobs-expired-body = “{ $title }” was open until its closing day, and nobody was chosen.
jobs-unfunded-ended-body = “{ $title }” was never paid for and has ended.
jobs-client-left-body = “{ $title }” has ended: its client deleted their account.
jobs-unassigned = A job is open again
jobs-unassigned-body = { $name } ended your agreement about “{ $title }”.
jobs-reopened-body = “{ $title }” is open again, and your application counts as before.
jobs-started = The work began
jobs-started-body = { $name } says that the work on “{ $title }” began.
jobs-progress = Progress
jobs-progress-body = { $name } reports { $percent } % of “{ $title }”.
jobs-invited = A job for you?
jobs-invited-body = { $name } asks whether you would like “{ $title }”.
jobs-plan = The plan changed
jobs-plan-body = { $name } changed the milestones of “{ $title }”.
jobs-proposal = A change is proposed
jobs-proposal-body = { $name } would change what you agreed for “{ $title }”.
jobs-proposal-accepted = The change is agreed
jobs-proposal-accepted-body = { $name } agreed to your change of “{ $title }”.
jobs-proposal-declined = The change is declined
jobs-proposal-declined-body = { $name } declined your change of “{ $title }”.
jobs-unfunded = Still wanted?
jobs-unfunded-body = Nothing was paid in for “{ $title }” since it was agreed. It ends in 30 days unless something is.
jobs-completed = The job is done
jobs-completed-body = “{ $title }” is completed. Say how it was.
jobs-reviewed = A review of you
jobs-reviewed-body = { $name } said how “{ $title }” was.
jobs-must-end-client = “{ $title }” is under way. Complete or cancel the job, or part with the artisan.
jobs-must-end-artisan = You have the job “{ $title }”. Finish it, or give it back.

# What people are told of the money of a job.
jobs-money-held = Money is held for your work
jobs-money-held-body = { $amount } for “{ $title }” is paid in. It is held until the work is accepted.
jobs-money-arrived = Your payment arrived
jobs-money-arrived-body = { $amount } for “{ $title }” is held until you accept the work.
jobs-money-released = You were paid
jobs-money-released-body = { $name } released { $amount } of “{ $title }”. After the fee { $net } is on your balance.
jobs-money-released-by-silence-body = The time to look at “{ $title }” is over, and { $amount } is yours. After the fee { $net } is on your balance.
jobs-money-yours-by-administrator-body = An administrator released { $amount } of “{ $title }” to you. After the fee { $net } is on your balance. You can read why in the payment.
jobs-money-gone = Money was released
jobs-money-gone-by-silence-body = You did not look at what was handed in for “{ $title }” in time: { $amount } went to the artisan.
jobs-money-released-by-administrator-body = An administrator released { $amount } of “{ $title }” to the artisan. You can read why in the payment.
jobs-money-refunded = Money came back
jobs-money-refunded-body = { $amount } of “{ $title }” is on your balance.
jobs-money-refunded-away = Money went back
jobs-money-refunded-away-body = { $amount } of “{ $title }” went back to the client. You can read why in the payment.
jobs-money-refunded-by-silence-body = You did not answer the client’s request in time: { $amount } of “{ $title }” went back to them.
jobs-submitted = Work was handed in
jobs-submitted-body = { $name } handed in “{ $title }”. Look at it within { $days } days, or { $amount } is released by itself.
jobs-changes = Changes are asked for
jobs-changes-body = { $name } looked at “{ $title }” and asks for changes.
jobs-refund-asked = The client asks for money back
jobs-refund-asked-body = { $name } asks for the { $amount } of “{ $title }” back. Answer within { $days } days, or it goes back by itself.
jobs-refund-not-asked = The request is withdrawn
jobs-refund-not-asked-body = { $name } does not ask for the money of “{ $title }” back any more.
jobs-payment-cancelled = A payment is not awaited any more
jobs-payment-cancelled-body = { $name } stopped a payment for “{ $title }” before anything was paid. The part of the work is planned as before.
jobs-payment-cancelled-by-administrator-body = An administrator stopped a payment for “{ $title }” before anything was paid. You can read why in the payment.
jobs-payment-not-made-body = Nothing was paid for a part of “{ $title }” within 30 days. It is planned as before, and can be paid anew.
jobs-payment-kept = A payment did not fit
jobs-payment-kept-body = { $amount } that you paid for “{ $title }” did not fit what was awaited. It is kept safe until an administrator sends it back.
jobs-payment-failed = A payment did not go through
jobs-payment-failed-body = Nothing was taken for “{ $title }” so far. You can try again.
jobs-all-paid = Everything is paid
jobs-all-paid-body = Is “{ $title }” finished, or does it go on? If you say nothing within { $days } days, it is finished.
jobs-disputed = Money is disputed
jobs-disputed-body = { $name } disputes { $amount } of “{ $title }”. Answer within 5 days. Nothing moves until you two agree or an administrator decides.
jobs-dispute-withdrawn = A dispute is withdrawn
jobs-dispute-withdrawn-body = { $name } does not dispute the money of “{ $title }” any more. It stands as it stood before.
jobs-dispute-resolved = A dispute ended
jobs-dispute-resolved-body = Of “{ $title }” { $payee } goes to the artisan, before the fee, and { $payer } to the client.
jobs-time-given-back = You have more time
jobs-time-given-back-body = The server did not run for { $time }. What would have happened to “{ $title }” by itself happens that much later.
jobs-review-ends = What was handed in waits for you
jobs-review-ends-body = Within { $time } { $amount } for “{ $title }” goes to the artisan, unless you release it, ask for changes or dispute it before.
jobs-reply-ends = The client asks for the money back
jobs-reply-ends-body = Within { $time } { $amount } for “{ $title }” goes back to the client, unless you hand the work in or dispute it before.
jobs-days = { $count ->
    [one] 1 day
   *[other] { $count } days
}
jobs-hours = { $count ->
    [one] 1 hour
   *[other] { $count } hours
}
jobs-minutes = { $count ->
    [one] 1 minute
   *[other] { $count } minutes
}
