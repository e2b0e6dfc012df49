-- Who did what, and who looked at whose private things, why. Rows are added and nothing else.
create table audit (
  id bigint primary key generated always as identity,
  at_ms bigint not null,
  actor_id bigint references users (id), -- none: whoever runs the server, at its own machine
  device text, -- the name of the device
  address text,
  action text not null,
  subject_kind text not null,
  subject_id bigint not null,
  about_id bigint references users (id), -- whose things they are
  look bigint not null, -- 1: nothing was changed
  reason text not null,
  detail text not null -- JSON: before and after
);
create index audit_about on audit (about_id, id);
create index audit_actor on audit (actor_id, id);
create function audit_is_only_added_to() returns trigger language plpgsql as $$
begin
  raise exception 'the audit is only added to';
end;
$$;
create trigger audit_is_not_changed before update or delete or truncate on audit
  for each statement execute function audit_is_only_added_to();
