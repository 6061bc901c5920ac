//! The security log: what is written, and that nobody changes it.

use engine::{
    account::{
        Caller, Country, Phone, Role,
        access::{SetAccess, set_access},
        acquaintance::{Gift, give, take_back},
        otp, put_staff,
        renumber::{correct_phone, renumber},
        session::SignedIn,
    },
    audit::{self, Entry, Kind, Note, Search, entries},
    database::Database,
};
use sqlx::Connection;

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

#[tokio::test]
async fn a_note_is_a_row_and_a_count() {
    let app = TestApp::new().await;
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

#[tokio::test]
async fn notes_are_neither_changed_nor_deleted_before_they_are_old() {
    let app = TestApp::new().await;
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

#[tokio::test]
async fn a_flood_of_refusals_is_counted_and_does_not_fill_the_table() {
    let app = TestApp::new().await;
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

/// What the log says, the oldest first: kind, who, about what, and whom.
async fn told(app: &TestApp) -> Vec<(String, String, String, Option<i64>, Option<i64>)> {
    let mut found: Vec<Entry> = entries(&app.database, all()).await.unwrap();
    found.reverse();
    let told = |entry: Entry| {
        (
            entry.kind,
            entry.actor,
            entry.about,
            entry.staff_id,
            entry.patient_id,
        )
    };
    found.into_iter().map(told).collect()
}

#[tokio::test]
async fn what_changes_who_gets_in_is_noted_with_it() {
    let app = TestApp::new().await;
    let (admin, patient) = (app.admin_caller(), app.patient(1).await);
    let doctor = app.doctors[0];
    let set = async |caller: Option<Caller>, who: SignedIn, active: bool| {
        let command = SetAccess {
            caller,
            who,
            active,
            key: None,
        };
        set_access(&app.database, command, app.now).await.unwrap();
    };
    set(Some(admin.clone()), SignedIn::Staff(doctor.staff_id), false).await;
    set(None, SignedIn::Staff(doctor.staff_id), true).await;
    set(Some(admin.clone()), SignedIn::Patient(patient), false).await;
    set(Some(admin.clone()), SignedIn::Patient(patient), true).await;
    let phone = Phone::parse("+6281255500001", Country::default()).unwrap();
    otp::let_in(&app.database, Some(&admin), phone.clone())
        .await
        .unwrap();
    otp::let_in(&app.database, None, phone).await.unwrap();
    let gift = Gift {
        staff_id: app.admin_staff_id,
        patient_id: patient,
        doctor_id: doctor.id,
    };
    give(&app.database, gift, app.now).await.unwrap();
    take_back(&app.database, gift).await.unwrap();
    // There is nothing to take back any more, and nothing to note.
    take_back(&app.database, gift).await.unwrap();
    for is_new in [true, false] {
        let put = put_staff(
            &app.database,
            Role::Admin,
            "Rini".to_owned(),
            "rini@test.example".to_owned(),
            "a long and odd sentence".to_owned(),
        );
        assert_eq!(put.await, Ok(is_new));
    }
    let rini: i64 = sqlx::query_scalar("select id from staff where email = 'rini@test.example'")
        .fetch_one(&mut *app.spare().await)
        .await
        .unwrap();
    let row = |kind: &str, actor: &str, about: &str, staff: Option<i64>, patient: Option<i64>| {
        (
            kind.to_owned(),
            actor.to_owned(),
            about.to_owned(),
            staff,
            patient,
        )
    };
    let (doctors, patients) = (Some(doctor.staff_id), Some(patient));
    assert_eq!(
        told(&app).await,
        [
            row("account_changed", "admin", "closed", doctors, None),
            row("account_changed", "system", "opened", doctors, None),
            row("account_changed", "admin", "closed", None, patients),
            row("account_changed", "admin", "opened", None, patients),
            row("account_changed", "admin", "let in", None, patients),
            row("account_changed", "system", "let in", None, patients),
            row("patient_given", "admin", "given", doctors, patients),
            row("patient_given", "admin", "taken back", doctors, patients),
            row("account_changed", "system", "janji admin", Some(rini), None),
            row("password_changed", "system", "janji admin", Some(rini), None),
        ]
    );
}

#[tokio::test]
async fn a_phone_number_that_is_corrected_is_noted() {
    let app = TestApp::new().await;
    app.sql(
        "insert into patients (phone, name, phone_is_read)
         values ('+62081255500101', 'Dewi', false), ('+6200000000', 'Eka', false)",
    )
    .await;
    let id = async |name: &'static str| -> i64 {
        sqlx::query_scalar("select id from patients where name = $1")
            .bind(name)
            .fetch_one(&mut *app.spare().await)
            .await
            .unwrap()
    };
    let (dewi, eka) = (id("Dewi").await, id("Eka").await);
    while renumber(&app.database, Country::default()).await.unwrap() > 0 {}
    let right = Phone::parse("+6281255500909", Country::default()).unwrap();
    let corrected = correct_phone(&app.database, &app.admin_caller(), eka, right).await;
    assert_eq!(corrected, Ok(true));
    let told: Vec<(String, String, Option<i64>)> = told(&app)
        .await
        .into_iter()
        .map(|(kind, actor, _, _, patient)| (kind, actor, patient))
        .collect();
    let row = |actor: &str, patient: i64| ("factor_changed".to_owned(), actor.to_owned(), Some(patient));
    assert_eq!(told, [row("system", dewi), row("admin", eka)]);
    // No number is in it.
    let all = entries(&app.database, all()).await.unwrap();
    assert!(!format!("{all:?}").contains("8125550"), "{all:?}");
}
