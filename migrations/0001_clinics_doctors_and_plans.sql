-- Who offers what, where and when.
--
-- Every point in time is a timestamptz. What people plan by is the wall clock of a clinic, so plans
-- are kept as a weekday or date and minutes after midnight, and are turned into points in time by
-- one function of the program, in the zone of the clinic.

create extension if not exists btree_gist;

-- A place where patients are seen, with the time zone that all planning at this place is in.
create table clinics (
    id          bigint generated always as identity,
    name        text not null,
    address     text not null,
    city        text not null,
    phone       text not null,
    -- An IANA name such as Asia/Jakarta; the program refuses one that it does not know.
    time_zone   text not null,
    constraint clinics_pkey primary key (id),
    constraint clinics_name_key unique (name)
);

-- Something a patient can book. What is here when an appointment is made is copied into the
-- appointment: editing a service never changes history (PRODUCT §2).
create table services (
    id                bigint generated always as identity,
    key               text not null,
    name              text not null,
    mode              text not null,
    duration_minutes  integer not null,
    -- Blocked before and after the appointment itself; the buffers of two neighbours add up.
    buffer_before_minutes  integer not null default 0,
    buffer_after_minutes   integer not null default 0,
    -- The step of the grid of times that are offered.
    slot_interval_minutes  integer not null,
    -- A time is offered from now + notice on, up to this many calendar days ahead.
    notice_minutes    integer not null default 0,
    horizon_days      integer not null default 60,
    -- Until how long before the start its patient may cancel or move a confirmed appointment.
    cutoff_minutes    integer not null default 0,
    -- Booked at once, without waiting for the doctor's answer.
    instant           boolean not null default false,
    constraint services_pkey primary key (id),
    constraint services_key_key unique (key),
    constraint services_mode_known check (mode in ('text', 'video', 'in_person')),
    constraint services_duration_positive check (duration_minutes between 1 and 1440),
    constraint services_interval_positive check (slot_interval_minutes between 1 and 1440),
    constraint services_buffers_sane check (
        buffer_before_minutes between 0 and 1440 and buffer_after_minutes between 0 and 1440
    ),
    constraint services_notice_sane check (notice_minutes >= 0 and cutoff_minutes >= 0),
    constraint services_horizon_sane check (horizon_days between 0 and 730)
);

-- Somebody who works here and signs in with e-mail and password.
create table staff (
    id             bigint generated always as identity,
    role           text not null,
    name           text not null,
    -- Kept in lower case, so that unique means unique.
    email          text not null,
    -- argon2id, as a PHC string.
    password_hash  text not null,
    active         boolean not null default true,
    constraint staff_pkey primary key (id),
    constraint staff_email_key unique (email),
    constraint staff_email_lower check (email = lower(email)),
    constraint staff_role_known check (role in ('doctor', 'admin'))
);

-- A doctor as patients see one. Bookings lock this row `for share`, so that deactivating a doctor
-- and booking one cannot pass each other.
create table doctors (
    id          bigint generated always as identity,
    staff_id    bigint not null,
    name        text not null,
    speciality  text not null,
    about       text not null default '',
    -- BCP 47 codes of the languages spoken in a consultation.
    languages   text[] not null default '{}',
    active      boolean not null default true,
    version     integer not null default 1,
    constraint doctors_pkey primary key (id),
    constraint doctors_staff_id_key unique (staff_id),
    constraint doctors_staff_id_fkey foreign key (staff_id) references staff (id)
);

-- A doctor offers this service at this clinic.
create table offers (
    doctor_id   bigint not null,
    clinic_id   bigint not null,
    service_id  bigint not null,
    constraint offers_pkey primary key (doctor_id, clinic_id, service_id),
    constraint offers_doctor_id_fkey foreign key (doctor_id) references doctors (id),
    constraint offers_clinic_id_fkey foreign key (clinic_id) references clinics (id),
    constraint offers_service_id_fkey foreign key (service_id) references services (id)
);

-- A range of the weekly working plan of a doctor at a clinic. The grid of times starts at its
-- start. Empty and inverted ranges are harmless: they give no times.
create table working_hours (
    id            bigint generated always as identity,
    doctor_id     bigint not null,
    clinic_id     bigint not null,
    -- ISO 8601: 1 is Monday, 7 is Sunday.
    weekday       smallint not null,
    -- Minutes after midnight on the clinic's wall clock; 1440 is the midnight that ends the day.
    from_minute   integer not null,
    until_minute  integer not null,
    constraint working_hours_pkey primary key (id),
    constraint working_hours_doctor_id_fkey foreign key (doctor_id) references doctors (id),
    constraint working_hours_clinic_id_fkey foreign key (clinic_id) references clinics (id),
    constraint working_hours_weekday_iso check (weekday between 1 and 7),
    constraint working_hours_minutes_of_a_day check (
        from_minute between 0 and 1440 and until_minute between 0 and 1440
    )
);
create index working_hours_doctor_id_idx on working_hours (doctor_id, clinic_id);

-- This date of a doctor at a clinic does not follow the weekly plan but the ranges below; without
-- any, the doctor does not work there on that date.
create table plan_exceptions (
    id         bigint generated always as identity,
    doctor_id  bigint not null,
    clinic_id  bigint not null,
    -- A date on the clinic's wall calendar.
    day        date not null,
    note       text not null default '',
    constraint plan_exceptions_pkey primary key (id),
    constraint plan_exceptions_day_key unique (doctor_id, clinic_id, day),
    constraint plan_exceptions_doctor_id_fkey foreign key (doctor_id) references doctors (id),
    constraint plan_exceptions_clinic_id_fkey foreign key (clinic_id) references clinics (id)
);

-- A range of hours that holds on the date of its exception.
create table plan_exception_hours (
    id            bigint generated always as identity,
    exception_id  bigint not null,
    from_minute   integer not null,
    until_minute  integer not null,
    constraint plan_exception_hours_pkey primary key (id),
    constraint plan_exception_hours_exception_id_fkey foreign key (exception_id)
        references plan_exceptions (id) on delete cascade,
    constraint plan_exception_hours_minutes_of_a_day check (
        from_minute between 0 and 1440 and until_minute between 0 and 1440
    )
);
create index plan_exception_hours_exception_id_idx on plan_exception_hours (exception_id);
