-- no-transaction
-- Which reads are old enough to be forgotten is at its beginning.
create index concurrently if not exists patient_reads_read_at_idx on patient_reads (read_at);
