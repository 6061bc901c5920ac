-- Every row of before keeps these constraints. Whoever writes does not wait for this: it takes a lock that only other
-- changes of the table wait for.
alter table payments
    validate constraint payments_lead_id_fkey,
    validate constraint payments_share_has_no_page;
