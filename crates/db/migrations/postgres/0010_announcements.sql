-- What administrators said to everybody, each with its number. Without words: the one before was taken back.
create table announcements (
  number bigint primary key,
  text text,
  at_ms bigint not null,
  until_ms bigint,
  by_user bigint not null references users (id)
);
