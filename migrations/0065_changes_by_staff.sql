-- no-transaction
-- The log of what one member of staff has changed.
create index concurrently if not exists appointment_changes_staff_id_idx on appointment_changes (staff_id, changed_at, id)
    where staff_id is not null;
