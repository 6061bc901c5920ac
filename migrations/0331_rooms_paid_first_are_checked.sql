-- Every row of before keeps these constraints. Whoever writes does not wait for this: it takes a lock that only other
-- changes of the table wait for.
alter table stays
    validate constraint stays_paid_before_known,
    validate constraint stays_given_up_sane;
alter table payments
    validate constraint payments_stay_id_fkey,
    validate constraint payments_of_one;
alter table refunds
    validate constraint refunds_why_known;
