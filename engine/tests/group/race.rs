//! Many people who want the same seats, or the same time of a doctor.

use sqlx::Connection;

use super::details;
use crate::{
    notification::{Postbox, listening},
    support::{INSTANT, RULES, TestApp, patient_caller, refusal},
};
use engine::{
    appointment::{ChangeStatus, Status, change_status},
    booking::{Book, book},
    error::{AppError, Inventory, Refusal},
    group::{Change, Details, Group, Plan, Take, Taken, cancel, change, plan, take},
    idempotency::{Key, KeyOwner},
    time::plus_minutes,
};

type Became = Result<Taken, AppError>;

impl TestApp {
    async fn without_seat_constraints(&self) {
        self.without_constraints().await;
        self.sql(
            "alter table group_seats drop constraint group_seats_within_capacity;
             drop index group_seats_seat_key",
        )
        .await;
    }

    /// Takes all of these at once.
    async fn take_all(&self, wishes: Vec<Take>) -> Vec<Became> {
        let racers = wishes.into_iter().map(|wish| {
            let (database, now) = (self.database.clone(), self.now);
            async move { take(&database, wish, now).await }
        });
        self.race(racers.collect()).await
    }

    /// Nobody was refused for another reason than that none is left.
    fn all_refused_for_want_of_seats(results: &[Became]) {
        for result in results {
            let is_expected = matches!(
                result,
                Ok(_)
                    | Err(AppError::InsufficientInventory {
                        of: Inventory::Seats { .. },
                        ..
                    })
            );
            assert!(is_expected, "{result:?}");
        }
    }
}

fn winners(results: &[Became]) -> usize {
    results.iter().flatten().count()
}

async fn race_for_seats(app: &TestApp, capacity: i32, racers: usize) {
    let patients = app.patients(racers).await;
    let group = app.published(0, app.slot(20), capacity).await;
    let wishes = patients.iter().map(|patient| app.taking(group.id, *patient, 1));
    let results = app.take_all(wishes.collect()).await;
    TestApp::all_refused_for_want_of_seats(&results);
    let expected = usize::try_from(capacity).unwrap();
    assert_eq!(winners(&results), expected);
    let mut seats: Vec<i32> = results
        .iter()
        .flatten()
        .flat_map(|taken| taken.seats.clone())
        .collect();
    seats.sort_unstable();
    assert_eq!(seats, (1..=capacity).collect::<Vec<_>>());
    assert_eq!(app.seats_taken().await, i64::from(capacity));
    app.assert_sound().await;
}

#[tokio::test]
async fn one_more_than_there_are_seats_race_and_one_loses() {
    let app = TestApp::crowded().await;
    race_for_seats(&app, 12, 13).await;
    app.assert_whole().await;
}

#[tokio::test]
async fn five_times_as_many_as_there_are_seats_race_and_exactly_the_seats_are_taken() {
    let app = TestApp::crowded().await;
    race_for_seats(&app, 10, 50).await;
    app.assert_whole().await;
}

#[tokio::test]
async fn five_times_as_many_as_there_are_seats_race_by_the_locks_alone() {
    let app = TestApp::crowded().await;
    app.without_seat_constraints().await;
    race_for_seats(&app, 10, 50).await;
}

#[tokio::test]
async fn two_hundred_who_race_for_one_seat_get_one() {
    let app = TestApp::crowded().await;
    race_for_seats(&app, 1, 200).await;
    app.assert_whole().await;
}

#[tokio::test]
async fn parties_get_all_their_seats_or_none() {
    let app = TestApp::crowded().await;
    let patients = app.patients(9).await;
    let group = app.published(0, app.slot(20), 12).await;
    let wishes = patients[..8]
        .iter()
        .map(|patient| app.taking(group.id, *patient, 5));
    let results = app.take_all(wishes.collect()).await;
    TestApp::all_refused_for_want_of_seats(&results);
    assert_eq!(winners(&results), 2, "{results:?}");
    assert!(results.iter().flatten().all(|taken| taken.seats.len() == 5));
    assert_eq!(app.seats_taken().await, 10);
    let late = app.takes(group.id, patients[8], 3).await;
    let of = Inventory::Seats { group_id: group.id };
    assert_eq!(
        late,
        Err(AppError::InsufficientInventory {
            of,
            requested: 3,
            available: 2
        })
    );
    assert_eq!(app.takes(group.id, patients[8], 2).await.unwrap().seats, [11, 12]);
    app.assert_whole().await;
}

#[tokio::test]
async fn one_request_that_is_sent_thirty_times_takes_its_seats_once() {
    let app = TestApp::crowded().await;
    let patient = app.patient(1).await;
    let group = app.published(0, app.slot(20), 12).await;
    let caller = patient_caller(patient);
    let key = Key::sent(KeyOwner::Caller(&caller), "k", "take-seats", &(group.id, 2)).unwrap();
    let wish = Take {
        key: Some(key),
        ..app.taking(group.id, patient, 2)
    };
    let results = app.take_all(vec![wish; 30]).await;
    let first = results[0].clone().unwrap();
    assert!(
        results.iter().all(|result| result.as_ref() == Ok(&first)),
        "{results:?}"
    );
    assert_eq!(app.seats_taken().await, 2);
    app.assert_whole().await;
}

#[tokio::test]
async fn a_patient_who_asks_twice_at_once_has_one_place() {
    let app = TestApp::crowded().await;
    let patient = app.patient(1).await;
    let group = app.published(0, app.slot(20), 12).await;
    let results = app.take_all(vec![app.taking(group.id, patient, 1); 10]).await;
    assert_eq!(winners(&results), 1);
    let losers = results.iter().filter(|result| result.is_err());
    assert!(
        losers
            .clone()
            .all(|result| refusal(result) == Some(Refusal::PatientOverlap))
    );
    app.assert_whole().await;
}

/// A doctor's time, in a race of sessions and single bookings.
#[derive(Debug)]
enum Had {
    Session(Result<Vec<Group>, AppError>),
    Single(Result<engine::appointment::Summary, AppError>),
}

async fn sessions_race_bookings(app: &TestApp) {
    for round in 0..6 {
        let slot = 20 + 4 * round;
        let patients = [app.patient(10 + 2 * usize::try_from(round).unwrap()).await];
        let session = Plan {
            publish: true,
            ..app.planned(0, app.slot(slot), 5)
        };
        let single = Book {
            caller: patient_caller(patients[0]),
            wanted: app.wanted(0, INSTANT, app.slot(slot + 1)),
            patient_id: patients[0],
            reason: String::new(),
            overbook: None,
            rules: RULES,
            key: None,
        };
        let mut racers: Vec<std::pin::Pin<Box<dyn Future<Output = Had> + Send>>> = Vec::new();
        for number in 0..6 {
            let (database, now) = (app.database.clone(), app.now);
            let (session, single) = (session.clone(), single.clone());
            racers.push(match number % 2 {
                0 => Box::pin(async move { Had::Session(plan(&database, session, now).await) }),
                _ => Box::pin(async move { Had::Single(book(&database, single, now).await) }),
            });
        }
        let results = app.race(racers).await;
        let won = |had: &&Had| matches!(had, Had::Session(Ok(_)) | Had::Single(Ok(_)));
        assert_eq!(results.iter().filter(won).count(), 1, "{results:?}");
        for had in &results {
            let refused = match had {
                Had::Session(Err(error)) | Had::Single(Err(error)) => error,
                _ => continue,
            };
            let reason = refusal::<()>(&Err(*refused));
            assert!(
                matches!(reason, Some(Refusal::SlotTaken | Refusal::PatientOverlap)),
                "{results:?}"
            );
        }
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn a_session_that_is_published_races_a_booking_of_its_time_and_one_has_it() {
    let app = TestApp::crowded().await;
    sessions_race_bookings(&app).await;
    app.assert_whole().await;
}

#[tokio::test]
async fn a_session_that_is_published_races_a_booking_by_the_locks_alone() {
    let app = TestApp::crowded().await;
    app.without_constraints().await;
    sessions_race_bookings(&app).await;
}

#[tokio::test]
async fn a_session_that_is_cancelled_twice_at_once_tells_each_patient_once() {
    let app = TestApp::crowded().await;
    listening(&app, &Postbox::new());
    let patients = app.patients(8).await;
    let group = app.published(0, app.slot(20), 8).await;
    for patient in &patients {
        app.takes(group.id, *patient, 1).await.unwrap();
    }
    let racers = (0..10).map(|_| {
        let (database, now) = (app.database.clone(), app.now);
        let command = app.cancelling(group.id, app.admin_caller());
        async move { cancel(&database, command, now).await }
    });
    let results = app.race(racers.collect()).await;
    let first = results[0].clone().unwrap();
    assert!(
        results.iter().all(|result| result.as_ref() == Ok(&first)),
        "{results:?}"
    );
    assert_eq!(app.seats_taken().await, 0);
    let told = "select count(*) from messages where kind = 'cancelled'";
    assert_eq!(app.count(told).await, 8);
    assert!(app.is_free(app.wanted(0, INSTANT, app.slot(20))).await);
    app.assert_whole().await;
}

/// What becomes of somebody who takes, gives up, changes or cancels.
#[derive(Debug)]
enum Deed {
    Took(Became),
    Cancelled(Result<Group, AppError>),
    Changed(Result<Group, AppError>),
    GaveUp(Result<engine::appointment::Summary, AppError>),
}

type Doing = std::pin::Pin<Box<dyn Future<Output = Deed> + Send>>;

impl TestApp {
    fn racing_to_take(&self, wish: Take) -> Doing {
        let (database, now) = (self.database.clone(), self.now);
        Box::pin(async move { Deed::Took(take(&database, wish, now).await) })
    }

    fn racing_to_give_up(&self, patient: i64, taken: Taken) -> Doing {
        let (database, now) = (self.database.clone(), self.now);
        let command = ChangeStatus {
            caller: patient_caller(patient),
            which: taken.appointment.reference.into(),
            to: Status::Cancelled,
            version: None,
            reason: String::new(),
            key: None,
        };
        Box::pin(async move { Deed::GaveUp(change_status(&database, command, now).await) })
    }

    fn racing_to_change(&self, group: &Group, details: Details) -> Doing {
        let (database, now) = (self.database.clone(), self.now);
        let command = Change {
            caller: self.admin_caller(),
            group_id: group.id,
            version: group.version,
            details,
            key: None,
        };
        Box::pin(async move { Deed::Changed(change(&database, command, now).await) })
    }
}

#[tokio::test]
async fn a_session_that_is_cancelled_while_its_last_seats_are_taken_has_none_left_taken() {
    let app = TestApp::crowded().await;
    for round in 0..5_usize {
        let group = app
            .published(0, app.slot(20 + 4 * i64::try_from(round).unwrap()), 3)
            .await;
        let mut racers = Vec::new();
        for number in 0..6 {
            let patient = app.patient(round * 10 + number).await;
            racers.push(app.racing_to_take(app.taking(group.id, patient, 1)));
        }
        let (database, now) = (app.database.clone(), app.now);
        let command = app.cancelling(group.id, app.admin_caller());
        racers.insert(
            round,
            Box::pin(async move { Deed::Cancelled(cancel(&database, command, now).await) }),
        );
        let results = app.race(racers).await;
        for deed in &results {
            let is_expected = match deed {
                Deed::Took(Err(error)) => {
                    matches!(error, AppError::InsufficientInventory { .. })
                        || refusal::<()>(&Err(*error)) == Some(Refusal::SlotClosed)
                }
                Deed::Took(Ok(_)) | Deed::Cancelled(Ok(_)) => true,
                _ => false,
            };
            assert!(is_expected, "{results:?}");
        }
        assert_eq!(app.seats_taken().await, 0);
    }
    app.assert_whole().await;
}

#[tokio::test]
async fn a_seat_that_is_given_up_is_taken_once() {
    let app = TestApp::crowded().await;
    let patients = app.patients(12).await;
    let group = app.published(0, app.slot(20), 2).await;
    let first = app.takes(group.id, patients[0], 1).await.unwrap();
    app.takes(group.id, patients[1], 1).await.unwrap();
    let mut racers: Vec<Doing> = patients[2..]
        .iter()
        .map(|patient| app.racing_to_take(app.taking(group.id, *patient, 1)))
        .collect();
    racers.insert(3, app.racing_to_give_up(patients[0], first));
    let results = app.race(racers).await;
    assert!(
        results.iter().any(|deed| matches!(deed, Deed::GaveUp(Ok(_)))),
        "{results:?}"
    );
    let took = results
        .iter()
        .filter(|deed| matches!(deed, Deed::Took(Ok(_))))
        .count();
    assert!(took <= 1, "{results:?}");
    assert_eq!(app.seats_taken().await, 1 + i64::try_from(took).unwrap());
    app.assert_whole().await;
}

#[tokio::test]
async fn a_session_that_gets_smaller_while_seats_are_taken_never_has_too_many() {
    let app = TestApp::crowded().await;
    for round in 0..5_usize {
        let starts_at = app.slot(20 + 4 * i64::try_from(round).unwrap());
        let group = app.published(0, starts_at, 6).await;
        let mut racers = Vec::new();
        for number in 0..6 {
            let patient = app.patient(round * 10 + number).await;
            racers.push(app.racing_to_take(app.taking(group.id, patient, 1)));
        }
        racers.insert(round, app.racing_to_change(&group, details(starts_at, 3)));
        let results = app.race(racers).await;
        let took = results
            .iter()
            .filter(|deed| matches!(deed, Deed::Took(Ok(_))))
            .count();
        let shrunk = results.iter().any(|deed| matches!(deed, Deed::Changed(Ok(_))));
        assert_eq!(took, if shrunk { 3 } else { 6 }, "{results:?}");
    }
    app.assert_whole().await;
}

#[tokio::test]
async fn a_session_that_moves_and_gets_smaller_while_seats_are_given_up_waits_for_nobody_in_a_circle() {
    let app = TestApp::crowded().await;
    for round in 0..8_usize {
        let starts_at = app.slot(20 + 6 * i64::try_from(round).unwrap());
        let group = app.published(0, starts_at, 8).await;
        let (mut racers, mut taken) = (Vec::new(), Vec::new());
        for number in 0..8 {
            let patient = app.patient(round * 10 + number).await;
            taken.push((patient, app.takes(group.id, patient, 1).await.unwrap()));
        }
        // Those with the lowest numbers go: the others get theirs.
        for (patient, taken) in taken.into_iter().take(4) {
            racers.push(app.racing_to_give_up(patient, taken));
        }
        let details = details(plus_minutes(starts_at, 60), 6);
        racers.insert(round % 5, app.racing_to_change(&group, details));
        let results = app.race(racers).await;
        for deed in &results {
            let is_expected = match deed {
                Deed::GaveUp(became) => became.is_ok(),
                // The seats were not given up yet.
                Deed::Changed(became) => {
                    matches!(became, Ok(_) | Err(AppError::InsufficientInventory { .. }))
                }
                _ => false,
            };
            assert!(is_expected, "{results:?}");
        }
        assert_eq!(app.seats_taken().await, 4 * i64::try_from(round + 1).unwrap());
    }
    app.assert_whole().await;
}

/// The session and the patient are locked by one statement, and the session first: else two who take seats of one session for each
/// other's patient waited for each other.
#[tokio::test]
async fn who_waits_for_a_session_does_not_keep_its_patient() {
    let app = TestApp::crowded().await;
    let patient_id = app.patient(1).await;
    let group = app.published(0, app.slot(20), 3).await;
    let mut keeper = app.connection().await;
    let mut kept = keeper.begin().await.unwrap();
    let session = "select from groups for no key update";
    sqlx::raw_sql(session).execute(&mut *kept).await.unwrap();
    let (database, now) = (app.database.clone(), app.now);
    let command = app.taking(group.id, patient_id, 1);
    let taking = tokio::spawn(async move { take(&database, command, now).await });
    app.until_waiting(1).await;
    app.sql("select from patients for no key update nowait").await;
    kept.rollback().await.unwrap();
    taking.await.unwrap().unwrap();
    app.assert_whole().await;
}
