-- The history says of reception that it is reception. What is there already is as it was, so that it is not read again.

alter table appointment_changes
    drop constraint appointment_changes_actor_known,
    drop constraint appointment_changes_actor_named,
    add constraint appointment_changes_actor_known
        check (actor in ('visitor', 'patient', 'doctor', 'admin', 'reception', 'system')) not valid,
    add constraint appointment_changes_actor_named check (
        (actor in ('doctor', 'admin', 'reception')) = (staff_id is not null)
        and (actor = 'patient') = (patient_id is not null)
    ) not valid;
