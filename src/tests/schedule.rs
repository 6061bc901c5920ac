//! Schedules: what they offer is what can be booked, and changing one races bookings.

use std::pin::Pin;

use jiff::{Timestamp, ToSpan, civil};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::app::{ANSWER_MINUTES, DOCTORS, TestApp, VISIT, refusal};
use crate::{
    account::Caller,
    appointment::{
        Status,
        service::{ChangeStatus, Summary, change_status},
    },
    availability::{
        DayPlan, Hours, Weekly, WhyNot,
        service::{Except, For, Search, directory, is_free, page},
    },
    booking::{
        Wanted,
        service::{Book, book},
    },
    error::{AppError, Field, Refusal},
    i18n::{Locale, Texts},
    idempotency::{Key, Whose},
    schedule::{
        Act, Dates,
        service::{
            CancelDay, Cancelled, Close, Closed, Edit, Edited, cancel_day, close, edit, preview, reopen,
            schedule, why_not,
        },
    },
    time::{self, Said, plus_minutes},
};

fn hours(from_minute: i32, until_minute: i32) -> Hours {
    Hours {
        from_minute,
        until_minute,
    }
}

/// The same hours on every day.
fn every_day(ranges: &[(Hours, bool)]) -> Vec<Weekly> {
    (1..=7)
        .flat_map(|weekday| {
            ranges.iter().map(move |(hours, is_break)| Weekly {
                weekday: civil::Weekday::from_monday_one_offset(weekday).unwrap(),
                hours: *hours,
                is_break: *is_break,
                valid_from: None,
                valid_until: None,
            })
        })
        .collect()
}

fn dates(day: civil::Date, hours: Option<Hours>) -> Dates {
    Dates {
        first_day: day,
        last_day: day,
        hours,
        yearly: false,
        note: String::new(),
    }
}

/// A command that is not sent yet, and what comes of it.
type Doing<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What became of somebody in a race.
#[derive(Debug)]
enum Became {
    Booked(Result<Summary, AppError>),
    Edited(Result<Edited, AppError>),
    Closed(Result<Closed, AppError>),
    Cancelled(Result<Cancelled, AppError>),
}

impl TestApp {
    /// The date on which this half hour is, in UTC.
    fn day(&self, slot: i64) -> civil::Date {
        time::local_date(self.slot(slot), &jiff::tz::TimeZone::UTC)
    }

    async fn version(&self, doctor: usize) -> i32 {
        sqlx::query_scalar("select version from doctors where id = $1")
            .bind(self.doctors[doctor].id)
            .fetch_one(&mut self.connection().await)
            .await
            .unwrap()
    }

    /// A change of the first doctor's schedule by an admin who has just looked.
    async fn change_of(&self, act: Act) -> Edit {
        Edit {
            caller: self.admin_caller(),
            doctor_id: self.doctors[0].id,
            version: self.version(0).await,
            act,
            key: None,
        }
    }

    async fn plan(&self, act: Act) -> Result<Edited, AppError> {
        let command = self.change_of(act).await;
        edit(&self.database, &self.live, command, self.now).await
    }

    fn book_now(&self, patient_id: i64, wanted: Wanted) -> Doing<Result<Summary, AppError>> {
        let (database, live, now) = (self.database.clone(), self.live.clone(), self.now);
        let command = Book {
            caller: Caller::Patient {
                id: patient_id,
                name: None,
            },
            wanted,
            patient_id,
            reason: String::new(),
            overbook: None,
            answer_minutes: ANSWER_MINUTES,
            key: None,
        };
        Box::pin(async move { book(&database, &live, command, now).await })
    }

    fn racing_to_book(&self, patient_id: i64, wanted: Wanted) -> Doing<Became> {
        let booking = self.book_now(patient_id, wanted);
        Box::pin(async move { Became::Booked(booking.await) })
    }

    fn racing_to_edit(&self, command: Edit) -> Doing<Became> {
        let (database, live, now) = (self.database.clone(), self.live.clone(), self.now);
        Box::pin(async move { Became::Edited(edit(&database, &live, command, now).await) })
    }

    fn racing_to_close(&self, clinic_id: Option<i64>, dates: Dates) -> Doing<Became> {
        let (database, live, now) = (self.database.clone(), self.live.clone(), self.now);
        let command = Close {
            caller: self.admin_caller(),
            clinic_id,
            dates,
            key: None,
        };
        Box::pin(async move { Became::Closed(close(&database, &live, command, now).await) })
    }

    /// Listed and bookable, or neither: what both say.
    async fn offers(&self, wanted: Wanted) -> bool {
        let nobody = Except::default();
        let is_listed = is_free(&self.database, wanted, nobody, self.now).await.unwrap();
        let held = self.hold(usize::MAX, wanted, self.now).await;
        assert_eq!(held.is_ok(), is_listed, "{wanted:?} {held:?}");
        self.sql("update appointments set held_until = created_at where status = 'held'")
            .await;
        is_listed
    }

    /// A second clinic, on the other side of the world, where the doctors work around the clock, too.
    async fn second_clinic(&self) -> i64 {
        let mut connection = self.connection().await;
        let id: i64 = sqlx::query_scalar(
            "insert into clinics (name, address, city, phone, time_zone)
             values ('Far away', 'Road 2', 'Island', '+1 555 0101', 'Pacific/Kiritimati') returning id",
        )
        .fetch_one(&mut connection)
        .await
        .unwrap();
        sqlx::query("insert into offers select doctors.id, $1, services.id from doctors, services")
            .bind(id)
            .execute(&mut connection)
            .await
            .unwrap();
        sqlx::query(
            "insert into working_hours (doctor_id, clinic_id, weekday, from_minute, until_minute)
             select doctors.id, $1, weekday, 0, 1440 from doctors, generate_series(1, 7) as weekday",
        )
        .bind(id)
        .execute(&mut connection)
        .await
        .unwrap();
        id
    }
}

#[sqlx::test]
async fn what_is_taken_out_of_a_plan_is_neither_listed_nor_booked(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let clinic_id = app.clinic;
    let at = |slot: i64| app.wanted(0, VISIT, app.slot(slot));
    // Ten in the morning of three days.
    let ten = [20, 48 + 20, 96 + 20];
    let day = app.day(20);
    let around_ten = hours(590, 640);

    let week = every_day(&[(hours(0, 1440), false), (around_ten, true)]);
    app.plan(Act::Week { clinic_id, week }).await.unwrap();
    for slot in ten {
        assert!(!app.offers(at(slot)).await, "a break at {slot}");
        assert!(app.offers(at(slot + 2)).await);
    }
    let week = every_day(&[(hours(0, 1440), false)]);
    app.plan(Act::Week { clinic_id, week }).await.unwrap();
    assert!(app.offers(at(20)).await);

    // An exception is in place of the week, and gone again.
    let plan = DayPlan {
        hours: vec![hours(600, 720)],
        breaks: vec![hours(630, 660)],
    };
    let exception = Act::Exception {
        clinic_id,
        day,
        plan,
        note: "Other hours".to_owned(),
    };
    app.plan(exception.clone()).await.unwrap();
    app.plan(exception).await.unwrap();
    for (slot, expected) in [
        (19, false),
        (20, true),
        (21, false),
        (22, true),
        (24, false),
        (68, true),
    ] {
        assert_eq!(app.offers(at(slot)).await, expected, "an exception at {slot}");
    }
    app.plan(Act::RemoveException { clinic_id, day }).await.unwrap();
    let again = app.plan(Act::RemoveException { clinic_id, day }).await;
    assert_eq!(again, Err(AppError::NotFound));

    for (clinic, name) in [(Some(clinic_id), "here"), (None, "everywhere")] {
        let dates = Dates {
            last_day: day.tomorrow().unwrap(),
            ..dates(day, Some(around_ten))
        };
        let absence = Act::Absence {
            clinic_id: clinic,
            dates,
        };
        app.plan(absence).await.unwrap();
        for (slot, expected) in [(20, false), (22, true), (68, false), (116, true)] {
            assert_eq!(app.offers(at(slot)).await, expected, "away {name} at {slot}");
        }
        let other = app.wanted(1, VISIT, app.slot(20));
        assert!(app.offers(other).await, "it is the absence of one doctor");
        let id = app.count("select max(id) from time_off").await;
        app.plan(Act::RemoveAbsence { id }).await.unwrap();
        assert!(app.offers(at(20)).await);
    }
    app.assert_sound().await;
}

#[sqlx::test]
async fn a_closure_is_over_every_doctor_there_on_the_dates_of_each_clinic(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let far = app.second_clinic().await;
    let day = app.day(48);
    let noon = app.slot(48 + 24);
    let there = |starts_at: Timestamp| Wanted {
        clinic_id: far,
        ..app.wanted(1, VISIT, starts_at)
    };
    // Fourteen hours ahead of UTC: the date begins there at ten in the morning of the day before.
    let first_there = plus_minutes(app.slot(48), -14 * 60);
    let patient = app.patient(1).await;
    let booked = app.confirmed(patient, 1, noon).await;
    let command = |clinic_id| Close {
        caller: app.admin_caller(),
        clinic_id,
        dates: dates(day, None),
        key: None,
    };
    let closed = close(&app.database, &app.live, command(Some(app.clinic)), app.now)
        .await
        .unwrap();
    let attention: Vec<&str> = closed
        .no_longer_held
        .iter()
        .map(|appointment| &*appointment.reference)
        .collect();
    assert_eq!(attention, [&*booked]);
    assert_eq!(app.appointment(&booked).await.0, "confirmed");
    for (wanted, expected) in [
        (app.wanted(0, VISIT, noon), false),
        (app.wanted(1, VISIT, app.slot(48)), false),
        (app.wanted(1, VISIT, app.slot(47)), true),
        (app.wanted(1, VISIT, app.slot(96)), true),
        (there(first_there), true),
    ] {
        assert_eq!(app.offers(wanted).await, expected, "{wanted:?}");
    }
    // Over all of it.
    let all = close(&app.database, &app.live, command(None), app.now)
        .await
        .unwrap();
    assert_eq!(all.no_longer_held, [], "it was not held before either");
    for (wanted, expected) in [
        (app.wanted(1, VISIT, app.slot(48)), false),
        (there(plus_minutes(first_there, -30)), true),
        (there(first_there), false),
        (there(plus_minutes(first_there, 23 * 60 + 30)), false),
        (there(plus_minutes(first_there, 24 * 60)), true),
    ] {
        assert_eq!(app.offers(wanted).await, expected, "{wanted:?}");
    }
    let nobody = reopen(&app.database, &app.live, app.doctor_caller(0), all.id, app.now).await;
    assert_eq!(nobody, Err(AppError::NotFound));
    for id in [all.id, closed.id] {
        reopen(&app.database, &app.live, app.admin_caller(), id, app.now)
            .await
            .unwrap();
    }
    assert!(app.offers(there(first_there)).await);
    assert!(app.offers(app.wanted(0, VISIT, noon)).await);
    let by_doctor = Close {
        caller: app.doctor_caller(0),
        ..command(None)
    };
    let refused = close(&app.database, &app.live, by_doctor, app.now).await;
    assert_eq!(refused, Err(AppError::NotFound));
    app.assert_sound().await;
}

#[sqlx::test]
async fn what_the_new_plan_does_not_hold_is_said_before_and_after_and_stays(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let clinic_id = app.clinic;
    let patients = app.patients(3).await;
    // At ten, at two in the afternoon, and at half past two.
    let morning = app.confirmed(patients[0], 0, app.slot(20)).await;
    let at_two = app
        .requested(patients[1], app.wanted(0, VISIT, app.slot(28)))
        .await;
    let last = app.confirmed(patients[2], 0, app.slot(29)).await;
    let only_mornings = Act::Week {
        clinic_id,
        week: every_day(&[(hours(8 * 60, 14 * 60 + 15), false)]),
    };
    let command = app.change_of(only_mornings.clone()).await;
    let seen = preview(&app.database, command.clone(), app.now).await.unwrap();
    let would: Vec<&str> = seen
        .no_longer_held
        .iter()
        .map(|appointment| &*appointment.reference)
        .collect();
    assert_eq!(would, [&*at_two, &*last]);
    let (offering, days) = &seen.days[VISIT];
    assert_eq!(offering.service_id, app.services[VISIT]);
    // Half an hour has its last time at half past one.
    let tomorrow = days.iter().find(|day| day.date == app.day(20)).unwrap();
    assert_eq!(
        (tomorrow.slots.len(), tomorrow.free()),
        (12, 11),
        "from eight to half past one, and one is taken"
    );
    assert_eq!(app.version(0).await, 1, "nothing has happened");
    assert!(app.offers(app.wanted(0, VISIT, app.slot(40))).await);

    let edited = edit(&app.database, &app.live, command, app.now).await.unwrap();
    let attention: Vec<&str> = edited
        .no_longer_held
        .iter()
        .map(|appointment| &*appointment.reference)
        .collect();
    assert_eq!((edited.version, attention), (2, vec![&*at_two, &*last]));
    for (reference, status) in [
        (&morning, "confirmed"),
        (&at_two, "pending"),
        (&last, "confirmed"),
    ] {
        let (now, _, starts_at) = app.appointment(reference).await;
        assert_eq!(now, status);
        assert!(starts_at >= app.slot(20));
    }
    // A later change says only what it does itself; the page of the schedule says all.
    let again = app.plan(only_mornings).await.unwrap();
    assert_eq!(again.no_longer_held, []);
    let schedule = schedule(&app.database, app.admin_caller(), app.doctors[0].id, app.now)
        .await
        .unwrap();
    assert_eq!(schedule.outside.len(), 2);
    assert_eq!(schedule.places[0].plan.weekly.len(), 7);
    // What is kept can be answered, and moved to where there are hours.
    let confirm = ChangeStatus {
        caller: app.doctor_caller(0),
        which: at_two.clone().into(),
        to: Status::Confirmed,
        version: None,
        reason: String::new(),
        key: None,
    };
    change_status(&app.database, &app.live, confirm, app.now)
        .await
        .unwrap();
    app.assert_sound().await;
}

#[sqlx::test]
async fn the_second_of_two_editors_is_told_that_there_was_a_first(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let clinic_id = app.clinic;
    let doctor_id = app.doctors[0].id;
    let week = |until| Act::Week {
        clinic_id,
        week: every_day(&[(hours(0, until), false)]),
    };
    let first = app.change_of(week(600)).await;
    let second = Edit {
        caller: app.doctor_caller(0),
        ..app.change_of(week(700)).await
    };
    edit(&app.database, &app.live, first, app.now).await.unwrap();
    let refused = edit(&app.database, &app.live, second.clone(), app.now).await;
    assert_eq!(refused, Err(AppError::StaleDoctor));
    let refused = preview(&app.database, second.clone(), app.now).await.map(drop);
    assert_eq!(refused, Err(AppError::StaleDoctor));
    let seen = schedule(&app.database, app.doctor_caller(0), doctor_id, app.now)
        .await
        .unwrap();
    let last = seen.last_change.unwrap();
    assert_eq!(
        (last.what.as_str(), last.by.as_str(), last.version, seen.version),
        ("week", "admin", 2, 2)
    );
    let fresh = Edit {
        version: seen.version,
        ..second
    };
    edit(&app.database, &app.live, fresh, app.now).await.unwrap();
    assert_eq!(
        app.count("select count(*) from working_hours where until_minute = 700")
            .await,
        7
    );
    assert_eq!(app.count("select count(*) from schedule_changes").await, 2);
}

#[sqlx::test]
async fn of_editors_at_once_one_wins_and_nobody_is_overwritten(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let mut editors = Vec::new();
    for number in 0..12 {
        let week = every_day(&[(hours(0, 600 + number), false)]);
        let act = Act::Week {
            clinic_id: app.clinic,
            week,
        };
        editors.push(app.racing_to_edit(app.change_of(act).await));
    }
    let results = app.race_behind(DOCTORS, vec![editors]).await;
    let (mut winners, mut losers) = (0, 0);
    for result in results {
        match result {
            Became::Edited(Ok(_)) => winners += 1,
            Became::Edited(Err(AppError::StaleDoctor)) => losers += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((winners, losers, app.version(0).await), (1, 11, 2));
    let weeks = "select count(distinct until_minute) from working_hours
                 where doctor_id = (select min(id) from doctors)";
    assert_eq!(app.count(weeks).await, 1);
}

#[sqlx::test]
async fn a_change_that_is_sent_twice_is_made_once(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let admin = app.admin_caller();
    let key = Key::of_form(Whose::Caller(&admin), "0123", "plan", "1", &"absence").unwrap();
    let mut command = app
        .change_of(Act::Absence {
            clinic_id: None,
            dates: dates(app.day(20), None),
        })
        .await;
    command.key = Some(key);
    let first = edit(&app.database, &app.live, command.clone(), app.now).await;
    assert_eq!(first, edit(&app.database, &app.live, command, app.now).await);
    assert!(first.is_ok());
    assert_eq!(app.count("select count(*) from time_off").await, 1);
}

#[sqlx::test]
async fn nobody_plans_for_somebody_else_and_nothing_that_is_not_a_plan(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let clinic_id = app.clinic;
    let patient = app.patient(1).await;
    let act = Act::StopDay {
        clinic_id,
        day: app.day(20),
        note: String::new(),
    };
    let command = app.change_of(act.clone()).await;
    for caller in [
        app.doctor_caller(1),
        Caller::Patient {
            id: patient,
            name: None,
        },
    ] {
        let theirs = Edit {
            caller: caller.clone(),
            ..command.clone()
        };
        let refused = edit(&app.database, &app.live, theirs, app.now).await;
        assert_eq!(refused, Err(AppError::NotFound));
        let seen = schedule(&app.database, caller, app.doctors[0].id, app.now).await;
        assert_eq!(seen.map(drop), Err(AppError::NotFound));
    }
    let malformed = |field| Err(AppError::invalid(field, crate::error::Problem::Malformed));
    let nowhere = Act::StopDay {
        clinic_id: 999,
        day: app.day(20),
        note: String::new(),
    };
    for (act, expected) in [
        (
            Act::Week {
                clinic_id,
                week: every_day(&[(hours(600, 600), false)]),
            },
            malformed(Field::Hours),
        ),
        (
            Act::Week {
                clinic_id: 999,
                week: every_day(&[(hours(0, 600), false)]),
            },
            Err(AppError::NotFound),
        ),
        (nowhere, Err(AppError::NotFound)),
        (
            Act::Absence {
                clinic_id: None,
                dates: Dates {
                    last_day: app.day(0).saturating_sub(2.days()),
                    ..dates(app.day(0), None)
                },
            },
            Err(AppError::InvalidDateRange),
        ),
        (Act::RemoveAbsence { id: 999 }, Err(AppError::NotFound)),
    ] {
        assert_eq!(app.plan(act.clone()).await.map(drop), expected, "{act:?}");
    }
    assert_eq!(app.version(0).await, 1);
    // The doctor does, for themselves.
    let own = Edit {
        caller: app.doctor_caller(0),
        ..command
    };
    edit(&app.database, &app.live, own, app.now).await.unwrap();
    assert!(!app.offers(app.wanted(0, VISIT, app.slot(20))).await);
}

/// Whatever comes first: after an edit has answered, nobody books what its plan does not have, and it says
/// who booked before.
#[sqlx::test]
async fn an_edit_that_races_bookings_lists_who_was_first_and_keeps_out_who_comes_after(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patients = app.patients(24).await;
    app.open_hours().await;
    for round in 0..2i64 {
        // Nothing on odd half hours: the plan is left with the first of each hour, for half an hour.
        let first = (48 * (1 + round)).max(1);
        let bookings = |from: usize, until: usize| -> Vec<Doing<Became>> {
            (from..until)
                .map(|number| {
                    let slot = first + i64::try_from(number).unwrap();
                    app.racing_to_book(patients[number], app.wanted(0, VISIT, app.slot(slot)))
                })
                .collect()
        };
        let day = app.day(first);
        let plan = DayPlan {
            hours: vec![hours(0, 240)],
            breaks: vec![],
        };
        let exception = Act::Exception {
            clinic_id: app.clinic,
            day,
            plan,
            note: String::new(),
        };
        let command = app.change_of(exception).await;
        let waves = vec![
            bookings(0, 12),
            vec![app.racing_to_edit(command)],
            bookings(12, 24),
        ];
        let results = if round == 0 {
            app.race_behind(DOCTORS, waves).await
        } else {
            app.race(waves.into_iter().flatten().collect()).await
        };
        let (mut booked, mut listed) = (Vec::new(), None);
        for result in results {
            match result {
                Became::Booked(Ok(summary)) => booked.push(summary),
                Became::Booked(refused) => assert_eq!(refusal(&refused), Some(Refusal::SlotClosed)),
                Became::Edited(Ok(edited)) => listed = Some(edited.no_longer_held),
                other => panic!("{other:?}"),
            }
        }
        let end = app.slot(first + 8);
        let mut outside: Vec<i64> = booked
            .iter()
            .filter(|summary| summary.ends_at > end)
            .map(|summary| summary.id)
            .collect();
        outside.sort_unstable();
        let mut listed: Vec<i64> = listed.unwrap().iter().map(|summary| summary.id).collect();
        listed.sort_unstable();
        assert_eq!(listed, outside, "in round {round}");
        // Inside of the plan everybody got their time.
        assert_eq!(booked.len() - outside.len(), 8);
        if round == 0 {
            assert!(!outside.is_empty() && outside.len() < 16, "nobody raced");
        }
    }
    app.assert_sound().await;
}

#[sqlx::test]
async fn closing_editing_and_booking_at_once_wait_for_each_other_and_never_deadlock(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patients = app.patients(12).await;
    let day = app.day(96);
    let mut racers: Vec<Doing<Became>> = Vec::new();
    for doctor in 0..4 {
        let act = Act::Absence {
            clinic_id: None,
            dates: dates(day, Some(hours(0, 600))),
        };
        racers.push(app.racing_to_edit(Edit {
            doctor_id: app.doctors[doctor].id,
            ..app.change_of(act).await
        }));
    }
    racers.push(app.racing_to_close(None, dates(day, Some(hours(600, 900)))));
    racers.push(app.racing_to_close(Some(app.clinic), dates(day, Some(hours(900, 1440)))));
    for (number, patient) in patients.iter().enumerate() {
        let starts_at = app.slot(96 + 4 * i64::try_from(number).unwrap());
        racers.push(app.racing_to_book(*patient, app.wanted(number % 4, VISIT, starts_at)));
    }
    let (mut booked, mut listed) = (Vec::new(), Vec::new());
    for result in app.race_behind(DOCTORS, vec![racers]).await {
        match result {
            Became::Booked(Ok(summary)) => booked.push(summary.id),
            Became::Booked(refused) => assert_eq!(refusal(&refused), Some(Refusal::SlotClosed)),
            Became::Edited(edited) => listed.extend(edited.unwrap().no_longer_held),
            Became::Closed(closed) => listed.extend(closed.unwrap().no_longer_held),
            other => panic!("{other:?}"),
        }
    }
    let mut listed: Vec<i64> = listed.iter().map(|summary| summary.id).collect();
    listed.sort_unstable();
    booked.sort_unstable();
    assert_eq!(listed, booked, "the whole day is away or closed");
    let late = app.racing_to_book(patients[0], app.wanted(0, VISIT, app.slot(100)));
    assert!(matches!(late.await, Became::Booked(Err(_))));
    let deadlocks = "select deadlocks from pg_stat_database where datname = current_database()";
    assert_eq!(app.count(deadlocks).await, 0);
    app.assert_sound().await;
}

#[sqlx::test]
async fn cancelling_a_day_cancels_what_is_ahead_of_it_and_tells_each_patient_once(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patients = app.patients(4).await;
    let twice = app.confirmed(patients[0], 0, app.slot(20)).await;
    let second = app
        .requested(patients[0], app.wanted(0, VISIT, app.slot(30)))
        .await;
    let other = app.confirmed(patients[1], 0, app.slot(22)).await;
    let under_way = app.visit(patients[2], 0, app.slot(24), Status::InProgress).await;
    let next_day = app.confirmed(patients[2], 0, app.slot(48 + 20)).await;
    let of_another = app.confirmed(patients[3], 1, app.slot(20)).await;
    let held = app
        .hold(77, app.wanted(0, VISIT, app.slot(40)), app.now)
        .await
        .unwrap();
    let admin = app.admin_caller();
    let command = CancelDay {
        caller: admin.clone(),
        doctor_id: app.doctors[0].id,
        version: app.version(0).await,
        clinic_id: app.clinic,
        day: app.day(20),
        reason: " The doctor is ill. ".to_owned(),
        texts: Texts::of(Locale::En),
        key: Some(Key::of_form(Whose::Caller(&admin), "0123", "day", "1", &"day").unwrap()),
    };
    let without_reason = CancelDay {
        reason: " ".to_owned(),
        ..command.clone()
    };
    let refused = cancel_day(&app.database, &app.live, without_reason, app.now).await;
    assert!(matches!(
        refused,
        Err(AppError::ValidationFailed {
            field: Field::Reason,
            ..
        })
    ));

    let cancelled = cancel_day(&app.database, &app.live, command.clone(), app.now)
        .await
        .unwrap();
    assert_eq!((cancelled.appointments.len(), cancelled.told), (3, 2));
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
    let reasons = "select count(*) from appointment_changes
                   where to_status = 'cancelled' and reason = 'The doctor is ill.' and actor = 'admin'";
    assert_eq!(app.count(reasons).await, 3);
    // Nothing more on that day, not even what was held.
    let patient = app.patient(9).await;
    let late = app.submit(77, patient, &held, app.now).await;
    assert_eq!(refusal(&late), Some(Refusal::SlotClosed));
    assert!(!app.offers(app.wanted(0, VISIT, app.slot(10))).await);
    assert!(app.offers(app.wanted(0, VISIT, app.slot(48))).await);
    // Sent twice, nobody is told twice.
    let again = cancel_day(&app.database, &app.live, command, app.now)
        .await
        .unwrap();
    assert_eq!(again, cancelled);
    assert_eq!(app.count("select count(*) from messages").await, 2);
    app.assert_sound().await;
}

#[sqlx::test]
async fn a_doctor_who_cancels_a_day_declines_what_was_asked_for(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
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
        .execute(&mut app.connection().await)
        .await
        .unwrap();
    let command = CancelDay {
        caller: app.doctor_caller(0),
        doctor_id: app.doctors[0].id,
        version: app.version(0).await,
        clinic_id: app.clinic,
        day: app.day(20),
        reason: "Sakit".to_owned(),
        texts: Texts::of(Locale::Id),
        key: None,
    };
    let cancelled = cancel_day(&app.database, &app.live, command, app.now)
        .await
        .unwrap();
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

#[sqlx::test]
async fn cancelling_a_day_that_is_being_booked_leaves_nobody_with_a_time_and_untold(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patients = app.patients(20).await;
    app.open_hours().await;
    let command = CancelDay {
        caller: app.admin_caller(),
        doctor_id: app.doctors[0].id,
        version: app.version(0).await,
        clinic_id: app.clinic,
        day: app.day(48),
        reason: "Closed".to_owned(),
        texts: Texts::of(Locale::De),
        key: None,
    };
    let (database, live, now) = (app.database.clone(), app.live.clone(), app.now);
    let cancelling: Doing<Became> =
        Box::pin(async move { Became::Cancelled(cancel_day(&database, &live, command, now).await) });
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

#[sqlx::test]
async fn a_doctor_in_two_clinics_is_booked_in_one_of_them_at_a_time(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let far = app.second_clinic().await;
    let patients = app.patients(10).await;
    let here = app.wanted(0, VISIT, app.slot(20));
    let there = Wanted {
        clinic_id: far,
        ..here
    };
    assert!(app.offers(here).await && app.offers(there).await);
    let racers = patients
        .iter()
        .enumerate()
        .map(|(number, patient)| app.book_now(*patient, if number % 2 == 0 { here } else { there }))
        .collect();
    let results = app.race(racers).await;
    let (winner, losers) = super::app::one_winner(&results);
    assert_eq!(winner.starts_at, here.starts_at());
    assert_eq!(losers.len(), 9);
    assert!(!app.offers(here).await && !app.offers(there).await);
    let reason = why_not(
        &app.database,
        app.admin_caller(),
        app.doctors[0].id,
        (far, app.services[VISIT]),
        Said::At(here.starts_at()),
        app.now,
    )
    .await;
    assert_eq!(reason, Ok(Some(WhyNot::Taken)));
    app.assert_sound().await;
}

#[sqlx::test]
async fn a_service_that_is_not_active_is_nowhere_and_what_was_booked_of_it_stays(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patient = app.patient(1).await;
    app.sql("update services set price_minor = 15000000, currency = 'IDR' where key = 'visit'")
        .await;
    let booked = app.confirmed(patient, 0, app.slot(20)).await;
    app.sql("update services set price_minor = 1, currency = 'EUR', active = false where key = 'visit'")
        .await;
    let price: (Option<i64>, Option<String>) =
        sqlx::query_as("select price_minor, currency from appointments where reference = $1")
            .bind(&booked)
            .fetch_one(&mut app.connection().await)
            .await
            .unwrap();
    assert_eq!(price, (Some(15_000_000), Some("IDR".to_owned())));
    let wanted = app.wanted(0, VISIT, app.slot(22));
    let hold = app.hold(5, wanted, app.now).await;
    assert_eq!(hold, Err(AppError::NotFound));
    let listed = page(
        &app.database,
        wanted.doctor_id,
        wanted.clinic_id,
        wanted.service_id,
        None,
        For::Booking { visitor: None },
        app.now,
    )
    .await
    .unwrap();
    assert!(listed.days.is_empty());
    let found = directory(&app.database, Search::default(), app.now)
        .await
        .unwrap();
    let all_of = |(doctor, _): &(crate::availability::service::Doctor, _)| doctor.offerings.len();
    assert!(found.iter().all(|doctor| all_of(doctor) == 2));
    assert!(
        found
            .iter()
            .all(|(_, next)| next.as_ref().is_some_and(|(offering, _)| offering.service_active))
    );
    for (change, service, expected) in [
        ("select 1", wanted.service_id, WhyNot::ServiceInactive),
        ("select 1", 999, WhyNot::NotOfferedHere),
        (
            "update doctors set active = false",
            wanted.service_id,
            WhyNot::DoctorInactive,
        ),
    ] {
        app.sql(change).await;
        let reason = why_not(
            &app.database,
            app.admin_caller(),
            wanted.doctor_id,
            (wanted.clinic_id, service),
            Said::At(wanted.starts_at()),
            app.now,
        )
        .await;
        assert_eq!(reason, Ok(Some(expected)));
    }
    app.assert_sound().await;
}

#[sqlx::test]
async fn a_horizon_of_working_days_ends_on_one(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    app.sql("update services set horizon_days = 3, horizon_unit = 'working_days'")
        .await;
    let today = time::local_date(app.now, &jiff::tz::TimeZone::UTC);
    let last = today
        .series(1.day())
        .skip(1)
        .filter(|date| date.weekday().to_monday_zero_offset() < 5)
        .nth(2)
        .unwrap();
    let noon = |date: civil::Date| {
        let at = date.at(12, 0, 0, 0).in_tz("UTC").unwrap().timestamp();
        app.wanted(0, VISIT, at)
    };
    assert!(app.offers(noon(last)).await);
    assert!(!app.offers(noon(last.tomorrow().unwrap())).await);
}

/// What a browser sends of the form of a week.
fn week_fields<'a>(of: &[(&'a str, &'a str)], rows: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    of.iter().chain(rows).copied().collect()
}

#[sqlx::test]
async fn a_week_is_planned_looked_at_and_saved_with_plain_forms(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let patient = app.patient(1).await;
    // On Monday to Sunday around the clock until now; this is at ten in the evening.
    let late = app.confirmed(patient, 0, app.slot(44)).await;
    let (doctor, clinic) = (app.doctors[0].id.to_string(), app.clinic.to_string());
    let path = format!("/admin/doctors/{doctor}/plan");
    let admin = site.staff("admin@test.example").await;
    let fresh = admin.get(&path).await;
    assert_eq!(fresh.status, 200);
    assert_eq!(fresh.texts("#attention"), Vec::<String>::new());
    assert!(fresh.texts("#coming")[0].len() > 3);
    let of = [
        ("doctor_id", &*doctor),
        ("clinic_id", &*clinic),
        ("version", "1"),
        ("rows", "2"),
    ];
    let all_week = [
        ("week[0][days][1]", "1"),
        ("week[0][days][2]", "2"),
        ("week[0][days][3]", "3"),
        ("week[0][days][4]", "4"),
        ("week[0][days][5]", "5"),
        ("week[0][days][6]", "6"),
        ("week[0][days][7]", "7"),
        ("week[0][from]", "08:00"),
        ("week[0][until]", "17.00"),
        ("week[0][kind]", "work"),
        ("week[0][valid_from]", ""),
        ("week[0][valid_until]", ""),
        ("week[1][days][3]", "3"),
        ("week[1][from]", "12:00"),
        ("week[1][until]", "13:00"),
        ("week[1][kind]", "break"),
        ("week[1][valid_from]", ""),
        ("week[1][valid_until]", ""),
    ];
    let with = |doing: &'static str| {
        let mut fields = week_fields(&of, &all_week);
        fields.push(("doing", doing));
        fields
    };
    let answer = admin.submit(&path, "plan-week", &with("preview")).await;
    assert_eq!(answer.error(), None, "{answer:?}");
    let seen = admin.get(answer.location().split('#').next().unwrap()).await;
    let said = seen.texts("#preview");
    assert!(
        said[0].contains("One appointment would no longer fit"),
        "{said:?}"
    );
    assert!(said[0].contains(&late), "{said:?}");
    assert_eq!(app.version(0).await, 1);
    // What was typed is in the form.
    let form = seen.form("plan-week");
    assert!(
        form.contains(&("week[0][until]".to_owned(), "17.00".to_owned())),
        "{form:?}"
    );

    let mut wrong = with("save");
    wrong.retain(|(name, _)| *name != "week[0][from]");
    let answer = admin.submit(&path, "plan-week", &wrong).await;
    assert!(matches!(
        answer.error(),
        Some(AppError::ValidationFailed {
            field: Field::Hours,
            ..
        })
    ));
    let back = admin.get(answer.location().split('#').next().unwrap()).await;
    assert_eq!(back.texts("#week .error").len(), 1);
    assert!(
        back.form("plan-week")
            .contains(&("week[1][from]".to_owned(), "12:00".to_owned()))
    );

    let answer = admin.submit(&path, "plan-week", &with("save")).await;
    assert!(
        answer.location().ends_with("saved=week&attention=1"),
        "{answer:?}"
    );
    let saved = admin.get(&answer.location()).await;
    assert_eq!(saved.texts("#attention li").len(), 1);
    assert!(saved.texts("#errors")[0].contains("The week is saved."));
    assert_eq!(
        app.count("select count(*) from working_hours where is_break")
            .await,
        1
    );
    assert_eq!(app.appointment(&late).await.0, "confirmed");

    // Somebody else was faster: nothing typed is lost, and it can be saved on top.
    let own = site.staff("doctor1@test.example").await;
    let answer = own.submit("/doctor/plan", "plan-week", &with("save")).await;
    assert_eq!(answer.error(), Some(AppError::StaleDoctor));
    let told = own.get(answer.location().split('#').next().unwrap()).await;
    assert!(
        told.texts("#errors")[0].contains("admin changed the week"),
        "{:?}",
        told.texts("#errors")
    );
    let form = told.form("plan-week");
    assert!(form.contains(&("version".to_owned(), "2".to_owned())));
    assert!(form.contains(&("week[0][until]".to_owned(), "17.00".to_owned())));
}

#[sqlx::test]
async fn dates_absences_and_days_are_planned_with_plain_forms(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let patient = app.patient(1).await;
    let booked = app.confirmed(patient, 0, app.slot(20)).await;
    let (doctor, clinic) = (app.doctors[0].id.to_string(), app.clinic.to_string());
    let (day, next) = (app.day(20).to_string(), app.day(68).to_string());
    let own = site.staff("doctor1@test.example").await;
    let send = async |form: &str, version: &str, fields: &[(&str, &str)]| {
        let mut all = vec![
            ("doctor_id", &*doctor),
            ("clinic_id", &*clinic),
            ("version", version),
        ];
        all.extend_from_slice(fields);
        let answer = own.submit("/doctor/plan", form, &all).await;
        own.get(answer.location().split('#').next().unwrap()).await
    };
    let why = async |day: &str, clock: &str| {
        let service = app.services[VISIT];
        let path = format!("/doctor/plan?ask_day={day}&ask_time={clock}&service={service}");
        own.get(&path).await.texts("#why [role=status]").join("")
    };
    assert_eq!(why(&next, "10:00").await, "This time is offered.");
    assert_eq!(
        why(&next, "10:10").await,
        "Times of this service do not begin then."
    );
    assert_eq!(why(&next, "soon").await, "Write the time as 09:00.");
    let exception = [
        ("exception[day]", &*next),
        ("exception[hours]", "8:00-9:00, 14:00-15:00"),
        ("exception[breaks]", ""),
        ("exception[note]", "Training"),
    ];
    let said = send("plan-exception", "1", &exception).await;
    assert!(said.texts("#exception li")[0].contains("08:00–09:00, 14:00–15:00 Training"));
    assert_eq!(
        why(&next, "10:00").await,
        "That date has an exception, which has no hours then."
    );
    let said = send("remove-exception", "2", &[("day", &*next)]).await;
    assert_eq!(said.texts("#exception li").len(), 0);

    let bad = [
        ("dates[first_day]", &*next),
        ("dates[from]", "9"),
        ("dates[until]", "10:00"),
        ("dates[note]", "Dentist"),
    ];
    let said = send("plan-absence", "3", &bad).await;
    assert_eq!(said.texts("#absence .error").len(), 2, "both hours are marked");
    assert!(
        said.form("plan-absence")
            .contains(&("dates[note]".to_owned(), "Dentist".to_owned()))
    );
    let absence = [
        ("dates[first_day]", &*next),
        ("dates[from]", "9:00"),
        ("dates[until]", "11:00"),
        ("dates[yearly]", "true"),
    ];
    let said = send("plan-absence", "3", &absence).await;
    assert_eq!(said.texts("#absence li").len(), 1);
    assert_eq!(why(&next, "10:00").await, "The doctor is away then.");
    let id = app.count("select id from time_off").await.to_string();
    let said = send("remove-absence", "4", &[("id", &*id)]).await;
    assert_eq!(said.texts("#absence li").len(), 0);

    let said = send("stop-day", "5", &[("day", &*day), ("doing", "stop")]).await;
    assert!(said.texts("#errors")[0].contains("No more bookings"));
    assert_eq!(said.texts("#attention li").len(), 1);
    assert_eq!(app.appointment(&booked).await.0, "confirmed");
    let said = send("stop-day", "6", &[("day", &*day), ("doing", "cancel")]).await;
    assert!(
        said.texts("#errors")[0].contains("Say why."),
        "{:?}",
        said.texts("#errors")
    );
    let cancel = [("day", &*day), ("doing", "cancel"), ("reason", "Ill")];
    let said = send("stop-day", "6", &cancel).await;
    assert!(
        said.texts("#errors")[0].contains("Patients told: 1"),
        "{:?}",
        said.texts("#errors")
    );
    assert_eq!(app.appointment(&booked).await.0, "cancelled");
    assert!(app.newest_message("+6281255500001").await.contains("Ill"));
    app.assert_sound().await;
}

#[sqlx::test]
async fn clinics_are_closed_and_opened_again_with_plain_forms(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let patient = app.patient(1).await;
    app.confirmed(patient, 0, app.slot(20)).await;
    let admin = site.staff("admin@test.example").await;
    let day = app.day(20).to_string();
    let page = "/admin/closures";
    let bad = [
        ("dates[first_day]", &*day),
        ("dates[last_day]", "2020-01-01"),
        ("dates[note]", "Holiday"),
    ];
    let answer = admin.submit(page, "close-clinic", &bad).await;
    assert_eq!(answer.error(), Some(AppError::InvalidDateRange));
    let back = admin.get(answer.location().split('#').next().unwrap()).await;
    assert!(
        back.form("close-clinic")
            .contains(&("dates[note]".to_owned(), "Holiday".to_owned()))
    );
    let answer = admin
        .submit(
            page,
            "close-clinic",
            &[("dates[first_day]", &*day), ("dates[yearly]", "true")],
        )
        .await;
    let saved = admin.get(&answer.location()).await;
    assert!(saved.texts("#errors")[0].contains("One appointment no longer fits"));
    assert_eq!(saved.texts("#closure li").len(), 1);
    assert!(!app.offers(app.wanted(2, VISIT, app.slot(20))).await);
    let id = app.count("select id from time_off").await.to_string();
    let answer = admin.submit(page, "reopen-clinic", &[("id", &id)]).await;
    assert_eq!(admin.get(&answer.location()).await.texts("#closure li").len(), 0);
    assert!(app.offers(app.wanted(2, VISIT, app.slot(20))).await);
}
