-- What administrators said to everybody, each with its number. Without words: the one before was taken back.
create table announcements (
  number integer primary key,
  text text,
  at_ms integer not null,
  until_ms integer,
  by_user integer not null references users (id)
) strict;
