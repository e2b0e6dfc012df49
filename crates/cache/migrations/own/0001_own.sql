-- What only this device has: losing a row of this file loses something of the user's.

create table outbox (
    -- The place among all waiting messages; ascending, never reused.
    position integer primary key autoincrement,
    -- The idempotency key, made when the message was written. The server knows the message by it.
    key text not null constraint outbox_key unique,
    conversation text not null,
    body text not null,
    state text not null constraint outbox_state check (state in ('waiting', 'sending', 'failed')),
    written_at_ms integer not null,
    attempts integer not null default 0,
    -- Not before this moment, on this machine's clock.
    next_try_at_ms integer not null default 0,
    failure_reason text,
    failure_message text
) strict;

create index outbox_by_conversation on outbox (conversation, position);

create table files (
    -- The place among the files of a message.
    position integer primary key autoincrement,
    local_id text not null constraint files_local_id unique,
    conversation text not null,
    -- The message that takes it along; null while it is only chosen.
    message_key text,
    name text not null,
    mime text not null,
    size integer not null,
    keep_location integer not null,
    -- The idempotency key of the upload.
    upload_key text not null,
    -- The server's id, once it is there.
    server_id integer
) strict;

create index files_by_conversation on files (conversation) where message_key is null;
create index files_by_message on files (message_key) where message_key is not null;

create table file_bytes (
    local_id text primary key,
    bytes blob not null
) strict;

create table drafts (
    conversation text primary key,
    body text not null,
    changed_at_ms integer not null
) strict;

create table settings (
    id integer primary key constraint settings_one_row check (id = 1),
    json text not null
) strict;

-- Read marks that the server has not heard of yet.
create table reads (
    conversation text primary key,
    up_to integer not null
) strict;

create table offline (
    from_ms integer primary key,
    -- Null while the stretch lasts.
    to_ms integer
) strict;
