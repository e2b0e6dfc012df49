-- Money: the books, escrows, what providers say, payouts.
--
-- One book for each currency, entries numbered without a gap and chained by their hashes; what stands on each account is kept
-- beside them, written in the same transaction. Nothing of a book is ever changed or deleted.
create table ledger_books (
  currency text not null primary key,
  seq bigint not null,
  head text not null,
  -- When the last entry was posted: time does not run backwards within a book.
  at_ms bigint not null
);
create table ledger_groups (
  id bigint generated always as identity primary key,
  -- One key, one posting: the provider and its number for what it says, the person and their key, the clock and its deadline.
  key text not null unique,
  currency text not null,
  -- What was done, to what, by whom.
  cause text not null,
  subject text not null,
  actor_id bigint references users (id),
  at_ms bigint not null,
  -- The group that it undoes, once.
  undoes_id bigint unique references ledger_groups (id)
);
create index ledger_groups_subject on ledger_groups (subject, id);
create table ledger_entries (
  currency text not null,
  seq bigint not null,
  group_id bigint not null references ledger_groups (id),
  letter text not null,
  debit text not null,
  credit text not null,
  amount bigint not null check (amount > 0),
  at_ms bigint not null,
  hash text not null,
  primary key (currency, seq)
);
create index ledger_entries_debit on ledger_entries (debit, currency, seq);
create index ledger_entries_credit on ledger_entries (credit, currency, seq);
create index ledger_entries_group on ledger_entries (group_id);
create table ledger_accounts (
  currency text not null,
  account text not null,
  balance bigint not null,
  primary key (currency, account)
);
create index ledger_accounts_account on ledger_accounts (account);

create table escrows (
  id bigint generated always as identity primary key,
  payer_id bigint not null references users (id),
  payee_id bigint not null references users (id),
  price bigint not null,
  currency text not null,
  fee_bps bigint not null,
  review_ms bigint not null,
  reply_ms bigint not null,
  -- What it is for: the word of a kind of thing, and which.
  subject_kind text not null,
  subject_id bigint not null,
  stage text not null,
  -- A clock is over at a moment, or stands still with so much left.
  clock_until_ms bigint,
  clock_left_ms bigint,
  dispute_from text,
  dispute_by_id bigint,
  frozen bigint not null,
  held bigint not null,
  released bigint not null,
  refunded bigint not null,
  opened_at_ms bigint not null,
  last_at_ms bigint not null,
  version bigint not null
);
-- One that lives for each thing.
create unique index escrows_live on escrows (subject_kind, subject_id) where stage not in ('closed', 'cancelled');
create index escrows_payer on escrows (payer_id, id);
create index escrows_payee on escrows (payee_id, id);
create index escrows_subject on escrows (subject_kind, subject_id, id);
-- What a provider took back of an escrow, by its own number; given again, it stays with that moment.
create table escrow_takings (
  id bigint generated always as identity primary key,
  escrow_id bigint not null references escrows (id),
  reference text not null,
  from_escrow bigint not null,
  from_payer bigint not null,
  from_losses bigint not null,
  given_again_at_ms bigint
);
create index escrow_takings_escrow on escrow_takings (escrow_id, id);

create table payouts (
  id bigint generated always as identity primary key,
  user_id bigint not null references users (id),
  amount bigint not null,
  currency text not null,
  provider text not null,
  -- Where it goes, fixed when it is asked for; gone with whoever left.
  account_id bigint references payout_accounts (id) on delete set null,
  -- The same for every attempt, so that nothing is sent twice.
  reference text not null unique,
  state text not null,
  attempts bigint not null,
  not_before_ms bigint not null,
  reason text,
  asked_at_ms bigint not null,
  changed_at_ms bigint not null
);
create index payouts_user on payouts (user_id, id);
create index payouts_account on payouts (account_id);
create index payouts_state on payouts (state, provider, currency);
