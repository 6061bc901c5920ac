-- no-transaction
-- What is paid on one page.
create index concurrently if not exists payments_lead_id_idx on payments (lead_id) where lead_id is not null;
