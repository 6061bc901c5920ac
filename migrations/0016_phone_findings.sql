-- Phone numbers that were stored before numbers were read as libphonenumber has them: `+620812…` is nobody's. SQL does not
-- know numbers, so that the program looks at each row once. What it cannot correct by itself is found here, for an admin.

alter table patients add column phone_is_read boolean not null default false;
-- Rows of today are read before they are written.
alter table patients alter column phone_is_read set default true;
create index patients_phone_not_read_idx on patients (id) where not phone_is_read;

-- A patient whose number is not right and could not be corrected.
create table phone_findings (
    patient_id  bigint not null,
    -- The number as it should be, which another holder has; null where it cannot be anybody's number.
    phone       text,
    found_at    timestamptz not null default now(),
    constraint phone_findings_pkey primary key (patient_id),
    constraint phone_findings_patient_id_fkey foreign key (patient_id) references patients (id),
    constraint phone_findings_phone_e164 check (phone ~ '^\+[1-9][0-9]{6,14}$')
);
