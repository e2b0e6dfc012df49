-- Bank accounts to which people are paid. How one stands says its verification. Numbers and the bank's names are sealed with the
-- key that is outside of the database. One that was replaced or stopped stays: a payout may be on its way to it.
create table payout_accounts (
  id integer primary key autoincrement,
  user_id integer not null references users (id),
  currency text not null,
  provider text not null,
  bank_code text not null,
  bank_name text not null,
  key text not null, -- tells it from all others; sealed with it
  sealed_number text not null,
  sealed_holder text not null, -- the name that the bank says
  tail text not null, -- what of the number is shown
  made_at_ms integer not null,
  gone_at_ms integer -- replaced, stopped or taken away
) strict;
create unique index payout_accounts_current on payout_accounts (user_id, currency) where gone_at_ms is null;
create index payout_accounts_user on payout_accounts (user_id, id);
create table payout_account_tries (
  id integer primary key autoincrement,
  user_id integer not null references users (id),
  at_ms integer not null
) strict;
create index payout_account_tries_user on payout_account_tries (user_id, at_ms);
