-- no-transaction
-- Nobody goes to pay twice for one stay: the page before is given up first.
create unique index concurrently if not exists payments_one_open_of_stay on payments (stay_id)
    where state in ('created', 'paying') and given_up_at is null and stay_id is not null;
