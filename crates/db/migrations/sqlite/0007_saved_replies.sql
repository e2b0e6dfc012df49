-- A person's own short texts, by name.
create table saved_replies (
  user_id integer not null references users (id),
  key text not null, -- as the market's rules write it
  text text not null,
  updated_at_ms integer not null,
  primary key (user_id, key)
) strict, without rowid;
