-- Bookings do not wait for this: it takes a lock that only other changes of the table wait for.
alter table webhook_deliveries
    validate constraint webhook_deliveries_of_one_thing_or_none;
