-- no-transaction
-- The lists of one status, in the order of time: few of the appointments of all years, or nearly all of them.
create index concurrently if not exists appointments_status_starts_at_idx on appointments (status, starts_at, id);
