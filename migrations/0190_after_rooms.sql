-- What follows from rooms and the waitlist being there together.

-- A merge of two records moves stays and what somebody waits for. Each of the two came with a list without the other.
alter table patient_merge_rows
    drop constraint patient_merge_rows_kind_known,
    add constraint patient_merge_rows_kind_known check (kind in (
        'appointment', 'visit', 'message', 'token', 'session', 'calendar_feed', 'acquaintance', 'relative',
        'phone_finding', 'stay', 'waitlist_entry'
    )) not valid;

-- The patients that a clinic has to do with: who was booked there or had rooms there, whatever became of it, and not who only
-- looked at a time or held rooms.
create or replace view patients_of_clinics as
    select clinic_id, patient_id
    from appointments
    where patient_id is not null
      and (status not in ('held', 'cancelled', 'expired') or answer_until is not null
           or exists (select from appointment_changes
                      where appointment_id = appointments.id and to_status = 'confirmed'))
    union all
    select clinic_id, patient_id
    from stays
    join room_types on room_types.id = room_type_id
    where exists (select from stay_changes where stay_id = stays.id and to_status = 'booked');
