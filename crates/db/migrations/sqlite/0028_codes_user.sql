-- What somebody's codes are. Missing where the table was made by the first text of its migration.
create index if not exists codes_user on codes (user_id);
