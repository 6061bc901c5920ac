//! Violations of rules, planted past everything that would refuse them, and what is found of them.

use engine::{
    account::integrity::*, appointment::integrity::*, booking::integrity::*, caldav::busy::integrity::*,
    clinical_note::integrity::*, consultation::integrity::*, desk::merge::integrity::*, group::integrity::*,
    integrity::Rule, notification::wording::integrity::*, organisation::integrity::*, payment::integrity::*,
    prescription::integrity::*, privacy::integrity::*, rating::integrity::*, stay::integrity::*,
    visit::integrity::*, waitlist::integrity::*,
};

/// Everything that would refuse what is planted.
pub(super) const WITHOUT_GUARDS: &str = "
    alter table appointments
        drop constraint appointments_no_overlap,
        drop constraint appointments_patient_no_overlap,
        drop constraint appointments_reference_key,
        drop constraint appointments_ends_after_start,
        drop constraint appointments_blocks_itself,
        drop constraint appointments_held_has_an_end,
        drop constraint appointments_pending_has_an_end,
        drop constraint appointments_somebodys,
        drop constraint appointments_status_known,
        drop constraint appointments_visit_fkey,
        drop constraint appointments_doctor_id_fkey,
        drop constraint appointments_with_nobody_are_seats;
    alter table offers drop constraint offers_by_somebody;
    alter table appointment_changes
        drop constraint appointment_changes_version_key,
        drop constraint appointment_changes_appointment_id_fkey;
    alter table prescriptions
        drop constraint prescriptions_appointment_id_key,
        drop constraint prescriptions_appointment_id_fkey;
    alter table patients
        drop constraint patients_holder_id_fkey,
        drop constraint patients_merged_is_inactive,
        drop constraint patients_erased_is_empty;
    drop index patients_holder_phone_key;
    alter table group_seats drop constraint group_seats_within_capacity;
    drop index group_seats_seat_key;
    alter table waitlist_offers drop constraint waitlist_offers_group_id_fkey;
    alter table ratings
        drop constraint ratings_appointment_id_key,
        drop constraint ratings_appointment_id_fkey;
    alter table room_nights drop constraint room_nights_taken_within_total;
    alter table stay_nights disable trigger user;
    create table kept_prescriptions as select * from prescriptions;
    create table kept_medications as select * from medications;
    create table kept_ratings as select * from ratings;
    create table kept_appointments as select * from appointments;
    create table kept_changes as select * from appointment_changes;";

pub(super) const RESTORE: &str = "
    delete from calendar_jobs;
    delete from calendar_accounts;
    delete from webhook_deliveries;
    delete from webhooks;
    delete from phone_call_names;
    delete from phone_call_steps;
    delete from phone_calls;
    update patients set name = 'Patient ' || id;
    delete from refunds;
    delete from payments;
    delete from waitlist_offers;
    delete from waitlist_entries;
    delete from patients where id in (4, 5);
    update patients set holder_id = null, phone = '+6281255500' || lpad(id::text, 3, '0');
    delete from medications;
    delete from prescriptions;
    delete from ratings;
    delete from clinical_notes;
    delete from limits_exceeded;
    delete from consultation_messages;
    delete from consultations;
    insert into prescriptions overriding system value select * from kept_prescriptions;
    insert into medications select * from kept_medications;
    insert into ratings overriding system value select * from kept_ratings;
    delete from group_seats;
    delete from appointment_changes;
    delete from appointments;
    delete from groups;
    delete from visits;
    insert into appointments overriding system value select * from kept_appointments;
    insert into appointment_changes overriding system value select * from kept_changes;
    update clinics set time_zone = 'UTC';
    delete from message_texts;
    delete from offers where doctor_id = 0;
    delete from doctors where id = 0;
    delete from stay_changes;
    delete from stays;
    delete from room_nights;
    delete from room_types;";

/// A violation in SQL, the rules that it breaks, and what the report says of it.
pub(super) type Violation<'a> = (&'static str, &'a [Rule], &'a [&'a str]);

/// Violations whose report names no appointment by its reference.
pub(super) const VIOLATIONS: &[Violation] = &[
    (
        "insert into limits_exceeded (appointment_id, version) values (1, 77)",
        &[LIMIT_UNACCOUNTED],
        &["version 77 of appointment 1"],
    ),
    (
        "insert into clinical_notes (appointment_id, version, staff_id, body, written_at)
         select 1, 2, doctors.staff_id, 'Later', now()
         from doctors join appointments on doctors.id = doctor_id where appointments.id = 1",
        &[CLINICAL_NOTE_GAP],
        &["note of appointment 1: 1 versions, the last one is 2"],
    ),
    (
        "insert into clinical_notes (appointment_id, version, staff_id, body, written_at)
         select 1, 1, staff.id, 'A note', now() from staff where role = 'admin' limit 1",
        &[CLINICAL_NOTE_MISPLACED],
        &["version 1 of the note of appointment 1"],
    ),
    (
        "insert into appointment_changes (appointment_id, to_status, to_starts_at, version, actor)
         values (999, 'held', now(), 1, 'system')",
        &[HISTORY_ORPHAN],
        &["appointment 999"],
    ),
    (
        "update appointments set reference = (select reference from appointments where id = 1) where id = 2",
        &[REFERENCE_TWICE],
        &["appointments 1, 2"],
    ),
    (
        "update appointments set reference = 'K7QM-4D2O' where id = 2",
        &[REFERENCE_MALFORMED],
        &["2 (K7QM-4D2O)"],
    ),
    (
        "insert into waitlist_entries
             (patient_id, service_id, first_day, last_day, notice_minutes, state, joined_at)
         select 1, min(id), current_date, current_date, 0, 'offered', now() from services",
        &[WAITLIST_ASTRAY],
        &["of patient 1 is offered, with 0 offers"],
    ),
    (
        "insert into waitlist_entries
             (patient_id, service_id, first_day, last_day, notice_minutes, state, joined_at)
         select 1, min(id), current_date, current_date, 0, 'offered', now() from services;
         insert into waitlist_offers
             (entry_id, patient_id, doctor_id, clinic_id, service_id, starts_at, ends_at, appointment_id, kept_until,
              state, why, offered_at)
         select (select max(id) from waitlist_entries), 1, doctor_id, clinic_id, service_id, starts_at, ends_at, 1,
                starts_at, 'offered', 'freed', now()
         from appointments where id = 1",
        &[OFFER_UNKEPT],
        &["appointment 1 is confirmed"],
    ),
    (
        "insert into waitlist_entries
             (patient_id, service_id, first_day, last_day, notice_minutes, state, joined_at, ended_at)
         select 1, min(id), current_date, current_date, 0, 'accepted', now(), now() from services;
         insert into waitlist_offers
             (entry_id, patient_id, doctor_id, clinic_id, service_id, starts_at, ends_at, appointment_id, kept_until,
              state, why, offered_at, answered_at, booked_id)
         select (select max(id) from waitlist_entries), 1, doctor_id, clinic_id, service_id, starts_at, ends_at, 4,
                starts_at, 'accepted', 'freed', now(), now(), 2
         from appointments where id = 4",
        &[OFFER_UNBOOKED],
        &["of patient 1: appointment 2"],
    ),
    (
        "insert into waitlist_entries
             (patient_id, service_id, first_day, last_day, notice_minutes, state, joined_at, ended_at)
         select patient_id, service_id, current_date, current_date, 0, 'accepted', now(), now()
         from appointments where id = 1;
         insert into waitlist_offers
             (entry_id, patient_id, doctor_id, clinic_id, service_id, starts_at, ends_at, group_id, seats, appointment_id,
              kept_until, state, why, offered_at, answered_at, booked_id)
         select (select max(id) from waitlist_entries), patient_id, doctor_id, clinic_id, service_id, starts_at, ends_at,
                7, 2, 4, starts_at, 'accepted', 'freed', now(), now(), 1
         from appointments where id = 1",
        &[OFFER_UNBOOKED],
        &[": appointment 1"],
    ),
    (
        "update appointments set held_by = decode(repeat('00', 32), 'hex'), patient_id = 1 where id = 4;
         insert into waitlist_entries
             (patient_id, service_id, first_day, last_day, notice_minutes, state, joined_at)
         select 1, min(id), current_date, current_date, 0, 'offered', now() from services;
         insert into waitlist_offers
             (entry_id, patient_id, doctor_id, clinic_id, service_id, starts_at, ends_at, group_id, seats, appointment_id,
              kept_until, state, why, offered_at)
         select (select max(id) from waitlist_entries), 1, doctor_id, clinic_id, service_id, starts_at, ends_at, 7, 2, 4,
                held_until, 'offered', 'freed', now()
         from appointments where id = 4",
        &[OFFER_UNSEATED],
        &["of 2 seats of group 7 to patient 1: appointment 4 of group none has 0"],
    ),
    (
        "insert into message_texts (wording, language, version) values ('confirmed', 'en', 3)",
        &[TEXT_UNLIKE_ITS_HISTORY],
        &["text confirmed (en): version 3, in the history 0"],
    ),
    (
        "update clinics set time_zone = 'Mars/Olympus'",
        &[ZONE_UNKNOWN],
        &["clinic 1: Mars/Olympus"],
    ),
    (
        "update clinics set time_zone = 'localtime'",
        &[ZONE_UNKNOWN],
        &["clinic 1: localtime"],
    ),
    (
        "insert into prescriptions (appointment_id, written_at) values (5, now())",
        &[PRESCRIPTION_TWICE, PRESCRIPTION_MISPLACED],
        &["of appointment 5"],
    ),
    (
        "update prescriptions set appointment_id = 1",
        &[PRESCRIPTION_MISPLACED],
        &["of appointment 1: confirmed"],
    ),
    (
        "delete from medications",
        &[PRESCRIPTION_MISPLACED],
        &["0 medications"],
    ),
    (
        "insert into ratings (appointment_id, doctor_id, score, rated_at)
         select 5, doctor_id, 3, now() from appointments where id = 5",
        &[RATING_TWICE],
        &["of appointment 5"],
    ),
    (
        "update ratings set doctor_id = 1",
        &[RATING_MISPLACED],
        &["of appointment 5: completed"],
    ),
    (
        "update ratings set appointment_id = 1",
        &[RATING_MISPLACED],
        &["of appointment 1: confirmed"],
    ),
    (
        "update appointments set mode = 'text' where id = 1;
         insert into consultations (appointment_id, last_position, patient_last) values (1, 2, 2)",
        &[CONSULTATION_UNCOUNTED],
        &["of appointment 1: newest is 2, 0 messages up to 0"],
    ),
    (
        "insert into consultations (appointment_id, last_position, patient_last) values (1, 1, 1);
         insert into consultation_messages (appointment_id, position, author, patient_id, body, sent_at)
         select id, 1, 'patient', patient_id, 'x', now() from appointments where id = 1",
        &[CONSULTATION_MISPLACED],
        &["of appointment 1: in_person"],
    ),
    (
        "insert into visits (patient_id, created_at) select patient_id, now() from appointments where id = 1;
         update appointments set visit_id = (select max(id) from visits), segment = 1 where id = 1",
        &[VISIT_BROKEN],
        &["parts 1, appointments 1"],
    ),
    (
        "insert into visits (patient_id, created_at) select patient_id, now() from appointments where id = 1;
         update appointments set visit_id = (select max(id) from visits), segment = id where id in (1, 2)",
        &[VISIT_BROKEN],
        &["parts 1, 2, appointments 1, 2"],
    ),
    (
        "insert into visits (patient_id, created_at) select patient_id, now() from appointments where id = 1;
         update appointments set visit_id = (select max(id) from visits), segment = case id when 1 then 1 else 3 end
         where id in (1, 5)",
        &[VISIT_BROKEN],
        &["parts 1, 3, appointments 1, 5"],
    ),
    (
        "insert into groups (doctor_id, clinic_id, service_id, title, starts_at, ends_at, capacity, state, created_at)
         select doctor_id, clinic_id, service_id, 'Class', now() - interval '2 hours', now() - interval '1 hour', 1,
                'published', now()
         from appointments where id = 1;
         update appointments
         set group_id = (select max(id) from groups), blocks_from = starts_at, blocks_until = starts_at where id = 1;
         insert into group_seats (group_id, capacity, seat, appointment_id)
         select (select max(id) from groups), 1, seat, 1 from generate_series(1, 2) as seat",
        &[SEATS_OVERSOLD],
        &["capacity 1, seats 1, 2"],
    ),
    (
        "insert into groups (doctor_id, clinic_id, service_id, title, starts_at, ends_at, capacity, state, created_at)
         select doctor_id, clinic_id, service_id, 'Class', now() + interval '1 hour', now() + interval '2 hours', 1,
                'published', now()
         from appointments where id = 1",
        &[GROUP_TIME_LOST],
        &["is published: 0 holds of its time"],
    ),
    (
        "insert into doctors (id, name, speciality, active) overriding system value values (0, '–', '', false);
         insert into offers select 0, clinic_id, service_id from appointments where id = 1",
        &[NOBODY_BUSY],
        &["nobody offers service"],
    ),
    (
        "update patients set holder_id = 1 where id = 2",
        &[FAMILY_BROKEN],
        &["patient 2 shares a phone with patient 1"],
    ),
    (
        "update patients set phone = '+6281255599999' where id in (1, 2)",
        &[FAMILY_BROKEN],
        &["patients 1, 2 hold one phone"],
    ),
    (
        "insert into room_types (clinic_id, name, rooms, price_minor, currency)
         select id, 'Single room', 2, 100, 'EUR' from clinics;
         insert into room_nights (room_type_id, night, total, taken) select id, '2040-01-01', 2, 3 from room_types",
        &[ROOM_NIGHT_MISCOUNTED],
        &["in the night of 2040-01-01: 3 taken of 2, stays have 0"],
    ),
    (
        "insert into room_types (clinic_id, name, rooms, price_minor, currency)
         select id, 'Single room', 2, 100, 'EUR' from clinics;
         insert into stays (reference, room_type_id, patient_id, arrival, departure, rooms, status, total_minor,
                            currency, created_at)
         select 'AAAA-2222', id, 1, '2040-01-01', '2040-01-03', 1, 'booked', 200, 'EUR', now() from room_types;
         insert into stay_changes (stay_id, version, to_status, arrival, departure, rooms, actor, changed_at)
         select id, 1, status, arrival, departure, rooms, 'patient', now() from stays",
        &[STAY_NIGHTS_BROKEN],
        &["(AAAA-2222): booked, nights 0, price 0 of 200"],
    ),
    (
        "insert into room_types (clinic_id, name, rooms, price_minor, currency)
         select id, 'Single room', 2, 100, 'EUR' from clinics;
         insert into stays (reference, room_type_id, patient_id, arrival, departure, rooms, status, total_minor,
                            currency, created_at)
         select 'AAAA-2222', id, 1, '2040-01-01', '2040-01-03', 1, 'cancelled', 200, 'EUR', now() from room_types",
        &[STAY_HISTORY_BROKEN],
        &["(AAAA-2222)"],
    ),
    (
        "insert into calendar_accounts (doctor_id, kind, url, username, secret, language, linked_at, pull_at)
         select min(id), 'caldav', '', '', '', 'en', now(), now() from doctors where id > 0;
         insert into calendar_collections (account_id, href, name) select id, '/', 'Theirs' from calendar_accounts;
         insert into external_items (collection_id, doctor_id, href, etag, state, read_at)
         select max(id), (select max(id) from doctors), '/a', '', 'busy', now() from calendar_collections;
         insert into external_busy (item_id, sequence, doctor_id, span)
         select id, 1, doctor_id, '[2040-01-01, 2040-01-02)' from external_items",
        &[BUSY_ASTRAY],
        &["and the calendar is that of doctor 1"],
    ),
    (
        "insert into calendar_accounts (doctor_id, kind, url, username, secret, language, linked_at, pull_at)
         select min(id), 'caldav', '', '', '', 'en', now(), now() from doctors where id > 0;
         insert into calendar_collections (account_id, href, name) select id, '/', 'Theirs' from calendar_accounts;
         insert into external_items (collection_id, doctor_id, href, etag, state, read_at)
         select max(id), (select min(id) from doctors where id > 0), '/a', '', 'free', now() from calendar_collections;
         insert into external_busy (item_id, sequence, doctor_id, span)
         select id, 1, doctor_id, '[2040-01-01, 2040-01-02)' from external_items",
        &[BUSY_BY_NOTHING],
        &["is free"],
    ),
    (
        "insert into room_types (clinic_id, name, rooms, price_minor, currency)
         select id, 'Single room', 2, 100, 'EUR' from clinics;
         insert into stays (reference, room_type_id, patient_id, arrival, departure, rooms, status, total_minor,
                            currency, created_at)
         select 'AAAA-2222', id, 1, '2040-01-01', '2040-01-03', 1, 'cancelled', 200, 'EUR', now() from room_types;
         insert into stay_changes (stay_id, version, to_status, arrival, departure, rooms, actor, changed_at)
         select id, 1, status, arrival, departure, rooms, 'patient', now() from stays;
         insert into payments (stay_id, provider, state, amount_minor, currency, taken_by, created_at, paid_at,
                               receipt_number)
         select max(stays.id), 'cash', 'paid', 200, 'EUR', min(staff.id), now(), now(), 1 from stays, staff",
        &[PAYMENT_ASTRAY],
        &["paid 200 EUR, kept undecided, going back 0, stay "],
    ),
    (
        "insert into payments (appointment_id, provider, state, amount_minor, currency, started_by, session_ends_at,
                               created_at, parts)
         select min(id), 'demo', 'paying', 100, 'EUR', 1, now(), now(), array[min(id), max(id)] from appointments;
         insert into payments (appointment_id, lead_id, provider, state, amount_minor, currency, started_by,
                               session_ends_at, created_at)
         select max(appointments.id), max(payments.id), 'demo', 'paying', 100, 'IDR', 1, now(), now()
         from appointments, payments",
        &[SHARE_APART],
        &["(paying, IDR) on the page of "],
    ),
    (
        "insert into patients (id, phone, name, merged_into) values (4, '+6281255500004', 'Four', 1)",
        &[MERGED_ALIVE],
        &["patient 4 is in use and part of patient 1"],
    ),
    (
        "insert into patients (id, phone, name, erased_at) values (5, '+6281255500005', 'Five', now())",
        &[ERASED_AGAIN_THERE],
        &["patient 5 is erased and in use"],
    ),
];
