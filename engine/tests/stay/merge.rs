//! Two records of one person become one, with their stays.

use super::*;
use engine::desk::merge::{Keep, Merge, Undo, merge, undo_merge};

#[tokio::test]
async fn stays_go_along_with_the_record_and_come_back() {
    let app = TestApp::new().await;
    let single = room_type(&app, "Single room", 2).await;
    let (from, into) = (app.patient(1).await, app.patient(2).await);
    let booked = book(&app, from, wanted(&app, single, (10, 12), 1)).await.unwrap();
    let admin = app.admin_caller();
    let command = Merge {
        caller: admin.clone(),
        from_id: from,
        into_id: into,
        keep: Keep::default(),
        key: None,
    };
    let merged = merge(&app.database, command, app.now).await.unwrap();
    let of = |id| stay::of_patients(&app.database, &admin, vec![id]);
    assert!(of(from).await.unwrap().is_empty());
    assert_eq!(of(into).await.unwrap()[0].stay.id, booked.id);
    app.assert_whole().await;
    let command = Undo {
        caller: admin.clone(),
        merge_id: merged.merge_id,
        key: None,
    };
    undo_merge(&app.database, command, app.now).await.unwrap();
    assert_eq!(of(from).await.unwrap()[0].stay.id, booked.id);
    assert!(of(into).await.unwrap().is_empty());
    app.assert_whole().await;
}
