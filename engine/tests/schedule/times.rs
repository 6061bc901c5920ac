//! Times that a schedule offers.

use jiff::{ToSpan, civil};

use super::{dates, every_day, hours};
use crate::support::{TestApp, VISIT, one_winner};
use engine::{
    availability::{DayPlan, For, Search, WhyNot, directory, page},
    booking::Wanted,
    error::AppError,
    schedule::{Act, Close, Dates, close, reopen, why_not},
    time::{self, GivenTime, plus_minutes},
};

#[tokio::test]
async fn a_break_in_the_week_is_not_offered() {
    let app = TestApp::new().await;
    let clinic_id = app.clinic;
    let at = |slot: i64| app.wanted(0, VISIT, app.slot(slot));
    // Ten in the morning of three days.
    let ten = [20, 48 + 20, 96 + 20];
    let week = every_day(&[(hours(0, 1440), false), (hours(590, 640), true)]);
    app.plan(Act::Week { clinic_id, week }).await.unwrap();
    for slot in ten {
        assert!(!app.offers(at(slot)).await, "a break at {slot}");
        assert!(app.offers(at(slot + 2)).await);
    }
    let week = every_day(&[(hours(0, 1440), false)]);
    app.plan(Act::Week { clinic_id, week }).await.unwrap();
    assert!(app.offers(at(20)).await);
    app.assert_sound().await;
}

#[tokio::test]
async fn an_exception_takes_the_place_of_the_week_until_it_is_removed() {
    let app = TestApp::new().await;
    let (clinic_id, day) = (app.clinic, app.day(20));
    let at = |slot: i64| app.wanted(0, VISIT, app.slot(slot));
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
    assert!(app.offers(at(19)).await && app.offers(at(21)).await);
    app.assert_sound().await;
}

#[tokio::test]
async fn an_absence_is_not_offered_until_it_is_removed() {
    let app = TestApp::new().await;
    let (clinic_id, day) = (app.clinic, app.day(20));
    let at = |slot: i64| app.wanted(0, VISIT, app.slot(slot));
    let around_ten = hours(590, 640);
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

impl TestApp {
    /// An admin closes clinics on the day after tomorrow.
    fn closing(&self, clinic_id: Option<i64>) -> Close {
        Close {
            caller: self.admin_caller(),
            clinic_id,
            dates: dates(self.day(48), None),
            key: None,
        }
    }

    /// A time of the second doctor at the far clinic. It is fourteen hours ahead of UTC: a date begins there at ten in the
    /// morning of the day before.
    fn there(&self, clinic_id: i64, minutes: i64) -> Wanted {
        Wanted {
            clinic_id,
            ..self.wanted(1, VISIT, plus_minutes(self.slot(48), minutes - 14 * 60))
        }
    }
}

#[tokio::test]
async fn a_closed_clinic_offers_no_time_of_any_doctor() {
    let app = TestApp::new().await;
    let far = app.second_clinic().await;
    let noon = app.slot(48 + 24);
    close(&app.database, app.closing(Some(app.clinic)), app.now)
        .await
        .unwrap();
    for (wanted, expected) in [
        (app.wanted(0, VISIT, noon), false),
        (app.wanted(1, VISIT, app.slot(48)), false),
        (app.wanted(1, VISIT, app.slot(47)), true),
        (app.wanted(1, VISIT, app.slot(96)), true),
        (app.there(far, 0), true),
    ] {
        assert_eq!(app.offers(wanted).await, expected, "{wanted:?}");
    }
}

#[tokio::test]
async fn a_closure_of_all_clinics_follows_the_date_of_each_clinic() {
    let app = TestApp::new().await;
    let far = app.second_clinic().await;
    close(&app.database, app.closing(None), app.now).await.unwrap();
    for (wanted, expected) in [
        (app.wanted(1, VISIT, app.slot(48)), false),
        (app.there(far, -30), true),
        (app.there(far, 0), false),
        (app.there(far, 23 * 60 + 30), false),
        (app.there(far, 24 * 60), true),
    ] {
        assert_eq!(app.offers(wanted).await, expected, "{wanted:?}");
    }
}

#[tokio::test]
async fn a_closure_keeps_and_lists_the_appointments_in_it_once() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    let booked = app.confirmed(patient, 1, app.slot(48 + 24)).await;
    let closed = close(&app.database, app.closing(Some(app.clinic)), app.now)
        .await
        .unwrap();
    let attention: Vec<&str> = closed
        .no_longer_held
        .iter()
        .map(|appointment| &*appointment.reference)
        .collect();
    assert_eq!(attention, [&*booked]);
    assert_eq!(app.appointment(&booked).await.0, "confirmed");
    let all = close(&app.database, app.closing(None), app.now).await.unwrap();
    assert_eq!(all.no_longer_held, [], "it was not held before either");
    app.assert_sound().await;
}

#[tokio::test]
async fn a_clinic_that_is_opened_again_offers_its_times() {
    let app = TestApp::new().await;
    let far = app.second_clinic().await;
    let noon = app.wanted(0, VISIT, app.slot(48 + 24));
    for clinic in [Some(app.clinic), None] {
        let closed = close(&app.database, app.closing(clinic), app.now).await.unwrap();
        assert!(!app.offers(noon).await);
        reopen(&app.database, app.admin_caller(), closed.id, app.now)
            .await
            .unwrap();
        assert!(app.offers(noon).await && app.offers(app.there(far, 0)).await);
    }
}

#[tokio::test]
async fn only_admins_close_clinics_and_open_them_again() {
    let app = TestApp::new().await;
    let by_doctor = Close {
        caller: app.doctor_caller(0),
        ..app.closing(None)
    };
    let refused = close(&app.database, by_doctor, app.now).await;
    assert_eq!(refused, Err(AppError::NotFound));
    let closed = close(&app.database, app.closing(None), app.now).await.unwrap();
    let refused = reopen(&app.database, app.doctor_caller(0), closed.id, app.now).await;
    assert_eq!(refused, Err(AppError::NotFound));
}

#[tokio::test]
async fn a_doctor_in_two_clinics_is_booked_in_one_of_them_at_a_time() {
    let app = TestApp::crowded().await;
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
        GivenTime::At(here.starts_at()),
        app.now,
    )
    .await;
    assert_eq!(reason, Ok(Some(WhyNot::Taken.into())));
    app.assert_sound().await;
}

#[tokio::test]
async fn a_booking_keeps_the_price_that_its_service_had() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    app.sql("update services set price_minor = 15000000, currency = 'IDR' where key = 'visit'")
        .await;
    let booked = app.confirmed(patient, 0, app.slot(20)).await;
    app.sql("update services set price_minor = 1, currency = 'EUR', active = false where key = 'visit'")
        .await;
    let price: (Option<i64>, Option<String>) =
        sqlx::query_as("select price_minor, currency from appointments where reference = $1")
            .bind(&booked)
            .fetch_one(&mut *app.spare().await)
            .await
            .unwrap();
    assert_eq!(price, (Some(15_000_000), Some("IDR".to_owned())));
    app.assert_sound().await;
}

#[tokio::test]
async fn an_inactive_service_is_neither_listed_nor_held() {
    let app = TestApp::new().await;
    app.sql("update services set active = false where key = 'visit'")
        .await;
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
}

#[tokio::test]
async fn the_reason_why_a_time_is_not_offered_names_what_is_inactive() {
    let app = TestApp::new().await;
    app.sql("update services set active = false where key = 'visit'")
        .await;
    let wanted = app.wanted(0, VISIT, app.slot(22));
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
            GivenTime::At(wanted.starts_at()),
            app.now,
        )
        .await;
        assert_eq!(reason, Ok(Some(expected.into())));
    }
}

#[tokio::test]
async fn a_horizon_of_working_days_ends_on_a_working_day() {
    let app = TestApp::new().await;
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
