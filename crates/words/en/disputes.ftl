# Disputes: the two sides of a payment disagree, and settle it themselves, or an administrator decides.
disputes-title = Disputes
disputes-desk = Dispute desk
disputes-rail = { $count ->
    [0] Disputes
    [one] Disputes, one is open
   *[other] Disputes, { NUMBER($count) } are open
}
disputes-none = No disputes
disputes-none-line = Where you and the other side of a payment disagree, either of you can freeze what is held from the page of the job.
disputes-none-waits = No dispute waits
disputes-none-waits-line = Disputes that two people can’t settle themselves are decided here.
disputes-unknown = The disputes can’t be shown right now
disputes-choose = Choose a dispute
disputes-choose-line = What is frozen, what both sides say, and what each proposes.
disputes-missing = There is no such dispute
disputes-missing-line = It may be somebody else’s. Only the two sides and administrators see a dispute.
disputes-which = Which disputes
disputes-waiting = To decide
disputes-yours = Your own
disputes-more = Show more
disputes-with = With { $name }
disputes-between = { $payer } and { $payee }
disputes-dispute = Dispute D-{ $number }
disputes-number = D-{ $number }
disputes-opened = opened { $when }
disputes-payment = Payment { $number }
disputes-job = Job
disputes-state-open = Open
disputes-state-looked-at = An administrator looks
disputes-state-flagged = Not answered
disputes-state-resolved = Divided
disputes-state-withdrawn = Withdrawn
disputes-state-other = Unknown
disputes-frozen = Frozen
disputes-frozen-part = What is disputed
disputes-was-divided = Divided
disputes-was-withdrawn = Not frozen any more
disputes-to = To { $name }
disputes-to-you = To you
disputes-payer = Client
disputes-payee = Artisan
disputes-you = You
disputes-says = What { $name } says
disputes-says-you = What you say
disputes-said-nothing = Nothing yet
disputes-proposes = { $name } proposes
disputes-proposes-you = You propose
disputes-proposes-nothing = No proposal yet

# What happens next.
disputes-next = What happens next
disputes-next-answer-you = Answer by { $when }. After that it moves to the top of the administrators’ list. No money moves by silence.
disputes-next-answer = { $name } is expected to answer by { $when }. After that it moves to the top of the administrators’ list. No money moves by silence.
disputes-next-flagged = There was no answer in time, so it stands at the top of the administrators’ list. No money moves by silence.
disputes-next-open = It stays frozen until you two agree or an administrator decides. No money moves by silence.
disputes-next-looked-at = An administrator looks at it. You two can still agree until it is decided.
disputes-next-desk = It stays frozen until the two agree or an administrator decides. No money moves by silence.
disputes-decided = Decided by an administrator
disputes-agreed = Agreed by both
disputes-withdrawn = { $name } does not dispute it any more. The payment stands as it stood before.
disputes-withdrawn-you = You do not dispute it any more. The payment stands as it stood before.
disputes-before-fee = What goes to { $name } is before the fee of { $percent }.
disputes-before-fee-you = What goes to you is before the fee of { $percent }.

# Answering.
disputes-answer = Answer
disputes-answer-words = Say what happened
disputes-answer-hint = { $name } and administrators read it. It can’t be taken back.
disputes-answer-send = Send the answer
disputes-answer-sent = Your answer is there

# Proposing and accepting.
disputes-propose = Propose a split
disputes-propose-again = Propose another split
disputes-split = How { $amount } is divided
disputes-split-slider = Part for { $name }
disputes-split-slider-you = Part for you
disputes-split-says = { $payee } to { $name }, { $payer } to { $other }
disputes-you-object = you
disputes-split-all = All
disputes-split-half = Half
disputes-split-none = None
disputes-split-wrong = Type an amount from { $least } to { $most }.
disputes-split-quick = Quick choices for { $name }
disputes-split-quick-you = Quick choices for you
disputes-propose-do = Propose { $amount } to you
disputes-proposed = Your proposal is there
disputes-propose-same = { $name } proposes the very same: accept it instead.
disputes-propose-line = It replaces what you proposed before. Nothing moves until { $name } accepts it.
disputes-accept = Accept: { $mine } to you, { $theirs } to { $name }
disputes-accept-title = Divide { $amount } so?
disputes-accept-line = It is paid at once, and can’t be taken back. The dispute is over then.
disputes-accept-do = Accept the split
disputes-accepted = The dispute is over
disputes-not-now = Not now
disputes-withdraw = Withdraw the dispute
disputes-withdraw-title = Withdraw the dispute?
disputes-withdraw-line = { $amount } is not frozen any more, and stays held. What was handed in, and its clock, stand as they stood before.
disputes-withdraw-do = Withdraw it
disputes-withdrawn-done = The dispute is withdrawn
disputes-offline = There is no connection. Nothing of a dispute is sent later by itself: go on once the link is back.
disputes-lost = The answer did not come, so nobody knows whether it was done. Press again: it is the same thing, and is done once.
disputes-waits-provider = The payment provider has to decide first. Until then nobody can divide it.

# The desk.
disputes-decision = Decision
disputes-take = Take it
disputes-take-line = Both sides see that an administrator looks at it.
disputes-taken = You look at it now
disputes-reason = Why, which both of them read
disputes-reason-hint = At least 10 characters.
disputes-decide = Decide…
disputes-decide-title = Decide it so?
disputes-decide-line = It is paid at once, and can’t be taken back. Both of them read your reason.
disputes-decide-do = Divide { $amount }
disputes-decided-done = It is decided
disputes-look-written = That you looked is written down, and both of them can read it.
disputes-look-again = Look again
