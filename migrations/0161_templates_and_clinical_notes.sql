-- What doctors write faster with, and what they write for themselves.

-- A prescription that a doctor writes often, under a name. Its words are copied when it is used: it can be changed and
-- deleted without any prescription changing.
create table prescription_templates (
    id           bigint generated always as identity,
    doctor_id    bigint not null,
    name         text not null,
    -- Medications in their order, each an object with name, dose, frequency, duration and note.
    medications  jsonb not null,
    note         text not null default '',
    version      integer not null default 1,
    changed_at   timestamptz not null,
    constraint prescription_templates_pkey primary key (id),
    constraint prescription_templates_doctor_id_fkey foreign key (doctor_id) references doctors (id),
    constraint prescription_templates_name_there check (name <> ''),
    constraint prescription_templates_has_medications check (
        jsonb_typeof(medications) = 'array' and medications <> '[]'::jsonb
    )
);
comment on table prescription_templates is 'A row is a prescription that a doctor writes often, under a name.';
create unique index prescription_templates_name_key on prescription_templates (doctor_id, lower(name));

-- A version of what the doctor of an appointment noted about it, for doctors who have to do with the patient: never for the
-- patient, the desk or an admin. Written whole; never altered, and kept with the record.
create table clinical_notes (
    appointment_id  bigint not null,
    -- Counts from 1, without gaps; the last one holds.
    version         integer not null,
    -- Who wrote it.
    staff_id        bigint not null,
    -- Empty where the note was taken out.
    body            text not null,
    written_at      timestamptz not null,
    constraint clinical_notes_pkey primary key (appointment_id, version),
    constraint clinical_notes_appointment_id_fkey foreign key (appointment_id) references appointments (id),
    constraint clinical_notes_staff_id_fkey foreign key (staff_id) references staff (id),
    constraint clinical_notes_version_counts check (version >= 1)
);
comment on table clinical_notes is 'A row is a version of what the doctor of an appointment noted about it, for doctors alone.';
