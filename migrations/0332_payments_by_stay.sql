-- no-transaction
-- The payments of a stay, in the order in which they were begun.
create index concurrently if not exists payments_stay_id_idx on payments (stay_id, id) where stay_id is not null;
