-- Patients arrive: a moment on a confirmed appointment, and no status of its own.

alter table appointments
    -- Since when the patient is here, as the desk, the doctor or the patient said it; null where nobody did, or took it back.
    add column arrived_at timestamptz;

alter table appointment_changes
    -- Of a change that is about the arrival alone: whether it was said (true) or taken back (false).
    add column arrived boolean;
