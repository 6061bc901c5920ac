-- Reception: staff who have the desk of named clinics, and not what runs them. Admins may be given clinics, too.

alter table staff
    drop constraint staff_role_known,
    add constraint staff_role_known check (role in ('doctor', 'admin', 'reception'));

create table staff_clinics (
    staff_id    bigint not null,
    clinic_id   bigint not null,
    constraint staff_clinics_pkey primary key (staff_id, clinic_id),
    constraint staff_clinics_staff_id_fkey foreign key (staff_id) references staff (id) on delete restrict,
    constraint staff_clinics_clinic_id_fkey foreign key (clinic_id) references clinics (id) on delete restrict
);
comment on table staff_clinics is
    'A row is a clinic of which somebody at the desk is. Reception has none but these; an admin without any has all.';
create index staff_clinics_clinic_id_idx on staff_clinics (clinic_id);

-- The patients that a clinic has to do with: who was booked there, whatever became of it, and not who only looked at a time.
create view patients_of_clinics as
    select clinic_id, patient_id
    from appointments
    where patient_id is not null
      and (status not in ('held', 'cancelled', 'expired') or answer_until is not null
           or exists (select from appointment_changes
                      where appointment_id = appointments.id and to_status = 'confirmed'));
