-- How many messages a conversation has: a page says it, and nobody counts them for that.
alter table conversations add column message_count integer not null default 0;
update conversations set message_count = (
  select count(*) from messages m
  where m.user_low = conversations.user_low and m.user_high = conversations.user_high
  and m.subject_kind = conversations.subject_kind and m.subject_id = conversations.subject_id
);
