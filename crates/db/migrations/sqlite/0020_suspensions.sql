-- Why somebody is kept out, and until when they were.
create table suspensions (
  id integer primary key autoincrement,
  user_id integer not null references users (id),
  by_id integer references users (id), -- none: whoever runs the server
  reason text not null,
  at_ms integer not null,
  report_id integer, -- the report that it follows from
  answer text,
  answered_at_ms integer,
  lifted_at_ms integer,
  lift_reason text
) strict;
create index suspensions_user on suspensions (user_id, id);
create index users_administrators on users (role, id) where role = 'admin';
