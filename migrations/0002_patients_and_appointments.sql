-- The promise itself.

-- Somebody who books. Found or created by phone number when a code that was sent there is typed in
-- (I2). Bookings of one patient lock this row, so that one patient is never in two places.
create table patients (
    id          bigint generated always as identity,
    -- E.164, with the plus sign.
    phone       text not null,
    -- Unknown until the first booking asks for it.
    name        text,
    active      boolean not null default true,
    created_at  timestamptz not null default now(),
    constraint patients_pkey primary key (id),
    constraint patients_phone_key unique (phone),
    constraint patients_phone_e164 check (phone ~ '^\+[1-9][0-9]{6,14}$')
);

-- One hour of a doctor's calendar, as something that can be locked: a free time has no row of its
-- own. Whoever books locks the hours that the blocked range touches, in order, and only then looks.
-- Two overlapping bookings always share an hour; two distant ones never wait for each other.
create table calendar_hours (
    doctor_id  bigint not null,
    -- A full hour of UTC.
    starts_at  timestamptz not null,
    constraint calendar_hours_pkey primary key (doctor_id, starts_at),
    constraint calendar_hours_doctor_id_fkey foreign key (doctor_id) references doctors (id),
    constraint calendar_hours_full_hour check (extract(epoch from starts_at) % 3600 = 0)
);

-- A time that Janji gave to somebody, from the hold on. Rows are never deleted.
create table appointments (
    id             bigint generated always as identity,
    -- What people say on the phone, such as K7QM-4D2P.
    reference      text not null,
    doctor_id      bigint not null,
    clinic_id      bigint not null,
    service_id     bigint not null,
    -- Unknown only while a visitor who has not signed in yet holds the time.
    patient_id     bigint,
    status         text not null,
    starts_at      timestamptz not null,
    ends_at        timestamptz not null,
    -- The appointment with the buffers of its service, as they were when it was made.
    blocks_from    timestamptz not null,
    blocks_until   timestamptz not null,
    -- Snapshots of the service (PRODUCT §2).
    duration_minutes integer not null,
    mode           text not null,
    -- Why the patient comes, in the patient's words.
    reason         text not null default '',
    -- SHA-256 of the token of the visitor's session that holds the time.
    held_by        bytea,
    -- A hold ends by this comparison alone; nothing needs to run for it (B5).
    held_until     timestamptz,
    -- An unanswered request expires then.
    answer_until   timestamptz,
    -- Counts changes; who acts on an older one is told what happened in between.
    version        integer not null default 1,
    created_at     timestamptz not null default now(),
    constraint appointments_pkey primary key (id),
    constraint appointments_reference_key unique (reference),
    constraint appointments_doctor_id_fkey foreign key (doctor_id) references doctors (id),
    constraint appointments_clinic_id_fkey foreign key (clinic_id) references clinics (id),
    constraint appointments_service_id_fkey foreign key (service_id) references services (id),
    constraint appointments_patient_id_fkey foreign key (patient_id) references patients (id),
    constraint appointments_status_known check (status in (
        'held', 'pending', 'confirmed', 'in_progress', 'completed',
        'cancelled', 'rejected', 'expired', 'no_show'
    )),
    constraint appointments_ends_after_start check (starts_at < ends_at),
    constraint appointments_blocks_itself check (blocks_from <= starts_at and blocks_until >= ends_at),
    constraint appointments_held_has_an_end check (status <> 'held' or held_until is not null),
    constraint appointments_pending_has_an_end check (status <> 'pending' or answer_until is not null),
    constraint appointments_somebodys check (
        patient_id is not null or held_by is not null and status in ('held', 'cancelled', 'expired')
    ),
    -- The second layer of B2: whatever the program does, no doctor has two appointments at once.
    constraint appointments_no_overlap exclude using gist (
        doctor_id with =,
        tstzrange(blocks_from, blocks_until) with &&
    ) where (status not in ('cancelled', 'rejected', 'expired')),
    -- And no patient is in two places. Holds do not count: choosing another time is no second visit.
    constraint appointments_patient_no_overlap exclude using gist (
        patient_id with =,
        tstzrange(starts_at, ends_at) with &&
    ) where (status not in ('held', 'cancelled', 'rejected', 'expired'))
);
create index appointments_doctor_id_starts_at_idx on appointments (doctor_id, starts_at);
create index appointments_patient_id_starts_at_idx on appointments (patient_id, starts_at);
create index appointments_starts_at_idx on appointments (starts_at, id);
create index appointments_held_by_idx on appointments (held_by) where status = 'held';
-- What may have run out is little, whatever the history: bookings and the worker look for it here.
create index appointments_may_lapse_id_idx on appointments (id) where status in ('held', 'pending');
create index appointments_may_lapse_doctor_idx on appointments (doctor_id, blocks_from)
    where status in ('held', 'pending');
create index appointments_may_lapse_patient_idx on appointments (patient_id, blocks_from)
    where status in ('held', 'pending');

-- One change of an appointment: who, when, from what to what, and why. Written in the transaction
-- of the change; never altered.
create table appointment_changes (
    id              bigint generated always as identity,
    appointment_id  bigint not null,
    changed_at      timestamptz not null default now(),
    -- Null when the appointment begins; the same on both sides when it was moved.
    from_status     text,
    to_status       text not null,
    from_starts_at  timestamptz,
    to_starts_at    timestamptz not null,
    -- The version that this change made.
    version         integer not null,
    actor           text not null,
    staff_id        bigint,
    patient_id      bigint,
    -- An admin did what is the doctor's to do.
    for_doctor      boolean not null default false,
    reason          text not null default '',
    constraint appointment_changes_pkey primary key (id),
    constraint appointment_changes_version_key unique (appointment_id, version),
    constraint appointment_changes_appointment_id_fkey foreign key (appointment_id) references appointments (id),
    constraint appointment_changes_staff_id_fkey foreign key (staff_id) references staff (id),
    constraint appointment_changes_patient_id_fkey foreign key (patient_id) references patients (id),
    constraint appointment_changes_actor_known check (actor in ('visitor', 'patient', 'doctor', 'admin', 'system')),
    constraint appointment_changes_actor_named check (
        (actor in ('doctor', 'admin')) = (staff_id is not null)
        and (actor = 'patient') = (patient_id is not null)
    )
);

-- Whether an appointment has its time at this moment. A hold that ran out, or a request that nobody
-- answered in time, has lost it: no job needs to run for the time to be free again (B5). The status
-- itself is changed by whoever takes the time, or by the worker, whoever comes first.
create function occupies(appointment appointments, at timestamptz) returns boolean
    language sql immutable parallel safe
    return case appointment.status
        when 'held' then appointment.held_until > at
        when 'pending' then appointment.answer_until > at
        else appointment.status not in ('cancelled', 'rejected', 'expired')
    end;
