# Pages about a payment, for whoever comes from a provider's page.
payments-page-title = Your payment
payments-page-held = It arrived. You can close this page and go back to Guildhall.
payments-page-pending = The provider does not know yet. You can close this page: Guildhall asks again by itself, and tells you.
payments-page-failed = Nothing was taken so far. You can close this page and try again in Guildhall.
payments-page-kept = Something arrived that does not fit what was awaited. It is kept safe until an administrator sends it back.
payments-page-unknown = There is no such payment here.
# The sandbox: a page that stands in for a provider's, and moves no money.
payments-sandbox-title = Sandbox: no real money
payments-sandbox-lead = { $amount } for “{ $title }”. Choose what the provider shall say. No money moves.
payments-sandbox-pay = Pay
payments-sandbox-decline = Decline
# What administrators are told of money that fits nothing.
payments-suspense = Money that fits nothing
payments-suspense-body = A payment fits nothing and is kept: { $key }. Send it back at the provider, and say so on the desk.
