-- Why somebody is kept out, and until when they were.
create table suspensions (
  id bigint generated always as identity primary key,
  user_id bigint not null references users (id),
  by_id bigint references users (id), -- none: whoever runs the server
  reason text not null,
  at_ms bigint not null,
  report_id bigint, -- the report that it follows from
  answer text,
  answered_at_ms bigint,
  lifted_at_ms bigint,
  lift_reason text
);
create index suspensions_user on suspensions (user_id, id);
create index users_administrators on users (role, id) where role = 'admin';
