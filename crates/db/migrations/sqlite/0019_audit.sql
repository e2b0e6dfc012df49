-- Who did what, and who looked at whose private things, why. Rows are added and nothing else.
create table audit (
  id integer primary key autoincrement,
  at_ms integer not null,
  actor_id integer references users (id), -- none: whoever runs the server, at its own machine
  device text, -- the name of the device
  address text,
  action text not null,
  subject_kind text not null,
  subject_id integer not null,
  about_id integer references users (id), -- whose things they are
  look integer not null, -- 1: nothing was changed
  reason text not null,
  detail text not null -- JSON: before and after
) strict;
create index audit_about on audit (about_id, id);
create index audit_actor on audit (actor_id, id);
create trigger audit_is_not_changed before update on audit begin
  select raise(abort, 'the audit is only added to');
end;
create trigger audit_is_not_deleted before delete on audit begin
  select raise(abort, 'the audit is only added to');
end;
