-- A copy of what the server knows. Everything here can be fetched again.

create table meta (
    -- `synced_to`: the last number of the feed that is applied here. `epoch`: grows when everything is loaded anew.
    -- `acknowledged_to`: the newest message whose arrival the server was told.
    name text primary key,
    value integer not null
) strict;

create table people (
    id integer primary key,
    name text not null,
    craft text,
    verified integer not null default 0,
    admin integer not null default 0,
    blocked integer not null default 0,
    last_seen_at_ms integer,
    -- They have all of my messages up to this one.
    delivered_to integer not null default 0,
    delivered_at_ms integer
) strict;

create table conversations (
    key text primary key,
    user_id integer not null,
    subject_title text,
    -- The newest message that is here.
    last_id integer,
    last_at_ms integer not null,
    -- Maintained, not counted.
    unread integer not null default 0,
    -- Messages up to this one are in `unread` already, or were read.
    counted_to integer not null default 0,
    -- I read up to this one.
    my_read_to integer not null default 0,
    -- They read up to this one.
    their_read_to integer not null default 0,
    their_read_at_ms integer
) strict;

create index conversations_by_last on conversations (last_at_ms desc, key);
create index conversations_by_user on conversations (user_id);
create index conversations_unread on conversations (unread) where unread > 0;

create table messages (
    id integer primary key,
    conversation text not null,
    mine integer not null,
    body text not null,
    message_type text not null,
    -- [{id, name, mime, size}]
    attachments text not null,
    sent_at_ms integer not null,
    written_at_ms integer,
    delivered_at_ms integer,
    read_at_ms integer,
    deleted_at_ms integer,
    client_key text,
    changed_by_server integer not null default 0
) strict;

create index messages_by_conversation on messages (conversation, id);
create index messages_by_key on messages (client_key) where client_key is not null;

create index messages_with_files on messages (id) where attachments <> '[]';

-- Stretches of a conversation of which every message is here. What lies between two of them is a gap.
create table ranges (
    conversation text not null,
    from_id integer not null,
    -- 2^53 for the stretch that the feed keeps growing.
    to_id integer not null,
    primary key (conversation, from_id)
) strict, without rowid;

create table notifications (
    id integer primary key,
    kind text not null,
    title text not null,
    message text not null,
    conversation text,
    person_id integer,
    created_at_ms integer not null,
    read_at_ms integer,
    -- Kept as a mark, so that an older list does not bring it back.
    deleted integer not null default 0
) strict;

create index notifications_unread on notifications (kind) where read_at_ms is null and deleted = 0;
