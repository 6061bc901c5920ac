-- no-transaction
-- Appointments that led to no care and still have their words: whose period is over is at its beginning.
create index concurrently if not exists appointments_with_words_idx on appointments (starts_at, id)
    where words_gone_at is null and status in ('cancelled', 'rejected', 'expired', 'no_show');
