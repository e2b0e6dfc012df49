-- Answers that are never forgotten, such as those to commands that move money: 1. They cost nothing when others are looked for.
alter table idempotency add column for_ever bigint not null default 0;
drop index idempotency_age;
create index idempotency_age on idempotency (created_at_ms, actor_id, key) where for_ever = 0;
-- Files of a deleted message go with its sealed text: nobody looks through all deleted messages any more.
drop index messages_deleted;
