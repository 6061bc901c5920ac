//! All times of the grid, and who can be booked.

use crate::support::{LONG, TestApp, VISIT};
use engine::{
    availability::{Offering, SlotState, Window, free, offered, roster, slots},
    time::{Bound, GivenTime, Range},
};

/// What the first doctor offers of this service.
async fn offering(app: &TestApp, service: usize) -> Offering {
    let all = offered(&app.database, Some(app.doctors[0].id)).await.unwrap();
    all.into_iter()
        .find(|offering| offering.service_id == app.services[service])
        .unwrap()
}

#[tokio::test]
async fn what_is_free_is_the_list_of_times_and_the_rest_says_why_not() {
    let app = TestApp::new().await;
    let patients = app.patients(2).await;
    app.confirmed(patients[0], 0, app.slot(10)).await;
    app.requested(patients[1], app.wanted(0, VISIT, app.slot(14)))
        .await;
    app.hold(1, app.wanted(0, VISIT, app.slot(18)), app.now)
        .await
        .unwrap();
    let range = Range::new(app.slot(8), app.slot(40));
    for service in [VISIT, LONG] {
        let offering = offering(&app, service).await;
        let key = offering.service_key.clone();
        let found = slots(&app.database, vec![(offering, range)], app.now)
            .await
            .unwrap();
        let window = Window {
            from: Some(Bound::Time(GivenTime::At(range.start))),
            to: Some(Bound::Time(GivenTime::At(range.end))),
        };
        let listed = free(&app.database, app.doctors[0].id, key, None, window, app.now)
            .await
            .unwrap();
        let times = &found[0].times;
        let are_free = times.iter().filter(|(_, state)| *state == SlotState::Free);
        assert_eq!(are_free.map(|(at, _)| *at).collect::<Vec<_>>(), listed[0].times);
        let state = |slot: i64| times.iter().find(|(at, _)| *at == app.slot(slot)).unwrap().1;
        assert_eq!(state(10), SlotState::Busy);
        assert_eq!(
            (state(14), state(18)),
            (SlotState::Tentative, SlotState::Tentative)
        );
        assert!(times.is_sorted_by_key(|(at, _)| *at));
    }
    app.sql(
        "insert into time_off (first_day, last_day, from_minute, until_minute) select day, day, 960, 1080
             from (select min(starts_at at time zone 'UTC')::date as day from appointments) as days",
    )
    .await;
    let found = slots(&app.database, vec![(offering(&app, VISIT).await, range)], app.now)
        .await
        .unwrap();
    let away = found[0]
        .times
        .iter()
        .filter(|(_, state)| *state == SlotState::Unavailable);
    let away: Vec<_> = away.map(|(at, _)| *at).collect();
    assert_eq!(away, [app.slot(32), app.slot(33), app.slot(34), app.slot(35)]);
    assert_eq!(found[0].times.len(), 32);
}

#[tokio::test]
async fn the_roster_has_whoever_can_be_booked() {
    let app = TestApp::new().await;
    app.sql(
        "update doctors set active = false where name = 'Dr 1';
         update services set active = false where key = 'long';
         delete from offers where doctor_id = (select id from doctors where name = 'Dr 2') and service_id not in
             (select id from services where key = 'long')",
    )
    .await;
    let roster = roster(&app.database).await.unwrap();
    let names: Vec<&str> = roster.iter().map(|doctor| doctor.name.as_str()).collect();
    assert_eq!(names, ["Dr 3", "Dr 4"]);
    assert!(roster.iter().all(|doctor| doctor.offerings.len() == 2));
}
