-- Papers by which somebody proves who they are, sealed with the key that is outside of the database. Those without a
-- verification were uploaded and not sent.
create table identity_papers (
  id integer primary key autoincrement,
  user_id integer not null references users (id),
  verification_id integer references verifications (id),
  position integer not null, -- from 1, among those that were sent together; 0 before
  key text not null, -- tells it from all others; sealed with it
  name text not null,
  mime text not null,
  size_bytes integer not null,
  sealed text not null, -- in one piece, of at most 10 MiB, hexadecimal
  uploaded_at_ms integer not null
) strict;
create index identity_papers_user on identity_papers (user_id, verification_id);
create index identity_papers_verification on identity_papers (verification_id, position);
create index identity_papers_unsent on identity_papers (uploaded_at_ms) where verification_id is null;
