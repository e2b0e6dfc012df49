-- Words are indexed for each of the two people by themselves: whoever looks for one reads nothing of what others wrote. The
-- program fills them in anew.
update messages set search_words = '' where search_words <> '';
-- What was not sorted into the index yet is read by every search: no more of it than that, in KiB.
alter index messages_search set (gin_pending_list_limit = 256);
