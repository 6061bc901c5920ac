-- Webhooks are told of stays and of group sessions as well, by ids alone.

alter table webhook_deliveries
    -- No references, as with appointments. At most one of the three is there.
    add column stay_id bigint,
    add column group_id bigint,
    -- Of a stay there is no doctor; of the two new ones no times are told.
    drop constraint webhook_deliveries_of_an_appointment_or_none,
    add constraint webhook_deliveries_of_one_thing_or_none check (
        num_nonnulls(appointment_id, stay_id, group_id) <= 1
        and (num_nonnulls(appointment_id, stay_id, group_id) = 0) = (version is null)
        and (version is null) = (status is null) and (version is null) = (clinic_id is null)
        and (num_nonnulls(appointment_id, group_id) = 0) = (doctor_id is null)
        and (appointment_id is null) = (starts_at is null) and (appointment_id is null) = (ends_at is null)
    ) not valid;
