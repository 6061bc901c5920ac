//! A thread: for whom it is, when it is open, and what has been seen of it.

use std::collections::HashMap;

use engine::{
    account::Caller,
    consultation::{MAX_MESSAGE, Phase, Thread, Waiting, read, see, unread, waiting_for_doctor},
    error::{AppError, Field, FieldProblem},
    group::{self, Details, Plan, Take},
    nobody::NOBODY,
    time::plus_minutes,
};
use jiff::Timestamp;

use super::{both_said, by_text, rules, says};
use crate::support::{RULES, TestApp, VISIT, patient_caller};

async fn reads(app: &TestApp, caller: &Caller, reference: &str, now: Timestamp) -> Result<Thread, AppError> {
    read(&app.database, caller.clone(), reference.into(), rules(), now).await
}

#[tokio::test]
async fn a_thread_is_for_its_two_people_alone() {
    let app = TestApp::new().await;
    let (_, _, reference, now) = both_said(&app).await;
    let stranger = app.patient(2).await;
    for caller in [patient_caller(stranger), app.doctor_caller(1), app.admin_caller()] {
        let written = says(&app, caller.clone(), &reference, "Hello", now).await;
        assert_eq!(written, Err(AppError::NotFound), "{caller:?}");
        let read = reads(&app, &caller, &reference, now).await;
        assert_eq!(read.err(), Some(AppError::NotFound), "{caller:?}");
        let seen = see(&app.database, caller.clone(), reference.as_str().into(), 1).await;
        assert_eq!(seen, Err(AppError::NotFound), "{caller:?}");
        let id = app.id_of(&reference).await;
        assert_eq!(unread(&app.database, &caller, vec![id]).await, Ok(HashMap::new()));
    }
    assert_eq!(
        waiting_for_doctor(&app.database, app.doctors[1].id).await,
        Ok(Vec::new())
    );
    assert_eq!(app.count("select count(*) from consultation_messages").await, 2);
}

#[tokio::test]
async fn whoever_holds_the_phone_writes_for_the_family() {
    let app = TestApp::new().await;
    let (patient_id, reference, now) = by_text(&app).await;
    let holder = app.patient(2).await;
    let caller = Caller::Patient {
        id: holder,
        name: None,
        family: vec![patient_id],
        opened_since: None,
    };
    says(&app, caller.clone(), &reference, "She coughs", now)
        .await
        .unwrap();
    let thread = reads(&app, &caller, &reference, now).await.unwrap();
    assert_eq!(thread.messages.len(), 1);
    // It speaks for the patient, and the record says who typed it.
    let typed_by = app.count("select patient_id from consultation_messages").await;
    assert_eq!(typed_by, holder);
}

#[tokio::test]
async fn a_thread_opens_with_its_appointment_and_can_be_read_after_it_has_closed() {
    let app = TestApp::new().await;
    let (patient_id, reference, now) = by_text(&app).await;
    let patient = patient_caller(patient_id);
    let (start, end) = (app.slot(10), app.slot(11));
    let early = says(
        &app,
        patient.clone(),
        &reference,
        "Hello",
        plus_minutes(start, -1),
    )
    .await;
    assert_eq!(early, Err(AppError::ConsultationClosed));
    says(&app, patient.clone(), &reference, "Hello", start)
        .await
        .unwrap();
    let late = plus_minutes(end, 30);
    says(
        &app,
        patient.clone(),
        &reference,
        "Thank you",
        plus_minutes(late, -1),
    )
    .await
    .unwrap();
    let closed = says(&app, patient.clone(), &reference, "And", late).await;
    assert_eq!(closed, Err(AppError::ConsultationClosed));
    for (at, expected) in [
        (now, Phase::Open { closes_at: late }),
        (late, Phase::Closed),
        (plus_minutes(late, 60 * 24 * 365), Phase::Closed),
    ] {
        let thread = reads(&app, &patient, &reference, at).await.unwrap();
        assert_eq!((thread.phase, thread.messages.len()), (expected, 2));
    }
}

#[tokio::test]
async fn a_message_says_something_and_not_too_much() {
    let app = TestApp::new().await;
    let (patient_id, reference, now) = by_text(&app).await;
    let patient = patient_caller(patient_id);
    for (text, problem) in [
        (" \n".to_owned(), FieldProblem::Missing),
        ("x".repeat(MAX_MESSAGE + 2), FieldProblem::TooLongBy(2)),
    ] {
        let refused = says(&app, patient.clone(), &reference, &text, now).await;
        assert_eq!(refused, Err(AppError::invalid(Field::Message, problem)));
    }
    says(&app, patient.clone(), &reference, "one\r\ntwo", now)
        .await
        .unwrap();
    let thread = reads(&app, &patient, &reference, now).await.unwrap();
    assert_eq!(thread.messages[0].text, "one\ntwo");
}

#[tokio::test]
async fn an_appointment_in_person_has_no_thread() {
    let app = TestApp::new().await;
    let (patient_id, reference, now) = by_text(&app).await;
    app.sql("update appointments set mode = 'in_person'").await;
    let patient = patient_caller(patient_id);
    let written = says(&app, patient.clone(), &reference, "Hello", now).await;
    assert_eq!(written, Err(AppError::NotFound));
    assert_eq!(
        reads(&app, &patient, &reference, now).await.err(),
        Some(AppError::NotFound)
    );
}

#[tokio::test]
async fn what_was_shown_is_seen_and_stays_so() {
    let app = TestApp::new().await;
    let (patient, doctor, reference, now) = both_said(&app).await;
    let id = app.id_of(&reference).await;
    let seen =
        |thread: Thread| -> Vec<bool> { thread.messages.iter().map(|message| message.is_seen).collect() };
    let thread = reads(&app, &doctor, &reference, now).await.unwrap();
    assert_eq!((thread.unread, seen(thread)), (1, vec![false, false]));
    let waiting = |count| {
        vec![Waiting {
            appointment_id: id,
            reference: reference.clone(),
            patient_id: patient.patient_id(),
            patient_name: Some("Patient 1".to_owned()),
            count,
            since: now,
        }]
    };
    let doctor_id = app.doctors[0].id;
    assert_eq!(waiting_for_doctor(&app.database, doctor_id).await, Ok(waiting(1)));
    let counted = unread(&app.database, &patient, vec![id]).await.unwrap();
    assert_eq!(counted, HashMap::from([(id, 1)]));

    for position in [1, 99, 0, -5] {
        see(&app.database, doctor.clone(), reference.as_str().into(), position)
            .await
            .unwrap();
        let thread = reads(&app, &patient, &reference, now).await.unwrap();
        assert_eq!(
            (thread.unread, seen(thread)),
            (1, vec![true, false]),
            "{position}"
        );
    }
    assert_eq!(waiting_for_doctor(&app.database, doctor_id).await, Ok(Vec::new()));
    see(&app.database, patient.clone(), reference.as_str().into(), 2)
        .await
        .unwrap();
    let thread = reads(&app, &doctor, &reference, now).await.unwrap();
    assert_eq!((thread.unread, seen(thread)), (0, vec![true, true]));
    assert_eq!(
        unread(&app.database, &patient, vec![id]).await,
        Ok(HashMap::new())
    );
    // A new one has not been.
    says(&app, patient.clone(), &reference, "Since Monday", now)
        .await
        .unwrap();
    assert_eq!(waiting_for_doctor(&app.database, doctor_id).await, Ok(waiting(1)));
    app.assert_whole().await;
}

#[tokio::test]
async fn it_is_recorded_that_a_doctor_has_read_a_thread() {
    let app = TestApp::new().await;
    let (patient, doctor, reference, now) = both_said(&app).await;
    let records = "select count(*) from patient_reads where what = 'history'";
    reads(&app, &patient, &reference, now).await.unwrap();
    assert_eq!(app.count(records).await, 0);
    reads(&app, &doctor, &reference, now).await.unwrap();
    assert_eq!(app.count(records).await, 1);
}

#[tokio::test]
async fn open_pages_hear_of_their_own_thread() {
    let app = TestApp::crowded().await;
    let (patient, doctor, reference, now) = both_said(&app).await;
    let id = app.id_of(&reference).await;
    let mut mine = app.live().await.overhear(id);
    let says = says(&app, doctor, &reference, "Are you there?", now);
    let (said, heard) = tokio::join!(says, mine.next());
    assert!(said.is_ok() && heard.is_some());
    let seen = see(&app.database, patient, reference.as_str().into(), 3);
    let (seen, heard) = tokio::join!(seen, mine.next());
    assert!(seen.is_ok() && heard.is_some());
}

#[tokio::test]
async fn the_database_refuses_a_second_message_in_a_place() {
    let app = TestApp::new().await;
    both_said(&app).await;
    let error = sqlx::query("insert into consultation_messages select * from consultation_messages limit 1")
        .execute(&mut *app.spare().await)
        .await
        .unwrap_err();
    let constraint = error.as_database_error().unwrap().constraint().map(str::to_owned);
    assert_eq!(constraint.as_deref(), Some("consultation_messages_pkey"));
}

#[tokio::test]
async fn verify_finds_a_gap_in_a_thread() {
    let app = TestApp::new().await;
    both_said(&app).await;
    app.assert_whole().await;
    app.sql("delete from consultation_messages where position = 1")
        .await;
    let report = engine::monitoring::verify::verify(&app.database, std::time::Duration::from_secs(60))
        .await
        .unwrap();
    let broken: Vec<&str> = report.broken().map(|finding| finding.rule.name()).collect();
    assert_eq!(broken, ["consultation_uncounted"]);
}

#[tokio::test]
async fn nobody_writes_where_there_is_no_doctor() {
    let app = TestApp::new().await;
    let me = app.patient(1).await;
    let class = Plan {
        caller: app.admin_caller(),
        doctor_id: NOBODY,
        clinic_id: app.clinic,
        service_id: app.services[VISIT],
        details: Details {
            title: "Birth class".to_owned(),
            starts_at: app.slot(20),
            minutes: 60,
            capacity: 4,
            price: None,
        },
        weeks: 1,
        publish: true,
        key: None,
    };
    let class = group::plan(&app.database, class, app.now)
        .await
        .unwrap()
        .remove(0);
    let seat = Take {
        caller: patient_caller(me),
        group_id: class.id,
        patient_id: me,
        seats: 1,
        name: None,
        reason: String::new(),
        rules: RULES,
        key: None,
    };
    let taken = group::take(&app.database, seat, app.now).await.unwrap();
    app.sql("update appointments set mode = 'text'").await;
    let (reference, now) = (taken.appointment.reference, plus_minutes(class.starts_at, 5));
    let written = says(&app, patient_caller(me), &reference, "Hello", now).await;
    assert_eq!(written, Err(AppError::NotFound));
    let read = reads(&app, &patient_caller(me), &reference, now).await;
    assert_eq!(read.err(), Some(AppError::NotFound));
}
