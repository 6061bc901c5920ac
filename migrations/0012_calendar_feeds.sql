-- The calendars that people have elsewhere (X3).

-- This installation, as calendars elsewhere tell its appointments from those of others: a name that stays when
-- the server moves to another host.
create table installation (
    id        uuid not null default gen_random_uuid(),
    the_only  boolean not null default true,
    constraint installation_pkey primary key (id),
    constraint installation_only_one unique (the_only),
    constraint installation_the_only check (the_only)
);
insert into installation default values;

-- The address at which the calendar of a patient or a doctor can be read by whoever has it. Everybody has one at
-- most: a new one takes the place of the one before, which leads nowhere from then on.
create table calendar_feeds (
    id            bigint generated always as identity,
    -- SHA-256 of the secret in the address: who reads this table cannot read a calendar.
    hash          bytea not null,
    patient_id    bigint,
    doctor_id     bigint,
    -- Whether it says more than that there is an appointment: with whom and what for.
    details       boolean not null,
    -- The language that its owner had when it was made: a program that fetches it has none.
    language      text not null,
    made_at       timestamptz not null,
    -- When it was fetched, within some minutes; null before the first time.
    last_used_at  timestamptz,
    constraint calendar_feeds_pkey primary key (id),
    constraint calendar_feeds_hash_key unique (hash),
    constraint calendar_feeds_owner_key unique nulls not distinct (patient_id, doctor_id),
    constraint calendar_feeds_patient_id_fkey foreign key (patient_id) references patients (id),
    constraint calendar_feeds_doctor_id_fkey foreign key (doctor_id) references doctors (id),
    constraint calendar_feeds_somebodys check (num_nonnulls(patient_id, doctor_id) = 1)
);
create index calendar_feeds_doctor_id_idx on calendar_feeds (doctor_id);
