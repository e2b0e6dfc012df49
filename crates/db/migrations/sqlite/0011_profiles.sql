-- What people say about themselves on their page, the pictures of their work, and the words by which they are found.
create table profiles (
  user_id integer primary key references users (id),
  words text,
  place text,
  languages text not null, -- names in order, one on each line
  shown_changes integer not null, -- how often what stands in others' lists was changed since then
  shown_changes_since_ms integer not null,
  updated_at_ms integer not null
) strict;

-- A file that is on somebody's page: everybody may look at it. Without this it is a file of a message, or was never sent.
alter table attachments add column shown_as text;
create index attachments_shown on attachments (owner_id) where shown_as is not null;

create table works (
  user_id integer not null references users (id),
  key text not null,
  attachment_id integer not null references attachments (id),
  title text,
  position integer not null,
  primary key (user_id, key)
) strict;
create index works_attachment on works (attachment_id);

-- Words of name, trade and place, marked as what they are of. The order of people stands with each word, so that the first
-- of those who are found are found first.
create table person_words (
  word text not null,
  position text not null,
  user_id integer not null references users (id),
  primary key (word, position, user_id)
) strict, without rowid;
create index person_words_user on person_words (user_id, word);
