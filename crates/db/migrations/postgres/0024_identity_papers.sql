-- Papers by which somebody proves who they are, sealed with the key that is outside of the database. Those without a
-- verification were uploaded and not sent.
create table identity_papers (
  id bigint generated always as identity primary key,
  user_id bigint not null references users (id),
  verification_id bigint references verifications (id),
  position bigint not null, -- from 1, among those that were sent together; 0 before
  key text not null, -- tells it from all others; sealed with it
  name text not null,
  mime text not null,
  size_bytes bigint not null,
  sealed text not null, -- in one piece, of at most 10 MiB, hexadecimal
  uploaded_at_ms bigint not null
);
create index identity_papers_user on identity_papers (user_id, verification_id);
create index identity_papers_verification on identity_papers (verification_id, position);
create index identity_papers_unsent on identity_papers (uploaded_at_ms) where verification_id is null;
