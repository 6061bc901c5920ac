-- no-transaction
-- The log of changes is read backwards, from any time on.
create index concurrently if not exists appointment_changes_changed_at_idx on appointment_changes (changed_at, id);
