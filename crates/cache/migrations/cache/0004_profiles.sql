-- Where people work, and their pictures' addresses.
alter table people add column place text;
alter table people add column avatar text;

-- Pages of people, one's own among them, as the server said last.
create table profiles (
  user_id integer primary key,
  body text not null, -- JSON
  seen_at_ms integer not null
) strict;
create index profiles_seen on profiles (seen_at_ms);

-- Pictures of pages. Those that nobody looked at for longest go first.
create table pictures (
  id integer primary key,
  bytes blob not null,
  used integer not null -- counts up with each look at any of them
) strict;
create index pictures_used on pictures (used);

-- What an older version of the app let pass is fetched once: everything is loaded anew.
delete from meta where name = 'synced_to';
