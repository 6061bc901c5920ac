-- Group sessions: a time of a doctor with seats for many.

-- A session that is planned for a group, such as a vaccination afternoon, or one date of a weekly class. While it is
-- published it has its doctor's time by a hold: an appointment of status held, without a patient, that names it.
create table groups (
    id            bigint generated always as identity,
    -- The first date of the weekly series that it is one of; null where it is single.
    series_id     bigint,
    doctor_id     bigint not null,
    clinic_id     bigint not null,
    service_id    bigint not null,
    title         text not null,
    starts_at     timestamptz not null,
    ends_at       timestamptz not null,
    capacity      integer not null,
    -- The price of a seat; null where none is stated.
    price_minor   bigint,
    currency      text,
    state         text not null default 'draft',
    version       integer not null default 1,
    created_at    timestamptz not null,
    constraint groups_pkey primary key (id),
    -- For the seats to refer to: a seat is one of a session with this many.
    constraint groups_id_capacity_key unique (id, capacity),
    constraint groups_series_id_fkey foreign key (series_id) references groups (id),
    constraint groups_doctor_id_fkey foreign key (doctor_id) references doctors (id),
    constraint groups_clinic_id_fkey foreign key (clinic_id) references clinics (id),
    constraint groups_service_id_fkey foreign key (service_id) references services (id),
    constraint groups_title_there check (title <> ''),
    constraint groups_ends_after_start check (starts_at < ends_at),
    constraint groups_capacity_sane check (capacity between 1 and 500),
    constraint groups_price_whole check (num_nulls(price_minor, currency) in (0, 2)),
    constraint groups_state_known check (state in ('draft', 'published', 'cancelled'))
);
comment on table groups is 'A row is a session for a group of patients: a time of a doctor with numbered seats.';
create index groups_starts_at_idx on groups (starts_at, id);
create index groups_doctor_id_starts_at_idx on groups (doctor_id, starts_at);
create index groups_series_id_idx on groups (series_id) where series_id is not null;

-- A numbered seat of a session, and the appointment that has it. A party has several, by one appointment. One that was
-- given up stays, and its number is another row's.
create table group_seats (
    id              bigint generated always as identity,
    group_id        bigint not null,
    -- That of the session: it changes with it.
    capacity        integer not null,
    seat            integer not null,
    appointment_id  bigint not null,
    freed_at        timestamptz,
    constraint group_seats_pkey primary key (id),
    constraint group_seats_group_id_fkey foreign key (group_id, capacity)
        references groups (id, capacity) on update cascade,
    constraint group_seats_appointment_id_fkey foreign key (appointment_id) references appointments (id),
    -- Whatever the program does, no session has more seats taken than there are: this, and the key below.
    constraint group_seats_within_capacity check (seat >= 1 and (freed_at is not null or seat <= capacity))
);
comment on table group_seats is 'A row is a seat of a group session that an appointment has, or had until it was freed.';
create unique index group_seats_seat_key on group_seats (group_id, seat) where freed_at is null;
create index group_seats_appointment_id_idx on group_seats (appointment_id);

alter table appointments
    -- The session in which the appointment has seats; or whose doctor's time the hold without a patient keeps.
    add column group_id bigint,
    add constraint appointments_group_id_fkey foreign key (group_id) references groups (id) not valid,
    drop constraint appointments_blocks_itself,
    -- An appointment blocks its doctor's time. Those of a session block nothing: the session does, once.
    add constraint appointments_blocks_itself check (
        blocks_from <= starts_at and blocks_until >= ends_at
        or group_id is not null and patient_id is not null and blocks_from = starts_at and blocks_until = starts_at
    ) not valid;

-- Whoever ends an appointment of a session, its seats are free in the same transaction.
create function appointments_free_seats() returns trigger
    language plpgsql as $$
begin
    update group_seats set freed_at = now() where appointment_id = new.id and freed_at is null;
    return null;
end
$$;

create trigger appointments_free_seats after update of status on appointments
    for each row when (new.group_id is not null and new.status in ('cancelled', 'rejected', 'expired'))
    execute function appointments_free_seats();
