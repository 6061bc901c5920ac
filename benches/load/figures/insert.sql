-- The row of a booking and nothing else: no lock, no check, no history.
\set i :i + 1
\set doctor (:client_id + :i * :clients) % :doctors + 1
\set patient :client_id + 1
\set token :client_id + 1
\set starts :base + :i * 1800
\set hour :starts / 3600 * 3600
\set ends :starts + 1800
\set first :starts / 86400 * 86400 - 259200
\set last :first + 518400
\set key (:round * 1000000 + :i) * 1000 + :client_id
\set reference :key
BEGIN;
insert into appointments
             (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at,
              blocks_from, blocks_until, duration_minutes, mode, reason, answer_until, created_at)
         values (:reference, :doctor, :clinic, :service, :patient, :status, to_timestamp(:starts), to_timestamp(:ends), to_timestamp(:starts), to_timestamp(:ends), :minutes, :mode, :reason, to_timestamp(:later), to_timestamp(:now))
         returning id \gset
COMMIT;
