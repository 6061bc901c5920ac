-- no-transaction
-- Records of care that still have their words.
create index concurrently if not exists appointments_of_care_idx on appointments (starts_at, id)
    where words_gone_at is null and status = 'completed';
