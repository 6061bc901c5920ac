-- Words about appointments are kept for as long as the clinic says, and not longer.

alter table appointments
    -- When its words were taken out, at the end of their period.
    add column words_gone_at timestamptz;

-- Whether an appointment is a record of care: it took place, or something was prescribed, noted or written at it.
create function is_record(appointment appointments) returns boolean
    language sql stable
    return appointment.status in ('completed', 'in_progress')
        or exists (select from prescriptions where appointment_id = appointment.id)
        or exists (select from clinical_notes where appointment_id = appointment.id)
        or exists (select from consultation_messages where appointment_id = appointment.id);

-- The role that serves adds to these tables and deletes nothing of them: at the end of the period the owner does. What may go is
-- decided here once more, by periods that no setting can go below.
create function forget_old_notes(of_appointments bigint[]) returns void
    language sql security definer
begin atomic
    delete from clinical_notes
    where appointment_id in (select id from appointments
                             where id = any(of_appointments) and starts_at <= now() - interval '10 years');
end;
create function forget_old_reads(most integer, until timestamptz) returns bigint
    language sql security definer
begin atomic
    with gone as (
        delete from patient_reads
        where id in (select id from patient_reads
                     where read_at <= least(until, now() - interval '3 years') order by read_at limit most)
        returning 1)
    select count(*) from gone;
end;
