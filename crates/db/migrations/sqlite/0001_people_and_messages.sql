create table users (
  id integer primary key autoincrement,
  email text not null, -- lower case
  name text not null,
  password_hash text not null, -- argon2id, PHC form
  role text not null,
  craft text, -- the trade of an artisan
  avatar text,
  verified_at_ms integer,
  suspended_at_ms integer,
  deleted_at_ms integer,
  last_seen_at_ms integer,
  created_at_ms integer not null,
  constraint users_email_unique unique (email)
) strict;

create table tokens (
  id integer primary key autoincrement,
  user_id integer not null references users (id),
  secret_hash text not null, -- SHA-256 of the secret part, hexadecimal: the secret has 256 random bits of its own
  device_name text not null,
  created_at_ms integer not null,
  last_used_at_ms integer,
  revoked_at_ms integer
) strict;
create index tokens_user on tokens (user_id);

create table blocks (
  blocker_id integer not null references users (id),
  blocked_id integer not null references users (id),
  created_at_ms integer not null,
  primary key (blocker_id, blocked_id)
) strict, without rowid;

create table messages (
  id integer primary key autoincrement,
  sender_id integer not null references users (id),
  recipient_id integer not null references users (id),
  user_low integer not null, -- the smaller of the two ids, so that a conversation has one spelling
  user_high integer not null,
  subject_kind text not null, -- '', 'job' or 'domain'
  subject_id integer not null, -- 0 without a subject
  body text not null, -- cleaned; empty once deleted
  message_type text not null,
  client_key text, -- the key under which the sender sent it
  written_at_ms integer, -- on the writer's clock
  created_at_ms integer not null,
  delivered_at_ms integer,
  read_at_ms integer,
  deleted_at_ms integer,
  constraint messages_two_people check (user_low < user_high)
) strict;
create index messages_conversation on messages (user_low, user_high, subject_kind, subject_id, id);
create index messages_unread on messages (recipient_id, sender_id, id) where read_at_ms is null and deleted_at_ms is null;
create index messages_undelivered on messages (recipient_id, id) where delivered_at_ms is null;

create table sealed_texts (
  message_id integer primary key references messages (id),
  body text not null, -- what a deleted message said, for disputes
  purge_at_ms integer not null
) strict;

create table conversations (
  user_low integer not null,
  user_high integer not null,
  subject_kind text not null,
  subject_id integer not null,
  last_message_id integer not null references messages (id),
  primary key (user_low, user_high, subject_kind, subject_id)
) strict, without rowid;
create index conversations_high on conversations (user_high);

create table attachments (
  id integer primary key autoincrement,
  owner_id integer not null references users (id),
  message_id integer references messages (id),
  position integer not null default 0,
  name text not null,
  mime text not null, -- by content
  size_bytes integer not null,
  sha256 text not null, -- names the file in the store
  created_at_ms integer not null
) strict;
create index attachments_message on attachments (message_id);
create index attachments_sha256 on attachments (sha256);

create table notifications (
  id integer primary key autoincrement,
  user_id integer not null references users (id),
  kind text not null,
  subject text not null,
  version integer not null,
  title text not null,
  body text not null,
  data text not null, -- JSON
  created_at_ms integer not null,
  read_at_ms integer,
  deleted_at_ms integer,
  expires_at_ms integer,
  constraint notifications_once unique (user_id, kind, subject, version)
) strict;
create index notifications_user on notifications (user_id, id);

create table feed_heads (
  user_id integer primary key references users (id),
  seq integer not null, -- the last number given out
  oldest integer not null -- the oldest number still kept; seq + 1 when none is
) strict;

create table feed (
  user_id integer not null,
  seq integer not null, -- dense per user, from 1
  event text not null,
  channel text not null,
  data text not null, -- JSON
  created_at_ms integer not null,
  primary key (user_id, seq)
) strict, without rowid;
create index feed_age on feed (created_at_ms);

create table idempotency (
  actor_id integer not null,
  key text not null,
  request_hash text not null,
  status integer not null, -- HTTP status of the first answer; 0 only inside the transaction that makes it
  answer text not null, -- body of the first answer
  created_at_ms integer not null,
  primary key (actor_id, key)
) strict, without rowid;
create index idempotency_age on idempotency (created_at_ms);

create table server_settings (
  name text primary key,
  value text not null
) strict, without rowid;

create virtual table messages_search using fts5 (body, content = 'messages', content_rowid = 'id', tokenize = 'unicode61', prefix = '2 3');
create trigger messages_search_insert after insert on messages begin
  insert into messages_search (rowid, body) values (new.id, new.body);
end;
create trigger messages_search_update after update of body on messages begin
  insert into messages_search (messages_search, rowid, body) values ('delete', old.id, old.body);
  insert into messages_search (rowid, body) values (new.id, new.body);
end;
