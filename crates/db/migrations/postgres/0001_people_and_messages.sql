create table users (
  id bigint generated always as identity primary key,
  email text not null, -- lower case
  name text not null,
  password_hash text not null, -- argon2id, PHC form
  role text not null,
  craft text, -- the trade of an artisan
  avatar text,
  verified_at_ms bigint,
  suspended_at_ms bigint,
  deleted_at_ms bigint,
  last_seen_at_ms bigint,
  created_at_ms bigint not null,
  constraint users_email_unique unique (email)
);

create table tokens (
  id bigint generated always as identity primary key,
  user_id bigint not null references users (id),
  secret_hash text not null, -- SHA-256 of the secret part, hexadecimal: the secret has 256 random bits of its own
  device_name text not null,
  created_at_ms bigint not null,
  last_used_at_ms bigint,
  revoked_at_ms bigint
);
create index tokens_user on tokens (user_id);

create table blocks (
  blocker_id bigint not null references users (id),
  blocked_id bigint not null references users (id),
  created_at_ms bigint not null,
  primary key (blocker_id, blocked_id)
);

create table messages (
  id bigint generated always as identity primary key,
  sender_id bigint not null references users (id),
  recipient_id bigint not null references users (id),
  user_low bigint not null, -- the smaller of the two ids, so that a conversation has one spelling
  user_high bigint not null,
  subject_kind text not null, -- '', 'job' or 'domain'
  subject_id bigint not null, -- 0 without a subject
  body text not null, -- cleaned; empty once deleted
  message_type text not null,
  client_key text, -- the key under which the sender sent it
  written_at_ms bigint, -- on the writer's clock
  created_at_ms bigint not null,
  delivered_at_ms bigint,
  read_at_ms bigint,
  deleted_at_ms bigint,
  constraint messages_two_people check (user_low < user_high)
);
create index messages_conversation on messages (user_low, user_high, subject_kind, subject_id, id);
create index messages_unread on messages (recipient_id, sender_id, id) where read_at_ms is null and deleted_at_ms is null;
create index messages_undelivered on messages (recipient_id, id) where delivered_at_ms is null;

create table sealed_texts (
  message_id bigint primary key references messages (id),
  body text not null, -- what a deleted message said, for disputes
  purge_at_ms bigint not null
);

create table conversations (
  user_low bigint not null,
  user_high bigint not null,
  subject_kind text not null,
  subject_id bigint not null,
  last_message_id bigint not null references messages (id),
  primary key (user_low, user_high, subject_kind, subject_id)
);
create index conversations_high on conversations (user_high);

create table attachments (
  id bigint generated always as identity primary key,
  owner_id bigint not null references users (id),
  message_id bigint references messages (id),
  position bigint not null default 0,
  name text not null,
  mime text not null, -- by content
  size_bytes bigint not null,
  sha256 text not null, -- names the file in the store
  created_at_ms bigint not null
);
create index attachments_message on attachments (message_id);
create index attachments_sha256 on attachments (sha256);

create table notifications (
  id bigint generated always as identity primary key,
  user_id bigint not null references users (id),
  kind text not null,
  subject text not null,
  version bigint not null,
  title text not null,
  body text not null,
  data text not null, -- JSON
  created_at_ms bigint not null,
  read_at_ms bigint,
  deleted_at_ms bigint,
  expires_at_ms bigint,
  constraint notifications_once unique (user_id, kind, subject, version)
);
create index notifications_user on notifications (user_id, id);

create table feed_heads (
  user_id bigint primary key references users (id),
  seq bigint not null, -- the last number given out
  oldest bigint not null -- the oldest number still kept; seq + 1 when none is
);

create table feed (
  user_id bigint not null,
  seq bigint not null, -- dense per user, from 1
  event text not null,
  channel text not null,
  data text not null, -- JSON
  created_at_ms bigint not null,
  primary key (user_id, seq)
);
create index feed_age on feed (created_at_ms);

create table idempotency (
  actor_id bigint not null,
  key text not null,
  request_hash text not null,
  status bigint not null, -- HTTP status of the first answer; 0 only inside the transaction that makes it
  answer text not null, -- body of the first answer
  created_at_ms bigint not null,
  primary key (actor_id, key)
);
create index idempotency_age on idempotency (created_at_ms);

create table server_settings (
  name text primary key,
  value text not null
);

create index messages_search on messages using gin (to_tsvector('simple', body));
