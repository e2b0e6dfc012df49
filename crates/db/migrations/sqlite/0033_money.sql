-- Money: the books, escrows, what providers say, payouts.
--
-- One book for each currency, entries numbered without a gap and chained by their hashes; what stands on each account is kept
-- beside them, written in the same transaction. Nothing of a book is ever changed or deleted.
create table ledger_books (
  currency text not null primary key,
  seq integer not null,
  head text not null,
  -- When the last entry was posted: time does not run backwards within a book.
  at_ms integer not null
) strict;
create table ledger_groups (
  id integer primary key autoincrement,
  -- One key, one posting: the provider and its number for what it says, the person and their key, the clock and its deadline.
  key text not null unique,
  currency text not null,
  -- What was done, to what, by whom.
  cause text not null,
  subject text not null,
  actor_id integer references users (id),
  at_ms integer not null,
  -- The group that it undoes, once.
  undoes_id integer unique references ledger_groups (id)
) strict;
create index ledger_groups_subject on ledger_groups (subject, id);
create table ledger_entries (
  currency text not null,
  seq integer not null,
  group_id integer not null references ledger_groups (id),
  letter text not null,
  debit text not null,
  credit text not null,
  amount integer not null check (amount > 0),
  at_ms integer not null,
  hash text not null,
  primary key (currency, seq)
) strict;
create index ledger_entries_debit on ledger_entries (debit, currency, seq);
create index ledger_entries_credit on ledger_entries (credit, currency, seq);
create index ledger_entries_group on ledger_entries (group_id);
create table ledger_accounts (
  currency text not null,
  account text not null,
  balance integer not null,
  primary key (currency, account)
) strict;
create index ledger_accounts_account on ledger_accounts (account);

create table escrows (
  id integer primary key autoincrement,
  payer_id integer not null references users (id),
  payee_id integer not null references users (id),
  price integer not null,
  currency text not null,
  fee_bps integer not null,
  review_ms integer not null,
  reply_ms integer not null,
  -- What it is for: the word of a kind of thing, and which.
  subject_kind text not null,
  subject_id integer not null,
  stage text not null,
  -- A clock is over at a moment, or stands still with so much left.
  clock_until_ms integer,
  clock_left_ms integer,
  dispute_from text,
  dispute_by_id integer,
  frozen integer not null,
  held integer not null,
  released integer not null,
  refunded integer not null,
  opened_at_ms integer not null,
  last_at_ms integer not null,
  version integer not null
) strict;
-- One that lives for each thing.
create unique index escrows_live on escrows (subject_kind, subject_id) where stage not in ('closed', 'cancelled');
create index escrows_payer on escrows (payer_id, id);
create index escrows_payee on escrows (payee_id, id);
create index escrows_subject on escrows (subject_kind, subject_id, id);
-- What a provider took back of an escrow, by its own number; given again, it stays with that moment.
create table escrow_takings (
  id integer primary key autoincrement,
  escrow_id integer not null references escrows (id),
  reference text not null,
  from_escrow integer not null,
  from_payer integer not null,
  from_losses integer not null,
  given_again_at_ms integer
) strict;
create index escrow_takings_escrow on escrow_takings (escrow_id, id);

create table payouts (
  id integer primary key autoincrement,
  user_id integer not null references users (id),
  amount integer not null,
  currency text not null,
  provider text not null,
  -- Where it goes, fixed when it is asked for; gone with whoever left.
  account_id integer references payout_accounts (id) on delete set null,
  -- The same for every attempt, so that nothing is sent twice.
  reference text not null unique,
  state text not null,
  attempts integer not null,
  not_before_ms integer not null,
  reason text,
  asked_at_ms integer not null,
  changed_at_ms integer not null
) strict;
create index payouts_user on payouts (user_id, id);
create index payouts_account on payouts (account_id);
create index payouts_state on payouts (state, provider, currency);
