//! Days that are cancelled.

use super::{Became, Doing, hours};
use crate::support::{DOCTORS, TestApp, VISIT, one_winner, refusal};
use engine::{
    appointment::Status,
    availability::DayPlan,
    error::{AppError, Field, Refusal},
    i18n::{Locale, Texts},
    idempotency::{Key, KeyOwner},
    schedule::{Act, CancelDay, cancel_day, edit, stopped},
};

impl TestApp {
    /// An admin cancels tomorrow with the first doctor.
    async fn cancel_tomorrow(&self) -> CancelDay {
        let admin = self.admin_caller();
        CancelDay {
            doctor_id: self.doctors[0].id,
            version: self.doctor_version(0).await,
            clinic_id: self.clinic,
            day: self.day(20),
            reason: " The doctor is ill. ".to_owned(),
            texts: Texts::of(Locale::En),
            key: Some(Key::of_form(KeyOwner::Caller(&admin), "0123", "day", "1", &"day").unwrap()),
            caller: admin,
        }
    }
}

#[tokio::test]
async fn a_day_is_not_cancelled_without_a_reason() {
    let app = TestApp::new().await;
    let booked = app.confirmed(app.patient(1).await, 0, app.slot(20)).await;
    let without_reason = CancelDay {
        reason: " ".to_owned(),
        ..app.cancel_tomorrow().await
    };
    let refused = cancel_day(&app.database, without_reason, app.now).await;
    assert!(matches!(
        refused,
        Err(AppError::ValidationFailed {
            field: Field::Reason,
            ..
        })
    ));
    assert_eq!(app.appointment(&booked).await.0, "confirmed");
}

#[tokio::test]
async fn cancelling_a_day_cancels_the_appointments_that_are_ahead_on_it() {
    let app = TestApp::new().await;
    let patients = app.patients(4).await;
    let twice = app.confirmed(patients[0], 0, app.slot(20)).await;
    let second = app
        .requested(patients[0], app.wanted(0, VISIT, app.slot(30)))
        .await;
    let other = app.confirmed(patients[1], 0, app.slot(22)).await;
    let under_way = app.visit(patients[2], 0, app.slot(24), Status::InProgress).await;
    let next_day = app.confirmed(patients[2], 0, app.slot(48 + 20)).await;
    let of_another = app.confirmed(patients[3], 1, app.slot(20)).await;
    let command = app.cancel_tomorrow().await;
    let cancelled = cancel_day(&app.database, command, app.now).await.unwrap();
    assert_eq!(cancelled.appointments.len(), 3);
    for (reference, status) in [
        (&twice, "cancelled"),
        (&second, "cancelled"),
        (&other, "cancelled"),
        (&under_way, "in_progress"),
        (&next_day, "confirmed"),
        (&of_another, "confirmed"),
    ] {
        assert_eq!(app.appointment(reference).await.0, status, "{reference}");
    }
    let reasons = "select count(*) from appointment_changes
                   where to_status = 'cancelled' and reason = 'The doctor is ill.' and actor = 'admin'";
    assert_eq!(app.count(reasons).await, 3);
    app.assert_sound().await;
}

#[tokio::test]
async fn cancelling_a_day_tells_each_patient_once() {
    let app = TestApp::new().await;
    let patients = app.patients(2).await;
    app.confirmed(patients[0], 0, app.slot(20)).await;
    app.requested(patients[0], app.wanted(0, VISIT, app.slot(30)))
        .await;
    app.confirmed(patients[1], 0, app.slot(22)).await;
    let command = app.cancel_tomorrow().await;
    let cancelled = cancel_day(&app.database, command.clone(), app.now).await.unwrap();
    assert_eq!((cancelled.appointments.len(), cancelled.told), (3, 2));
    let message = app.newest_message("+6281255500000").await;
    for part in [
        "Clinic",
        "Dr 1",
        "10:00, 15:00",
        "The doctor is ill.",
        "+1 555 0100",
    ] {
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(app.count("select count(*) from messages").await, 2);
    let again = cancel_day(&app.database, command, app.now).await.unwrap();
    assert_eq!(again, cancelled, "it was sent twice");
    assert_eq!(app.count("select count(*) from messages").await, 2);
}

#[tokio::test]
async fn nothing_can_be_booked_on_a_cancelled_day() {
    let app = TestApp::new().await;
    let held = app
        .hold(77, app.wanted(0, VISIT, app.slot(40)), app.now)
        .await
        .unwrap();
    let command = app.cancel_tomorrow().await;
    cancel_day(&app.database, command, app.now).await.unwrap();
    let late = app.submit(77, app.patient(9).await, &held, app.now).await;
    assert_eq!(refusal(&late), Some(Refusal::SlotClosed));
    assert!(!app.offers(app.wanted(0, VISIT, app.slot(10))).await);
    assert!(app.offers(app.wanted(0, VISIT, app.slot(48))).await);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_doctor_who_cancels_a_day_declines_its_open_requests() {
    let app = TestApp::new().await;
    let patients = app.patients(3).await;
    let asked = app
        .requested(patients[0], app.wanted(0, VISIT, app.slot(20)))
        .await;
    let booked = app.confirmed(patients[1], 0, app.slot(22)).await;
    let too_late = app
        .requested(patients[2], app.wanted(0, VISIT, app.slot(24)))
        .await;
    sqlx::query("update appointments set answer_until = now() - interval '1 hour' where reference = $1")
        .bind(&too_late)
        .execute(&mut *app.spare().await)
        .await
        .unwrap();
    let command = CancelDay {
        caller: app.doctor_caller(0),
        doctor_id: app.doctors[0].id,
        version: app.doctor_version(0).await,
        clinic_id: app.clinic,
        day: app.day(20),
        reason: "Sakit".to_owned(),
        texts: Texts::of(Locale::Id),
        key: None,
    };
    let cancelled = cancel_day(&app.database, command, app.now).await.unwrap();
    assert_eq!((cancelled.appointments.len(), cancelled.told), (2, 2));
    for (reference, status) in [
        (&asked, "rejected"),
        (&booked, "cancelled"),
        (&too_late, "expired"),
    ] {
        assert_eq!(app.appointment(reference).await.0, status);
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn everybody_who_books_while_a_day_is_cancelled_is_told() {
    let app = TestApp::crowded().await;
    let patients = app.patients(20).await;
    app.open_hours().await;
    let command = CancelDay {
        caller: app.admin_caller(),
        doctor_id: app.doctors[0].id,
        version: app.doctor_version(0).await,
        clinic_id: app.clinic,
        day: app.day(48),
        reason: "Closed".to_owned(),
        texts: Texts::of(Locale::De),
        key: None,
    };
    let (database, now) = (app.database.clone(), app.now);
    let cancelling: Doing<Became> =
        Box::pin(async move { Became::Cancelled(cancel_day(&database, command, now).await) });
    let bookings = |from: usize, until: usize| -> Vec<Doing<Became>> {
        (from..until)
            .map(|number| {
                let slot = 48 + i64::try_from(number).unwrap();
                app.racing_to_book(patients[number], app.wanted(0, VISIT, app.slot(slot)))
            })
            .collect()
    };
    let waves = vec![bookings(0, 10), vec![cancelling], bookings(10, 20)];
    let (mut booked, mut told) = (0, None);
    for result in app.race_behind(DOCTORS, waves).await {
        match result {
            Became::Booked(Ok(_)) => booked += 1,
            Became::Booked(refused) => assert_eq!(refusal(&refused), Some(Refusal::SlotClosed)),
            Became::Cancelled(cancelled) => told = Some(cancelled.unwrap().told),
            other => panic!("{other:?}"),
        }
    }
    assert!(booked > 0, "nobody raced");
    assert_eq!(told, Some(booked));
    assert_eq!(
        app.count("select count(distinct recipient) from messages").await,
        i64::try_from(booked).unwrap()
    );
    let open = "select count(*) from appointments where status in ('held', 'pending', 'confirmed')";
    assert_eq!(app.count(open).await, 0);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_day_that_opens_again_has_the_hours_that_it_had() {
    let app = TestApp::new().await;
    let (day, clinic_id) = (app.day(20), app.clinic);
    let stop = |note: &str| Act::StopDay {
        clinic_id,
        day,
        note: note.to_owned(),
    };
    let open = Act::OpenDay { clinic_id, day };
    let (at_ten, at_noon) = (
        app.wanted(0, VISIT, app.slot(20)),
        app.wanted(0, VISIT, app.slot(24)),
    );
    // Nothing is stopped yet.
    assert_eq!(app.plan(open.clone()).await, Err(AppError::NotFound));
    app.plan(stop("")).await.unwrap();
    assert!(!app.offers(at_ten).await);
    app.plan(open.clone()).await.unwrap();
    assert!(app.offers(at_ten).await && app.offers(at_noon).await, "the week");

    // A date with hours of its own has them again, also where it was stopped twice.
    let plan = DayPlan {
        hours: vec![hours(9 * 60, 13 * 60)],
        breaks: vec![hours(10 * 60, 11 * 60)],
    };
    let exception = Act::Exception {
        clinic_id,
        day,
        plan,
        note: "A short day".to_owned(),
    };
    app.plan(exception).await.unwrap();
    app.plan(stop("A first time")).await.unwrap();
    app.plan(stop("A second time")).await.unwrap();
    assert!(!app.offers(at_noon).await);
    let whose = (app.doctors[0].id, clinic_id);
    let seen = stopped(&app.database, &app.admin_caller(), whose, app.now)
        .await
        .unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(
        (seen[0].day, seen[0].note.as_str(), seen[0].cancelled),
        (day, "A second time", 0)
    );
    app.plan(open.clone()).await.unwrap();
    assert!(
        app.offers(at_noon).await && !app.offers(at_ten).await,
        "its own hours"
    );
    let notes = "select count(*) from plan_exceptions where note = 'A short day' and stopped_at is null";
    assert_eq!(app.count(notes).await, 1);
    // A day off that somebody planned is none that was stopped.
    let day_off = Act::Exception {
        clinic_id,
        day,
        plan: DayPlan::default(),
        note: String::new(),
    };
    app.plan(day_off).await.unwrap();
    assert_eq!(app.plan(open).await, Err(AppError::NotFound));
    app.assert_sound().await;
}

#[tokio::test]
async fn what_was_cancelled_with_a_day_stays_cancelled_when_it_opens() {
    let app = TestApp::new().await;
    let patients = app.patients(2).await;
    let before = app.confirmed(patients[0], 0, app.slot(20)).await;
    let command = app.cancel_tomorrow().await;
    cancel_day(&app.database, command, app.now).await.unwrap();
    let clinic_id = app.clinic;
    let whose = (app.doctors[0].id, clinic_id);
    let reception = app.reception_caller("rina@test.example", &[clinic_id]).await;
    let seen = stopped(&app.database, &reception, whose, app.now).await.unwrap();
    assert_eq!(
        (seen[0].cancelled, seen[0].note.as_str()),
        (1, "The doctor is ill.")
    );

    // Nobody else's reception opens it.
    let elsewhere = app.another_clinic().await;
    let stranger = app.reception_caller("budi@test.example", &[elsewhere]).await;
    assert_eq!(
        stopped(&app.database, &stranger, whose, app.now).await,
        Err(AppError::NotFound)
    );
    let mut command = app
        .change_of(Act::OpenDay {
            clinic_id,
            day: app.day(20),
        })
        .await;
    command.caller = stranger;
    assert_eq!(
        edit(&app.database, command.clone(), app.now).await,
        Err(AppError::NotFound)
    );
    command.caller = reception;
    edit(&app.database, command, app.now).await.unwrap();
    assert_eq!(app.appointment(&before).await.0, "cancelled");
    let wanted = app.wanted(0, VISIT, app.slot(20));
    app.books(patients[1], wanted).await.unwrap();
    app.assert_sound().await;
}

#[tokio::test]
async fn of_several_who_open_a_day_one_does() {
    let app = TestApp::crowded().await;
    let (day, clinic_id) = (app.day(20), app.clinic);
    let stop = Act::StopDay {
        clinic_id,
        day,
        note: String::new(),
    };
    app.plan(stop).await.unwrap();
    let command = app.change_of(Act::OpenDay { clinic_id, day }).await;
    let racers = (0..8)
        .map(|_| {
            let (database, command, now) = (app.database.clone(), command.clone(), app.now);
            async move { edit(&database, command, now).await }
        })
        .collect();
    let (_, refused) = one_winner(&app.race(racers).await);
    assert!(
        refused.iter().all(|error| *error == AppError::StaleDoctor),
        "{refused:?}"
    );
    let opened = "select count(*) from schedule_changes where what = 'day_opened'";
    assert_eq!(app.count(opened).await, 1);
    app.assert_sound().await;
}
