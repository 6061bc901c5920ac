-- Whose patients are whose. A number that is counted up can be guessed, and who guesses it must not learn anything by it.

-- A number that nobody can guess: 48 random bits, and one before them, so that it has the same length always and is exact in
-- every program that reads JSON.
create function random_id() returns bigint
    language sql volatile
    return (('x' || '0001' || left(replace(gen_random_uuid()::text, '-', ''), 12))::bit(64))::bigint;

-- Patients have had numbers 1, 2, 3. Each is given another one, wherever it stands.
alter table appointments drop constraint appointments_patient_id_fkey, drop constraint appointments_visit_fkey;
alter table appointment_changes drop constraint appointment_changes_patient_id_fkey;
alter table patients drop constraint patients_holder_id_fkey, drop constraint patients_holder_is_somebody_else;
alter table tokens drop constraint tokens_patient_id_fkey;
alter table visits drop constraint visits_patient_id_fkey;
alter table calendar_feeds drop constraint calendar_feeds_patient_id_fkey;
alter table phone_findings drop constraint phone_findings_patient_id_fkey;
alter table calendar_links drop constraint calendar_links_patient_id_fkey;

create temporary table renamed on commit drop as select id as old_id, random_id() as new_id from patients;
alter table renamed add primary key (old_id);
alter table patients alter column id drop identity, alter column id set default random_id();
update patients set id = new_id from renamed where id = old_id;
update patients set holder_id = new_id from renamed where holder_id = old_id;
update appointments set patient_id = new_id from renamed where patient_id = old_id;
update appointment_changes set patient_id = new_id from renamed where patient_id = old_id;
update tokens set patient_id = new_id from renamed where patient_id = old_id;
update visits set patient_id = new_id from renamed where patient_id = old_id;
update calendar_feeds set patient_id = new_id from renamed where patient_id = old_id;
update phone_findings set patient_id = new_id from renamed where patient_id = old_id;
update calendar_links set patient_id = new_id from renamed where patient_id = old_id;
-- Whoever has signed in stays signed in; what was typed about somebody by number is typed again.
update sessions set data = jsonb_set(data, '{signed_in,Patient}', to_jsonb(new_id)) - 'desk' - 'desk-found'
from renamed where data -> 'signed_in' -> 'Patient' = to_jsonb(old_id);
update sessions set data = data - 'desk' - 'desk-found' where data ?| array['desk', 'desk-found'];
update sessions set data = data #- '{draft,whose}' where data -> 'draft' ->> 'whose' ~ '^[0-9]+$';
-- Answers that are kept for twins of a request, and what they stand for. A kept answer that is a bare number may be a patient.
update idempotency_keys set
    answer = regexp_replace(answer::text, '"patient_id": \d+', '"patient_id": ' || new_id, 'g')::jsonb,
    made = regexp_replace(made::text, '"patient_id": \d+', '"patient_id": ' || new_id, 'g')::jsonb
from renamed
where old_id = coalesce(substring(answer::text from '"patient_id": (\d+)'), substring(made::text from '"patient_id": (\d+)'))::bigint;
delete from idempotency_keys where jsonb_typeof(answer) = 'number';

alter table appointments
    add constraint appointments_patient_id_fkey foreign key (patient_id) references patients (id),
    add constraint appointments_visit_fkey foreign key (visit_id, patient_id) references visits (id, patient_id);
alter table appointment_changes
    add constraint appointment_changes_patient_id_fkey foreign key (patient_id) references patients (id);
alter table patients
    add constraint patients_holder_id_fkey foreign key (holder_id, phone) references patients (id, phone)
        on update cascade,
    add constraint patients_holder_is_somebody_else check (holder_id <> id);
alter table tokens add constraint tokens_patient_id_fkey foreign key (patient_id) references patients (id);
alter table visits add constraint visits_patient_id_fkey foreign key (patient_id) references patients (id);
alter table calendar_feeds
    add constraint calendar_feeds_patient_id_fkey foreign key (patient_id) references patients (id);
alter table phone_findings
    add constraint phone_findings_patient_id_fkey foreign key (patient_id) references patients (id);
alter table calendar_links
    add constraint calendar_links_patient_id_fkey foreign key (patient_id) references patients (id) on delete cascade;

-- Numbers say no more who came first.
create index patients_created_at_id_idx on patients (created_at, id);

-- A patient whom a member of staff may book and read: whose phone they typed, or whom an admin gave them.
create table acquaintances (
    staff_id    bigint not null,
    patient_id  bigint not null,
    -- The admin who gave the patient; null where the phone was typed.
    given_by    bigint,
    since       timestamptz not null,
    -- A typed phone is good for a day: it is somebody who calls, or stands at the desk.
    until       timestamptz not null,
    constraint acquaintances_pkey primary key (staff_id, patient_id),
    constraint acquaintances_staff_id_fkey foreign key (staff_id) references staff (id),
    constraint acquaintances_patient_id_fkey foreign key (patient_id) references patients (id),
    constraint acquaintances_given_by_fkey foreign key (given_by) references staff (id)
);
create index acquaintances_patient_id_idx on acquaintances (patient_id);

-- The patients that a doctor has to do with, and until when. Who was booked by the patient, or by an admin, has to do with them
-- for good. An appointment that the doctor made counts while it stands: given up, it leaves nothing behind.
create view patients_of_doctors as
    select doctor_id, patient_id, 'infinity'::timestamptz as until
    from appointments
    where patient_id is not null
      and (status in ('confirmed', 'in_progress', 'completed', 'no_show')
           or exists (select from appointment_changes
                      where appointment_id = appointments.id and to_status in ('pending', 'confirmed')
                        and (from_status is null or from_status = 'held') and actor <> 'doctor'))
    union all
    select doctors.id, patient_id, until
    from acquaintances join doctors on doctors.staff_id = acquaintances.staff_id;

-- That a member of staff read data of a patient. Only added to: one row for what somebody reads of a patient in an hour, and
-- one in a day for having them in a list.
create table patient_reads (
    id          bigint generated always as identity,
    -- The beginning of the hour or of the day, in UTC.
    period      timestamptz not null,
    staff_id    bigint not null,
    patient_id  bigint not null,
    what        text not null,
    -- When it was read first in that time.
    read_at     timestamptz not null,
    constraint patient_reads_pkey primary key (id),
    constraint patient_reads_once_key unique (patient_id, staff_id, what, period),
    constraint patient_reads_staff_id_fkey foreign key (staff_id) references staff (id),
    constraint patient_reads_patient_id_fkey foreign key (patient_id) references patients (id),
    constraint patient_reads_what_known check (what in ('patient', 'phone', 'appointment', 'history', 'list'))
);
