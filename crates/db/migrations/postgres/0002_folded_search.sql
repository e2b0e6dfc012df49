-- Names and words as they are compared when somebody looks for them: one folding for both engines, made by the program.
alter table users add column name_folded text not null default '';
alter table messages add column search_words text not null default ''; -- empty once deleted

drop index messages_search;
create index messages_search on messages using gin (to_tsvector('simple', search_words));

create index attachments_owner on attachments (owner_id, message_id);
