-- Words are indexed for each of the two people by themselves: whoever looks for one reads nothing of what others wrote. The
-- program fills them in anew; prefixes need no index of their own, they are a short run of one person's words.
drop trigger messages_search_insert;
drop trigger messages_search_update;
drop table messages_search;
update messages set search_words = '' where search_words <> '';
create virtual table messages_search using fts5 (search_words, content = 'messages', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 0');
-- What is deleted is overwritten in the index, not only marked.
insert into messages_search (messages_search, rank) values ('secure-delete', 1);
create trigger messages_search_insert after insert on messages when new.search_words <> '' begin
  insert into messages_search (rowid, search_words) values (new.id, new.search_words);
end;
create trigger messages_search_update after update of search_words on messages when old.search_words <> new.search_words begin
  insert into messages_search (messages_search, rowid, search_words) select 'delete', old.id, old.search_words where old.search_words <> '';
  insert into messages_search (rowid, search_words) select new.id, new.search_words where new.search_words <> '';
end;
