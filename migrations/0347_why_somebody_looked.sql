-- Who has nothing to do with a patient may look all the same, and says why: an admin hears of it, and so does the patient.

create table broken_glass (
    id          bigint generated always as identity,
    staff_id    bigint      not null,
    patient_id  bigint      not null,
    -- In the words of whoever looked.
    why         text        not null,
    broken_at   timestamptz not null,
    -- An admin has looked at it.
    seen_at     timestamptz,
    seen_by     bigint,
    constraint broken_glass_pkey primary key (id),
    constraint broken_glass_staff_id_fkey foreign key (staff_id) references staff (id),
    constraint broken_glass_patient_id_fkey foreign key (patient_id) references patients (id),
    constraint broken_glass_seen_by_fkey foreign key (seen_by) references staff (id),
    constraint broken_glass_has_a_reason check (why <> ''),
    constraint broken_glass_seen_by_somebody check (num_nulls(seen_at, seen_by) in (0, 2))
);
comment on table broken_glass is 'A row is that somebody of staff looked at a patient whom they have nothing to do with, and why.';
create index broken_glass_patient_id_idx on broken_glass (patient_id);
create index broken_glass_unseen_idx on broken_glass (id) where seen_at is null;
