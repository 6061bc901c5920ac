-- Requests that came without a key, and whose answer no longer holds.

-- Where a key stands for nothing longer than what was made is what was asked for: every appointment of it, with each part as
-- it was then. One appointment that has been moved, ended or given to somebody else since, and the key has had its day.
alter table idempotency_keys add column made jsonb;

-- Of a booking and of a visit the answer knows the parts as they were; a hold is what it is now.
update idempotency_keys
set made = case
    when jsonb_typeof(answer) = 'object' and answer ? 'starts_at' then jsonb_build_array(
        jsonb_build_object('appointment_id', answer -> 'id') || answer)
    when jsonb_typeof(answer) = 'object' and answer ? 'appointments' then (
        select jsonb_agg(jsonb_build_object('appointment_id', part -> 'id') || part)
        from jsonb_array_elements(answer -> 'appointments') as part)
    else (
        select jsonb_build_array(jsonb_build_object(
            'appointment_id', id, 'doctor_id', doctor_id, 'clinic_id', clinic_id, 'service_id', service_id,
            'patient_id', patient_id, 'starts_at', starts_at))
        from appointments where id = appointment_id)
end
where appointment_id is not null;

-- The status is that of the answer, and a request that has been confirmed since is still what was asked for.
update idempotency_keys
set made = (select jsonb_agg(part - 'status') from jsonb_array_elements(made) as part)
where made is not null;

alter table idempotency_keys drop column appointment_id;
