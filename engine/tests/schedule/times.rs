//! Times that a schedule offers.

use jiff::{Timestamp, ToSpan, civil};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{dates, every_day, hours};
use crate::support::{TestApp, VISIT, one_winner};
use engine::{
    availability::{DayPlan, For, Search, WhyNot, directory, page},
    booking::Wanted,
    error::AppError,
    schedule::{Act, Close, Dates, close, reopen, why_not},
    time::{self, Said, plus_minutes},
};

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
    let closed = close(&app.database, command(Some(app.clinic)), app.now)
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
    let all = close(&app.database, command(None), app.now).await.unwrap();
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
    let nobody = reopen(&app.database, app.doctor_caller(0), all.id, app.now).await;
    assert_eq!(nobody, Err(AppError::NotFound));
    for id in [all.id, closed.id] {
        reopen(&app.database, app.admin_caller(), id, app.now)
            .await
            .unwrap();
    }
    assert!(app.offers(there(first_there)).await);
    assert!(app.offers(app.wanted(0, VISIT, noon)).await);
    let by_doctor = Close {
        caller: app.doctor_caller(0),
        ..command(None)
    };
    let refused = close(&app.database, by_doctor, app.now).await;
    assert_eq!(refused, Err(AppError::NotFound));
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
    let (winner, losers) = one_winner(&results);
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
    let all_of = |(doctor, _): &(engine::availability::Doctor, _)| doctor.offerings.len();
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
