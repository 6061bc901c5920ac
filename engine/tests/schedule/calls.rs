//! Whom a change would hit, the deed as it was decided, and the list of whom to call.

use sqlx::{
    Connection,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{Became, Doing, dates, hours};
use crate::support::{DOCTORS, TestApp, VISIT};
use engine::{
    account::Caller,
    appointment::{ChangeStatus, Status, change_status},
    error::AppError,
    i18n::{Locale, Texts},
    schedule::{
        Act, AsDecided, Called, CancelDay, Close, Edit, Tick, Why, ask_to_cancel_day, ask_to_close,
        ask_to_edit, call_list, call_lists, cancel_day_as_decided, close_as_decided, edit_as_decided, tick,
    },
};

impl TestApp {
    async fn day_to_cancel(&self) -> CancelDay {
        CancelDay {
            caller: self.admin_caller(),
            doctor_id: self.doctors[0].id,
            version: self.doctor_version(0).await,
            clinic_id: self.clinic,
            day: self.day(20),
            reason: "Ill".to_owned(),
            texts: Texts::of(Locale::En),
            key: None,
        }
    }

    async fn absence(&self) -> Edit {
        Edit {
            caller: self.admin_caller(),
            doctor_id: self.doctors[0].id,
            version: self.doctor_version(0).await,
            act: Act::Absence {
                clinic_id: None,
                dates: dates(self.day(20), Some(hours(0, 1440))),
            },
            key: None,
        }
    }

    fn closure(&self) -> Close {
        Close {
            caller: self.admin_caller(),
            clinic_id: Some(self.clinic),
            dates: dates(self.day(20), None),
            key: None,
        }
    }

    /// Another admin, by the number of a doctor's account.
    fn colleague(&self, doctor: usize) -> Caller {
        let staff_id = self.doctors[doctor].staff_id;
        Caller::Admin {
            clinics: engine::account::Clinics::All,
            staff_id,
            name: format!("Colleague {doctor}"),
        }
    }

    /// Cancels tomorrow with the first doctor, on whom these have booked, and answers with the list.
    async fn list_of(&self, count: usize) -> i64 {
        for (number, patient) in self.patients(count).await.into_iter().enumerate() {
            let slot = 20 + i64::try_from(number).unwrap();
            self.confirmed(patient, 0, self.slot(slot)).await;
        }
        let command = self.day_to_cancel().await;
        let done = cancel_day_as_decided(&self.database, command, AsDecided::unasked(), self.now).await;
        done.unwrap().call_list.unwrap()
    }
}

#[sqlx::test]
async fn the_question_names_whom_a_change_hits_and_changes_nothing(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patients = app.patients(3).await;
    let first = app.confirmed(patients[0], 0, app.slot(20)).await;
    let second = app
        .requested(patients[1], app.wanted(0, VISIT, app.slot(22)))
        .await;
    app.confirmed(patients[2], 0, app.slot(20 + 48)).await;
    app.sql(
        "insert into message_stops (recipient, reason, stopped_at)
         select phone, 'opted_out', now() from patients where name = 'Patient 1'",
    )
    .await;
    let day = ask_to_cancel_day(&app.database, app.day_to_cancel().await, app.now)
        .await
        .unwrap();
    let absence = ask_to_edit(&app.database, app.absence().await, app.now)
        .await
        .unwrap();
    let closure = ask_to_close(&app.database, app.closure(), app.now).await.unwrap();
    for question in [&day, &absence, &closure] {
        let named: Vec<&str> = question
            .affected
            .iter()
            .map(|one| one.item.reference.as_str())
            .collect();
        assert_eq!(named, [&first, &second]);
        assert!(
            question
                .affected
                .iter()
                .all(|one| one.item.patient_phone.is_some())
        );
        let reach: Vec<bool> = question.affected.iter().map(|one| one.reach.phone).collect();
        assert_eq!(reach, [true, false]);
        assert!(question.affected.iter().all(|one| !one.reach.email));
        assert_eq!(question.decided_on, day.decided_on);
    }
    assert_eq!(app.count("select count(*) from time_off").await, 0);
    assert_eq!(app.count("select count(*) from schedule_changes").await, 0);
    assert_eq!(app.count("select count(*) from call_lists").await, 0);
    let of_another = CancelDay {
        caller: app.doctor_caller(1),
        ..app.day_to_cancel().await
    };
    let refused = ask_to_cancel_day(&app.database, of_another, app.now).await;
    assert_eq!(refused.err(), Some(AppError::NotFound));
}

#[sqlx::test]
async fn nothing_is_done_where_somebody_booked_moved_or_cancelled_since_the_question(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patients = app.patients(2).await;
    let booked = app.confirmed(patients[0], 0, app.slot(20)).await;
    let asked = ask_to_cancel_day(&app.database, app.day_to_cancel().await, app.now)
        .await
        .unwrap();
    let decided = AsDecided::of(&asked.decided_on);
    let second = app.confirmed(patients[1], 0, app.slot(22)).await;
    let command = app.day_to_cancel().await;
    let refused = cancel_day_as_decided(&app.database, command.clone(), decided.clone(), app.now).await;
    assert_eq!(refused, Err(AppError::AffectedChanged));
    let edit = app.absence().await;
    let refused = edit_as_decided(&app.database, edit, decided.clone(), app.now).await;
    assert_eq!(refused, Err(AppError::AffectedChanged));
    let refused = close_as_decided(&app.database, app.closure(), decided.clone(), app.now).await;
    assert_eq!(refused, Err(AppError::AffectedChanged));
    assert_eq!(app.count("select count(*) from time_off").await, 0);
    assert_eq!(app.count("select count(*) from plan_exceptions").await, 0);
    assert_eq!(app.appointment(&booked).await.0, "confirmed");
    // Whoever came has gone again: it hits those on whom it was decided.
    let cancelled = ChangeStatus {
        caller: app.admin_caller(),
        which: second.into(),
        to: Status::Cancelled,
        version: None,
        reason: "Asked to".to_owned(),
        key: None,
    };
    change_status(&app.database, cancelled, app.now).await.unwrap();
    let done = cancel_day_as_decided(&app.database, command, decided, app.now)
        .await
        .unwrap();
    assert_eq!(done.appointments.len(), 1);
    assert_eq!(app.appointment(&booked).await.0, "cancelled");
    app.assert_sound().await;
}

#[sqlx::test]
async fn a_decision_that_races_bookings_hits_exactly_whom_it_was_made_about(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patients = app.patients(13).await;
    app.open_hours().await;
    app.confirmed(patients[12], 0, app.slot(20)).await;
    // Somebody is before the decision in the queue at first, and nobody then.
    for before in [1, 0] {
        let command = app.day_to_cancel().await;
        let asked = ask_to_cancel_day(&app.database, command.clone(), app.now)
            .await
            .unwrap();
        let lists = app.count("select count(*) from call_lists").await;
        let (database, now) = (app.database.clone(), app.now);
        let decided = AsDecided::of(&asked.decided_on);
        let cancels: Doing<Became> = Box::pin(async move {
            Became::Cancelled(cancel_day_as_decided(&database, command, decided, now).await)
        });
        let booking = |number: usize| {
            let slot = 24 + i64::try_from(number).unwrap();
            app.racing_to_book(patients[number], app.wanted(0, VISIT, app.slot(slot)))
        };
        let first = 6 * (1 - before);
        let waves = vec![
            (first..first + before).map(booking).collect(),
            vec![cancels],
            (first + before..first + 6).map(booking).collect(),
        ];
        let results = app.race_behind(DOCTORS, waves).await;
        let made = app.count("select count(*) from call_lists").await - lists;
        for result in &results {
            match result {
                Became::Cancelled(Ok(done)) => {
                    assert_eq!(done.appointments.len(), asked.affected.len(), "{results:?}");
                    assert_eq!(made, 1);
                }
                Became::Cancelled(Err(error)) => {
                    assert_eq!(*error, AppError::AffectedChanged);
                    assert_eq!(made, 0);
                }
                _ => {}
            }
        }
    }
    app.assert_sound().await;
}

#[sqlx::test]
async fn a_list_of_whom_to_call_is_made_with_each_deed(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let patients = app.patients(3).await;
    let booked = app.confirmed(patients[0], 0, app.slot(20)).await;
    app.confirmed(patients[1], 1, app.slot(20)).await;
    let unasked = AsDecided::unasked;
    let absence = edit_as_decided(&app.database, app.absence().await, unasked(), app.now)
        .await
        .unwrap();
    let closure = close_as_decided(&app.database, app.closure(), unasked(), app.now)
        .await
        .unwrap();
    let day = cancel_day_as_decided(&app.database, app.day_to_cancel().await, unasked(), app.now)
        .await
        .unwrap();
    // The appointment of the first doctor was outside of the plan already when the clinic closed.
    for (list, why, count) in [
        (absence.call_list, Why::Absence, 1),
        (closure.call_list, Why::Closure, 1),
        (day.call_list, Why::DayCancelled, 1),
    ] {
        let (list, calls) = call_list(&app.database, &app.admin_caller(), list.unwrap(), app.now)
            .await
            .unwrap();
        assert_eq!(
            (list.why, list.calls, list.open, calls.len()),
            (why, count, count, 1),
            "{list:?}"
        );
        assert_eq!((list.first_day, list.last_day), (app.day(20), app.day(20)));
    }
    let (_, calls) = call_list(
        &app.database,
        &app.admin_caller(),
        day.call_list.unwrap(),
        app.now,
    )
    .await
    .unwrap();
    assert_eq!(calls[0].affected.item.reference, booked);
    assert_eq!(calls[0].affected.item.status, Status::Cancelled);
    // Doctors see their own.
    let own = call_lists(&app.database, &app.doctor_caller(0)).await.unwrap();
    assert_eq!(
        own.iter().map(|list| Some(list.id)).collect::<Vec<_>>(),
        [day.call_list, absence.call_list]
    );
    let theirs = call_list(
        &app.database,
        &app.doctor_caller(1),
        day.call_list.unwrap(),
        app.now,
    )
    .await;
    assert_eq!(theirs.err(), Some(AppError::NotFound));
    assert_eq!(
        call_lists(&app.database, &app.admin_caller())
            .await
            .unwrap()
            .len(),
        3
    );
    // Nobody booked on another day: there is no list.
    let empty = CancelDay {
        day: app.day(20 + 5 * 48),
        ..app.day_to_cancel().await
    };
    let empty = cancel_day_as_decided(&app.database, empty, unasked(), app.now)
        .await
        .unwrap();
    assert_eq!(empty.call_list, None);
}

#[sqlx::test]
async fn whoever_was_given_another_time_is_out_of_harm(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let patients = app.patients(3).await;
    let mut references = Vec::new();
    for (patient, slot) in patients.into_iter().zip([20, 22, 24]) {
        references.push(app.confirmed(patient, 0, app.slot(slot)).await);
    }
    let command = app.absence().await;
    let done = edit_as_decided(&app.database, command, AsDecided::unasked(), app.now)
        .await
        .unwrap();
    let list_id = done.call_list.unwrap();
    app.sql(
        "update appointments
         set starts_at = starts_at + interval '1 hour', ends_at = ends_at + interval '1 hour',
             blocks_from = blocks_from + interval '1 hour', blocks_until = blocks_until + interval '1 hour'
         where id = (select max(id) from appointments)",
    )
    .await;
    let admin = app.admin_caller();
    let (_, calls) = call_list(&app.database, &admin, list_id, app.now).await.unwrap();
    let in_harm = |now| -> Vec<&str> {
        calls
            .iter()
            .filter(|call| call.is_in_harm(now))
            .map(|call| call.affected.item.reference.as_str())
            .collect()
    };
    assert_eq!(calls.len(), 3, "whoever is out of harm is still to be called");
    assert_eq!(in_harm(app.now), [&references[0], &references[1]]);
    assert_eq!(in_harm(app.slot(20)), [&references[1]], "the first has begun");
}

#[sqlx::test]
async fn of_many_who_tick_a_call_off_at_once_one_has_called_and_all_are_told(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let list_id = app.list_of(2).await;
    let admin = app.admin_caller();
    let (_, calls) = call_list(&app.database, &admin, list_id, app.now).await.unwrap();
    let appointment_id = calls[0].affected.item.id;
    let mut racers: Vec<Doing<Result<Option<Called>, AppError>>> = Vec::new();
    for number in 0..12 {
        let command = Tick {
            caller: app.colleague(number % 4),
            list_id,
            appointment_id,
            done: true,
        };
        let (database, now) = (app.database.clone(), app.now);
        racers.push(Box::pin(async move { tick(&database, command, now).await }));
    }
    let told: Vec<Called> = app
        .race(racers)
        .await
        .into_iter()
        .map(|result| result.unwrap().unwrap())
        .collect();
    assert!(told.iter().all(|called| *called == told[0]), "{told:?}");
    let (list, calls) = call_list(&app.database, &admin, list_id, app.now).await.unwrap();
    assert_eq!((list.calls, list.open), (2, 1));
    assert_eq!(calls[0].called.as_ref(), Some(&told[0]));
    assert_eq!(calls[1].called, None);
}

#[sqlx::test]
async fn who_has_called_takes_it_back_and_nobody_else(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let list_id = app.list_of(1).await;
    let (caller, other) = (app.colleague(0), app.colleague(1));
    let (_, calls) = call_list(&app.database, &caller, list_id, app.now).await.unwrap();
    let appointment_id = calls[0].affected.item.id;
    let by = |caller: &Caller, done| Tick {
        caller: caller.clone(),
        list_id,
        appointment_id,
        done,
    };
    assert_eq!(tick(&app.database, by(&caller, false), app.now).await, Ok(None));
    let called = tick(&app.database, by(&caller, true), app.now).await.unwrap();
    assert_eq!(called.map(|called| called.staff_id), caller.staff_id());
    let refused = tick(&app.database, by(&other, false), app.now).await;
    assert_eq!(refused, Err(AppError::Forbidden));
    assert_eq!(tick(&app.database, by(&caller, false), app.now).await, Ok(None));
    let (list, _) = call_list(&app.database, &caller, list_id, app.now).await.unwrap();
    assert_eq!(list.open, 1);
    let unknown = Tick {
        appointment_id: 999,
        ..by(&caller, true)
    };
    assert_eq!(
        tick(&app.database, unknown, app.now).await,
        Err(AppError::NotFound)
    );
    let patient = Tick {
        caller: crate::support::patient_caller(1),
        ..by(&caller, true)
    };
    assert_eq!(
        tick(&app.database, patient, app.now).await,
        Err(AppError::NotFound)
    );
    // A doctor ticks off calls about their own days.
    let of_doctor = Tick {
        caller: app.doctor_caller(0),
        ..by(&caller, true)
    };
    assert!(tick(&app.database, of_doctor, app.now).await.unwrap().is_some());
    let of_another = Tick {
        caller: app.doctor_caller(1),
        ..by(&caller, true)
    };
    assert_eq!(
        tick(&app.database, of_another, app.now).await,
        Err(AppError::NotFound)
    );
}

#[sqlx::test]
async fn the_question_before_a_closure_waits_for_nobody(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let patient = app.patient(1).await;
    app.confirmed(patient, 0, app.slot(20)).await;
    let mut connection = app.connection().await;
    let mut books = connection.begin().await.unwrap();
    sqlx::raw_sql("select from doctors for update")
        .execute(&mut *books)
        .await
        .unwrap();
    let asked = ask_to_close(&app.database, app.closure(), app.now);
    let asked = tokio::time::timeout(std::time::Duration::from_secs(5), asked).await;
    assert_eq!(asked.unwrap().unwrap().affected.len(), 1);
    books.rollback().await.unwrap();
    assert_eq!(app.count("select count(*) from time_off").await, 0);
}

#[sqlx::test]
async fn a_list_with_open_calls_does_not_drop_out(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let open = app.list_of(1).await;
    app.sql(
        "insert into call_lists (doctor_id, why, first_day, last_day, made_by, made_at)
         select doctor_id, why, first_day, last_day, made_by, made_at
         from call_lists, generate_series(1, 60)",
    )
    .await;
    let lists = call_lists(&app.database, &app.admin_caller()).await.unwrap();
    assert_eq!(lists.len(), 50);
    assert_eq!((lists[0].id, lists[0].open), (open, 1));
    assert!(lists[1..].is_sorted_by(|one, next| one.id > next.id));
}

#[sqlx::test]
async fn who_asks_whom_a_change_would_hit_has_read_of_them(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let patient = app.patient(1).await;
    app.confirmed(patient, 0, app.slot(20)).await;
    let reads = "select count(*) from patient_reads where what = 'list'";
    for (number, colleague) in (0..3).map(|number| (number, app.colleague(number))) {
        let before = app.count(reads).await;
        let asked = match number {
            0 => {
                let command = CancelDay {
                    caller: colleague,
                    ..app.day_to_cancel().await
                };
                ask_to_cancel_day(&app.database, command, app.now).await
            }
            1 => {
                let command = Edit {
                    caller: colleague,
                    ..app.absence().await
                };
                ask_to_edit(&app.database, command, app.now).await
            }
            _ => {
                let command = Close {
                    caller: colleague,
                    ..app.closure()
                };
                ask_to_close(&app.database, command, app.now).await
            }
        };
        assert_eq!(asked.unwrap().affected.len(), 1);
        assert_eq!(app.count(reads).await, before + 1, "{number}");
    }
}
