-- Money moves: what somebody was asked to pay, what was said with each step of an escrow, and the sandbox's own memory.
--
-- One charge for each attempt to pay, under a reference of our own; a provider's own number for what it took comes with its word.
create table charges (
  id bigint generated always as identity primary key,
  escrow_id bigint not null references escrows (id),
  reference text not null unique,
  provider text not null,
  currency text not null,
  amount bigint not null,
  state text not null,
  -- Where one pays, on a page of the provider's.
  checkout text not null,
  transaction_id text,
  -- Why it came to nothing, or fitted nothing.
  reason text,
  made_at_ms bigint not null,
  changed_at_ms bigint not null,
  -- When the provider is asked next, as long as nobody knows.
  ask_at_ms bigint
);
create index charges_escrow on charges (escrow_id, id);
create index charges_ask on charges (ask_at_ms) where ask_at_ms is not null;

-- What was done to an escrow, by whom, and what they said with it. Nothing of it is changed.
create table escrow_steps (
  id bigint generated always as identity primary key,
  escrow_id bigint not null references escrows (id),
  version bigint not null,
  act text not null,
  actor_id bigint references users (id),
  amount bigint,
  words text not null,
  at_ms bigint not null
);
create index escrow_steps_escrow on escrow_steps (escrow_id, id);
create index escrow_steps_actor on escrow_steps (actor_id);
create table escrow_files (
  attachment_id bigint not null primary key references attachments (id) on delete cascade,
  step_id bigint not null references escrow_steps (id),
  position bigint not null
);
create index escrow_files_step on escrow_files (step_id);

-- What the sandbox was asked to take, and what whoever looked at its page chose. No money is in it.
create table sandbox_charges (
  reference text not null primary key,
  amount bigint not null,
  currency text not null,
  title text not null,
  state text not null
);
create index milestones_escrow on milestones (escrow_id);
