-- no-transaction
-- A change of a group session is told once; what has to be told before is found by it, too.
create unique index concurrently if not exists webhook_deliveries_group_once
    on webhook_deliveries (webhook_id, group_id, version) where group_id is not null;
