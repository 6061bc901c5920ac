//! What staff do for patients: they book at zero notice, give whoever walks in the next free time, block time, and
//! overbook what cannot wait (PRODUCT §2, B13).

use std::{collections::HashSet, pin::Pin, time::Duration};

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::app::{ANSWER_MINUTES, Answer, Browser, DOCTORS, INSTANT, TestApp, VISIT, one_winner, refusal};
use crate::{
    account::Caller,
    appointment::{
        Status,
        service::{ChangeStatus, Summary, change_status, history},
    },
    availability::service::{Except, For, is_free, page},
    booking::{
        Wanted,
        service::{Book, Reschedule, WalkIn, book, reschedule, walk_in},
    },
    error::{AppError, Field, Problem, Refusal},
    idempotency::{Key, Whose},
    monitoring::verify::{Violation, verify},
    time::plus_minutes,
};

const PATIENCE: Duration = Duration::from_secs(60);
const PHONE: &str = "+6281255500777";
const WHY: &str = "Severe pain";

type Booking = Pin<Box<dyn Future<Output = Result<Summary, AppError>> + Send>>;

impl TestApp {
    fn booking(&self, caller: Caller, patient_id: i64, wanted: Wanted, overbook: bool) -> Book {
        Book {
            caller,
            wanted,
            patient_id,
            reason: "A cough".to_owned(),
            overbook: overbook.then(|| WHY.to_owned()),
            answer_minutes: ANSWER_MINUTES,
            key: None,
        }
    }

    fn sent(&self, command: Book, now: Timestamp) -> Booking {
        let (database, live) = (self.database.clone(), self.live.clone());
        Box::pin(async move { book(&database, &live, command, now).await })
    }

    /// An admin books a free time for a patient.
    async fn books(&self, patient_id: i64, wanted: Wanted) -> Result<Summary, AppError> {
        let command = self.booking(self.admin_caller(), patient_id, wanted, false);
        self.sent(command, self.now).await
    }

    /// Likewise, also where it is taken.
    async fn overbooks(&self, patient_id: i64, wanted: Wanted) -> Result<Summary, AppError> {
        let command = self.booking(self.admin_caller(), patient_id, wanted, true);
        self.sent(command, self.now).await
    }

    fn walk_in_of(&self, caller: Caller, patient_id: i64, key: Option<Key>) -> WalkIn {
        WalkIn {
            caller,
            doctor_id: self.doctors[0].id,
            clinic_id: self.clinic,
            service_id: self.services[VISIT],
            patient_id,
            reason: String::new(),
            answer_minutes: ANSWER_MINUTES,
            key,
        }
    }

    fn sending(&self, command: WalkIn, now: Timestamp) -> Booking {
        let (database, live) = (self.database.clone(), self.live.clone());
        Box::pin(async move { walk_in(&database, &live, command, now).await })
    }

    fn walking_in(&self, patient_id: i64, now: Timestamp) -> Booking {
        self.sending(self.walk_in_of(self.admin_caller(), patient_id, None), now)
    }

    async fn cancelled(&self, reference: &str) {
        let command = ChangeStatus {
            caller: self.admin_caller(),
            which: reference.into(),
            to: Status::Cancelled,
            version: None,
            reason: "The doctor is ill".to_owned(),
            key: None,
        };
        change_status(&self.database, &self.live, command, self.now)
            .await
            .unwrap();
    }

    async fn broken(&self) -> Vec<Violation> {
        let report = verify(&self.database, PATIENCE).await.unwrap();
        report.broken().map(|finding| finding.violation).collect()
    }

    async fn is_free(&self, wanted: Wanted) -> bool {
        is_free(&self.database, wanted, Except::default(), self.now)
            .await
            .unwrap()
    }
}

// Booking for a patient.

#[sqlx::test]
async fn what_staff_are_shown_they_can_book_and_nothing_else(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    app.sql("update services set notice_minutes = 3 * 24 * 60; update working_hours set until_minute = 600")
        .await;
    let patients = app.patients(30).await;
    app.requested(patients[29], app.wanted(0, VISIT, app.slot(5 * 48)))
        .await;
    let now = app.slot(0);
    let list = async |purpose: For| -> HashSet<i64> {
        let times = page(
            &app.database,
            app.doctors[0].id,
            app.clinic,
            app.services[VISIT],
            None,
            purpose,
            now,
        )
        .await
        .unwrap();
        let slots = times.days.into_iter().flat_map(|day| day.slots);
        slots
            .filter(|slot| slot.free)
            .map(|slot| slot.starts_at.as_second())
            .collect()
    };
    let (desk, online) = (list(For::Desk).await, list(For::Booking { visitor: None }).await);
    let first_days: Vec<Timestamp> = (1..=24).map(|number| app.slot(number)).collect();
    assert!(first_days.iter().any(|time| desk.contains(&time.as_second())));
    assert!(!first_days.iter().any(|time| online.contains(&time.as_second())));
    for (starts_at, patient_id) in first_days.into_iter().zip(patients) {
        let wanted = app.wanted(0, VISIT, starts_at);
        let own = Caller::Patient {
            id: patient_id,
            name: None,
        };
        let online = app.sent(app.booking(own, patient_id, wanted, false), now).await;
        assert_eq!(refusal(&online), Some(Refusal::SlotClosed), "{starts_at}");
        let by_staff = app.booking(app.doctor_caller(0), patient_id, wanted, false);
        let booked = app.sent(by_staff, now).await;
        assert_eq!(
            booked.is_ok(),
            desk.contains(&starts_at.as_second()),
            "{starts_at}: {booked:?}"
        );
    }
    app.assert_sound().await;
}

#[sqlx::test]
async fn what_staff_book_is_confirmed_and_its_history_says_who_did_it_for_whom(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patient = app.patient(1).await;
    for (caller, service, number, for_doctor) in [
        (app.admin_caller(), VISIT, 10, true),
        (app.doctor_caller(0), VISIT, 12, false),
        // Nobody would have asked the doctor.
        (app.admin_caller(), INSTANT, 14, false),
    ] {
        let wanted = app.wanted(0, service, app.slot(number));
        let command = app.booking(caller.clone(), patient, wanted, false);
        let booked = app.sent(command, app.now).await.unwrap();
        assert_eq!((booked.status, booked.overbooked), (Status::Confirmed, false));
        let history = history(&app.database, app.admin_caller(), booked.reference.into())
            .await
            .unwrap();
        let [change] = &*history.changes else {
            panic!("{history:?}")
        };
        assert_eq!((change.from, change.to), (None, Status::Confirmed));
        assert_eq!(
            (change.actor, change.staff_id),
            (caller.role(), caller.staff_id())
        );
        assert_eq!((change.for_doctor, &*change.reason), (for_doctor, ""));
    }
    app.assert_sound().await;
}

// Walking in.

#[sqlx::test]
async fn ten_who_walk_in_at_once_get_ten_times_one_after_the_other(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patients = app.patients(10).await;
    app.open_hours().await;
    app.without_constraints().await;
    let now = plus_minutes(app.slot(0), 10);
    let racers = patients.iter().map(|id| app.walking_in(*id, now)).collect();
    let results = app.race_behind(DOCTORS, vec![racers]).await;
    let times: HashSet<Timestamp> = results
        .into_iter()
        .map(|booked| booked.unwrap().starts_at)
        .collect();
    assert_eq!(times, (1..=10).map(|number| app.slot(number)).collect());
    app.assert_sound().await;
}

#[sqlx::test]
async fn when_fewer_times_are_left_than_walk_in_the_others_are_told_that_nothing_is_free_today(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.sql("update working_hours set until_minute = 150").await;
    let patients = app.patients(10).await;
    app.open_hours().await;
    app.without_constraints().await;
    let now = plus_minutes(app.slot(0), 10);
    let racers = patients.iter().map(|id| app.walking_in(*id, now)).collect();
    let results = app.race_behind(DOCTORS, vec![racers]).await;
    let refused = results.iter().filter_map(refusal).collect::<Vec<_>>();
    assert_eq!(refused, [Refusal::SlotClosed; 6]);
    app.assert_sound().await;
}

#[sqlx::test]
async fn a_walk_in_that_is_sent_ten_times_is_one(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let patient = app.patient(1).await;
    app.open_hours().await;
    app.without_constraints().await;
    let now = plus_minutes(app.slot(0), 10);
    let admin = app.admin_caller();
    let key = Key::sent(Whose::Caller(&admin), "k", "test", &patient).unwrap();
    let command = app.walk_in_of(admin, patient, Some(key));
    let racers = (0..10).map(|_| app.sending(command.clone(), now)).collect();
    let results = app.race_behind(DOCTORS, vec![racers]).await;
    let first = results[0].as_ref().unwrap();
    assert!(
        results.iter().all(|booked| booked.as_ref() == Ok(first)),
        "{results:?}"
    );
    // Also when nothing is free any more, and much later that day.
    app.sql("delete from working_hours").await;
    let again = app.sending(command, plus_minutes(now, 600)).await;
    assert_eq!(again.as_ref(), Ok(first));
    assert_eq!(app.count("select count(*) from appointments").await, 1);
    app.assert_sound().await;
}

#[sqlx::test]
async fn who_walks_in_and_has_an_appointment_then_is_told_so_and_patients_do_not_walk_in_by_themselves(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patient = app.patient(1).await;
    let now = plus_minutes(app.slot(0), 10);
    app.books(patient, app.wanted(1, VISIT, app.slot(1)))
        .await
        .unwrap();
    let refused = app.walking_in(patient, now).await;
    assert_eq!(refusal(&refused), Some(Refusal::PatientOverlap));
    for caller in [
        Caller::Patient {
            id: patient,
            name: None,
        },
        app.doctor_caller(1),
    ] {
        let refused = app.sending(app.walk_in_of(caller, patient, None), now).await;
        assert_eq!(refused, Err(AppError::NotFound));
    }
}

// Overbooking.

#[sqlx::test]
async fn eight_overbookings_of_one_patient_at_one_time_are_one(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let patients = app.patients(5).await;
    app.open_hours().await;
    // Every doctor has somebody then already.
    for (doctor, patient_id) in patients[1..].iter().enumerate() {
        app.books(*patient_id, app.wanted(doctor, VISIT, app.slot(20)))
            .await
            .unwrap();
    }
    app.without_constraints().await;
    let racers = (0..8)
        .map(|number| {
            let wanted = app.wanted(number % 4, VISIT, app.slot(20));
            let command = app.booking(app.admin_caller(), patients[0], wanted, true);
            app.sent(command, app.now)
        })
        .collect();
    let results = app.race_behind(DOCTORS, vec![racers]).await;
    let (booked, losers) = one_winner(&results);
    assert!(booked.overbooked);
    for loser in losers {
        assert_eq!(refusal::<()>(&Err(loser)), Some(Refusal::PatientOverlap));
    }
    app.assert_sound().await;
    assert_eq!(app.broken().await, [Violation::GuardMissing]);
}

#[sqlx::test]
async fn of_a_booking_and_an_overbooking_at_once_one_is_the_ordinary_one(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patients = app.patients(24).await;
    app.open_hours().await;
    app.without_constraints().await;
    let mut racers = Vec::new();
    for (number, pair) in (20..).zip(patients.chunks(2)) {
        let wanted = app.wanted(0, VISIT, app.slot(number));
        let own = Caller::Patient {
            id: pair[0],
            name: None,
        };
        let one = app.booking(own, pair[0], wanted, false);
        let other = app.booking(app.admin_caller(), pair[1], wanted, true);
        racers.push(app.sent(one, app.now));
        racers.push(app.sent(other, app.now));
    }
    let results = app.race_behind(DOCTORS, vec![racers]).await;
    for pair in results.chunks(2) {
        // Nobody is told that the clinic cannot overbook.
        let overbooking = pair[1].as_ref().unwrap();
        match &pair[0] {
            Ok(booked) => assert!(!booked.overbooked && overbooking.overbooked),
            refused => {
                assert_eq!(refusal(refused), Some(Refusal::SlotTaken));
                assert!(!overbooking.overbooked);
            }
        }
    }
    app.assert_sound().await;
    assert_eq!(app.broken().await, [Violation::GuardMissing]);
}

#[sqlx::test]
async fn an_overbooked_time_is_taken_for_everybody_else_also_when_the_first_one_is_cancelled(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patients = app.patients(3).await;
    let wanted = app.wanted(0, VISIT, app.slot(20));
    let first = app.books(patients[0], wanted).await.unwrap();
    let second = app.overbooks(patients[1], wanted).await.unwrap();
    assert!(second.overbooked && second.status == Status::Confirmed);
    app.cancelled(&first.reference).await;
    assert!(!app.is_free(wanted).await);
    let refused = app.books(patients[2], wanted).await;
    assert_eq!(refusal(&refused), Some(Refusal::SlotTaken));
    let held = app.hold(1, wanted, app.now).await;
    assert_eq!(refusal(&held), Some(Refusal::SlotTaken));
    assert_eq!(app.broken().await, []);
    app.cancelled(&second.reference).await;
    assert!(app.is_free(wanted).await);
    app.books(patients[2], wanted).await.unwrap();
    app.assert_sound().await;
}

#[sqlx::test]
async fn overbooking_a_free_time_is_booking_it(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let patient = app.patient(1).await;
    let booked = app
        .overbooks(patient, app.wanted(0, VISIT, app.slot(20)))
        .await
        .unwrap();
    assert!(!booked.overbooked);
    assert_eq!(
        app.count("select count(*) from appointments where overbooked_because is null")
            .await,
        1
    );
    assert_eq!(app.broken().await, []);
}

#[sqlx::test]
async fn who_holds_a_time_keeps_it_when_staff_overbook_it_until_the_hold_runs_out(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patients = app.patients(4).await;
    let later = plus_minutes(app.now, 30);
    for (number, now, kept) in [(20, app.now, true), (30, later, false)] {
        let wanted = app.wanted(0, VISIT, app.slot(number));
        let held = app.hold(number as usize, wanted, app.now).await.unwrap();
        app.overbooks(patients[usize::from(kept)], wanted).await.unwrap();
        let booked = app
            .submit(number as usize, patients[2 + usize::from(kept)], &held, now)
            .await;
        assert_eq!(booked.is_ok(), kept, "{booked:?}");
        if !kept {
            assert_eq!(refusal(&booked), Some(Refusal::HoldExpired));
        }
    }
    app.assert_sound().await;
    assert_eq!(app.broken().await, []);
}

#[sqlx::test]
async fn what_is_overbooked_is_an_appointment_like_any_other_once_it_is_moved_to_a_free_time(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patients = app.patients(3).await;
    let wanted = app.wanted(0, VISIT, app.slot(20));
    app.books(patients[0], wanted).await.unwrap();
    app.books(patients[2], app.wanted(0, VISIT, app.slot(22)))
        .await
        .unwrap();
    let overbooked = app.overbooks(patients[1], wanted).await.unwrap();
    let moving = async |number: i64, version: i32| {
        let command = Reschedule {
            caller: app.admin_caller(),
            which: overbooked.reference.as_str().into(),
            version: Some(version),
            starts_at: app.slot(number),
            visitor: None,
            key: None,
        };
        reschedule(&app.database, &app.live, command, app.now).await
    };
    assert_eq!(refusal(&moving(22, 1).await), Some(Refusal::SlotTaken));
    let moved = moving(24, 1).await.unwrap();
    assert!(!moved.overbooked);
    assert_eq!(
        app.count("select count(*) from appointments where overbooked_because is null")
            .await,
        3
    );
    assert_eq!(app.broken().await, []);
}

#[sqlx::test]
async fn overbooking_is_for_staff_and_for_times_that_somebody_can_keep(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.sql("update working_hours set until_minute = 600").await;
    let patient = app.patient(1).await;
    let own = Caller::Patient {
        id: patient,
        name: None,
    };
    let taken = app.wanted(0, VISIT, app.slot(10));
    for (caller, error) in [
        (own, AppError::Forbidden),
        (app.doctor_caller(1), AppError::NotFound),
    ] {
        let refused = app.sent(app.booking(caller, patient, taken, true), app.now).await;
        assert_eq!(refused, Err(error));
    }
    let at = |minutes: i64| app.wanted(0, VISIT, plus_minutes(app.now, minutes));
    for too_far in [at(-6), at(62 * 24 * 60), at(-400 * 24 * 60)] {
        let refused = app.overbooks(patient, too_far).await;
        assert_eq!(refusal(&refused), Some(Refusal::SlotClosed), "{too_far:?}");
    }
    // About now, off the grid, and in the evening, when the doctor does not work.
    for (number, possible) in [(1, at(-1)), (2, at(91)), (3, app.wanted(0, VISIT, app.slot(45)))] {
        let booked = app
            .overbooks(app.patient(number + 10).await, possible)
            .await
            .unwrap();
        assert!(booked.overbooked || possible == at(91));
    }
    app.assert_sound().await;
    assert_eq!(app.broken().await, []);
}

#[sqlx::test]
async fn the_database_lets_two_at_once_only_where_somebody_said_why(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let patients = app.patients(3).await;
    let wanted = app.wanted(0, VISIT, app.slot(20));
    app.books(patients[0], wanted).await.unwrap();
    let insert = async |patient_id: i64, because: Option<&str>| {
        sqlx::query(
            "insert into appointments
                 (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at, blocks_from,
                  blocks_until, duration_minutes, mode, overbooked_because)
             values (upper(translate(right(gen_random_uuid()::text, 4), '01io', '2345')) || '-AAAA', $1, $2, $3, $4,
                     'confirmed', $5, $6, $5, $6, 30, 'in_person', $7)",
        )
        .bind(app.doctors[0].id)
        .bind(app.clinic)
        .bind(app.services[VISIT])
        .bind(patient_id)
        .bind(app.slot(20).to_sqlx())
        .bind(app.slot(21).to_sqlx())
        .bind(because)
        .execute(&mut app.connection().await)
        .await
        .map(drop)
        .map_err(|error| error.as_database_error().unwrap().constraint().unwrap().to_owned())
    };
    assert_eq!(
        insert(patients[1], None).await,
        Err("appointments_no_overlap".to_owned())
    );
    let empty = Err("appointments_overbooked_has_a_reason".to_owned());
    assert_eq!(insert(patients[1], Some("")).await, empty);
    let elsewhere = Err("appointments_patient_no_overlap".to_owned());
    assert_eq!(insert(patients[0], Some(WHY)).await, elsewhere);
    assert_eq!(insert(patients[1], Some(WHY)).await, Ok(()));
    // The program's check tells that nobody of staff answers for it.
    let broken = app.broken().await;
    assert!(broken.contains(&Violation::OverbookingUnaccounted), "{broken:?}");
    assert!(!broken.contains(&Violation::DoctorDoubleBooked), "{broken:?}");
    // And a double that nobody flagged is found beside it.
    app.without_constraints().await;
    insert(patients[2], None).await.unwrap();
    assert!(app.broken().await.contains(&Violation::DoctorDoubleBooked));
}

// The pages.

/// The fields of a form of this page, with some of them filled in.
fn filled(page: &Answer, form: &str, fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut all = page.form(form);
    assert!(!all.is_empty(), "no {form} in {}", page.body);
    all.retain(|(name, _)| !fields.iter().any(|(other, _)| other == name));
    all.extend(
        fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    all
}

async fn send(browser: &Browser, path: &str, form: &str, fields: &[(String, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    browser.submit(path, form, &fields).await
}

/// Fills in a form of a page and sends it.
async fn fill(browser: &Browser, path: &str, form: &str, fields: &[(&str, &str)]) -> Answer {
    let page = browser.get(path).await;
    send(browser, path, form, &filled(&page, form, fields)).await
}

#[sqlx::test]
async fn a_receptionist_books_for_a_caller_whose_phone_is_in_no_address(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    // Who is new needs a name, and nothing that was typed is lost.
    let answer = fill(
        &admin,
        "/admin/book",
        "desk-patient",
        &[("phone", "0812 5550 0777")],
    )
    .await;
    assert_eq!(
        answer.error(),
        Some(AppError::invalid(Field::Name, Problem::Missing))
    );
    let page = admin.get(&answer.location()).await;
    assert!(
        page.form("desk-patient")
            .contains(&("phone".to_owned(), "0812 5550 0777".to_owned()))
    );
    let fields = [("phone", "0812 5550 0777"), ("name", "Maya Putri")];
    let path = fill(&admin, "/admin/book", "desk-patient", &fields)
        .await
        .location();
    assert!(
        !path.contains("5550") && path.starts_with("/admin/book?patient="),
        "{path}"
    );
    // Known from now on.
    let again = fill(&admin, "/admin/book", "desk-patient", &[("phone", PHONE)]).await;
    assert_eq!(again.location(), path);
    assert!(admin.get(&path).await.body.contains("Maya Putri"));

    let offer = format!("{}-{}-{}", app.doctors[0].id, app.clinic, app.services[VISIT]);
    let list = format!("{path}&offer={offer}");
    let offers = admin.get(&path).await.texts("#offer option");
    assert!(
        offers[0] == "Choose" && offers[1] == "Dr 1: Visit, 30 minutes, Clinic",
        "{offers:?}"
    );
    assert_eq!(offers.len(), 1 + app.doctors.len() * app.services.len());
    let starts_at = app.slot(20).as_second().to_string();
    let check = fill(&admin, &list, "desk-choose", &[("starts_at", &starts_at)])
        .await
        .location();
    assert_eq!(check, format!("{list}&at={starts_at}"));
    // While the page is open, somebody else is faster.
    let form = filled(
        &admin.get(&check).await,
        "desk-book",
        &[("reason", "A <fever> & a cough")],
    );
    let other = app.patient(5).await;
    app.books(other, app.wanted(0, VISIT, app.slot(20)))
        .await
        .unwrap();
    let answer = send(&admin, &check, "desk-book", &form).await;
    assert_eq!(
        refusal::<()>(&Err(answer.error().unwrap())),
        Some(Refusal::SlotTaken)
    );
    let page = admin.get(&answer.location()).await;
    let notice = page.texts("section.notice").join(" ");
    assert!(
        notice.contains("has just been taken.") && notice.contains("Nothing you entered is lost."),
        "{notice}"
    );
    assert_eq!(page.texts(".offers button").len(), 3);
    let offers = page.form("desk-book");
    assert!(offers.contains(&("reason".to_owned(), "A <fever> & a cough".to_owned())));

    // One of the offers, twice at once and once more: one appointment.
    let nearest = app.slot(21).as_second().to_string();
    let mut form: Vec<_> = offers.into_iter().take(4).collect();
    form.push(("starts_at".to_owned(), nearest));
    let racers = (0..6)
        .map(|_| {
            let (admin, form, check) = (admin.clone(), form.clone(), check.clone());
            async move { send(&admin, &check, "desk-book", &form).await.location() }
        })
        .collect();
    let shown: HashSet<String> = app.race(racers).await.into_iter().collect();
    assert_eq!(shown.len(), 1, "{shown:?}");
    let shown = shown.into_iter().next().unwrap();
    assert_eq!(send(&admin, &check, "desk-book", &form).await.location(), shown);
    assert_eq!(app.count("select count(*) from appointments").await, 2);
    let page = admin.get(&shown).await;
    assert!(page.body.contains("Booked for the patient"), "{}", page.body);
    assert_eq!(page.texts(".page-head .badge"), ["Confirmed"]);
    app.assert_sound().await;
}

#[sqlx::test]
async fn overbooking_needs_a_reason_is_shown_as_such_and_is_none_of_the_patients_business(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let (doctor, patient) = (
        site.staff("doctor1@test.example").await,
        site.patient(PHONE).await,
    );
    let other = app.patient(5).await;
    app.books(other, app.wanted(0, VISIT, app.slot(20)))
        .await
        .unwrap();
    let path = fill(&doctor, "/doctor/book", "desk-patient", &[("phone", PHONE)])
        .await
        .location();
    let day = app.slot(20).to_string()[..10].to_owned();
    let when = [("day", &*day), ("hours", "10:00")];
    let answer = fill(&doctor, &path, "desk-overbook", &when).await;
    assert_eq!(
        answer.error(),
        Some(AppError::invalid(Field::Reason, Problem::Missing))
    );
    let page = doctor.get(&answer.location()).await;
    assert!(
        page.form("desk-overbook")
            .contains(&("hours".to_owned(), "10:00".to_owned()))
    );
    let form = filled(&page, "desk-overbook", &[("reason", WHY)]);
    let shown = send(&doctor, &path, "desk-overbook", &form).await.location();
    assert_eq!(
        send(&doctor, &path, "desk-overbook", &form).await.location(),
        shown
    );
    assert_eq!(
        app.count("select count(*) from appointments where overbooked_because = 'Severe pain'")
            .await,
        1
    );
    let page = doctor.get(&shown).await;
    assert_eq!(page.texts(".page-head .badge"), ["Confirmed", "Overbooked"]);
    assert!(page.texts("ol.timeline").join(" ").contains(WHY));
    let sheet = doctor.get(&format!("/doctor?date={day}")).await;
    assert_eq!(sheet.texts(".badge.overbooked"), ["Overbooked"]);
    let reference = shown.split('=').next_back().unwrap().to_owned();
    let theirs = patient.get(&format!("/appointments/{reference}")).await;
    assert!(theirs.status == 200 && !theirs.body.contains(WHY) && !theirs.body.contains("Overbooked"));
    let board = site.staff("admin@test.example").await.get("/admin?from=").await;
    assert_eq!(board.texts(".badge.overbooked"), ["Overbooked"]);
    app.assert_sound().await;
}

#[sqlx::test]
async fn who_walks_in_gets_the_next_time_and_where_none_is_left_is_led_to_overbooking(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    // Whatever the hour: the grid is fine, and somebody is there until midnight.
    app.sql("update services set duration_minutes = 1, slot_interval_minutes = 1")
        .await;
    let offer = format!("{}-{}-{}", app.doctors[0].id, app.clinic, app.services[VISIT]);
    let fields = [("phone", PHONE), ("name", "Maya Putri"), ("offer", &*offer)];
    let page = admin.get("/admin/walk-in").await;
    let form = filled(&page, "desk-walk-in", &fields);
    let shown = send(&admin, "/admin/walk-in", "desk-walk-in", &form)
        .await
        .location();
    assert!(shown.starts_with("/admin/appointments/"), "{shown}");
    assert_eq!(
        send(&admin, "/admin/walk-in", "desk-walk-in", &form)
            .await
            .location(),
        shown
    );
    assert_eq!(app.count("select count(*) from appointments").await, 1);
    assert!(admin.get(&shown).await.body.contains("Maya Putri"));

    app.sql("delete from working_hours").await;
    let fields = [
        ("phone", "+6281255500778"),
        ("name", "Agus"),
        ("offer", &*offer),
        ("reason", "A cut"),
    ];
    let answer = fill(&admin, "/admin/walk-in", "desk-walk-in", &fields).await;
    assert_eq!(
        refusal::<()>(&Err(answer.error().unwrap())),
        Some(Refusal::SlotClosed)
    );
    let page = admin.get(&answer.location()).await;
    assert!(
        page.texts("section.notice")
            .join(" ")
            .contains("has no free time left today")
    );
    assert!(
        page.form("desk-walk-in")
            .contains(&("name".to_owned(), "Agus".to_owned()))
    );
    let overbook = page
        .links("section.notice a")
        .into_iter()
        .find(|path| path.contains("overbook"))
        .unwrap();
    let path = overbook.split('#').next().unwrap();
    let shown = fill(&admin, path, "desk-overbook", &[("reason", WHY)])
        .await
        .location();
    assert!(shown.starts_with("/admin/appointments/"), "{shown}");
    let page = admin.get(&shown).await;
    assert!(
        page.body.contains("A cut") && page.body.contains(WHY),
        "{}",
        page.body
    );
    app.assert_sound().await;
}

#[sqlx::test]
async fn a_doctor_books_only_who_is_known_to_them_and_in_their_own_calendar(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let (doctor, other) = (
        site.staff("doctor1@test.example").await,
        site.staff("doctor2@test.example").await,
    );
    let fields = [("phone", PHONE), ("name", "Maya Putri")];
    let path = fill(&doctor, "/doctor/book", "desk-patient", &fields)
        .await
        .location();
    assert!(doctor.get(&path).await.body.contains("Maya Putri"));
    // Whoever has not typed the phone number begins with it.
    let page = other.get(&path).await;
    assert!(page.status == 200 && !page.body.contains("Maya") && !page.body.contains("5550"));
    let patient = path.split('=').next_back().unwrap();
    let offer = format!("{}-{}-{}", app.doctors[0].id, app.clinic, app.services[VISIT]);
    let starts_at = app.slot(20).as_second().to_string();
    let day = app.slot(20).to_string()[..10].to_owned();
    let wish = [
        ("patient", patient),
        ("offer", &*offer),
        ("starts_at", &*starts_at),
        ("day", &*day),
        ("hours", "10:00"),
        ("reason", WHY),
        ("phone", PHONE),
    ];
    let nobody = site.visitor();
    let themselves = site.patient(PHONE).await;
    for form in ["desk-book", "desk-overbook", "desk-walk-in"] {
        assert_eq!(nobody.call(form, &wish).await.status, 401, "{form}");
        assert_eq!(themselves.call(form, &wish).await.status, 404, "{form}");
        assert_eq!(other.call(form, &wish).await.status, 404, "{form}");
    }
    for form in ["desk-patient", "desk-choose"] {
        assert_eq!(nobody.call(form, &wish).await.status, 401, "{form}");
        assert_eq!(themselves.call(form, &wish).await.status, 404, "{form}");
    }
    assert_eq!(app.count("select count(*) from appointments").await, 0);
    let answer = doctor.submit(&path, "desk-book", &wish).await;
    assert!(
        answer.location().starts_with("/doctor/appointments/"),
        "{answer:?}"
    );
    // A patient of the doctor is known without the number.
    let again = site.staff("doctor1@test.example").await;
    assert!(again.get(&path).await.body.contains("Maya Putri"));
}

#[sqlx::test]
async fn blocked_time_is_gone_at_once_and_who_is_in_it_is_named_and_kept(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let (doctor, other) = (
        site.staff("doctor1@test.example").await,
        site.staff("doctor2@test.example").await,
    );
    let patient = app.patient(1).await;
    let inside = app
        .books(patient, app.wanted(0, VISIT, app.slot(21)))
        .await
        .unwrap();
    let outside = app
        .books(patient, app.wanted(0, VISIT, app.slot(24)))
        .await
        .unwrap();
    let day = app.slot(20).to_string()[..10].to_owned();
    let path = format!("/doctor/block?day={day}");
    let page = doctor.get(&path).await;
    assert!(
        page.form("block-time")
            .contains(&("dates[first_day]".to_owned(), day.clone()))
    );
    let hours = [
        ("dates[from]", "10:00"),
        ("dates[until]", "12:00"),
        ("dates[note]", "Dentist"),
    ];
    let form = filled(&page, "block-time", &hours);
    // Without hours, nothing is blocked, and what was typed is kept.
    let answer = fill(&doctor, &path, "block-time", &[("dates[note]", "Dentist")]).await;
    assert_eq!(
        answer.error(),
        Some(AppError::invalid(Field::Hours, Problem::Malformed))
    );
    assert!(
        doctor
            .get(&answer.location())
            .await
            .form("block-time")
            .contains(&("dates[note]".to_owned(), "Dentist".to_owned()))
    );
    assert_eq!(
        send(&other, &path, "block-time", &form).await.error(),
        Some(AppError::NotFound)
    );

    let answer = send(&doctor, &path, "block-time", &form).await;
    assert_eq!(
        send(&doctor, &path, "block-time", &form).await.location(),
        answer.location()
    );
    let page = doctor.get(&answer.location()).await;
    let notice = page.texts("section.notice").join(" ");
    assert!(
        notice.contains("10:00 to 12:00") && notice.contains(&inside.reference),
        "{notice}"
    );
    assert!(!notice.contains(&outside.reference), "{notice}");
    assert!(!app.is_free(app.wanted(0, VISIT, app.slot(20))).await);
    assert!(app.is_free(app.wanted(0, VISIT, app.slot(25))).await);
    assert_eq!(app.appointment(&inside.reference).await.0, "confirmed");
    assert_eq!(app.count("select count(*) from time_off").await, 1);

    // Whose page is older than that is told.
    let admin = site.staff("admin@test.example").await;
    let path = format!("/admin/block?doctor={}&day={day}", app.doctors[0].id);
    let hours = [
        ("dates[from]", "14:00"),
        ("dates[until]", "15:00"),
        ("version", "1"),
    ];
    let answer = fill(&admin, &path, "block-time", &hours).await;
    assert_eq!(answer.error(), Some(AppError::StaleDoctor));
    let page = admin.get(&answer.location()).await;
    assert!(
        page.texts("section.notice")
            .join(" ")
            .contains("doctor1 changed an absence"),
        "{}",
        page.body
    );
    assert!(
        page.form("block-time")
            .contains(&("dates[from]".to_owned(), "14:00".to_owned()))
    );
}
