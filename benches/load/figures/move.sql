-- A move over HTTP, as the statements that the server sends for it, like those of a booking.
--
-- Client k moves its appointment there and back between two hours that all the others want, too.
\set i :i + 1
\set patient :first_patient + :client_id
\set token :patient
\set own :first_own + :client_id
\set starts :base + (:client_id / 12 * 2 + :i % 2) * 3600 + :client_id % 12 * 300
\set before :base + (:client_id / 12 * 2 + (:i + 1) % 2) * 3600 + :client_id % 12 * 300
\set hour :starts / 3600 * 3600
\set ends :starts + 300
\set first :starts / 86400 * 86400 - 259200
\set last :first + 518400
\set day :starts / 86400 * 86400
\set midnight :day + 86400
\set version :version + 1
\set key (:round * 1000000 + :i) * 1000 + :client_id
select tokens.id, tokens.name, scopes, expires_at, last_used_at,
                          patients.id as "patient_id?", patients.name as patient_name,
                          staff.id as "staff_id?", staff.role as "role?", staff.name as "staff_name?",
                          doctors.id as "doctor_id?"
                   from tokens
                   left join patients on patients.id = tokens.patient_id and patients.active
                   left join staff on staff.id = tokens.staff_id and staff.active
                   left join doctors on doctors.staff_id = staff.id
                   where hash = :token and revoked_at is null and expires_at > to_timestamp(:now);
BEGIN;
insert into idempotency_keys as known (id, request, expires_at) values (:key, :request, to_timestamp(:later))
           on conflict on constraint idempotency_keys_pkey do update set request = known.request
           returning request = :request as "is_same!", answer, appointment_id, expires_at;
select appointments.id, reference, doctor_id, clinic_id, service_id, patient_id, status,
                    starts_at, ends_at, blocks_from, blocks_until, held_by, held_until, answer_until, created_at,
                    appointments.version, overbooked_because is not null as "overbooked!", cutoff_minutes,
                    clinics.time_zone
             from appointments
             join clinics on clinics.id = clinic_id where appointments.id = :own;
select id from doctors where id = :doctor for share;
select doctors.id as doctor_id, doctors.name as doctor_name, doctors.active as doctor_active,
                      clinics.id as clinic_id, clinics.name as clinic_name,
                      clinics.address || ', ' || clinics.city as "clinic_address!", clinics.time_zone,
                      services.id as service_id, services.key as service_key, services.name as service_name,
                      services.active as service_active, services.mode,
                      duration_minutes, buffer_before_minutes, buffer_after_minutes, slot_interval_minutes,
                      notice_minutes, horizon_days, horizon_unit, cutoff_minutes, instant, price_minor, currency
               from offers
               join doctors on doctors.id = offers.doctor_id
               join clinics on clinics.id = offers.clinic_id
               join services on services.id = offers.service_id where offers.doctor_id = :doctor and offers.clinic_id = :clinic and offers.service_id = :service;
select count(*) as "count!" from calendar_hours where doctor_id = :doctor and starts_at = any(array[to_timestamp(:hour)]);
select starts_at from calendar_hours
         where doctor_id = :doctor and starts_at = any(array[to_timestamp(:hour)])
         order by starts_at
         for no key update;
select id from patients where id = :patient and active for no key update;
select appointments.id, reference, doctor_id, clinic_id, service_id, patient_id, status,
                    starts_at, ends_at, blocks_from, blocks_until, held_by, held_until, answer_until, created_at,
                    appointments.version, overbooked_because is not null as "overbooked!", cutoff_minutes,
                    clinics.time_zone
             from appointments
             join clinics on clinics.id = clinic_id where appointments.id = any(array[:own::bigint])
            or status = 'held' and held_by = null::bytea
            or status in ('held', 'pending')
               and (doctor_id = :doctor or patient_id = :patient) and blocks_from < to_timestamp(:ends) and blocks_until > to_timestamp(:starts)
               and not occupies(appointments, to_timestamp(:now))
         order by appointments.id
         for no key update of appointments;
select doctor_id, clinic_id, weekday, from_minute, until_minute, is_break, valid_from, valid_until
         from working_hours
         where doctor_id = any(array[:doctor::bigint])
           and coalesce(valid_from <= to_timestamp(:starts)::date, true) and coalesce(valid_until >= to_timestamp(:starts)::date, true);
select doctor_id, clinic_id, day, from_minute as "from_minute?", until_minute as "until_minute?",
                  is_break as "is_break?"
           from plan_exceptions
           left join plan_exception_hours on exception_id = plan_exceptions.id
           where doctor_id = any(array[:doctor::bigint]) and day between to_timestamp(:starts)::date and to_timestamp(:starts)::date;
select doctor_id, clinic_id, first_day, last_day, from_minute, until_minute, yearly
         from time_off
         where (doctor_id is null or doctor_id = any(array[:doctor::bigint]))
           and first_day <= to_timestamp(:starts)::date and (last_day >= to_timestamp(:starts)::date or yearly);
select doctor_id, blocks_from, blocks_until from appointments
         where doctor_id = any(array[:doctor::bigint])
           and starts_at >= to_timestamp(:first) and starts_at < to_timestamp(:last)
           and blocks_from < to_timestamp(:midnight) and blocks_until > to_timestamp(:day)
           and occupies(appointments, to_timestamp(:now))
           and id is distinct from :own
           and (status <> 'held' or held_by is distinct from null::bytea);
select exists (
               select from appointments
               where patient_id = :patient and starts_at < to_timestamp(:ends) and ends_at > to_timestamp(:starts)
                 and status <> 'held' and occupies(appointments, to_timestamp(:now))
                 and id is distinct from :own
           ) as "exists!";
update appointments set
             starts_at = to_timestamp(:starts), ends_at = to_timestamp(:ends), blocks_from = to_timestamp(:starts), blocks_until = to_timestamp(:ends),
             answer_until = least(answer_until, to_timestamp(:starts)), overbooked_because = null, version = :version
         where id = :own;
insert into appointment_changes
             (appointment_id, changed_at, from_status, to_status, from_starts_at, to_starts_at,
              version, actor, staff_id, patient_id, for_doctor, reason)
         values (:own, to_timestamp(:now), :status, :status, to_timestamp(:before), to_timestamp(:starts), :version, :actor, null::bigint, :patient, :no, :reason);
update idempotency_keys set answer = :answer, appointment_id = :own where id = :key;
COMMIT;
select key, time_zone from services, clinics where services.id = :service and clinics.id = :clinic;
