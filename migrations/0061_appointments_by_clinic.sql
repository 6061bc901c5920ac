-- no-transaction
-- The lists of one clinic, in the order of time: it may be a small one beside large ones.
create index concurrently if not exists appointments_clinic_id_starts_at_idx on appointments (clinic_id, starts_at, id);
