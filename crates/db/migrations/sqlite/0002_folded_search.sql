-- Names and words as they are compared when somebody looks for them: one folding for both engines, made by the program.
alter table users add column name_folded text not null default '';
alter table messages add column search_words text not null default ''; -- empty once deleted

drop trigger messages_search_insert;
drop trigger messages_search_update;
drop table messages_search;
create virtual table messages_search using fts5 (search_words, content = 'messages', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3');
-- What is deleted is overwritten in the index, not only marked.
insert into messages_search (messages_search, rank) values ('secure-delete', 1);
create trigger messages_search_insert after insert on messages when new.search_words <> '' begin
  insert into messages_search (rowid, search_words) values (new.id, new.search_words);
end;
create trigger messages_search_update after update of search_words on messages when old.search_words <> new.search_words begin
  insert into messages_search (messages_search, rowid, search_words) select 'delete', old.id, old.search_words where old.search_words <> '';
  insert into messages_search (rowid, search_words) select new.id, new.search_words where new.search_words <> '';
end;

create index attachments_owner on attachments (owner_id, message_id);
