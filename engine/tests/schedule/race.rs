//! Changes of a schedule that race bookings.

use super::{Became, Doing, dates, hours};
use crate::support::{DOCTORS, TestApp, VISIT, refusal};
use engine::{
    availability::DayPlan,
    error::Refusal,
    schedule::{Act, Edit},
};

/// After an edit has answered, nobody books a time outside of its plan, and the answer names everybody who did before.
#[tokio::test]
async fn an_edit_that_races_bookings_lists_exactly_those_outside_of_it() {
    let app = TestApp::crowded().await;
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

#[tokio::test]
async fn closing_editing_and_booking_at_once_do_not_deadlock() {
    let app = TestApp::crowded().await;
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
