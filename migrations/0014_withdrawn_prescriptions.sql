-- A prescription can be withdrawn.

-- A prescription is never altered: a pharmacy may have read it. Its doctor withdraws what is wrong, says why, and
-- writes it anew. Both are kept, and the old one is printed as void.
alter table prescriptions
    add column withdrawn_at timestamptz,
    -- The member of staff who did it, who is the doctor.
    add column withdrawn_by bigint,
    -- For the patient.
    add column withdrawn_because text not null default '',
    add constraint prescriptions_withdrawn_by_fkey foreign key (withdrawn_by) references staff (id),
    add constraint prescriptions_withdrawn_says_why check (
        (withdrawn_at is null) = (withdrawn_by is null) and (withdrawn_at is null) = (withdrawn_because = '')
    ),
    -- The second layer: at most one that stands for an appointment, whatever the program does.
    drop constraint prescriptions_appointment_id_key,
    add constraint prescriptions_appointment_id_key exclude using btree (appointment_id with =)
        where (withdrawn_at is null);
-- Of an appointment, also those that do not stand.
create index prescriptions_appointment_id_idx on prescriptions (appointment_id);
