//! What staff note for themselves.

use super::WHY;
use crate::support::{TestApp, VISIT, patient_caller};
use engine::{
    account::Role,
    appointment::{find_by_id, history},
};

#[tokio::test]
async fn why_a_doctor_was_overbooked_is_for_staff_alone() {
    let app = TestApp::new().await;
    let patients = app.patients(2).await;
    let wanted = app.wanted(0, VISIT, app.slot(20));
    app.books(patients[0], wanted).await.unwrap();
    let booked = app.overbooks(patients[1], wanted).await.unwrap();
    assert!(booked.overbooked);
    for (caller, expected) in [
        (patient_caller(patients[1]), None),
        (app.doctor_caller(0), Some(WHY)),
        (app.admin_caller(), Some(WHY)),
    ] {
        let role = caller.role();
        let item = find_by_id(&app.database, caller.clone(), booked.id)
            .await
            .unwrap();
        assert!(!format!("{item:?}").contains(WHY), "{role:?}");
        let told = history(&app.database, caller, booked.reference.as_str().into())
            .await
            .unwrap();
        let [first] = &*told.changes else {
            panic!("{told:?}")
        };
        assert_eq!(first.reason, "", "{role:?}");
        let note = first.note.as_ref().and_then(|note| note.for_staff(role));
        assert_eq!(note, expected, "{role:?}");
        assert_eq!(format!("{told:?}").contains(WHY), expected.is_some(), "{role:?}");
    }
    let kept =
        app.count("select count(*) from appointment_changes where note = 'Severe pain' and reason = ''");
    assert_eq!(kept.await, 1);
    let said = app
        .overbooks(patients[0], app.wanted(0, VISIT, app.slot(30)))
        .await;
    let said = said.unwrap();
    let free = history(&app.database, app.admin_caller(), said.reference.into())
        .await
        .unwrap();
    // A time that was free needed no reason.
    assert!(free.changes[0].note.is_none());
    assert_eq!(free.changes[0].actor, Role::Admin);
}
