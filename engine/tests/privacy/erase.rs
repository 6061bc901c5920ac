//! Erasing a person: what goes, what stays, and that nothing of it comes back by a copy from before.

use engine::{
    account::{
        access::{SetAccess, set_access},
        session::SignedIn,
    },
    appointment::Status,
    error::{AppError, Field, FieldProblem},
    privacy::{self, MAX_WAIT_MINUTES, Obstacle, RequestErasure, SetHold},
    time::plus_minutes,
};

use super::{EMAIL, NAME, PHONE, RECORD, WORDS, erased, found, person, quiet, requested};
use crate::support::{TestApp, VISIT, patient_caller};

/// Writes about a person wherever something can be written about somebody.
async fn written_about(app: &TestApp, patient_id: i64) {
    let done = app.visit(patient_id, 0, app.slot(2), Status::Completed).await;
    let cancelled = app
        .books(patient_id, app.wanted(0, VISIT, app.slot(8)))
        .await
        .unwrap()
        .reference;
    let statements = format!(
        "update appointments set reason = '{RECORD}' where reference = '{done}';
         update appointments set reason = '{WORDS}', overbooked_because = '{WORDS}' where reference = '{cancelled}';
         update appointments set status = 'cancelled', version = version + 1 where reference = '{cancelled}';
         insert into appointment_changes
             (appointment_id, from_status, to_status, to_starts_at, version, actor, patient_id, reason, note)
         select id, 'confirmed', 'cancelled', starts_at, version, 'patient', patient_id, '{WORDS}', '{WORDS}'
         from appointments where reference = '{cancelled}';
         update appointment_changes
         set actor = 'admin', patient_id = null, staff_id = (select min(id) from staff where role = 'admin'), note = '{WORDS}'
         from appointments where appointments.id = appointment_id and reference = '{cancelled}' and from_status is null;
         insert into prescriptions (appointment_id, note, written_at)
         select id, '{RECORD}', now() from appointments where reference = '{done}';
         insert into medications (prescription_id, position, name, dose, frequency, duration)
         select id, 1, '{RECORD}', '1', 'daily', '7 days' from prescriptions;
         insert into ratings (appointment_id, doctor_id, score, comment, rated_at)
         select id, doctor_id, 4, '{WORDS}', now() from appointments where reference = '{done}';
         insert into waitlist_entries
             (patient_id, service_id, first_day, last_day, weekdays, day_parts, notice_minutes, reason, state, ended_because,
              joined_at, ended_at)
         select {patient_id}, min(id), current_date, current_date + 9, 127, 7, 60, '{WORDS}', 'ended', 'left', now(), now()
         from services;
         insert into messages (kind, channel, recipient, body, subject, patient_id, state, due_at, not_after, sent_at, ended_at)
         values ('confirmed', 'sms', '{PHONE}', '{NAME}: {WORDS}', '{NAME}', {patient_id}, 'sent', now(), now(), now(), now());
         insert into messages (kind, channel, recipient, body, due_at, not_after)
         values ('code', 'sms', '{PHONE}', 'code 123456', now(), now() + interval '1 hour');
         insert into message_stops (recipient, reason, stopped_at) values ('{EMAIL}', 'bounced', now());
         insert into patient_cards (patient_id, birthday, note, version, changed_at, changed_by)
         select {patient_id}, '1984-05-17', '{WORDS}', 1, now(), min(id) from staff;
         insert into patient_changes (patient_id, changed_at, what, before, after, staff_id)
         select {patient_id}, now(), 'name', 'Someone Earlierzz', '{NAME}', min(id) from staff;
         insert into phone_calls (call_id, number, line, language, began_at, asked, is_limited, transcript, needs, needs_number,
                                  needs_note)
         values ('call-1', '{PHONE}', '+6281100000000', 'id', now(), 0, false, '{NAME} {WORDS}', 'callback', '{PHONE}',
                 '{WORDS}');
         insert into sessions (id, data, expires_at)
         values ('\\x01', jsonb_build_object('search', jsonb_build_object('typed', '{NAME}'), 'kept', 1),
                 now() + interval '1 day');
         insert into idempotency_keys (id, request, answer, expires_at)
         values ('\\x01', '\\x01', jsonb_build_object('name', '{NAME}'), now() + interval '1 day');
         insert into tokens (hash, patient_id, made_at, expires_at, name, scopes)
         values ('\\x01', {patient_id}, now(), now() + interval '1 day', '{WORDS}', array['read']);"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(statements))
        .execute(&mut *app.spare().await)
        .await
        .unwrap();
}

#[tokio::test]
async fn nothing_of_a_person_is_left_but_what_the_law_keeps() {
    let app = TestApp::new().await;
    let patient_id = person(&app).await;
    written_about(&app, patient_id).await;
    app.confirmed(patient_id, 1, app.slot(100)).await;
    let mut connection = app.connection().await;
    for word in [NAME, PHONE, EMAIL, WORDS, RECORD] {
        assert!(!found(&mut connection, word).await.is_empty(), "{word}");
    }
    let average = "select sum(score) * 100 + count(*) from ratings";
    let before = app.count(average).await;
    erased(&app, patient_id).await;
    for word in [NAME, PHONE, EMAIL, WORDS, "Earlierzz", "1984-05-17"] {
        assert_eq!(found(&mut connection, word).await, Vec::<String>::new(), "{word}");
    }
    let kept = found(&mut connection, RECORD).await;
    assert_eq!(
        kept,
        ["appointments.reason", "medications.name", "prescriptions.note"]
    );
    assert_eq!(app.count(average).await, before);
    // What was ahead is free for others.
    assert_eq!(
        app.count("select count(*) from appointments where status = 'confirmed'")
            .await,
        0
    );
    assert_eq!(app.count("select kept::bigint from erasures").await, 1);
    assert_eq!(
        app.count("select count(*) from sessions where data ? 'kept' and not data ? 'search'")
            .await,
        1
    );
    assert_eq!(app.count("select count(*) from tokens").await, 0);
    app.assert_whole().await;
}

#[tokio::test]
async fn what_is_ahead_is_called_off_and_told_before_anything_is_erased() {
    let app = TestApp::new().await;
    let patient_id = person(&app).await;
    let reference = app.confirmed(patient_id, 0, app.slot(100)).await;
    requested(&app, patient_caller(patient_id), patient_id).await;
    assert_eq!(privacy::work(&app.database, app.now).await, Ok(0));
    assert_eq!(app.appointment(&reference).await.0, "cancelled");
    sqlx::query(
        "insert into messages (kind, channel, recipient, body, patient_id, due_at, not_after, created_at)
         values ('cancelled', 'sms', $1, '', $2, now(), now() + interval '1 day', now() + interval '1 second')",
    )
    .bind(PHONE)
    .bind(patient_id)
    .execute(&mut *app.spare().await)
    .await
    .unwrap();
    // It waits until the patient has been told, and not for ever.
    assert_eq!(privacy::work(&app.database, quiet(&app)).await, Ok(0));
    let late = plus_minutes(app.now, MAX_WAIT_MINUTES);
    assert_eq!(privacy::work(&app.database, late).await, Ok(1));
    let suppressed = "select count(*) from messages where state = 'suppressed' and recipient = ''";
    assert_eq!(app.count(suppressed).await, 1);
    app.assert_whole().await;
}

#[tokio::test]
async fn it_says_before_what_goes_and_what_stays() {
    let app = TestApp::new().await;
    let patient_id = person(&app).await;
    app.visit(patient_id, 0, app.slot(2), Status::Completed).await;
    app.confirmed(patient_id, 0, app.slot(100)).await;
    let own = patient_caller(patient_id);
    let preview = privacy::preview(&app.database, &own, patient_id, app.now)
        .await
        .unwrap();
    assert_eq!((preview.obstacle, preview.ahead, preview.records), (None, 1, 1));
    assert_eq!(preview.until.unwrap().year(), app.day(2).year() + 25);
    let stranger = patient_caller(app.patient(1).await);
    let theirs = privacy::preview(&app.database, &stranger, patient_id, app.now).await;
    assert_eq!(theirs.err(), Some(AppError::NotFound));
    let doctors = privacy::preview(&app.database, &app.doctor_caller(0), patient_id, app.now).await;
    assert_eq!(doctors.err(), Some(AppError::NotFound));
}

#[tokio::test]
async fn a_legal_hold_keeps_everything() {
    let app = TestApp::new().await;
    let patient_id = person(&app).await;
    let hold = |why: Option<&str>| SetHold {
        caller: app.admin_caller(),
        patient_id,
        why: why.map(str::to_owned),
    };
    privacy::set_hold(&app.database, hold(Some("A dispute")), app.now)
        .await
        .unwrap();
    let command = RequestErasure {
        caller: patient_caller(patient_id),
        patient_id,
    };
    let refused = privacy::request(&app.database, command.clone(), app.now).await;
    assert_eq!(refused, Err(AppError::Forbidden));
    privacy::set_hold(&app.database, hold(None), app.now)
        .await
        .unwrap();
    privacy::request(&app.database, command, app.now).await.unwrap();
    // Also one that comes later, as long as nothing is erased.
    privacy::set_hold(&app.database, hold(Some("A dispute")), app.now)
        .await
        .unwrap();
    assert_eq!(privacy::work(&app.database, quiet(&app)).await, Ok(0));
    privacy::set_hold(&app.database, hold(None), app.now)
        .await
        .unwrap();
    assert_eq!(privacy::work(&app.database, quiet(&app)).await, Ok(1));
}

#[tokio::test]
async fn whoever_shares_a_phone_is_erased_before_its_holder() {
    let app = TestApp::new().await;
    let holder = person(&app).await;
    let child: i64 = sqlx::query_scalar(
        "insert into patients (phone, name, holder_id) values ($1, 'Childzz', $2) returning id",
    )
    .bind(PHONE)
    .bind(holder)
    .fetch_one(&mut *app.spare().await)
    .await
    .unwrap();
    let mut caller = patient_caller(holder);
    if let engine::account::Caller::Patient { family, .. } = &mut caller {
        family.push(child);
    }
    let preview = privacy::preview(&app.database, &caller, holder, app.now)
        .await
        .unwrap();
    assert_eq!(preview.obstacle, Some(Obstacle::Shared(1)));
    let command = RequestErasure {
        caller: caller.clone(),
        patient_id: holder,
    };
    let refused = privacy::request(&app.database, command, app.now).await;
    assert_eq!(
        refused,
        Err(AppError::invalid(Field::Sharing, FieldProblem::Taken))
    );
    requested(&app, caller, child).await;
    assert_eq!(privacy::work(&app.database, quiet(&app)).await, Ok(1));
    let mut connection = app.connection().await;
    assert!(found(&mut connection, "Childzz").await.is_empty());
    // The phone is the holder's.
    assert_eq!(found(&mut connection, PHONE).await, ["patients.phone"]);
    erased(&app, holder).await;
    assert!(found(&mut connection, PHONE).await.is_empty());
    app.assert_whole().await;
}

#[tokio::test]
async fn an_erased_record_is_not_opened_again_and_its_number_is_somebody_new() {
    let app = TestApp::new().await;
    let patient_id = person(&app).await;
    erased(&app, patient_id).await;
    let open = SetAccess {
        caller: Some(app.admin_caller()),
        who: SignedIn::Patient(patient_id),
        active: true,
        key: None,
    };
    assert_eq!(
        set_access(&app.database, open, app.now).await,
        Err(AppError::NotFound)
    );
    let named = sqlx::query("update patients set name = 'Somebody' where id = $1")
        .bind(patient_id)
        .execute(&mut *app.spare().await)
        .await;
    assert!(
        named
            .unwrap_err()
            .to_string()
            .contains("patients_erased_is_empty")
    );
    let again = person(&app).await;
    assert_ne!(again, patient_id);
}

#[tokio::test]
async fn a_copy_from_before_forgets_again_and_nobody_else() {
    let app = TestApp::new().await;
    let (patient_id, other) = (person(&app).await, app.patient(1).await);
    erased(&app, patient_id).await;
    let ledger = privacy::ledger(&app.database).await.unwrap();
    // As it was before.
    app.sql("delete from erasures").await;
    sqlx::query(
        "update patients set erased_at = null, erasing_since = null, active = true, phone = $2, name = $3 where id = $1",
    )
    .bind(patient_id)
    .bind(PHONE)
    .bind(NAME)
    .execute(&mut *app.spare().await)
    .await
    .unwrap();
    let mut wrong = ledger.clone();
    wrong[0].patient_id = other;
    assert_eq!(privacy::replay(&app.database, wrong, app.now).await, Ok(0));
    for closed in [1, 0] {
        assert_eq!(
            privacy::replay(&app.database, ledger.clone(), app.now).await,
            Ok(closed)
        );
    }
    assert_eq!(privacy::work(&app.database, quiet(&app)).await, Ok(1));
    assert!(found(&mut *app.spare().await, NAME).await.is_empty());
    assert_eq!(privacy::ledger(&app.database).await.unwrap(), ledger);
    app.assert_whole().await;
}

#[tokio::test]
async fn who_is_named_like_a_word_of_the_program_takes_nothing_of_others_along() {
    let app = TestApp::new().await;
    app.sql(
        r#"insert into sessions (id, data, expires_at)
           values ('\x07', '{"signed_in": {"Patient": 4711}}', now() + interval '1 day');
           insert into idempotency_keys (id, request, answer, expires_at)
           values ('\x07', '\x01', '{"reference": "X", "status": "confirmed"}', now() + interval '1 day')"#,
    )
    .await;
    for (number, name) in [(1, "Patient"), (2, "status")] {
        let id = app.patient(number).await;
        sqlx::query("update patients set name = $2 where id = $1")
            .bind(id)
            .bind(name)
            .execute(&mut *app.spare().await)
            .await
            .unwrap();
        erased(&app, id).await;
    }
    let signed_in = r#"select count(*) from sessions where data = '{"signed_in": {"Patient": 4711}}'"#;
    assert_eq!(app.count(signed_in).await, 1);
    let kept =
        r#"select count(*) from idempotency_keys where answer = '{"reference": "X", "status": "confirmed"}'"#;
    assert_eq!(app.count(kept).await, 1);
}

#[tokio::test]
async fn who_is_owed_money_is_erased_when_it_has_gone_back() {
    let app = TestApp::new().await;
    let patient_id = person(&app).await;
    app.confirmed(patient_id, 0, app.slot(100)).await;
    requested(&app, app.admin_caller(), patient_id).await;
    assert_eq!(privacy::work(&app.database, app.now).await, Ok(0));
    // It was paid at the desk, which pays it back.
    app.sql(
        "update messages set state = 'sent', sent_at = now(), ended_at = now() where state = 'due';
         insert into payments (appointment_id, provider, state, amount_minor, currency, taken_by, created_at, paid_at,
                               receipt_number, kept_minor)
         select max(appointments.id), 'cash', 'refund_failed', 1000, 'EUR', min(staff.id), now(), now(), 1, 0
         from appointments, staff;
         insert into refunds (payment_id, key, why, state, amount_minor, created_at)
         select max(id), 'refund', 'by_clinic', 'failed', 1000, now() from payments",
    )
    .await;
    let late = plus_minutes(app.now, MAX_WAIT_MINUTES);
    for now in [quiet(&app), late] {
        assert_eq!(privacy::work(&app.database, now).await, Ok(0));
    }
    let places = found(&mut *app.spare().await, PHONE).await;
    assert!(places.contains(&"patients.phone".to_owned()), "{places:?}");
    let preview = privacy::preview(&app.database, &app.admin_caller(), patient_id, app.now)
        .await
        .unwrap();
    assert_eq!((preview.obstacle, preview.owed), (Some(Obstacle::UnderWay), 1));
    app.sql(
        "update refunds set state = 'by_hand', done_at = now(), done_by = (select min(id) from staff);
         update payments set state = 'refunded'",
    )
    .await;
    assert_eq!(privacy::work(&app.database, quiet(&app)).await, Ok(1));
}
