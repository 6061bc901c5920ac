-- no-transaction
-- Calls by the number that they came from.
create index concurrently if not exists phone_calls_number_idx on phone_calls (number) where number is not null;
