-- What calendars elsewhere show of an appointment is more than the appointment: the names of its doctor and its patient,
-- the name and the address of its clinic, and the link to its page. A program that has an entry takes a newer one only where
-- its number has grown.

alter table doctors
    -- Counts changes of the name, and when the last one was.
    add column shown_version integer not null default 0,
    add column shown_at timestamptz;

alter table patients
    add column shown_version integer not null default 0,
    add column shown_at timestamptz;

alter table clinics
    -- Counts changes of the name, the address and the city.
    add column shown_version integer not null default 0,
    add column shown_at timestamptz;

-- Whoever writes a name or an address, the change is counted.
create function count_what_is_shown() returns trigger
    language plpgsql as $$
begin
    new.shown_version := old.shown_version + 1;
    new.shown_at := now();
    return new;
end
$$;

create trigger doctors_count_what_is_shown before update on doctors
    for each row when (new.name is distinct from old.name)
    execute function count_what_is_shown();

create trigger patients_count_what_is_shown before update on patients
    for each row when (new.name is distinct from old.name)
    execute function count_what_is_shown();

create trigger clinics_count_what_is_shown before update on clinics
    for each row when ((new.name, new.address, new.city) is distinct from (old.name, old.address, old.city))
    execute function count_what_is_shown();

-- The site that the links in somebody's entries lead to: the one from which their calendar was read last. One row for each
-- patient and each doctor who has read one, and one for all admins together.
create table calendar_links (
    patient_id  bigint,
    doctor_id   bigint,
    -- Such as https://clinic.example.
    origin      text not null,
    -- Counts changes, and when the last one was.
    version     integer not null default 0,
    changed_at  timestamptz,
    constraint calendar_links_owner_key unique nulls not distinct (patient_id, doctor_id),
    constraint calendar_links_patient_id_fkey foreign key (patient_id) references patients (id)
        on delete cascade,
    constraint calendar_links_doctor_id_fkey foreign key (doctor_id) references doctors (id)
        on delete cascade
);
create index calendar_links_doctor_id_idx on calendar_links (doctor_id);
