# Amounts and what became of them.
money-percent = { NUMBER($percent) } %
money-bar = Where the money is
money-bar-part = { $name }: { $amount }, { $state }
money-released = released
money-held = held in escrow
money-frozen = frozen by a dispute
money-returned = returned
money-due = not paid yet
money-fee = the guild fee
# The state of something that was looked at while there is no connection.
known-as-of = As of { $when }. It may stand differently by now.
known-nobody-answers = The server can’t be asked right now, and nothing was kept of this.
