-- Schedules as clinics really have them: weeks that change, breaks, absences and closures.

alter table working_hours
    -- Dates on the clinic's wall calendar, both included; without one, since ever and for ever.
    add column valid_from date,
    add column valid_until date,
    -- A break is taken out of the ranges around it. It moves no grid.
    add column is_break boolean not null default false,
    add constraint working_hours_valid_in_order check (valid_from <= valid_until);

alter table plan_exception_hours
    add column is_break boolean not null default false;

-- Dates on which nothing is offered, whatever the plan says: an absence of a doctor, a closure of a
-- clinic, or one of the whole organisation. It is taken out of what holds on these dates, be it the week
-- or an exception, and moves no grid.
create table time_off (
    id            bigint generated always as identity,
    -- Whose absence it is; a closure is everybody's.
    doctor_id     bigint,
    -- Where; without one, at every clinic, on each one's own wall calendar.
    clinic_id     bigint,
    -- Both included.
    first_day     date not null,
    last_day      date not null,
    -- Of each of these dates, in minutes after midnight; without, the whole date.
    from_minute   integer,
    until_minute  integer,
    -- Again on the same days of every later year. 29 February is a day of leap years alone.
    yearly        boolean not null default false,
    note          text not null default '',
    constraint time_off_pkey primary key (id),
    constraint time_off_doctor_id_fkey foreign key (doctor_id) references doctors (id),
    constraint time_off_clinic_id_fkey foreign key (clinic_id) references clinics (id),
    constraint time_off_days_in_order check (first_day <= last_day),
    constraint time_off_hours_whole check (num_nulls(from_minute, until_minute) in (0, 2)),
    constraint time_off_minutes_of_a_day check (
        from_minute >= 0 and from_minute < until_minute and until_minute <= 1440
    ),
    constraint time_off_yearly_less_than_a_year check (
        not yearly or last_day < first_day + interval '1 year'
    )
);
create index time_off_doctor_id_idx on time_off (doctor_id, last_day);

-- One change of when doctors can be booked: who, when, and what for. Written in the transaction of the
-- change; never altered.
create table schedule_changes (
    id          bigint generated always as identity,
    -- Of whom and where; a closure is of all, or of all of a clinic.
    doctor_id   bigint,
    clinic_id   bigint,
    changed_at  timestamptz not null,
    staff_id    bigint not null,
    what        text not null,
    -- The version of the doctor that this change made.
    version     integer,
    constraint schedule_changes_pkey primary key (id),
    constraint schedule_changes_doctor_id_fkey foreign key (doctor_id) references doctors (id),
    constraint schedule_changes_clinic_id_fkey foreign key (clinic_id) references clinics (id),
    constraint schedule_changes_staff_id_fkey foreign key (staff_id) references staff (id),
    constraint schedule_changes_version_key unique (doctor_id, version),
    constraint schedule_changes_version_of_a_doctor check ((doctor_id is null) = (version is null)),
    constraint schedule_changes_what_known check (what in (
        'week', 'exception', 'exception_removed', 'absence', 'absence_removed',
        'closure', 'closure_removed', 'day_stopped', 'day_cancelled'
    ))
);

alter table services
    -- Whether the horizon counts every day or Mondays to Fridays.
    add column horizon_unit text not null default 'calendar_days',
    -- In the smallest unit of the currency; without one, the price is not said.
    add column price_minor bigint,
    -- ISO 4217.
    add column currency text,
    -- Whether it can be booked. What was booked stays.
    add column active boolean not null default true,
    add constraint services_horizon_unit_known check (horizon_unit in ('calendar_days', 'working_days')),
    add constraint services_price_whole check (num_nulls(price_minor, currency) in (0, 2)),
    add constraint services_price_sane check (price_minor >= 0),
    add constraint services_currency_iso check (currency ~ '^[A-Z]{3}$');

alter table appointments
    -- Snapshots of the service, as it was when the appointment was made.
    add column price_minor bigint,
    add column currency text,
    add constraint appointments_price_whole check (num_nulls(price_minor, currency) in (0, 2));
