-- Reports: what every figure is counted from, and how much of each day could be booked.

-- The appointments that reports count: those that were promised or asked for, whatever became of them, and not the times that
-- somebody only looked at. One that was moved is one row, at the time it has in the end. `offset 0` has PostgreSQL look a row's
-- history up: it would read that of all years instead.
create view reported_appointments as
    select appointments.id, reference, doctor_id, clinic_id, service_id, patient_id, service_name, status, starts_at, ends_at,
           price_minor, currency, created_at, group_id, time_zone,
           -- On the clinic's wall.
           starts_at at time zone time_zone as local_start,
           -- The time that it has of its doctor, with the buffers and without. Seats of a session have none: the session has.
           (extract(epoch from blocks_until - blocks_from) / 60)::bigint as blocked_minutes,
           case when group_id is null then (extract(epoch from ends_at - starts_at) / 60)::bigint else 0 end as own_minutes,
           status in ('confirmed', 'in_progress', 'completed', 'no_show') as stands,
           answer_until is not null as was_requested,
           coming_at is not null as is_coming,
           -- Cancelled from confirmed, with less time to the start than its patient was promised.
           status = 'cancelled' and exists (
               select from appointment_changes
               where appointment_id = appointments.id and from_status = 'confirmed' and to_status = 'cancelled'
                 and changed_at > starts_at - cutoff_minutes * interval '1 minute') as is_late,
           -- The patient had nothing before it that stood.
           not exists (
               select from appointments as earlier
               where earlier.patient_id = appointments.patient_id and earlier.starts_at < appointments.starts_at
                 and earlier.status in ('confirmed', 'in_progress', 'completed', 'no_show')) as is_first,
           -- The way by which it was booked, as far as the history knows it.
           case
               when exists (select from waitlist_offers
                            join waitlist_entries on waitlist_entries.id = entry_id
                            where booked_id = appointments.id and instead_of is null offset 0) then 'waitlist'
               when exists (select from phone_call_steps
                            where appointment_id = appointments.id and version = 1 offset 0) then 'phone'
               when exists (select from appointment_changes
                            where appointment_id = appointments.id and version = 1 and staff_id is not null offset 0) then 'desk'
               when held_by is not null then 'online'
               else 'program'
           end as channel
    from appointments
    join clinics on clinics.id = clinic_id
    where patient_id is not null
      and (status not in ('held', 'cancelled', 'expired') or answer_until is not null
           or exists (select from appointment_changes
                      where appointment_id = appointments.id and to_status = 'confirmed' offset 0));
comment on view reported_appointments is 'A row is an appointment that reports count.';

-- How much of a doctor's day at a clinic could be booked, written when the day had ended. Plans change, also those of days that
-- have been; this row does not.
create table capacity_days (
    doctor_id  bigint      not null,
    clinic_id  bigint      not null,
    -- On the clinic's wall calendar.
    day        date        not null,
    -- Of the working hours, without breaks, absences and closures.
    minutes    integer     not null,
    noted_at   timestamptz not null,
    constraint capacity_days_pkey primary key (clinic_id, day, doctor_id),
    constraint capacity_days_doctor_id_fkey foreign key (doctor_id) references doctors (id),
    constraint capacity_days_clinic_id_fkey foreign key (clinic_id) references clinics (id),
    -- The longest day has 25 hours.
    constraint capacity_days_minutes_of_a_day check (minutes between 0 and 1500)
);
comment on table capacity_days is 'A row is the minutes of a doctor at a clinic that could be booked on a day that has ended.';
