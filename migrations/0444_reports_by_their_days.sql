-- Where a report is about appointments that stand, PostgreSQL saw that every row of the index against overlaps of a patient meets the
-- condition about the history. So it read all of that index for the appointments of a month, instead of a few histories. A case is
-- never seen to be met by an index: appointments are looked for by their days.
create or replace view reported_appointments as
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
      and case when status in ('held', 'cancelled', 'expired') and answer_until is null
               then exists (select from appointment_changes
                            where appointment_id = appointments.id and to_status = 'confirmed' offset 0)
               else true end;
