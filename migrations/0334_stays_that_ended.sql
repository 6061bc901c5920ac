-- no-transaction
-- Stays that came to their end without being had, for those whose money did not go back yet.
create index concurrently if not exists stays_ended_idx on stays (departure)
    where status in ('cancelled', 'lapsed');
