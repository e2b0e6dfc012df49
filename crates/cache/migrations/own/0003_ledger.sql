-- What somebody could have been told of, whether they were, and why not. No words of anybody; at most a thousand rows.
create table ledger (
    id integer primary key autoincrement,
    at_ms integer not null,
    event text not null,
    -- What it is about, such as `message 12`.
    subject text not null,
    -- What its notice opens.
    target text not null,
    outcome text not null,
    taken_back text,
    taken_back_at_ms integer
) strict;

create index ledger_by_target on ledger (target, id) where outcome = 'system';
create index ledger_by_subject on ledger (subject, id);
