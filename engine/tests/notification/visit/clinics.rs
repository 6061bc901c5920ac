//! What is said of several clinics is read by who is of all of them.

use engine::{
    account::Caller,
    appointment::Status,
    booking::Wanted,
    notification::{Bounce, BounceReport, BounceStatus, Kind, State, board, take_bounce},
    visit::{BookVisit, Visit, book_visit},
};

use super::{DAY, change};
use crate::{
    notification::{Postbox, listening, send_all, soon},
    support::{INSTANT, RULES, TestApp, patient_caller},
};

/// Whether this caller reads all that was sent about an appointment.
async fn reads(app: &TestApp, caller: &Caller, visit: &Visit, part: usize) -> Vec<(Kind, bool)> {
    let id = visit.appointments[part].id;
    let told = board::of_appointment(&app.database, caller, id).await.unwrap();
    told.into_iter()
        .filter(|entry| matches!(entry.state, Some(State::Sent | State::Failed)))
        .map(|entry| (entry.kind.unwrap(), !entry.text.is_empty()))
        .collect()
}

#[tokio::test]
async fn somebody_of_a_clinic_does_not_read_what_is_said_of_another_one() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let elsewhere = app.another_clinic().await;
    app.works_at(1, elsewhere).await;
    let patient = app.patient(1).await;
    app.sql(
        "update patients set email = 'maya@example.org', email_confirmed_at = now() - interval '1 year', locale = 'en'",
    )
    .await;
    let at = 4 * DAY + 20;
    let there = Wanted {
        clinic_id: elsewhere,
        ..app.wanted(1, INSTANT, app.slot(at + 8))
    };
    let command = BookVisit {
        caller: patient_caller(patient),
        segments: vec![app.wanted(0, INSTANT, app.slot(at)), there],
        patient_id: patient,
        reason: "A cough".to_owned(),
        rules: RULES,
        key: None,
    };
    let visit = book_visit(&app.database, command, app.now).await.unwrap();
    send_all(&dispatch, soon(&app)).await;
    let here = app.reception_caller("here@test.example", &[app.clinic]).await;
    let there = app.reception_caller("there@test.example", &[elsewhere]).await;
    let both = app
        .reception_caller("both@test.example", &[app.clinic, elsewhere])
        .await;
    for (caller, part, is_read) in [
        (&app.admin_caller(), 0, true),
        (&both, 0, true),
        (&both, 1, true),
        (&here, 0, false),
        (&there, 1, false),
    ] {
        assert_eq!(
            reads(&app, caller, &visit, part).await,
            [(Kind::Confirmed, is_read)],
            "{caller:?} {part}"
        );
    }
    // What is said of one alone is read, and not what came back before.
    let bounce = Bounce {
        name: postbox.letters()[0].name.clone(),
        report: BounceReport {
            is_over: true,
            status: BounceStatus::parse("5.1.1").unwrap(),
        },
    };
    take_bounce(&app.database, bounce, true, soon(&app))
        .await
        .unwrap();
    change(&app, &visit, 0, Status::Cancelled).await;
    send_all(&dispatch, soon(&app)).await;
    for (kind, is_read) in reads(&app, &here, &visit, 0).await {
        assert_eq!(is_read, kind == Kind::Cancelled, "{kind:?}");
    }
    let last = reads(&app, &here, &visit, 0).await;
    assert_eq!(last.first(), Some(&(Kind::Cancelled, true)));
}
