-- Whom to call after a day was cancelled, an absence or a closure was saved.

-- What was done, and to when.
create table call_lists (
    id          bigint generated always as identity,
    -- Null where a clinic was closed.
    doctor_id   bigint,
    -- Null where it was about all clinics.
    clinic_id   bigint,
    why         text not null,
    first_day   date not null,
    last_day    date not null,
    made_by     bigint not null,
    made_at     timestamptz not null,
    constraint call_lists_pkey primary key (id),
    constraint call_lists_doctor_id_fkey foreign key (doctor_id) references doctors (id),
    constraint call_lists_clinic_id_fkey foreign key (clinic_id) references clinics (id),
    constraint call_lists_made_by_fkey foreign key (made_by) references staff (id),
    constraint call_lists_why_known check (why in ('day_cancelled', 'absence', 'closure')),
    constraint call_lists_days_in_order check (first_day <= last_day)
);
comment on table call_lists is 'A row is a list of whom to call, made with the deed that hit them.';
create index call_lists_doctor_id_idx on call_lists (doctor_id, id);

-- An appointment that was hit, whose patient is to be called. Ticked off once, by whoever called first.
create table calls (
    list_id         bigint not null,
    appointment_id  bigint not null,
    -- When it was then: whoever has been given another time since is out of harm.
    starts_at       timestamptz not null,
    called_at       timestamptz,
    called_by       bigint,
    constraint calls_pkey primary key (list_id, appointment_id),
    constraint calls_list_id_fkey foreign key (list_id) references call_lists (id),
    constraint calls_appointment_id_fkey foreign key (appointment_id) references appointments (id),
    constraint calls_called_by_fkey foreign key (called_by) references staff (id),
    constraint calls_called_by_somebody check (num_nulls(called_at, called_by) in (0, 2))
);
comment on table calls is 'A row is an appointment that was hit, and whether its patient has been called since.';
create index calls_appointment_id_idx on calls (appointment_id);
create index calls_open_idx on calls (list_id) where called_at is null;
