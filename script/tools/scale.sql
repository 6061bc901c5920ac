-- What benches/load/figures/growth.sql finds where a server has been before it: a clinic, services and one doctor.
insert into clinics (name, address, city, phone, time_zone) values ('Clinic 1', 'Street 1', 'Town', '+1 555 0101', 'Asia/Jakarta');
insert into services (key, name, mode, duration_minutes, slot_interval_minutes)
select 'visit_' || number, 'Visit ' || number, 'in_person', 30, 30 from generate_series(1, 4) as number order by number;
insert into staff (role, name, email, password_hash) values ('doctor', 'Dr 1', 'first@load.example', 'none');
insert into doctors (staff_id, name, speciality) select id, name, 'General practice' from staff;
