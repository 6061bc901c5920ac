-- What staff note for themselves is no part of what a patient reads.

alter table appointment_changes
    -- For staff alone, such as why a doctor was overbooked. `reason` is for everybody whom the appointment concerns.
    add column note text not null default '';

-- Why somebody was overbooked stood in the history that the patient reads.
update appointment_changes set note = appointment_changes.reason, reason = ''
from appointments
where appointments.id = appointment_id and from_status is null and actor in ('doctor', 'admin')
  and appointment_changes.reason <> '';

-- Programs could give no reason of the patient's beside it, so that it stood there as well.
update appointments set reason = ''
from appointment_changes
where appointment_id = appointments.id and from_status is null and note <> '' and note = appointments.reason;
