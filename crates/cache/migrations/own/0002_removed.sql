-- Conversations that the user took out of the list, each until something newer than this message is in it.
create table removed (
    conversation text primary key,
    up_to integer not null
) strict;
