-- What happens by itself at its moment; a row is gone when it was carried out.
create table deadlines (
  kind text not null, -- one word of the feature that set it
  subject integer not null, -- the id of what it is about
  due_at_ms integer not null,
  primary key (kind, subject)
) strict, without rowid;
create index deadlines_due on deadlines (due_at_ms, kind, subject);
