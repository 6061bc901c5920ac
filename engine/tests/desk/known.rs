//! Who has to do with whom: doctors book and read patients who booked them, whose phone they typed, or whom an admin gave them.

use jiff::Timestamp;

use crate::support::{RULES, TestApp, VISIT, hold, refusal, visitor};
use engine::{
    account::{
        Caller, Country, Phone,
        acquaintance::{Gift, take_back},
        family::{Newcomer, Whose},
        reads,
    },
    appointment::{ChangeStatus, Search, Status, change_status, find_by_id},
    booking::{self, WalkIn, WalksIn},
    desk::{self, Listing, Typed, patient, patient_by_phone, patients},
    error::{AppError, Refusal},
    time::plus_minutes,
    visit::{BookVisit, book_visit},
};

const DAY: i64 = 24 * 60;

fn phone(typed: &str) -> Phone {
    Phone::parse(typed, Country::default()).unwrap()
}

impl TestApp {
    /// Somebody of staff types the phone of this patient.
    async fn typed(&self, caller: Caller, number: usize) -> i64 {
        let typed = Typed {
            caller,
            phone: phone(&format!("+6281255500{number:03}")),
            name: String::new(),
            whose: Whose::Unsaid,
            key: None,
        };
        patient_by_phone(&self.database, typed, self.now).await.unwrap()
    }

    /// Whether the first doctor can read this patient at this time, alone and in the list.
    async fn is_read(&self, patient_id: i64, now: Timestamp) -> bool {
        let caller = self.doctor_caller(0);
        let listing = Listing {
            search: Search::default(),
            after: None,
            limit: 200,
        };
        let alone = patient(&self.database, &caller, patient_id, now).await.is_ok();
        let list = patients(&self.database, &caller, listing, now).await.unwrap();
        assert_eq!(alone, list.iter().any(|person| person.id == patient_id));
        alone
    }
}

#[tokio::test]
async fn the_numbers_of_patients_cannot_be_counted_up_to() {
    let app = TestApp::new().await;
    let ids = app.patients(20).await;
    for pair in ids.windows(2) {
        assert!((pair[0] - pair[1]).abs() > 1000, "{ids:?}");
    }
    // Whole numbers up to here are exact in every program that reads JSON.
    assert!(ids.iter().all(|id| (1 << 48..1 << 53).contains(id)), "{ids:?}");
}

#[tokio::test]
async fn a_doctor_books_nobody_by_a_number_that_was_guessed() {
    let app = TestApp::new().await;
    let stranger = app.patient(1).await;
    let doctor = app.doctor_caller(0);
    let wanted = app.wanted(0, VISIT, app.slot(20));
    for patient_id in [stranger, 1, 2, 3, stranger + 1, -1, i64::MAX] {
        for overbook in [false, true] {
            let command = app.booking(doctor.clone(), patient_id, wanted, overbook);
            assert_eq!(app.sent(command, app.now).await, Err(AppError::NotFound));
        }
        let visit = BookVisit {
            caller: doctor.clone(),
            segments: vec![wanted, app.wanted(0, VISIT, app.slot(22))],
            patient_id,
            reason: String::new(),
            rules: RULES,
            key: None,
        };
        let booked = book_visit(&app.database, visit, app.now).await;
        assert_eq!(booked.map(drop), Err(AppError::NotFound));
        let walk_in = app.walk_in_of(doctor.clone(), patient_id, None);
        let now = plus_minutes(app.slot(0), 10);
        assert_eq!(app.sending(walk_in, now).await, Err(AppError::NotFound));
    }
    assert_eq!(app.count("select count(*) from appointments").await, 0);
    assert!(!app.is_read(stranger, app.now).await);
    // The phone typed, it is a patient of theirs.
    assert_eq!(app.typed(doctor.clone(), 1).await, stranger);
    assert!(app.is_read(stranger, app.now).await);
    app.sent(app.booking(doctor, stranger, wanted, false), app.now)
        .await
        .unwrap();
    // It is no other doctor's.
    let other = patient(&app.database, &app.doctor_caller(1), stranger, app.now).await;
    assert_eq!(other.map(drop), Err(AppError::NotFound));
    app.assert_sound().await;
}

#[tokio::test]
async fn an_appointment_of_a_doctors_own_making_gives_nothing_once_it_is_cancelled() {
    let app = TestApp::new().await;
    let id = app.patient(1).await;
    let doctor = app.doctor_caller(0);
    app.typed(doctor.clone(), 1).await;
    let later = plus_minutes(app.now, DAY + 1);
    assert!(!app.is_read(id, later).await);
    let wanted = app.wanted(0, VISIT, app.slot(200));
    let booked = app
        .sent(app.booking(doctor.clone(), id, wanted, false), app.now)
        .await
        .unwrap();
    assert!(app.is_read(id, later).await);
    let cancel = ChangeStatus {
        caller: doctor.clone(),
        which: booked.reference.as_str().into(),
        to: Status::Cancelled,
        version: None,
        reason: "Nobody called".to_owned(),
        key: None,
    };
    change_status(&app.database, cancel, app.now).await.unwrap();
    assert!(!app.is_read(id, later).await);
    let again = app.booking(doctor, id, wanted, false);
    assert_eq!(app.sent(again, later).await, Err(AppError::NotFound));
}

#[tokio::test]
async fn whom_the_patient_booked_has_to_do_with_them_for_good() {
    let app = TestApp::new().await;
    let later = plus_minutes(app.now, 400 * DAY);
    let people = app.patients(3).await;
    // By the patient, and by an admin; both cancelled since.
    let by_patient = app.requested(people[0], app.wanted(0, VISIT, app.slot(20))).await;
    let by_admin = app.booking(
        app.admin_caller(),
        people[1],
        app.wanted(0, VISIT, app.slot(22)),
        false,
    );
    let by_admin = app.sent(by_admin, app.now).await.unwrap().reference;
    for reference in [&by_patient, &by_admin] {
        app.cancelled(reference).await;
    }
    assert!(app.is_read(people[0], later).await);
    assert!(app.is_read(people[1], later).await);
    // Who only held a time and let it go has not booked.
    let mut looked = hold(9, app.wanted(0, VISIT, app.slot(24)));
    looked.patient_id = Some(people[2]);
    let held = booking::hold(&app.database, looked, app.now).await.unwrap();
    assert!(!app.is_read(people[2], app.now).await);
    booking::release(&app.database, held, visitor(9), app.now)
        .await
        .unwrap();
    assert!(!app.is_read(people[2], app.now).await);
}

#[tokio::test]
async fn an_admin_gives_a_patient_and_takes_them_back() {
    let app = TestApp::new().await;
    let id = app.patient(1).await;
    app.given(0, id).await;
    let later = plus_minutes(app.now, 400 * DAY);
    assert!(app.is_read(id, later).await);
    let gift = Gift {
        staff_id: app.admin_staff_id,
        patient_id: id,
        doctor_id: app.doctors[0].id,
    };
    take_back(&app.database, gift).await.unwrap();
    assert!(!app.is_read(id, app.now).await);
    let nobody = Gift {
        patient_id: 7,
        ..gift
    };
    assert_eq!(take_back(&app.database, nobody).await, Err(AppError::NotFound));
}

#[tokio::test]
async fn a_walk_in_that_is_refused_makes_nobody_a_patient() {
    let app = TestApp::new().await;
    let (mine, now) = (app.doctor_caller(0), plus_minutes(app.slot(0), 10));
    let walk_in = |doctor: usize, name: &str| WalkIn {
        caller: mine.clone(),
        doctor_id: app.doctors[doctor].id,
        clinic_id: app.clinic,
        service_id: app.services[VISIT],
        patient: WalksIn::Newcomer(Newcomer::ByPhone {
            phone: phone("+6281255500777"),
            name: name.to_owned(),
            whose: Whose::Unsaid,
        }),
        reason: String::new(),
        rules: RULES,
        key: None,
    };
    // For another doctor, without a name, and when nothing is free.
    assert_eq!(
        app.sending(walk_in(1, "Agus"), now).await,
        Err(AppError::NotFound)
    );
    assert!(app.sending(walk_in(0, ""), now).await.is_err());
    app.sql("create table kept as table working_hours; delete from working_hours")
        .await;
    let refused = app.sending(walk_in(0, "Agus"), now).await;
    assert_eq!(refusal(&refused), Some(Refusal::SlotClosed));
    assert_eq!(app.count("select count(*) from patients").await, 0);
    assert_eq!(app.count("select count(*) from acquaintances").await, 0);
    app.sql("insert into working_hours overriding system value table kept; drop table kept")
        .await;
    let booked = app.sending(walk_in(0, "Agus"), now).await.unwrap();
    assert_eq!(app.count("select count(*) from patients").await, 1);
    assert!(app.is_read(booked.patient_id.unwrap(), now).await);
    app.assert_sound().await;
}

#[tokio::test]
async fn ten_who_walk_in_with_one_new_phone_at_once_are_one_patient() {
    let app = TestApp::crowded().await;
    app.open_hours().await;
    app.without_constraints().await;
    let now = plus_minutes(app.slot(0), 10);
    let racers = (0..10)
        .map(|number| {
            let command = WalkIn {
                patient: WalksIn::Newcomer(Newcomer::ByPhone {
                    phone: phone("+6281255500777"),
                    name: "Agus".to_owned(),
                    whose: Whose::Unsaid,
                }),
                doctor_id: app.doctors[number % 4].id,
                ..app.walk_in_of(app.admin_caller(), 0, None)
            };
            app.sending(command, now)
        })
        .collect();
    let results = app.race(racers).await;
    let booked: Vec<_> = results.iter().flatten().collect();
    assert!(!booked.is_empty(), "{results:?}");
    assert_eq!(app.count("select count(*) from patients").await, 1);
    app.assert_sound().await;
}

#[tokio::test]
async fn what_staff_read_of_a_patient_is_recorded_once_in_an_hour() {
    let app = TestApp::new().await;
    let id = app.patient(1).await;
    let booked = app.books(id, app.wanted(0, VISIT, app.slot(20))).await.unwrap();
    let doctor = app.doctor_caller(0);
    for _ in 0..3 {
        patient(&app.database, &doctor, id, app.now).await.unwrap();
    }
    find_by_id(&app.database, doctor.clone(), booked.id)
        .await
        .unwrap();
    // What patients read of their own is nobody's business.
    let own = crate::support::patient_caller(id);
    find_by_id(&app.database, own, booked.id).await.unwrap();
    let next_hour = plus_minutes(app.now, 60);
    patient(&app.database, &doctor, id, next_hour).await.unwrap();
    let read = reads::of_patient(&app.database, id, None, 10).await.unwrap();
    let mut what: Vec<&str> = read.iter().map(|read| &*read.what).collect();
    what.sort_unstable();
    assert_eq!(what, ["appointment", "patient", "patient"]);
    let staff_id = doctor.staff_id().unwrap();
    assert!(read.iter().all(|read| read.staff_id == staff_id));
}

#[tokio::test]
async fn a_search_for_who_is_a_patient_comes_to_an_end() {
    let app = TestApp::new().await;
    let (doctor, other) = (app.doctor_caller(0), app.doctor_caller(1));
    for _ in 0..5 {
        desk::count_typed(&app.database, &doctor, 5, app.now)
            .await
            .unwrap();
    }
    for (caller, now, expected) in [
        (&doctor, app.now, Err(AppError::RateLimited)),
        (&other, app.now, Ok(())),
        (&doctor, plus_minutes(app.now, 16), Ok(())),
    ] {
        assert_eq!(desk::count_typed(&app.database, caller, 5, now).await, expected);
    }
}
