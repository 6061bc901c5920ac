-- Group sessions without a doctor, such as a class that a nurse holds.

-- An appointment has a doctor. Where there is none, it has the row with the id 0, nobody, which the program makes when it
-- needs it. Nobody is no member of staff, is never active, and offers nothing.
alter table doctors
    alter column staff_id drop not null,
    add constraint doctors_are_staff_but_nobody check ((id = 0) = (staff_id is null)) not valid,
    add constraint doctors_nobody_rests check (id <> 0 or not active) not valid;

alter table offers
    add constraint offers_by_somebody check (doctor_id <> 0) not valid;

alter table working_hours
    add constraint working_hours_of_somebody check (doctor_id <> 0) not valid;

-- Nobody has no time that could be booked: only seats in a session are with nobody.
alter table appointments
    add constraint appointments_with_nobody_are_seats check (
        doctor_id <> 0 or group_id is not null and patient_id is not null
    ) not valid;
