-- Deliberate overbooking (B13): staff give a patient a time that the doctor does not have.

alter table appointments
    -- Why somebody of staff booked it although the doctor had no such time; null where the time was free. An
    -- appointment that was booked like this takes its time from everybody who books afterwards, but does not mind
    -- whoever has it already.
    add column overbooked_because text,
    add constraint appointments_overbooked_has_a_reason check (overbooked_because <> ''),
    drop constraint appointments_no_overlap,
    -- The second layer of B2: whatever the program does, no doctor has two appointments at once, but for those that
    -- staff put there knowingly. No patient is in two places even then.
    add constraint appointments_no_overlap exclude using gist (
        doctor_id with =,
        tstzrange(blocks_from, blocks_until) with &&
    ) where (status not in ('cancelled', 'rejected', 'expired') and overbooked_because is null);
