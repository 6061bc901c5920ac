-- no-transaction
-- The appointments of a session; most appointments are of none.
create index concurrently if not exists appointments_group_id_idx on appointments (group_id, id) where group_id is not null;
