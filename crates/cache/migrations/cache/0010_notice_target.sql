-- What a notice leads to, such as `jobs/12`; none: nothing, or its conversation.
alter table notifications add column target text;
