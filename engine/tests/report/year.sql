-- A year of a clinic, the same each time: what happened follows from the number of the row.
insert into clinics (name, address, city, phone, time_zone)
values ('Berlin', 'Street 3', 'Berlin', '+49 30 0100', 'Europe/Berlin');

delete from working_hours;
delete from offers;
insert into offers
select doctors.id, clinics.id, services.id
from (select id, row_number() over (order by id) as number from doctors) as doctors
join clinics on (clinics.time_zone = 'UTC') = (doctors.number <= 2), services;
-- From eight to five with a break; the second ones work a night, too, in which the clocks change.
insert into working_hours (doctor_id, clinic_id, weekday, from_minute, until_minute, is_break, valid_until)
select doctor_id, clinic_id, weekday, from_minute, until_minute, is_break, valid_until
from (select distinct doctor_id, clinic_id from offers) as places,
     generate_series(1, 7) as weekday,
     (values (480, 1020, false, null::date), (720, 780, true, null), (0, 360, false, '2025-10-31'), (60, 90, true, '2025-10-31'))
         as hours (from_minute, until_minute, is_break, valid_until)
where weekday <= 5 or from_minute < 360;
insert into plan_exceptions (doctor_id, clinic_id, day) select distinct doctor_id, clinic_id, date '2025-05-01' from offers;
insert into time_off (doctor_id, first_day, last_day) select min(id), '2025-07-14', '2025-07-25' from doctors;
insert into time_off (first_day, last_day, yearly) values ('2024-12-25', '2024-12-26', true);
insert into time_off (clinic_id, first_day, last_day, from_minute, until_minute)
select id, '2025-06-10', '2025-06-10', 600, 900 from clinics where time_zone = 'UTC';

insert into patients (phone, name) select '+62812555' || lpad(n::text, 5, '0'), 'Patient ' || n from generate_series(1, 80) as n;

create table seed as
select row_number() over (order by day, doctors.number, hour) as n, doctors.id as doctor_id, doctors.number as doctor_number,
       clinics.id as clinic_id, (day + make_interval(hours => hour)) at time zone clinics.time_zone as starts_at
from generate_series(timestamp '2024-12-20', '2026-01-10', '1 day') as day,
     (select id, row_number() over (order by id) as number from doctors) as doctors
join clinics on (clinics.time_zone = 'UTC') = (doctors.number <= 2),
     unnest(array[0, 2, 9, 11, 23]) as hour;

insert into appointments
    (id, reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at, blocks_from, blocks_until,
     duration_minutes, mode, held_by, held_until, answer_until, created_at, coming_at, price_minor, currency)
    overriding system value
select n, 'Y' || lpad(n::text, 7, '0'), doctor_id, clinic_id,
       (select id from services order by id offset n % 3 limit 1),
       (select id from patients order by id offset 10 * (doctor_number - 1) + n % 9 limit 1),
       case when n % 97 = 0 then 'in_progress' when n % 20 < 10 then 'completed' when n % 20 < 12 then 'no_show'
            when n % 20 < 16 then 'cancelled' when n % 20 = 16 then 'rejected' when n % 20 = 17 then 'expired'
            when n % 20 = 18 then 'confirmed' else 'pending' end,
       starts_at, starts_at + interval '30 minutes', starts_at - interval '5 minutes', starts_at + interval '40 minutes',
       30, 'in_person', case when n % 3 = 0 then '\x01'::bytea end, case when n % 3 = 0 then starts_at end,
       -- Some were asked for, and some of those that expired were only holds.
       case when n % 20 in (16, 19) or n % 2 = 1 and n % 60 <> 17 then starts_at - interval '1 hour' end,
       starts_at - make_interval(hours => (n * 7 % 700)::integer + 3),
       case when n % 13 = 0 then starts_at - interval '1 day' end,
       case when n % 2 = 0 then 10000 end, case when n % 2 = 0 then 'EUR' end
from seed;

-- The histories: how each began, that it was asked for or confirmed, that it was moved, and how it ended.
insert into appointment_changes
    (appointment_id, version, changed_at, from_status, to_status, from_starts_at, to_starts_at, actor, staff_id, patient_id)
select id, version, changed_at, from_status, to_status, case when from_status is not null then from_starts_at end, starts_at, actor,
       case when actor = 'admin' then (select id from staff where role = 'admin') end,
       case when actor = 'patient' then patient_id end
from (
    select id, starts_at, patient_id, 1 as version, created_at as changed_at, null as from_status,
           case when answer_until is not null then 'pending' when status = 'expired' then 'held' else 'confirmed' end as to_status,
           null::timestamptz as from_starts_at, case when id % 3 = 1 then 'admin' else 'patient' end as actor
    from appointments
    union all
    select id, starts_at, patient_id, 2, created_at + make_interval(mins => (id % 50)::integer + 1), 'pending',
           case status when 'rejected' then 'rejected' when 'expired' then 'expired' else 'confirmed' end, starts_at, 'admin'
    from appointments where answer_until is not null and status <> 'pending'
    union all
    select id, starts_at, patient_id, 3, created_at + interval '2 hours', 'confirmed', 'confirmed',
           starts_at - interval '40 days', 'patient'
    from appointments where id % 11 = 0 and status in ('completed', 'no_show', 'cancelled')
    union all
    select id, starts_at, patient_id, 4,
           starts_at - case id % 3 when 0 then interval '30 minutes' when 1 then interval '2 days' else interval '-5 minutes' end,
           'confirmed', 'cancelled', starts_at, 'patient'
    from appointments where status = 'cancelled'
    union all
    select id, starts_at, patient_id, 4, starts_at + interval '40 minutes', 'confirmed', status, starts_at, 'admin'
    from appointments where status in ('completed', 'no_show')
) as history;

-- Some of what was cancelled was given to somebody else: by the waitlist, or as it came.
create table refilled as
select id, id + 100000 as new_id, id % 40 = 15 as by_waitlist from appointments where status = 'cancelled' and id % 5 = 0;
insert into appointments
    (id, reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at, blocks_from, blocks_until,
     duration_minutes, mode, created_at)
    overriding system value
select new_id, 'Z' || lpad(new_id::text, 7, '0'), doctor_id, clinic_id, service_id,
       (select id from patients order by id offset 40 + new_id % 40 limit 1), 'completed', starts_at + interval '5 minutes',
       ends_at, starts_at, ends_at, 25, 'in_person', starts_at - interval '20 minutes'
from refilled join appointments using (id);
insert into appointment_changes (appointment_id, version, changed_at, to_status, to_starts_at, actor, patient_id)
select new_id, 1, created_at, 'confirmed', starts_at, 'patient', patient_id
from refilled join appointments on appointments.id = new_id;
insert into waitlist_entries (patient_id, service_id, first_day, last_day, notice_minutes, state, joined_at, ended_at)
select patient_id, service_id, starts_at::date, starts_at::date + 1, 0, 'accepted', created_at, created_at
from refilled join appointments on appointments.id = new_id where by_waitlist;
insert into waitlist_offers
    (entry_id, patient_id, doctor_id, clinic_id, service_id, starts_at, ends_at, appointment_id, kept_until, state, why, offered_at,
     answered_at, booked_id)
select (select min(id) from waitlist_entries), patient_id, doctor_id, clinic_id, service_id, starts_at, ends_at, new_id, starts_at,
       'accepted', 'freed', created_at, created_at, new_id
from refilled join appointments on appointments.id = new_id where by_waitlist;

insert into phone_calls (call_id, language, began_at) values ('one', 'en', now());
insert into phone_call_steps (phone_call_id, request, tool, appointment_id, version, asked_at)
select phone_calls.id, sha256(appointments.id::text::bytea), 'book', appointments.id, 1, now()
from appointments, phone_calls where appointments.id % 17 = 0 and appointments.id < 100000;

insert into payments
    (appointment_id, provider, state, amount_minor, currency, taken_by, paid_at, receipt_number, created_at)
select id, 'cash', 'paid', 10000 + id % 7, case id % 10 when 0 then 'IDR' else 'EUR' end,
       (select id from staff where role = 'admin'), starts_at + interval '1 hour', id, starts_at
from appointments where status = 'completed' and id % 6 = 0;
insert into refunds (payment_id, key, why, state, amount_minor, done_by, created_at, done_at)
select id, 'back-' || id, 'by_clinic', 'by_hand', 500, taken_by, paid_at, paid_at + interval '20 days'
from payments where id % 5 = 0;

insert into ratings (appointment_id, doctor_id, score, rated_at)
select id, doctor_id, 1 + id % 5, starts_at + interval '1 day' from appointments where status = 'completed' and id % 7 = 0;

insert into messages (channel, recipient, body, kind, state, appointment_id, starts_at, created_at, sent_at, ended_at)
select 'sms', '+6281255500000', '', case id % 4 when 0 then 'reminder_day' else 'reminder_week' end,
       (array['sent', 'delivered', 'delivered', 'failed', 'suppressed'])[1 + id % 5], id, starts_at, starts_at - interval '1 day',
       starts_at - interval '1 day', starts_at - interval '1 day'
from appointments where id % 2 = 0;
insert into messages (channel, recipient, body, kind, state, appointment_id, created_at)
select 'sms', '+6281255500000', '', 'confirmed', 'sent', id, created_at from appointments where id % 3 = 0;
