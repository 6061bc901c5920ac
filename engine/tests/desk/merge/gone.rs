//! A record that has gone, and what a merge has to know.

use crate::support::{RULES, TestApp, VISIT, patient_caller};
use engine::{
    account::{
        access::{SetAccess, set_access},
        session::SignedIn,
    },
    booking::{Book, book},
    error::AppError,
    idempotency::{Key, KeyOwner},
};

#[tokio::test]
async fn nobody_books_for_a_record_that_has_gone() {
    let app = TestApp::new().await;
    let (into, from) = (app.patient(1).await, app.patient(2).await);
    app.merged(from, into).await;
    let wanted = app.wanted(0, VISIT, app.slot(20));
    let by_staff = app.books(from, wanted).await;
    assert_eq!(by_staff.err(), Some(AppError::RecordMerged));
    let own = Book {
        caller: patient_caller(from),
        wanted,
        patient_id: from,
        reason: String::new(),
        overbook: None,
        rules: RULES,
        key: None,
    };
    let own = book(&app.database, own, app.now).await;
    assert_eq!(own.err(), Some(AppError::Unauthenticated));
    assert!(app.books(into, wanted).await.is_ok());
}

#[tokio::test]
async fn a_request_that_comes_twice_over_a_merge_is_answered_once_more() {
    let app = TestApp::new().await;
    let (into, from) = (app.patient(1).await, app.patient(2).await);
    let admin = app.admin_caller();
    let command = Book {
        caller: admin.clone(),
        wanted: app.wanted(0, VISIT, app.slot(20)),
        patient_id: from,
        reason: String::new(),
        overbook: None,
        rules: RULES,
        key: Some(Key::of_form(KeyOwner::Caller(&admin), "0123", "book", "1", &()).unwrap()),
    };
    let first = book(&app.database, command.clone(), app.now).await.unwrap();
    app.merged(from, into).await;
    let again = book(&app.database, command, app.now).await.unwrap();
    assert_eq!(again.reference, first.reference);
    assert_eq!(app.count("select count(*) from appointments").await, 1);
}

#[tokio::test]
async fn a_record_that_has_gone_is_not_opened_again() {
    let app = TestApp::new().await;
    let (into, from) = (app.patient(1).await, app.patient(2).await);
    app.merged(from, into).await;
    let open = SetAccess {
        caller: Some(app.admin_caller()),
        who: SignedIn::Patient(from),
        active: true,
        key: None,
    };
    assert_eq!(
        set_access(&app.database, open, app.now).await,
        Err(AppError::RecordMerged)
    );
    app.is_sound().await;
}

/// Where patients stand: what a merge moves, and what stays where it is written or belongs to a record alone.
const KNOWN: [&str; 28] = [
    // Moved.
    "acquaintances",
    "appointments",
    "calendar_feeds",
    "messages",
    "phone_findings",
    "sessions",
    "stays",
    "tokens",
    "visits",
    "waitlist_entries",
    "waitlist_offers",
    // Written about the one that stays anew.
    "patient_cards",
    // Of a number, and not of a person.
    "number_confirmations",
    // Only added to: who did, read or changed something then.
    "appointment_changes",
    "consultation_messages",
    "patient_changes",
    "patient_reads",
    "security_notes",
    "stay_changes",
    // How the name of a record was heard, and whether somebody has looked at it.
    "phone_call_names",
    // What was taken back of the one that goes is taken back of the one that stays.
    "consents",
    // Said of a record, of which all count.
    "broken_glass",
    "erasures",
    // The one that stays has it as well.
    "legal_holds",
    // There for a day.
    "patient_exports",
    // Of a door that is closed.
    "account_links",
    "calendar_links",
    "sign_in_places",
];

#[tokio::test]
async fn whatever_names_a_patient_is_known_to_the_merge() {
    let app = TestApp::new().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select distinct table_name::text from information_schema.columns
         join information_schema.tables using (table_schema, table_name)
         where table_schema = 'public' and table_type = 'BASE TABLE' and column_name = 'patient_id'
         order by 1",
    )
    .fetch_all(&mut *app.spare().await)
    .await
    .unwrap();
    assert!(tables.len() > 10, "{tables:?}");
    let unknown: Vec<&String> = tables
        .iter()
        .filter(|table| !KNOWN.contains(&table.as_str()))
        .collect();
    assert!(
        unknown.is_empty(),
        "say what becomes of {unknown:?} when two records become one"
    );
}
