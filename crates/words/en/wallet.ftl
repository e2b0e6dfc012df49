# What somebody has, and what happened to it.
wallet-first-balance = { $amount } lies on your balance. Have it paid out first.
wallet-first-held = { $amount } of yours is held for a job. Release it or have it refunded first.
wallet-first-to-come = { $amount } is held for your work. Finish it or refund it first.
wallet-first-on-its-way = { $amount } is on its way to your bank. Wait until it is there.
