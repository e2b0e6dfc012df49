-- Which message a notice quotes: it goes when the message does.
alter table notifications add column message_id integer;

create index notifications_by_message on notifications (message_id) where message_id is not null;
