//! The security log: what is written, and that nobody changes it.

use engine::{
    audit::{self, Kind, Note, Search, entries},
    database::Database,
};
use sqlx::{
    Connection,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::support::TestApp;

fn all() -> Search {
    Search {
        limit: 100,
        ..Search::default()
    }
}

async fn tidy(database: &Database) {
    database
        .write("test.tidy", |mut tx| async move {
            audit::tidy(&mut tx).await?;
            tx.commit().await
        })
        .await
        .unwrap();
}

#[sqlx::test]
async fn a_note_is_a_row_and_a_count(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    audit::begin_counting(&app.database);
    let staff_id = app.doctors[0].staff_id;
    let note = Note::new(Kind::PatientOpened)
        .by_staff("doctor", staff_id)
        .of_patient(17)
        .about("/doctor/patients")
        .from("203.0.113.7");
    audit::note(&app.database, note).await;
    audit::note(&app.database, Note::new(Kind::Denied).about("origin")).await;
    let found = entries(&app.database, all()).await.unwrap();
    assert_eq!(found.len(), 2);
    let (newest, oldest) = (&found[0], &found[1]);
    assert_eq!(
        (newest.kind.as_str(), newest.actor.as_str()),
        ("denied", "visitor")
    );
    assert_eq!(oldest.kind, "patient_opened");
    assert_eq!(oldest.by_staff_id, Some(staff_id));
    assert!(oldest.by_staff_name.is_some());
    assert_eq!(
        (oldest.patient_id, oldest.address.as_str()),
        (Some(17), "203.0.113.7")
    );
    let only = Search {
        kind: Some(Kind::Denied),
        ..all()
    };
    assert_eq!(entries(&app.database, only).await.unwrap().len(), 1);
    let older = Search {
        before: Some(newest.id),
        ..all()
    };
    assert_eq!(entries(&app.database, older).await.unwrap().len(), 1);
    let numbers = app.database.statistics().render();
    for expected in [
        "janji_security_events_total{kind=\"patient_opened\"} 1",
        "janji_security_events_total{kind=\"denied\"} 1",
        "janji_security_events_total{kind=\"token_made\"} 0",
    ] {
        assert!(numbers.contains(expected), "{expected}\n{numbers}");
    }
}

#[sqlx::test]
async fn notes_are_neither_changed_nor_deleted_before_they_are_old(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    audit::note(&app.database, Note::new(Kind::SignInFailed)).await;
    let mut connection = app.connection().await;
    for statement in [
        "update security_notes set kind = 'sign_in'",
        "update security_notes set noted_at = now() - interval '2 years'",
        "delete from security_notes",
        "delete from security_notes where kind = 'sign_in_failed'",
        "truncate security_notes",
    ] {
        let refused = sqlx::query(statement).execute(&mut connection).await;
        assert!(refused.is_err(), "{statement}");
    }
    connection.close().await.unwrap();
    assert_eq!(app.count("select count(*) from security_notes").await, 1);
    // Retention takes what is old, and nothing else.
    app.sql(
        "insert into security_notes (kind, actor, noted_at)
         values ('denied', 'visitor', now() - interval '366 days'),
                ('denied', 'visitor', now() - interval '364 days')",
    )
    .await;
    tidy(&app.database).await;
    assert_eq!(app.count("select count(*) from security_notes").await, 2);
    let old = "select count(*) from security_notes where noted_at < now() - interval '365 days'";
    assert_eq!(app.count(old).await, 0);
}

#[sqlx::test]
async fn a_flood_of_refusals_is_counted_and_does_not_fill_the_table(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let flood = Note::new(Kind::CodeFailed).from("198.51.100.99");
    for _ in 0..300 {
        audit::note(&app.database, flood.clone()).await;
    }
    let rows = app
        .count("select count(*) from security_notes where address = '198.51.100.99'")
        .await;
    assert!((1..300).contains(&rows), "{rows}");
    let numbers = app.database.statistics().render();
    assert!(
        numbers.contains("janji_security_events_total{kind=\"code_failed\"} 300"),
        "{numbers}"
    );
}
