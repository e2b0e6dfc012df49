-- Codes that were sent, one for each address, purpose and person. The digits stand nowhere: they are made of these and a key
-- outside of the database.
create table codes (
  purpose text not null,
  address text not null,
  user_id bigint not null, -- 0 for nobody's address
  nonce text not null,
  expires_at_ms bigint not null,
  primary key (purpose, address, user_id)
);
create index codes_expiry on codes (expires_at_ms);
create index codes_user on codes (user_id);

-- Whoever counts the tries or sendings of an address holds its row meanwhile.
create table code_gates (
  purpose text not null,
  address text not null,
  used_at_ms bigint not null,
  primary key (purpose, address)
);
create index code_gates_age on code_gates (used_at_ms);

create table code_tries (
  id bigint generated always as identity primary key,
  purpose text not null,
  address text not null,
  stranger bigint not null, -- 1: from a place that was never seen with the account
  at_ms bigint not null
);
create index code_tries_address on code_tries (purpose, address, stranger, at_ms);
create index code_tries_age on code_tries (at_ms);

create table code_sendings (
  id bigint generated always as identity primary key,
  purpose text not null,
  address text not null,
  source text not null, -- the network address that asked
  at_ms bigint not null
);
create index code_sendings_address on code_sendings (purpose, address, at_ms);
create index code_sendings_source on code_sendings (source, at_ms);
create index code_sendings_age on code_sendings (at_ms);

-- Where somebody signed in from.
create table account_places (
  user_id bigint not null references users (id),
  source text not null,
  device_name text not null,
  last_at_ms bigint not null,
  primary key (user_id, source, device_name)
);
