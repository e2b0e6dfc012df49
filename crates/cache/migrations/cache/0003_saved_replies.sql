-- One's own short texts, as the server has them.
create table saved_replies (
  key text primary key,
  text text not null,
  updated_at_ms integer not null
) strict;

-- What an older version of the app let pass is fetched once: everything is loaded anew.
delete from meta where name = 'synced_to';
