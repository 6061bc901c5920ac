-- Services, clinics and doctors, as admins describe them on pages.

alter table clinics
    -- Counts changes; who changes an older one is told what happened in between (C7).
    add column version integer not null default 1;

alter table services
    add column version integer not null default 1;

-- One change of how the organisation is described: who, when, and what of. Written in the transaction of the change;
-- never altered. When doctors can be booked has a history of its own.
create table organisation_changes (
    id          bigint generated always as identity,
    changed_at  timestamptz not null,
    staff_id    bigint not null,
    what        text not null,
    -- Of which one.
    service_id  bigint,
    clinic_id   bigint,
    doctor_id   bigint,
    -- The version of it that this change made.
    version     integer not null,
    constraint organisation_changes_pkey primary key (id),
    constraint organisation_changes_staff_id_fkey foreign key (staff_id) references staff (id),
    constraint organisation_changes_service_id_fkey foreign key (service_id) references services (id),
    constraint organisation_changes_clinic_id_fkey foreign key (clinic_id) references clinics (id),
    constraint organisation_changes_doctor_id_fkey foreign key (doctor_id) references doctors (id),
    constraint organisation_changes_of_one check (num_nonnulls(service_id, clinic_id, doctor_id) = 1),
    constraint organisation_changes_service_key unique (service_id, version),
    constraint organisation_changes_clinic_key unique (clinic_id, version),
    constraint organisation_changes_doctor_key unique (doctor_id, version),
    constraint organisation_changes_what_known check (what in (
        'service_added', 'service_changed', 'clinic_added', 'clinic_changed',
        'doctor_added', 'doctor_changed', 'doctor_activated', 'doctor_deactivated', 'offers_changed'
    ))
);

alter table appointments
    -- Snapshots of the service, as it was when the appointment was made.
    add column service_name text,
    -- Until how long before the start its patient was promised to be able to cancel or move it.
    add column cutoff_minutes integer;

update appointments set service_name = services.name, cutoff_minutes = services.cutoff_minutes
from services where services.id = service_id;

alter table appointments
    alter column service_name set not null,
    alter column cutoff_minutes set not null;

-- Whoever writes an appointment, these snapshots are taken.
create function appointments_take_snapshot() returns trigger
    language plpgsql as $$
begin
    if new.service_name is null or new.cutoff_minutes is null then
        select coalesce(new.service_name, name), coalesce(new.cutoff_minutes, services.cutoff_minutes)
        into new.service_name, new.cutoff_minutes
        from services where id = new.service_id;
    end if;
    return new;
end
$$;

create trigger appointments_take_snapshot before insert on appointments
    for each row execute function appointments_take_snapshot();
