-- Two-step sign-in: how it stands for somebody, with the secret, sealed with the key outside of the database.
create table two_steps (
  user_id integer primary key references users (id),
  state text not null,
  sealed text not null,
  since_ms integer not null,
  asked_by integer references users (id), -- the administrator who asked that it be turned off
  asked_at_ms integer
) strict;

-- Codes that were used: none is taken twice.
create table two_step_codes_used (
  user_id integer not null references users (id),
  step integer not null, -- half minutes since 1970
  primary key (user_id, step)
) strict, without rowid;

-- Recovery codes that were not used, hashed with the key outside of the database.
create table recovery_codes (
  user_id integer not null references users (id),
  mark text not null,
  primary key (user_id, mark)
) strict, without rowid;
