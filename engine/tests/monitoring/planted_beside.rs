//! Violations of rules about what others are told, ask and pay.

use engine::{caldav::integrity::*, payment::integrity::*, phone_call::integrity::*, webhook::integrity::*};

use super::planted::Violation;

/// These violations, as those of appointments.
pub(super) const BESIDE: &[Violation] = &[
    (
        "insert into webhook_deliveries
             (webhook_id, event, appointment_id, version, status, doctor_id, clinic_id, starts_at, ends_at, happened_at,
              due_at)
         select 7, 'appointment.completed', id, version, 'completed', doctor_id, clinic_id, starts_at, ends_at, now(), now()
         from appointments where id = 1",
        &[WEBHOOK_UNTRUE],
        &["appointment 1 was not completed in version 3"],
    ),
    (
        "insert into webhook_deliveries (webhook_id, event, stay_id, version, status, clinic_id, happened_at, due_at)
         values (7, 'stay.booked', 77, 2, 'booked', 1, now(), now())",
        &[WEBHOOK_UNTRUE],
        &["stay 77 was not booked in version 2"],
    ),
    (
        "insert into webhook_deliveries
             (webhook_id, event, group_id, version, status, doctor_id, clinic_id, happened_at, due_at)
         values (7, 'group.moved', 77, 2, 'published', 1, 1, now(), now())",
        &[WEBHOOK_UNTRUE],
        &["group session 77 has no version 2 yet"],
    ),
    (
        "insert into webhook_deliveries
             (webhook_id, event, appointment_id, version, status, doctor_id, clinic_id, starts_at, ends_at, happened_at,
              due_at, first_tried_at)
         select 7, event, id, told, change.status, doctor_id, clinic_id, starts_at, ends_at, now(), now(), tried
         from appointments, (values ('appointment.requested', 2, null), ('appointment.confirmed', 3, now())) as happened
                            (event, told, tried),
              lateral (select to_status from appointment_changes
                       where appointment_id = appointments.id and version = told) as change (status)
         where id = 1 order by told",
        &[WEBHOOK_OVERTAKEN],
        &["of webhook 7 was tried before"],
    ),
    (
        "insert into webhooks (staff_id, url, description, events, language, secret, made_at)
         select staff_id, '', '', array['x'], 'en', 'x', now() from doctors order by id desc limit 1;
         insert into webhook_deliveries
             (webhook_id, event, appointment_id, version, status, doctor_id, clinic_id, starts_at, ends_at, happened_at,
              due_at)
         select webhooks.id, 'appointment.confirmed', appointments.id, appointments.version, 'confirmed',
                appointments.doctor_id, appointments.clinic_id, starts_at, ends_at, now(), now()
         from appointments, webhooks where appointments.id = 1",
        &[WEBHOOK_ASTRAY],
        &["appointment 1 is of doctor 1"],
    ),
    (
        "insert into calendar_accounts (doctor_id, kind, url, username, secret, language, linked_at, pull_at)
         select max(id), 'caldav', '', '', '', 'en', now(), now() from doctors;
         insert into calendar_events (account_id, appointment_id, href)
         select calendar_accounts.id, appointments.id, 'x' from calendar_accounts, appointments where appointments.id = 1",
        &[CALENDAR_ASTRAY],
        &["has appointment 1 of doctor"],
    ),
    (
        "update appointments set status = 'cancelled' where id = 3;
         update appointment_changes set to_status = 'cancelled' where appointment_id = 3 and version = 2;
         insert into calendar_accounts (doctor_id, kind, url, username, secret, language, linked_at, pull_at)
         select doctor_id, 'caldav', '', '', '', 'en', now(), now() from appointments where id = 3;
         insert into calendar_events (account_id, appointment_id, href)
         select calendar_accounts.id, 3, 'x' from calendar_accounts",
        &[CALENDAR_OUTDATED],
        &["has appointment 3, which is cancelled"],
    ),
    (
        "insert into phone_calls (call_id, language, began_at) values ('c1', 'en', now());
         insert into phone_call_steps (phone_call_id, request, tool, outcome, appointment_id, version, asked_at)
         select max(id), '\\x00', 'book', 'booked', 1, 77, now() from phone_calls",
        &[PHONE_STEP_UNDONE],
        &["booked version 77 of appointment 1"],
    ),
    (
        "insert into phone_calls (call_id, language, began_at) values ('c1', 'en', now());
         insert into phone_call_steps (phone_call_id, request, tool, outcome, asked_at)
         select max(id), '\\x00', 'book', 'trouble', now() from phone_calls",
        &[PHONE_CALL_UNATTENDED],
        &["phone call "],
    ),
    (
        "insert into phone_calls (call_id, language, began_at) values ('c1', 'en', now());
         insert into phone_call_names (patient_id, phone_call_id, heard_at) select 1, max(id), now() from phone_calls;
         update patients set name = null where id = 1",
        &[HEARD_NAME_MISSING],
        &["patient 1 of phone call"],
    ),
    (
        "insert into payments (appointment_id, provider, state, amount_minor, currency, taken_by, created_at, paid_at,
                               receipt_number)
         select 4, 'cash', 'paid', 1000, 'EUR', min(id), now(), now(), 1 from staff;
         update appointments set price_minor = 1000, currency = 'EUR' where id = 4",
        &[PAYMENT_ASTRAY],
        &["(paid) of cash: paid 1000 EUR, kept undecided, going back 0, appointment 4 is held"],
    ),
    (
        "insert into payments (appointment_id, provider, state, amount_minor, currency, taken_by, created_at, paid_at,
                               receipt_number, kept_minor)
         select 1, 'cash', 'refund_due', 1000, 'EUR', min(id), now(), now(), 1, 0 from staff;
         insert into refunds (payment_id, key, why, state, amount_minor, created_at)
         select max(id), 'refund', 'cancelled', 'due', 1000, now() from payments",
        &[LIVING_PAID_BACK],
        &["appointment 1 is confirmed"],
    ),
    (
        "insert into payments (appointment_id, provider, state, amount_minor, currency, taken_by, created_at, paid_at,
                               receipt_number)
         select 1, 'cash', 'paid', 1000, 'EUR', min(id), now(), now(), 1 from staff;
         update appointments set price_minor = 500, currency = 'EUR' where id = 1",
        &[PAID_TOO_MUCH],
        &["appointment 1: price 500, paid 1000"],
    ),
    (
        "insert into payments (appointment_id, provider, state, amount_minor, currency, taken_by, created_at, paid_at,
                               receipt_number, kept_minor)
         select 4, 'cash', 'refund_due', 1000, 'EUR', min(id), now(), now(), 1, 0 from staff;
         insert into refunds (payment_id, key, why, state, amount_minor, created_at)
         select max(id), key, 'cancelled', 'due', 500, now()
         from payments, (values ('one'), ('two')) as keys (key) group by key",
        &[PAID_BACK_TWICE],
        &["paid 1000, paid back 1000 in 2"],
    ),
];
