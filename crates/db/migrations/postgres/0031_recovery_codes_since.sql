-- Since when the recovery codes are those that they are: an owner who takes the account back is not left with a thief's.
alter table two_steps add column codes_at_ms bigint not null default 0;
