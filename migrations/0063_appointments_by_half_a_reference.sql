-- no-transaction
-- A reference is looked for by its beginning, for which its key is enough, or by its second half.
create index concurrently if not exists appointments_reference_half_idx on appointments (substr(reference, 6));
