-- How many conversations somebody has, and how many messages of each are unread for either of the two: a list says it, and nobody
-- counts them for that.
alter table users add column conversation_count integer not null default 0;
update users set conversation_count = (
  select count(*) from conversations c where c.user_low = users.id
) + (
  select count(*) from conversations c where c.user_high = users.id
);
alter table conversations add column unread_low integer not null default 0; -- for the person of user_low
alter table conversations add column unread_high integer not null default 0;
update conversations set unread_low = (
  select count(*) from messages m
  where m.recipient_id = conversations.user_low and m.sender_id = conversations.user_high
  and m.subject_kind = conversations.subject_kind and m.subject_id = conversations.subject_id
  and m.read_at_ms is null and m.deleted_at_ms is null
), unread_high = (
  select count(*) from messages m
  where m.recipient_id = conversations.user_high and m.sender_id = conversations.user_low
  and m.subject_kind = conversations.subject_kind and m.subject_id = conversations.subject_id
  and m.read_at_ms is null and m.deleted_at_ms is null
);
