-- How much was added to a deadline because no server ran for a while, milliseconds.
alter table deadlines add column given_back_ms integer not null default 0;
