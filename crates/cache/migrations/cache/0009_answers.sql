-- What somebody looked at, as the server said it last: read again without a link.
create table answers (
  path text primary key, -- with what was asked, as in the address
  body text not null, -- JSON
  said_at_ms integer not null, -- by this device's clock, to be shown
  used integer not null -- counts up with each that is kept: a clock may be set
) strict;
create index answers_used on answers (used);
