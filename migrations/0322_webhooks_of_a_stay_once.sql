-- no-transaction
-- A change of a stay is told once; what has to be told before is found by it, too.
create unique index concurrently if not exists webhook_deliveries_stay_once
    on webhook_deliveries (webhook_id, stay_id, version) where stay_id is not null;
