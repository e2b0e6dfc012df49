-- Which letters somebody wants that are about neither safety nor money. Whoever said nothing gets them.
create table mail_preferences (
  user_id integer not null references users (id),
  kind text not null,
  wanted integer not null,
  primary key (user_id, kind)
) strict, without rowid;

-- The last letter to somebody about messages that wait, and up to which message it told.
create table unread_letters (
  user_id integer primary key references users (id),
  written_at_ms integer not null,
  up_to integer not null
) strict;
