-- no-transaction
-- Seats that are kept for somebody on the waitlist; few appointments are, and for minutes.
create index concurrently if not exists appointments_kept_seats_idx on appointments (group_id)
    where status = 'held' and group_id is not null and patient_id is not null;
