-- Which letters somebody wants that are about neither safety nor money. Whoever said nothing gets them.
create table mail_preferences (
  user_id bigint not null references users (id),
  kind text not null,
  wanted bigint not null,
  primary key (user_id, kind)
);

-- The last letter to somebody about messages that wait, and up to which message it told.
create table unread_letters (
  user_id bigint primary key references users (id),
  written_at_ms bigint not null,
  up_to bigint not null
);
