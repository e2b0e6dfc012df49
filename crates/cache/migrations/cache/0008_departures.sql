-- Who deleted their account meanwhile is fetched once: an older version of the app let it pass.
delete from meta where name = 'synced_to';
