-- What is to be sent goes by mail or by phone, each by a way of its own.
alter table mails add column carrier text not null default 'mail';
drop index mails_waiting;
create index mails_waiting on mails (carrier, next_try_at_ms, id) where next_try_at_ms is not null;

-- Who else verified the same thing.
create index verifications_value on verifications (kind, value);
