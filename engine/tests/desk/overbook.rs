//! Overbooking: a second appointment at a time that is taken.

use jiff_sqlx::ToSqlx;

use super::WHY;
use crate::support::{DOCTORS, RULES, TestApp, VISIT, one_winner, patient_caller, refusal};
use engine::{
    appointment::Status,
    booking::integrity::{DOCTOR_DOUBLE_BOOKED, OVERBOOKING_UNACCOUNTED},
    booking::{Reschedule, reschedule},
    error::{AppError, Refusal},
    monitoring::verify::GUARD_MISSING,
    time::plus_minutes,
};

#[tokio::test]
async fn eight_overbookings_of_one_patient_at_once_make_one_appointment() {
    let app = TestApp::crowded().await;
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
    assert_eq!(app.broken().await, [GUARD_MISSING]);
}

#[tokio::test]
async fn a_booking_and_an_overbooking_at_once_make_one_ordinary_appointment() {
    let app = TestApp::crowded().await;
    let patients = app.patients(24).await;
    app.open_hours().await;
    app.without_constraints().await;
    let mut racers = Vec::new();
    for (number, pair) in (20..).zip(patients.chunks(2)) {
        let wanted = app.wanted(0, VISIT, app.slot(number));
        let own = patient_caller(pair[0]);
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
    assert_eq!(app.broken().await, [GUARD_MISSING]);
}

#[tokio::test]
async fn an_overbooked_time_is_taken_until_both_appointments_are_cancelled() {
    let app = TestApp::new().await;
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

#[tokio::test]
async fn overbooking_a_free_time_makes_an_ordinary_appointment() {
    let app = TestApp::new().await;
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

#[tokio::test]
async fn a_hold_survives_an_overbooking_until_it_expires() {
    let app = TestApp::new().await;
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

#[tokio::test]
async fn an_overbooked_appointment_becomes_ordinary_at_a_free_time() {
    let app = TestApp::new().await;
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
            rules: RULES,
            key: None,
        };
        reschedule(&app.database, command, app.now).await
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

#[tokio::test]
async fn only_the_doctor_and_admins_overbook() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    let taken = app.wanted(0, VISIT, app.slot(10));
    for (caller, error) in [
        (patient_caller(patient), AppError::Forbidden),
        (app.doctor_caller(1), AppError::NotFound),
    ] {
        let refused = app.sent(app.booking(caller, patient, taken, true), app.now).await;
        assert_eq!(refused, Err(error));
    }
}

#[tokio::test]
async fn a_time_in_the_past_or_beyond_the_horizon_cannot_be_overbooked() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    for minutes in [-6, 62 * 24 * 60, -400 * 24 * 60] {
        let too_far = app.wanted(0, VISIT, plus_minutes(app.now, minutes));
        let refused = app.overbooks(patient, too_far).await;
        assert_eq!(refusal(&refused), Some(Refusal::SlotClosed), "{too_far:?}");
    }
}

#[tokio::test]
async fn any_time_ahead_can_be_overbooked() {
    let app = TestApp::new().await;
    app.sql("update working_hours set until_minute = 600").await;
    let at = |minutes: i64| app.wanted(0, VISIT, plus_minutes(app.now, minutes));
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

impl TestApp {
    /// Writes a second appointment at the time of [`Self::taken`] past the program; the constraint that refuses it.
    async fn insert(&self, patient_id: i64, because: Option<&str>) -> Result<(), String> {
        sqlx::query(
            "insert into appointments
                 (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at, blocks_from,
                  blocks_until, duration_minutes, mode, overbooked_because)
             values (upper(translate(right(gen_random_uuid()::text, 4), '01io', '2345')) || '-AAAA', $1, $2, $3, $4,
                     'confirmed', $5, $6, $5, $6, 30, 'in_person', $7)",
        )
        .bind(self.doctors[0].id)
        .bind(self.clinic)
        .bind(self.services[VISIT])
        .bind(patient_id)
        .bind(self.slot(20).to_sqlx())
        .bind(self.slot(21).to_sqlx())
        .bind(because)
        .execute(&mut *self.spare().await)
        .await
        .map(drop)
        .map_err(|error| error.as_database_error().unwrap().constraint().unwrap().to_owned())
    }

    /// Three patients, the first of whom has an appointment.
    async fn taken(&self) -> Vec<i64> {
        let patients = self.patients(3).await;
        let wanted = self.wanted(0, VISIT, self.slot(20));
        self.books(patients[0], wanted).await.unwrap();
        patients
    }
}

#[tokio::test]
async fn the_database_refuses_an_overbooking_without_a_reason() {
    let app = TestApp::new().await;
    let patients = app.taken().await;
    let refused = |constraint: &str| Err(constraint.to_owned());
    assert_eq!(
        app.insert(patients[1], None).await,
        refused("appointments_no_overlap")
    );
    assert_eq!(
        app.insert(patients[1], Some("")).await,
        refused("appointments_overbooked_has_a_reason")
    );
    assert_eq!(app.insert(patients[1], Some(WHY)).await, Ok(()));
}

#[tokio::test]
async fn the_database_refuses_to_overbook_the_same_patient() {
    let app = TestApp::new().await;
    let patients = app.taken().await;
    assert_eq!(
        app.insert(patients[0], Some(WHY)).await,
        Err("appointments_patient_no_overlap".to_owned())
    );
}

#[tokio::test]
async fn an_overbooking_that_no_staff_made_is_found() {
    let app = TestApp::new().await;
    let patients = app.taken().await;
    app.insert(patients[1], Some(WHY)).await.unwrap();
    let broken = app.broken().await;
    assert!(broken.contains(&OVERBOOKING_UNACCOUNTED), "{broken:?}");
    assert!(!broken.contains(&DOCTOR_DOUBLE_BOOKED), "{broken:?}");
}

#[tokio::test]
async fn a_double_booking_is_found_beside_an_overbooking() {
    let app = TestApp::new().await;
    let patients = app.taken().await;
    app.insert(patients[1], Some(WHY)).await.unwrap();
    app.without_constraints().await;
    app.insert(patients[2], None).await.unwrap();
    assert!(app.broken().await.contains(&DOCTOR_DOUBLE_BOOKED));
}
