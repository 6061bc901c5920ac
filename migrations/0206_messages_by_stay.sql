-- no-transaction
-- The messages about a stay; most messages are about none.
create index concurrently if not exists messages_stay_id_idx on messages (stay_id, id) where stay_id is not null;
