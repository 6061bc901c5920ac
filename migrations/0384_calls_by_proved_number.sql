-- no-transaction
-- Calls by the number that was proved.
create index concurrently if not exists phone_calls_proved_number_idx on phone_calls (proved_number) where proved_number is not null;
