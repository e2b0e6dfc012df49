-- Letters that wait, were sent, or came to nothing. What stands in one is made of its kind and data when it is sent.
create table mails (
  id integer primary key autoincrement,
  user_id integer references users (id),
  address text not null,
  kind text not null,
  data text not null, -- JSON; no code and no secret stands in it
  created_at_ms integer not null,
  expires_at_ms integer, -- of no use from then on
  tries integer not null default 0,
  next_try_at_ms integer, -- none: it is over
  sent_at_ms integer,
  failed_at_ms integer,
  error text -- what the last try came to
) strict;
create index mails_waiting on mails (next_try_at_ms, id) where next_try_at_ms is not null;
create index mails_failed on mails (failed_at_ms, id) where failed_at_ms is not null;
create index mails_age on mails (created_at_ms);
create index mails_user on mails (user_id);
