//! Who does not mind which doctor: the first free times of all, and fair turns (B1, B4).

use std::collections::BTreeSet;

use jiff::{Timestamp, civil};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::app::{Answer, DOCTORS, INSTANT, TestApp, VISIT, hold, refusal, visitor};
use crate::{
    account::Caller,
    appointment::service::Summary,
    availability::service::{AnyDoctor, AnyTime, Except, Named, Turns, first_free, in_turn, page_of_any},
    booking::{
        Wanted,
        service::{self as booking, Book},
    },
    error::{AppError, Refusal},
    idempotency::{Key, Whose},
    time::{Bound, Said, plus_minutes},
};

fn any(app: &TestApp, service: usize) -> AnyDoctor {
    AnyDoctor {
        service: Named::Id(app.services[service]),
        clinic_id: None,
    }
}

async fn turns(app: &TestApp, starts_at: Timestamp) -> Turns {
    let any = any(app, VISIT);
    in_turn(
        &app.database,
        any,
        Said::At(starts_at),
        Except::default(),
        false,
        app.now,
    )
    .await
    .unwrap()
    .unwrap()
}

/// The places of the doctors in the fixture, in the order in which they are asked.
async fn order(app: &TestApp, starts_at: Timestamp) -> Vec<usize> {
    let place = |id: i64| app.doctors.iter().position(|doctor| doctor.id == id).unwrap();
    let doctors = turns(app, starts_at).await.doctors;
    doctors
        .iter()
        .map(|(offering, _)| place(offering.doctor_id))
        .collect()
}

fn book(turns: &Turns, patient_id: i64, key: Option<Key>) -> Book {
    Book {
        caller: Caller::Patient {
            id: patient_id,
            name: None,
        },
        wanted: turns.wanted,
        overbook: None,
        patient_id,
        reason: String::new(),
        answer_minutes: 60,
        key,
    }
}

async fn book_any(
    app: &TestApp,
    patient_id: i64,
    starts_at: Timestamp,
    key: Option<Key>,
) -> Result<Summary, AppError> {
    let turns = turns(app, starts_at).await;
    let command = book(&turns, patient_id, key);
    booking::book_any(&app.database, &app.live, turns, command, app.now).await
}

// Turns.

#[sqlx::test]
async fn who_has_least_to_do_that_day_is_asked_first_then_who_waits_longest(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    assert_eq!(
        order(&app, app.slot(20)).await,
        [0, 1, 2, 3],
        "by id, all else being equal"
    );
    let patients = app.patients(5).await;
    // Doctor 0 has two that day, doctor 1 one.
    app.confirmed(patients[0], 0, app.slot(2)).await;
    app.confirmed(patients[1], 0, app.slot(40)).await;
    app.confirmed(patients[2], 1, app.slot(4)).await;
    // Doctor 2 has one on the day before, and doctor 3 has never had any.
    app.confirmed(patients[3], 2, app.slot(30)).await;
    app.sql("update appointments set starts_at = starts_at - interval '1 day', ends_at = ends_at - interval '1 day',
                blocks_from = blocks_from - interval '1 day', blocks_until = blocks_until - interval '1 day'
             where doctor_id = (select max(id) - 1 from doctors)")
        .await;
    assert_eq!(order(&app, app.slot(20)).await, [3, 2, 1, 0]);
    // Who has the time taken is asked by nobody.
    app.confirmed(patients[4], 3, app.slot(20)).await;
    assert_eq!(order(&app, app.slot(20)).await, [2, 1, 0]);
    // Whoever is asked twice says the same.
    assert_eq!(order(&app, app.slot(20)).await, [2, 1, 0]);
}

#[sqlx::test]
async fn bookings_with_any_doctor_are_spread_evenly(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    for (number, patient_id) in app.patients(12).await.into_iter().enumerate() {
        let at = app.slot(10 + i64::try_from(number).unwrap());
        book_any(&app, patient_id, at, None).await.unwrap();
    }
    assert_eq!(
        app.count(
            "select count(*) from (select doctor_id from appointments group by doctor_id having count(*) = 3) as even"
        )
        .await,
        4
    );
    app.assert_sound().await;
}

#[sqlx::test]
async fn a_replay_is_given_the_same_doctor_also_when_nobody_else_is_left(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let ids = app.patients(5).await;
    let at = app.slot(10);
    let me = Caller::Patient {
        id: ids[0],
        name: None,
    };
    let key = || Some(Key::sent(Whose::Caller(&me), "k", "test", &at).unwrap());
    let first = book_any(&app, ids[0], at, key()).await.unwrap();
    assert_eq!(book_any(&app, ids[0], at, key()).await.unwrap(), first);
    for id in &ids[1..4] {
        book_any(&app, *id, at, None).await.unwrap();
    }
    assert_eq!(book_any(&app, ids[0], at, key()).await.unwrap(), first);
    assert_eq!(
        refusal(&book_any(&app, ids[4], at, None).await),
        Some(Refusal::SlotTaken)
    );
    assert_eq!(app.count("select count(*) from appointments").await, 4);
    app.assert_sound().await;
}

#[sqlx::test]
async fn a_patient_who_is_busy_then_is_told_so_and_no_doctor_is_taken(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let id = app.patient(1).await;
    app.confirmed(id, 0, app.slot(10)).await;
    assert_eq!(
        refusal(&book_any(&app, id, app.slot(10), None).await),
        Some(Refusal::PatientOverlap)
    );
    assert_eq!(app.count("select count(*) from appointments").await, 1);
}

// Races.

/// All of them have looked at the same moment, and want the same doctor first.
async fn race(app: &TestApp, patients: Vec<i64>, at: Timestamp) -> Vec<Result<Summary, AppError>> {
    let turns = turns(app, at).await;
    let now = app.now;
    let racers = patients
        .into_iter()
        .map(|patient_id| {
            let (database, live, turns) = (app.database.clone(), app.live.clone(), turns.clone());
            let command = book(&turns, patient_id, None);
            async move { booking::book_any(&database, &live, turns, command, now).await }
        })
        .collect();
    app.race_behind(DOCTORS, vec![racers]).await
}

async fn twenty_patients_race_for_the_doctors(app: &TestApp) {
    let patients = app.patients(21).await;
    // One of the four has the time taken.
    app.confirmed(patients[20], 1, app.slot(10)).await;
    let results = race(app, patients[..20].to_vec(), app.slot(10)).await;
    let winners: Vec<&Summary> = results.iter().flatten().collect();
    let doctors: BTreeSet<i64> = winners.iter().map(|summary| summary.doctor_id).collect();
    assert_eq!((winners.len(), doctors.len()), (3, 3), "{results:?}");
    let losers = results.iter().filter(|result| result.is_err());
    for loser in losers {
        assert_eq!(refusal(loser), Some(Refusal::SlotTaken), "{loser:?}");
    }
    assert_eq!(
        app.count("select deadlocks from pg_stat_database where datname = current_database()")
            .await,
        0
    );
    app.assert_sound().await;
}

#[sqlx::test]
async fn as_many_patients_as_there_are_doctors_win_each_with_another_one(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    twenty_patients_race_for_the_doctors(&TestApp::new(options).await).await;
}

#[sqlx::test]
async fn as_many_patients_as_there_are_doctors_win_by_the_locks_alone(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.without_constraints().await;
    twenty_patients_race_for_the_doctors(&app).await;
}

#[sqlx::test]
async fn four_visitors_racing_for_four_doctors_all_get_one(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let turns = turns(&app, app.slot(10)).await;
    let now = app.now;
    let racers = (0..4)
        .map(|number| {
            let (database, live, turns) = (app.database.clone(), app.live.clone(), turns.clone());
            let command = hold(number, turns.wanted);
            async move { booking::hold_any(&database, &live, turns, command, now).await }
        })
        .collect();
    let results = app.race_behind(DOCTORS, vec![racers]).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(
        app.count("select count(distinct doctor_id) from appointments where status = 'held'")
            .await,
        4
    );
    app.assert_sound().await;
}

#[sqlx::test]
async fn twins_of_a_request_are_given_one_doctor(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let id = app.patient(1).await;
    let me = Caller::Patient { id, name: None };
    let turns = turns(&app, app.slot(10)).await;
    let now = app.now;
    let racers = (0..15)
        .map(|_| {
            let (database, live, turns) = (app.database.clone(), app.live.clone(), turns.clone());
            let key = Key::sent(Whose::Caller(&me), "k", "test", &1).unwrap();
            let command = book(&turns, id, Some(key));
            async move { booking::book_any(&database, &live, turns, command, now).await }
        })
        .collect();
    let results = app.race_behind(DOCTORS, vec![racers]).await;
    let first = results[0].clone().unwrap();
    assert!(
        results.iter().all(|result| *result == Ok(first.clone())),
        "{results:?}"
    );
    assert_eq!(app.count("select count(*) from appointments").await, 1);
    app.assert_sound().await;
}

// Lists.

async fn first_times(app: &TestApp, most: usize) -> Vec<AnyTime> {
    let range = (
        Bound::Time(Said::At(app.now)),
        Bound::Time(Said::At(plus_minutes(app.now, 30 * 24 * 60))),
    );
    first_free(&app.database, any(app, VISIT), range, most, app.now)
        .await
        .unwrap()
}

#[sqlx::test]
async fn the_first_free_times_are_those_at_which_anybody_is_free(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let ids: Vec<i64> = app.doctors.iter().map(|doctor| doctor.id).collect();
    // Everybody is booked out for ten days, but for one time of the third doctor in the eighth night.
    app.sql(
        "insert into patients (phone, name) select '+62812444' || lpad(n::text, 5, '0'), 'P' from generate_series(1, 4) n;
         insert into appointments (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at,
             blocks_from, blocks_until, duration_minutes, mode)
         select 'R' || d.id || '-' || n, d.id, 1, 1, d.id - (select min(id) from doctors) + (select min(id) from patients),
                'confirmed', at, at + interval '30 minutes', at, at + interval '30 minutes', 30, 'in_person'
         from doctors d, generate_series(0, 10 * 48 - 1) n,
              lateral (select date_trunc('day', now(), 'UTC') + n * interval '30 minutes' as at) t
         where not (n = 8 * 48 + 3 and d.id = (select min(id) + 2 from doctors))",
    )
    .await;
    let times = first_times(&app, 3).await;
    let midnight = app.slot(-48);
    let at = |number: i64| plus_minutes(midnight, 30 * number);
    let found: Vec<(Timestamp, Vec<i64>)> = times
        .into_iter()
        .map(|time| (time.starts_at, time.doctors))
        .collect();
    assert_eq!(
        found,
        [
            (at(8 * 48 + 3), vec![ids[2]]),
            (at(480), ids.clone()),
            (at(481), ids.clone()),
        ]
    );
    // The page has the same, by days.
    let page = page_of_any(&app.database, app.services[VISIT], None, None, None, app.now)
        .await
        .unwrap();
    assert!(page.anywhere);
    let days: Vec<usize> = page.times.days.iter().map(|day| day.free()).collect();
    assert_eq!(days, [1, 48, 48, 48, 48, 48, 48, 48, 48, 48]);
    assert_eq!(page.times.earlier, None);
    let next = page.times.days[9].date.saturating_add(jiff::Span::new().days(1));
    assert_eq!(page.times.later, Some(next));
    let next_page = page_of_any(
        &app.database,
        app.services[VISIT],
        None,
        Some(next),
        None,
        app.now,
    )
    .await
    .unwrap();
    assert_eq!(next_page.times.days[0].date, next);
    assert!(next_page.times.earlier.is_some());
    let last = page_of_any(
        &app.database,
        app.services[VISIT],
        None,
        Some(civil::date(9999, 12, 31)),
        None,
        app.now,
    )
    .await
    .unwrap();
    assert!(last.times.days.is_empty());
    assert_eq!(last.times.later, None);
}

#[sqlx::test]
async fn times_of_clinics_with_other_clocks_are_lists_of_their_own(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.sql(
        "insert into clinics (name, address, city, phone, time_zone)
         values ('East', 'Street 2', 'Town', '+1 555 0101', 'Asia/Jakarta');
         insert into offers select min(doctors.id), max(clinics.id), 1 from doctors, clinics;
         insert into working_hours (doctor_id, clinic_id, weekday, from_minute, until_minute)
         select min(doctors.id), max(clinics.id), 1, 0, 1440 from doctors, clinics;",
    )
    .await;
    let page = page_of_any(&app.database, app.services[VISIT], None, None, None, app.now)
        .await
        .unwrap();
    assert!(!page.anywhere);
    assert_eq!(page.places.len(), 2);
    assert_eq!(page.times.offering.clinic_id, app.clinic);
    // For programs there is one list, in which every time says where it is.
    let times = first_times(&app, 500).await;
    let clinics: BTreeSet<i64> = times.iter().map(|time| time.offering.clinic_id).collect();
    assert_eq!(clinics.len(), 2);
    assert!(
        times
            .windows(2)
            .all(|pair| pair[0].starts_at <= pair[1].starts_at)
    );
}

// Over HTTP.

async fn call(site: &super::app::Site<'_>, token: &str, body: serde_json::Value) -> Answer {
    let browser = site.visitor();
    let request = browser.http.post(browser.url("/api/v1/appointments"));
    Answer::of(request.bearer_auth(token).json(&body)).await
}

#[sqlx::test]
async fn programs_book_any_doctor_and_are_offered_others_when_nobody_is_left(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let mut tokens = Vec::new();
    for number in 0..5 {
        let phone = format!("+6281255500{number:03}");
        let browser = site.visitor();
        let asked = Answer::of(
            browser
                .http
                .post(browser.url("/api/v1/auth/otp"))
                .json(&serde_json::json!({ "phone": phone })),
        )
        .await
        .json();
        let code = app.newest_code(&phone).await;
        let body = serde_json::json!({ "challenge": asked["data"]["challenge"], "code": code, "name": "P" });
        let verify = browser
            .http
            .post(browser.url("/api/v1/auth/otp/verify"))
            .json(&body);
        let token = Answer::of(verify).await.json()["data"]["token"].clone();
        tokens.push(token.as_str().unwrap().to_owned());
    }
    let at = app.slot(10);
    let slots = site
        .visitor()
        .get(&format!("/api/v1/slots?service=instant&from={at}&limit=2"))
        .await;
    let slots = slots.json();
    assert_eq!(slots["data"].as_array().unwrap().len(), 2, "{slots}");
    assert_eq!(slots["data"][0]["starts_at"], at.to_string());
    assert_eq!(slots["data"][0]["doctors"].as_array().unwrap().len(), 4);

    let body = serde_json::json!({ "scheduled_at": at.to_string(), "type": "instant" });
    let mut doctors = BTreeSet::new();
    for token in &tokens[..4] {
        let answer = call(&site, token, body.clone()).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        doctors.insert(answer.json()["data"]["doctor_id"].as_i64().unwrap());
        let again = call(&site, token, body.clone()).await;
        assert_eq!(
            again.json()["data"],
            answer.json()["data"],
            "the same request without a key"
        );
    }
    assert_eq!(doctors.len(), 4);
    let refused = call(&site, &tokens[4], body).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "BOOKING_FAILED"));
    let details = refused.json()["details"].clone();
    assert_eq!(details["reason"], "slot_taken");
    let offers = details["alternatives"].as_array().unwrap();
    assert_eq!(offers.len(), 3, "{details}");
    assert_eq!(offers[0]["starts_at"], plus_minutes(at, 30).to_string());
    let unknown = serde_json::json!({ "scheduled_at": at.to_string(), "type": "nothing" });
    assert_eq!(call(&site, &tokens[4], unknown).await.status, 404);
    app.assert_sound().await;
}

#[sqlx::test]
async fn a_page_holds_a_time_with_whoever_is_free_and_says_who_it_is(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let browser = site.visitor();
    let start = browser.get("/").await;
    let service = app.services[VISIT];
    assert!(start.body.contains(&format!("/services/{service}?clinic=")));
    let path = format!("/services/{service}?clinic={}", app.clinic);
    let page = browser.get(&path).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.texts("h1"), ["Visit with any doctor"]);
    let mut fields = page.form("hold-any");
    fields.push(("starts_at".to_owned(), app.slot(10).as_second().to_string()));
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let answer = browser.submit(&path, "hold-any", &fields).await;
    assert!(answer.location().starts_with("/book/"), "{answer:?}");
    let again = browser.submit(&path, "hold-any", &fields).await;
    assert_eq!(again.location(), answer.location(), "a double click");
    let details = browser.get(&answer.location()).await;
    assert!(details.body.contains("Dr 1"), "{}", details.body);

    // Three more, and nobody is left for the fifth.
    for number in 1..4 {
        let turns = turns(&app, app.slot(10)).await;
        let command = hold(number, turns.wanted);
        booking::hold_any(&app.database, &app.live, turns, command, app.now)
            .await
            .unwrap();
    }
    let late = site.visitor();
    let answer = late.submit(&path, "hold-any", &fields).await;
    let wanted = Wanted {
        doctor_id: Wanted::ANY,
        clinic_id: app.clinic,
        service_id: service,
        starts_at: app.slot(10).as_second(),
    };
    assert_eq!(
        answer.error(),
        Some(AppError::BookingFailed {
            reason: Refusal::SlotTaken,
            wanted
        })
    );
    let conflict = late.get(&answer.location()).await;
    assert_eq!(conflict.texts("#errors h2"), ["05:00 has just been taken."]);
    assert_eq!(conflict.texts("#errors .offers button").len(), 3);
    assert!(conflict.body.contains(&format!("href=\"{path}\"")));
    app.assert_sound().await;
}

#[sqlx::test]
async fn a_time_that_a_visitor_holds_may_be_chosen_again_with_any_doctor(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.sql("update doctors set active = id = (select min(id) from doctors)")
        .await;
    let held = app
        .hold(1, app.wanted(0, INSTANT, app.slot(10)), app.now)
        .await
        .unwrap();
    let except = Except {
        appointment_id: None,
        holds_of: Some(visitor(1)),
    };
    let any = any(&app, INSTANT);
    let turns = in_turn(&app.database, any, Said::At(app.slot(10)), except, false, app.now)
        .await
        .unwrap()
        .unwrap();
    let command = hold(1, turns.wanted);
    let again = booking::hold_any(&app.database, &app.live, turns, command, app.now)
        .await
        .unwrap();
    assert_ne!(held, again);
    assert_eq!(app.appointment(&held).await.0, "cancelled");
    app.assert_sound().await;
}
