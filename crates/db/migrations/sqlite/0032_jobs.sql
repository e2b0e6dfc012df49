-- Jobs: commissions of work, who applies for them, what is agreed, how far the work is, and how it was.
create table jobs (
  id integer primary key autoincrement,
  client_id integer not null references users (id),
  artisan_id integer references users (id),
  stage text not null,
  reason text, -- why it came to nothing
  title text not null,
  description text not null,
  category text not null,
  budget_minor integer not null,
  currency text not null, -- of all amounts of the job
  priority text not null,
  place text,
  starts_at_ms integer,
  ends_at_ms integer,
  closes_at_ms integer,
  agreed_minor integer,
  terms_version integer not null,
  started integer not null, -- 1: somebody said that the work began
  version integer not null,
  created_at_ms integer not null,
  listed_at_ms integer not null, -- the place in lists: when it was published, or made
  changed_at_ms integer not null, -- no command on it happens before
  published_at_ms integer,
  assigned_at_ms integer,
  asked_at_ms integer, -- since when the client is asked whether it is finished
  ended_at_ms integer
) strict;
create index jobs_board on jobs (stage, listed_at_ms, id);
create index jobs_client on jobs (client_id, listed_at_ms, id);
create index jobs_artisan on jobs (artisan_id, listed_at_ms, id);

-- The words of title, description and place, folded; those of the place once more behind an @.
create table job_words (
  word text not null,
  job_id integer not null references jobs (id),
  primary key (word, job_id)
) strict, without rowid;
create index job_words_job on job_words (job_id);

create table applications (
  id integer primary key autoincrement,
  job_id integer not null references jobs (id),
  artisan_id integer not null references users (id),
  state text not null,
  proposal text not null,
  price_minor integer not null, -- what was named, or the budget as it was
  price_named integer not null,
  passed_over integer not null default 0, -- rejected because somebody else was taken
  version integer not null,
  created_at_ms integer not null,
  changed_at_ms integer not null
) strict;
create index applications_job on applications (job_id, id);
create index applications_artisan on applications (artisan_id, job_id, id);
create unique index applications_live on applications (job_id, artisan_id) where state in ('pending', 'accepted');

-- Parts of the work. What holds money for one is in its escrow.
create table milestones (
  id integer primary key autoincrement,
  job_id integer not null references jobs (id),
  position integer not null,
  title text not null,
  amount_minor integer not null,
  due_at_ms integer,
  escrow_id integer,
  dropped_at_ms integer,
  created_at_ms integer not null
) strict;
create index milestones_job on milestones (job_id, position);

-- What was agreed, each time anew.
create table job_terms (
  job_id integer not null references jobs (id),
  version integer not null,
  agreed_minor integer not null,
  milestones text not null, -- JSON
  proposal_id integer,
  at_ms integer not null,
  primary key (job_id, version)
) strict;

create table job_proposals (
  id integer primary key autoincrement,
  job_id integer not null references jobs (id),
  by_id integer not null references users (id),
  state text not null,
  reason text not null,
  price_minor integer,
  milestones text, -- JSON
  terms_version integer not null, -- the terms that it would change
  created_at_ms integer not null,
  decided_at_ms integer
) strict;
create index job_proposals_job on job_proposals (job_id, id);

create table progress_updates (
  id integer primary key autoincrement,
  job_id integer not null references jobs (id),
  author_id integer not null references users (id),
  note text not null,
  percent integer not null,
  created_at_ms integer not null
) strict;
create index progress_updates_job on progress_updates (job_id, id);

-- Pictures of a job, or of one report of how far it is. The file itself is marked as shown so.
create table job_files (
  attachment_id integer primary key references attachments (id),
  job_id integer not null references jobs (id),
  progress_id integer references progress_updates (id),
  position integer not null
) strict;
create index job_files_job on job_files (job_id);

create table job_invitations (
  job_id integer not null references jobs (id),
  user_id integer not null references users (id),
  at_ms integer not null,
  primary key (job_id, user_id)
) strict;

create table reviews (
  id integer primary key autoincrement,
  job_id integer not null references jobs (id),
  author_id integer not null references users (id),
  subject_id integer not null references users (id),
  stars integer not null,
  words text not null,
  created_at_ms integer not null,
  shown_at_ms integer,
  constraint reviews_once unique (job_id, author_id)
) strict;
create index job_invitations_user on job_invitations (user_id);
create index reviews_subject on reviews (subject_id, id) where shown_at_ms is not null;
create index reviews_author on reviews (author_id, id);
