-- What happens by itself at its moment; a row is gone when it was carried out.
create table deadlines (
  kind text not null, -- one word of the feature that set it
  subject bigint not null, -- the id of what it is about
  due_at_ms bigint not null,
  primary key (kind, subject)
);
create index deadlines_due on deadlines (due_at_ms, kind, subject);
