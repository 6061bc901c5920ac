//! Who wants to be called back, is.

use engine::{
    account::Caller,
    error::AppError,
    phone_call::{Answer, Call, CallEvent, Filter, Tool, What, calls, note_event, set_done},
};

use super::{CALLER, answer, call, clinic, hidden, rules};
use crate::support::TestApp;

fn callback(number: &str, note: &str) -> Tool {
    Tool::RequestCallback {
        number: number.to_owned(),
        note: note.to_owned(),
    }
}

async fn open(app: &TestApp, caller: &Caller) -> Vec<(Option<String>, String)> {
    let filter = Filter {
        is_open: true,
        ..Filter::default()
    };
    let views = calls(&app.database, caller, filter, app.now).await.unwrap();
    views
        .into_iter()
        .map(|view| (view.needs_number, view.needs_note))
        .collect()
}

#[tokio::test]
async fn a_wish_to_be_called_is_on_the_list_until_somebody_has() {
    let app = clinic().await;
    for _ in 0..2 {
        let noted = answer(&app, call("c1"), callback("", "A letter")).await;
        assert_eq!(noted, Answer::CallbackNoted);
    }
    let admin = app.admin_caller();
    let expected = (Some(CALLER.to_owned()), "A letter".to_owned());
    assert_eq!(open(&app, &admin).await, [expected]);
    let id = app.count("select id from phone_calls").await;
    set_done(&app.database, &admin, id, true, app.now).await.unwrap();
    let other = app.reception_caller("rina@test.example", &[app.clinic]).await;
    set_done(&app.database, &other, id, true, app.now).await.unwrap();
    assert_eq!(open(&app, &admin).await, []);
    // The first one is kept.
    let by = app.count("select done_by from phone_calls").await;
    assert_eq!(Some(by), admin.staff_id());
    set_done(&app.database, &other, id, false, app.now).await.unwrap();
    assert_eq!(open(&app, &admin).await.len(), 1);
    app.assert_whole().await;
}

#[tokio::test]
async fn the_last_wish_of_a_call_counts_also_where_it_was_one_before() {
    let app = clinic().await;
    let admin = app.admin_caller();
    for number in ["", "0812-5550-0888", ""] {
        answer(&app, call("c1"), callback(number, "A letter")).await;
    }
    let expected = (Some(CALLER.to_owned()), "A letter".to_owned());
    assert_eq!(open(&app, &admin).await, [expected]);
    let id = app.count("select id from phone_calls").await;
    set_done(&app.database, &admin, id, true, app.now).await.unwrap();
    // A copy that comes late does not open it again; another wish does.
    answer(&app, call("c1"), callback("", "A letter")).await;
    assert_eq!(open(&app, &admin).await, []);
    answer(&app, call("c1"), callback("", "A bill")).await;
    assert_eq!(open(&app, &admin).await.len(), 1);
    app.assert_whole().await;
}

#[tokio::test]
async fn a_hidden_number_or_an_unknown_clinic_is_no_obstacle() {
    let app = clinic().await;
    assert_eq!(
        answer(&app, hidden("c1"), callback("", "x")).await,
        Answer::NumberMissing
    );
    assert_eq!(
        answer(&app, hidden("c1"), callback("twelve", "x")).await,
        Answer::NumberMissing
    );
    let noted = answer(&app, hidden("c1"), callback("0812-5550-0777", "x")).await;
    assert_eq!(noted, Answer::CallbackNoted);
    let nowhere = Call {
        line: String::new(),
        ..call("c2")
    };
    assert_eq!(
        answer(&app, nowhere, callback("", "y")).await,
        Answer::CallbackNoted
    );
    // What is of no clinic is for admins of all of them.
    let reception = app.reception_caller("rina@test.example", &[app.clinic]).await;
    assert_eq!(open(&app, &reception).await.len(), 1);
    assert_eq!(open(&app, &app.admin_caller()).await.len(), 2);
}

#[tokio::test]
async fn a_call_that_broke_off_by_a_fault_is_a_task() {
    let app = clinic().await;
    for _ in 0..3 {
        let event = CallEvent {
            call: call("c1"),
            what: What::Ended,
            began_at: None,
            ended_at: Some(app.now),
            because: Some("error_llm_websocket_open".to_owned()),
            is_faulty: true,
            transcript: None,
        };
        note_event(&app.database, event, &rules(), app.now).await.unwrap();
    }
    assert_eq!(open(&app, &app.admin_caller()).await.len(), 1);
    let nobody = set_done(&app.database, &app.admin_caller(), 999, true, app.now).await;
    assert_eq!(nobody, Err(AppError::NotFound));
}
