-- Years of a clinic. Everything is written in sets; what stands in braces are numbers. Each history is a legal walk, and nobody
-- is in two places: at one hour, each doctor has another patient.
set synchronous_commit = off;
set maintenance_work_mem = '256MB';

insert into staff (role, name, email, password_hash)
select 'doctor', 'Dr ' || number, 'more' || number || '@load.example', 'none'
from generate_series(1, {more_doctors}) as number order by number;
insert into doctors (staff_id, name, speciality)
select id, name, 'General practice' from staff where email like 'more%' order by id;
insert into offers
select doctors.id, 1, services.id from doctors, services on conflict do nothing;
insert into working_hours (doctor_id, clinic_id, weekday, from_minute, until_minute)
select doctors.id, 1, weekday, 480, 1020
from doctors join staff on staff.id = staff_id, generate_series(1, 7) as weekday
where email like 'more%';

insert into clinics (name, address, city, phone, time_zone)
select 'Clinic ' || number, 'Street ' || number, 'Town', '+1 555 01' || number,
       (array['Asia/Jakarta', 'Asia/Makassar', 'Asia/Jayapura', 'Europe/Berlin'])[1 + number % 4]
from generate_series(10, 18) as number;

-- Numbered, so that the appointments can count them.
insert into patients (id, phone, name)
select 1000000 + number, '+6281' || lpad(number::text, 9, '0'),
       (array['Maya', 'Budi', 'Sari', 'Agus', 'Lena', 'Dewi', 'Rizky', 'Citra', 'Joko', 'Wulan', 'Hendra', 'Nina', 'Zoë',
              'Ayu', 'Bayu', 'Tono', 'Rina', 'Yusuf', 'Fitri', 'Gita'])[1 + number % 20]
       || ' ' || chr(65 + number / 800 % 26) || chr(97 + number / 20800 % 26) || '. '
       || (array['Putri', 'Santoso', 'Wijaya', 'Lestari', 'Hidayat', 'Kusuma', 'Pratama', 'Utami', 'Saputra', 'Halim',
                 'Nugroho', 'Siregar', 'Wibowo', 'Anggraini', 'Setiawan', 'Maharani', 'Gunawan', 'Rahayu', 'Susanto',
                 'Permata', 'Firmansyah', 'Handayani', 'Hartono', 'Kartika', 'Kurniawan', 'Melati', 'Mulyadi', 'Novita',
                 'Oktaviani', 'Purnama', 'Ramadhan', 'Safitri', 'Suryadi', 'Syahputra', 'Tanjung', 'Wahyuni', 'Yulianti',
                 'Zulkarnain', 'Simanjuntak', 'Müller'])[1 + number / 20 % 40]
from generate_series(1, {patients}) as number;

-- Eight hours of each doctor's days, the last sixty of which are to come.
create temporary table grown as
select number,
       1 + number % {doctors} as doctor,
       (select max(id) from patients) - number % {patients} as patient,
       -- One of these clinics has little to do.
       case when number % 20011 = 7 then 10 else 1 + number / {doctors} / 8 % 9 end as clinic,
       case when number % 40009 = 11 then 4 else 1 + number % 2 end as service,
       day + (8 + number / {doctors} % 8) * interval '1 hour' as at,
       number * 7 % 100 as fate
from generate_series(0, {appointments} - 1) as number,
     lateral (select date_trunc('day', now(), 'UTC')
                     + (number / {doctors} / 8 - ({appointments} / {doctors} / 8 - 60)) * interval '1 day' as day) as days;
alter table grown add column status text;
update grown
set status = case
    when at < now() and fate < 82 then 'completed'
    when at < now() and fate < 87 then 'no_show'
    when fate < 70 then 'confirmed'
    when fate < 87 then 'pending'
    when fate < 94 then 'cancelled'
    when fate < 97 then 'rejected'
    else 'expired'
end;

-- What is written here refers to what there is, and has its snapshots.
set session_replication_role = replica;
-- Indexes are made faster of everything at once; and the constraints, made anew, hold to it that nobody is in two places.
alter table appointments drop constraint appointments_no_overlap,
    drop constraint appointments_patient_no_overlap;

insert into appointments
    (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at, blocks_from, blocks_until,
     duration_minutes, mode, answer_until, version, created_at, service_name, cutoff_minutes)
select (select string_agg(substr('23456789ABCDEFGHJKLMNPQRSTUVWXYZ', 1 + (code >> (5 * place) & 31)::integer, 1)
                          || case place when 3 then '-' else '' end, '' order by place)
        from generate_series(0, 7) as place),
       doctor, clinic, service, patient, status, at, at + interval '30 minutes', at, at + interval '30 minutes',
       30, 'in_person',
       case when status not in ('completed', 'no_show', 'confirmed') then at end,
       case status when 'completed' then 3 when 'confirmed' then 1 when 'pending' then 1 else 2 end,
       least(at - interval '10 days', now()), 'Visit', 0
from grown, lateral (select number::bigint * 648055573 & 1099511627775 as code) as codes
order by number;

alter table appointments
    add constraint appointments_no_overlap exclude using gist (
        doctor_id with =,
        tstzrange(blocks_from, blocks_until) with &&
    ) where (status not in ('cancelled', 'rejected', 'expired') and overbooked_because is null),
    add constraint appointments_patient_no_overlap exclude using gist (
        patient_id with =,
        tstzrange(starts_at, ends_at) with &&
    ) where (status not in ('held', 'cancelled', 'rejected', 'expired'));

insert into appointment_changes
    (appointment_id, changed_at, from_status, to_status, to_starts_at, version, actor, patient_id, staff_id)
select id, changed_at, from_status, to_status, starts_at, step, actor,
       case actor when 'patient' then patient_id end, case actor when 'doctor' then staff_id end
from (select appointments.id, starts_at, patient_id, staff_id, step,
             case when step = 1 then null when step = 3 then 'in_progress'
                  when status in ('completed', 'no_show') then 'confirmed' else 'pending' end as from_status,
             case when step = appointments.version then status
                  when step = 2 then 'in_progress'
                  when status in ('completed', 'no_show') then 'confirmed' else 'pending' end as to_status,
             case when step = 1 or status = 'cancelled' then 'patient' when status = 'expired' then 'system'
                  else 'doctor' end as actor,
             least(case step when 1 then appointments.created_at when 2 then starts_at when 3 then ends_at end, now())
                 as changed_at
      from appointments join doctors on doctors.id = doctor_id, generate_series(1, appointments.version) as step
      where duration_minutes = 30 and appointments.version <= 3) as steps
order by changed_at, id, step;
set session_replication_role = origin;
drop table grown;
