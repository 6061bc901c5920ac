-- no-transaction
-- Calls by the number that is to be called back.
create index concurrently if not exists phone_calls_needs_number_idx on phone_calls (needs_number) where needs_number is not null;
