//! A person who is erased here has no name in a calendar elsewhere, either.

use std::sync::Arc;

use engine::appointment::Status;

use super::{Server, clinic, dispatch, linked, settle};
use crate::privacy::{erased, person};

/// A part of the name that is not broken over lines.
const NAME: &str = "Wulandari";

#[tokio::test]
async fn an_entry_with_the_name_of_a_person_is_written_without_it() {
    let app = clinic().await;
    linked(&app).await;
    app.sql("update calendar_accounts set details = true").await;
    let server = Arc::new(Server::default());
    let dispatch = dispatch(&app, &server);
    let patient_id = person(&app).await;
    app.visit(patient_id, 0, app.slot(2), Status::Completed).await;
    settle(&app, &dispatch).await;
    let names = server.names();
    assert_eq!(names.len(), 1);
    assert!(server.body(&names[0]).contains(NAME));
    erased(&app, patient_id).await;
    settle(&app, &dispatch).await;
    assert_eq!(server.names(), names);
    assert!(
        !server.body(&names[0]).contains(NAME),
        "{}",
        server.body(&names[0])
    );
    assert_eq!(app.count("select count(*) from calendar_jobs").await, 0);
}
