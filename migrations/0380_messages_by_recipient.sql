-- no-transaction
-- Messages by where they went, also those that have not left: what goes to somebody who is being erased.
create index concurrently if not exists messages_recipient_idx on messages (recipient) where recipient <> '';
