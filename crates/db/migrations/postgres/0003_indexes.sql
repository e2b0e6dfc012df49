-- What is looked for every hour, or for everybody who comes and goes, is found without reading whole tables.
create index messages_deleted on messages (id) where deleted_at_ms is not null;
create index sealed_texts_purge on sealed_texts (purge_at_ms);
create index blocks_blocked on blocks (blocked_id, blocker_id);
