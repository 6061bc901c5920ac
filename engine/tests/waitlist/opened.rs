//! A plan that is widened, and a closed day that is opened, offer what they open.

use engine::{
    availability::DayPlan,
    schedule::{Act, Edit, edit},
    waitlist::Wishes,
};

use super::{clinic, is, joins, state, waits, wishes};
use crate::support::TestApp;

async fn edits(app: &TestApp, act: Act) {
    let command = Edit {
        caller: app.admin_caller(),
        doctor_id: app.doctors[0].id,
        version: app.doctor_version(0).await,
        act,
        key: None,
    };
    edit(&app.database, command, app.now).await.unwrap();
}

#[tokio::test]
async fn a_day_that_is_opened_again_is_offered_in_the_order_of_turns() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let (clinic_id, day) = (app.clinic, app.day(120));
    let closed = Act::Exception {
        clinic_id,
        day,
        plan: DayPlan::default(),
        note: String::new(),
    };
    edits(&app, closed).await;
    let wish = Wishes {
        doctor_id: Some(app.doctors[0].id),
        first_day: day,
        last_day: day,
        ..wishes(&app)
    };
    let first = joins(&app, patients[0], wish.clone(), 0).await;
    let second = joins(&app, patients[1], wish, 1).await;
    assert_eq!(state(&app, first.id).await, waits());
    edits(&app, Act::RemoveException { clinic_id, day }).await;
    for entry in [first, second] {
        assert_eq!(state(&app, entry.id).await, is("offered", "offered"));
    }
    let sooner = app
        .count("select count(*) from waitlist_offers as one, waitlist_offers as other
                where one.entry_id < other.entry_id and one.starts_at < other.starts_at and one.why = 'opened'")
        .await;
    assert_eq!(sooner, 1);
    app.assert_whole().await;
}

#[tokio::test]
async fn a_closure_that_is_taken_back_offers_its_times() {
    use engine::schedule::{Close, Dates, close, reopen};

    let app = clinic().await;
    let patient_id = app.patient(1).await;
    let day = app.day(120);
    let command = Close {
        caller: app.admin_caller(),
        clinic_id: Some(app.clinic),
        dates: Dates {
            first_day: day,
            last_day: day,
            hours: None,
            yearly: false,
            note: String::new(),
        },
        key: None,
    };
    let closed = close(&app.database, command, app.now).await.unwrap();
    let wish = Wishes {
        first_day: day,
        last_day: day,
        ..wishes(&app)
    };
    let entry = joins(&app, patient_id, wish, 0).await;
    reopen(&app.database, app.admin_caller(), closed.id, app.now)
        .await
        .unwrap();
    assert_eq!(state(&app, entry.id).await, is("offered", "offered"));
    assert_eq!(app.count("select count(*) from waitlist_offers").await, 1);
    app.assert_whole().await;
}
