-- What was changed here and the server does not know yet: of one thing only the latest state.
create table edits (
  kind text not null,
  subject text not null,
  body text, -- JSON of the state; null: it is to be taken away
  key text not null, -- the server takes it once under this
  attempts integer not null default 0,
  next_try_at_ms integer not null default 0,
  primary key (kind, subject)
) strict;
