-- The network address from which a token was used last.
alter table tokens add column address text;

-- Mail addresses that were changed, as long as the old one may take it back. Until then it is nobody else's.
create table email_changes (
  id bigint generated always as identity primary key,
  user_id bigint not null references users (id),
  old_email text not null,
  nonce text not null, -- what the code in the letter is made of, beside the key
  changed_at_ms bigint not null
);
create index email_changes_old on email_changes (old_email, changed_at_ms);
create index email_changes_user on email_changes (user_id, changed_at_ms);
