-- What somebody looked at, as the server said it last: read again without a link.
create table answers (
  path text primary key, -- with what was asked, as in the address
  body text not null, -- JSON
  said_at_ms integer not null -- by the server's clock
) strict;
create index answers_said on answers (said_at_ms);
