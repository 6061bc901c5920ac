-- no-transaction
-- The lists of one service, in the order of time.
create index concurrently if not exists appointments_service_id_starts_at_idx on appointments (service_id, starts_at, id);
