-- Accounts that somebody began to make and whose address is not proved yet. What is to become of them is sealed with the key
-- outside of the database, and who began one is known by a mark of the secret that they were given.
create table registrations (
  id bigint generated always as identity primary key,
  mark text not null unique,
  address text not null,
  sealed text not null,
  nonce text not null,
  expires_at_ms bigint not null
);
create index registrations_address on registrations (address);
create index registrations_expires on registrations (expires_at_ms);
