-- Every row of before keeps these constraints. Whoever books does not wait for this: it takes a lock that only other changes
-- of the table wait for.
alter table appointments
    validate constraint appointments_group_id_fkey,
    validate constraint appointments_blocks_itself;
