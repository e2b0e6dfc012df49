-- What of a person is verified, and how it stands: one for each kind, and for each thing where there may be several.
create table verifications (
  id integer primary key autoincrement,
  user_id integer not null references users (id),
  kind text not null,
  slot text not null, -- '' where there is one of the kind; else a currency, or a name
  value text not null, -- what is verified: an address, a number
  state text not null,
  reason text, -- in words, for the person
  since_ms integer not null,
  constraint verifications_one unique (user_id, kind, slot)
) strict;
create index verifications_waiting on verifications (kind, state, since_ms);
