-- Somebody asks for a copy of all that is known of them.

-- A copy of a patient's own data: asked for, made by a worker, and there for a day. Its file is in the database, since several
-- servers may be there and any of them may be asked for it; it is bounded, and a patient has one at a time.
create table patient_exports (
    patient_id     bigint      not null,
    asked_at       timestamptz not null,
    -- The patient or the holder of their phone, or an admin.
    by_patient_id  bigint,
    by_staff_id    bigint,
    -- The language of the page in it.
    locale         text        not null,
    made_at        timestamptz,
    -- Null until it is made, and where it could not be.
    content        bytea,
    -- Attempts that came to nothing.
    attempts       integer     not null default 0,
    -- The worker that makes it has it until then.
    taken_until    timestamptz,
    constraint patient_exports_pkey primary key (patient_id),
    constraint patient_exports_patient_id_fkey foreign key (patient_id) references patients (id),
    constraint patient_exports_by_patient_id_fkey foreign key (by_patient_id) references patients (id),
    constraint patient_exports_by_staff_id_fkey foreign key (by_staff_id) references staff (id),
    constraint patient_exports_by_one check (num_nonnulls(by_patient_id, by_staff_id) = 1),
    constraint patient_exports_bounded check (length(content) <= 33554432),
    constraint patient_exports_made_has_content check (content is null or made_at is not null)
);
comment on table patient_exports is 'A row is a copy of the data of a patient, which is there for a day.';
-- What is in it is packed already.
alter table patient_exports alter column content set storage external;
create index patient_exports_waiting_idx on patient_exports (asked_at) where made_at is null;
