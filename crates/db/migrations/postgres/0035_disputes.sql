-- Disputes: what the two sides of an escrow say, what each proposes, and how it ended.
create table disputes (
  id bigint generated always as identity primary key,
  escrow_id bigint not null references escrows (id),
  opener_id bigint not null references users (id),
  state text not null,
  reason text not null,
  -- What each side would have of what is held, to the payee and to the payer: proposed, and at the end decided.
  payer_to_payee bigint,
  payer_to_payer bigint,
  payee_to_payee bigint,
  payee_to_payer bigint,
  ended_to_payee bigint,
  ended_to_payer bigint,
  -- Since when the other side has said nothing for too long.
  flagged_at_ms bigint,
  -- Who of the administrators looks at it.
  named_id bigint references users (id),
  -- Why it was decided so, for both to read.
  decision text,
  -- Up to which message of the two, and which terms, it goes.
  messages_up_to bigint not null,
  terms_version bigint not null,
  opened_at_ms bigint not null,
  changed_at_ms bigint not null,
  version bigint not null
);
create unique index disputes_live on disputes (escrow_id) where state = 'open';
create index disputes_escrow on disputes (escrow_id, id);
create index disputes_state on disputes (state, flagged_at_ms, id);
create index disputes_opener on disputes (opener_id);
create index disputes_named on disputes (named_id);
create table dispute_statements (
  id bigint generated always as identity primary key,
  dispute_id bigint not null references disputes (id),
  user_id bigint not null references users (id),
  words text not null,
  at_ms bigint not null
);
create index dispute_statements_dispute on dispute_statements (dispute_id, id);
create index dispute_statements_user on dispute_statements (user_id);
create table dispute_files (
  attachment_id bigint not null primary key references attachments (id) on delete cascade,
  statement_id bigint not null references dispute_statements (id),
  position bigint not null
);
create index dispute_files_statement on dispute_files (statement_id);
