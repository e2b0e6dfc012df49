-- That a message, a profile or a picture is not as it should be, what it was at that moment, and what became of it.
create table reports (
  id integer primary key autoincrement,
  reporter_id integer not null references users (id),
  thing text not null,
  thing_id integer not null,
  concerned_id integer not null references users (id),
  words text not null,
  evidence text not null, -- JSON, as it was when it was reported; empty once it is forgotten
  state text not null,
  created_at_ms integer not null,
  measures text not null, -- words with commas between them
  reason text,
  decided_by_id integer references users (id),
  decided_at_ms integer,
  answer text,
  answered_at_ms integer,
  close_reason text,
  closed_at_ms integer,
  constraint reports_once unique (reporter_id, thing, thing_id)
) strict;
create index reports_state on reports (state, id);
create index reports_concerned on reports (concerned_id, id);
create index reports_forgettable on reports (closed_at_ms) where evidence <> '';
create table report_files (
  report_id integer not null references reports (id),
  position integer not null,
  name text not null,
  mime text not null,
  size_bytes integer not null,
  sha256 text not null,
  primary key (report_id, position)
) strict;
create index report_files_sha256 on report_files (sha256);
