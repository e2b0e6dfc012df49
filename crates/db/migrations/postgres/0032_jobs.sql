-- Jobs: commissions of work, who applies for them, what is agreed, how far the work is, and how it was.
create table jobs (
  id bigint generated always as identity primary key,
  client_id bigint not null references users (id),
  artisan_id bigint references users (id),
  stage text not null,
  reason text, -- why it came to nothing
  title text not null,
  description text not null,
  category text not null,
  budget_minor bigint not null,
  currency text not null, -- of all amounts of the job
  priority text not null,
  place text,
  starts_at_ms bigint,
  ends_at_ms bigint,
  closes_at_ms bigint,
  agreed_minor bigint,
  terms_version bigint not null,
  started bigint not null, -- 1: somebody said that the work began
  version bigint not null,
  created_at_ms bigint not null,
  listed_at_ms bigint not null, -- the place in lists: when it was published, or made
  changed_at_ms bigint not null, -- no command on it happens before
  published_at_ms bigint,
  assigned_at_ms bigint,
  asked_at_ms bigint, -- since when the client is asked whether it is finished
  ended_at_ms bigint
);
create index jobs_board on jobs (stage, listed_at_ms, id);
create index jobs_client on jobs (client_id, listed_at_ms, id);
create index jobs_artisan on jobs (artisan_id, listed_at_ms, id);

-- The words of title, description and place, folded; those of the place once more behind an @.
create table job_words (
  word text not null,
  job_id bigint not null references jobs (id),
  primary key (word, job_id)
);
create index job_words_job on job_words (job_id);

create table applications (
  id bigint generated always as identity primary key,
  job_id bigint not null references jobs (id),
  artisan_id bigint not null references users (id),
  state text not null,
  proposal text not null,
  price_minor bigint not null, -- what was named, or the budget as it was
  price_named bigint not null,
  passed_over bigint not null default 0, -- rejected because somebody else was taken
  version bigint not null,
  created_at_ms bigint not null,
  changed_at_ms bigint not null
);
create index applications_job on applications (job_id, id);
create index applications_artisan on applications (artisan_id, job_id, id);
create unique index applications_live on applications (job_id, artisan_id) where state in ('pending', 'accepted');

-- Parts of the work. What holds money for one is in its escrow.
create table milestones (
  id bigint generated always as identity primary key,
  job_id bigint not null references jobs (id),
  position bigint not null,
  title text not null,
  amount_minor bigint not null,
  due_at_ms bigint,
  escrow_id bigint,
  dropped_at_ms bigint,
  created_at_ms bigint not null
);
create index milestones_job on milestones (job_id, position);

-- What was agreed, each time anew.
create table job_terms (
  job_id bigint not null references jobs (id),
  version bigint not null,
  agreed_minor bigint not null,
  milestones text not null, -- JSON
  proposal_id bigint,
  at_ms bigint not null,
  primary key (job_id, version)
);

create table job_proposals (
  id bigint generated always as identity primary key,
  job_id bigint not null references jobs (id),
  by_id bigint not null references users (id),
  state text not null,
  reason text not null,
  price_minor bigint,
  milestones text, -- JSON
  terms_version bigint not null, -- the terms that it would change
  created_at_ms bigint not null,
  decided_at_ms bigint
);
create index job_proposals_job on job_proposals (job_id, id);

create table progress_updates (
  id bigint generated always as identity primary key,
  job_id bigint not null references jobs (id),
  author_id bigint not null references users (id),
  note text not null,
  percent bigint not null,
  created_at_ms bigint not null
);
create index progress_updates_job on progress_updates (job_id, id);

-- Pictures of a job, or of one report of how far it is. The file itself is marked as shown so.
create table job_files (
  attachment_id bigint primary key references attachments (id),
  job_id bigint not null references jobs (id),
  progress_id bigint references progress_updates (id),
  position bigint not null
);
create index job_files_job on job_files (job_id);

create table job_invitations (
  job_id bigint not null references jobs (id),
  user_id bigint not null references users (id),
  at_ms bigint not null,
  primary key (job_id, user_id)
);

create table reviews (
  id bigint generated always as identity primary key,
  job_id bigint not null references jobs (id),
  author_id bigint not null references users (id),
  subject_id bigint not null references users (id),
  stars bigint not null,
  words text not null,
  created_at_ms bigint not null,
  shown_at_ms bigint,
  constraint reviews_once unique (job_id, author_id)
);
create index job_invitations_user on job_invitations (user_id);
create index reviews_subject on reviews (subject_id, id) where shown_at_ms is not null;
create index reviews_author on reviews (author_id, id);
