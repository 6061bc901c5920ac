-- no-transaction
-- Calls by the number that a code was sent to.
create index concurrently if not exists phone_calls_code_number_idx on phone_calls (code_number) where code_number is not null;
