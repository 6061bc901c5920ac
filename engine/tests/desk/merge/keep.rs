//! Values that are kept where two records differ, and notes, of which none is lost.

use crate::support::TestApp;
use engine::{
    desk::{
        SaveCard, card,
        merge::{Keep, Merge, Of, merge},
        save_card,
    },
    error::{AppError, Field, FieldProblem},
};

#[tokio::test]
async fn what_is_kept_is_chosen_and_no_note_is_lost() {
    let app = TestApp::new().await;
    let (into, from) = (app.patient(1).await, app.patient(2).await);
    let admin = app.admin_caller();
    for (id, name, birthday, note) in [
        (into, "Maya", None, "Hears badly"),
        (
            from,
            "Maya Putri",
            Some(jiff::civil::date(1984, 5, 17)),
            "Comes late",
        ),
    ] {
        let command = SaveCard {
            caller: admin.clone(),
            patient_id: id,
            version: 0,
            name: name.to_owned(),
            birthday,
            note: note.to_owned(),
            key: None,
        };
        save_card(&app.database, command, app.now).await.unwrap();
    }
    let command = Merge {
        keep: Keep {
            name: Of::Goes,
            phone: Of::Goes,
            ..Keep::default()
        },
        ..app.merging(from, into)
    };
    let merged = merge(&app.database, command, app.now).await.unwrap();
    let kept = card(&app.database, &admin, into, app.now).await.unwrap();
    assert_eq!(kept.person.name.as_deref(), Some("Maya Putri"));
    assert_eq!(kept.person.phone, "+6281255500002");
    assert_eq!(kept.birthday, Some(jiff::civil::date(1984, 5, 17)));
    assert_eq!(kept.note, "Hears badly\n\nComes late");
    let changes = async || -> Vec<(String, String, String)> {
        sqlx::query_as(
            "select what, before, after from patient_changes where patient_id = $1 order by id desc limit 3",
        )
        .bind(into)
        .fetch_all(&mut *app.spare().await)
        .await
        .unwrap()
    };
    let change =
        |what: &str, before: &str, after: &str| (what.to_owned(), before.to_owned(), after.to_owned());
    assert_eq!(
        changes().await,
        [
            change("note", "Hears badly", "Hears badly\n\nComes late"),
            change("birthday", "", "1984-05-17"),
            change("name", "Maya", "Maya Putri"),
        ]
    );
    app.is_sound().await;
    // Somebody changes the name meanwhile: it is not taken back with the rest.
    app.run("update patients set name = 'Maya P.' where id = $1", into)
        .await;
    let undone = app.undone(merged.merge_id).await.unwrap();
    assert!(undone.has_its_phone);
    let (stayed, back) = (
        card(&app.database, &admin, into, app.now).await.unwrap(),
        card(&app.database, &admin, from, app.now).await.unwrap(),
    );
    assert_eq!(stayed.person.name.as_deref(), Some("Maya P."));
    assert_eq!(stayed.person.phone, "+6281255500001");
    assert_eq!((stayed.birthday, stayed.note.as_str()), (None, "Hears badly"));
    assert_eq!(back.person.name.as_deref(), Some("Maya Putri"));
    assert_eq!(back.person.phone, "+6281255500002");
    assert_eq!(back.note, "Comes late");
    assert_eq!(
        changes().await[..2],
        [
            change("note", "Hears badly\n\nComes late", "Hears badly"),
            change("birthday", "1984-05-17", ""),
        ]
    );
    app.is_sound().await;
}

#[tokio::test]
async fn notes_that_are_too_long_together_are_shortened_before() {
    let app = TestApp::new().await;
    let (into, from) = (app.patient(1).await, app.patient(2).await);
    for (id, letter) in [(into, "a"), (from, "b")] {
        let command = SaveCard {
            caller: app.admin_caller(),
            patient_id: id,
            version: 0,
            name: "Maya".to_owned(),
            birthday: None,
            note: letter.repeat(1500),
            key: None,
        };
        save_card(&app.database, command, app.now).await.unwrap();
    }
    let refused = merge(&app.database, app.merging(from, into), app.now).await;
    assert!(matches!(
        refused,
        Err(AppError::ValidationFailed {
            field: Field::DeskNote,
            problem: FieldProblem::TooLong
        })
    ));
    assert!(app.record(from).await.0);
}

#[tokio::test]
async fn what_was_taken_back_of_one_record_is_taken_back_of_the_one_that_stays() {
    let app = TestApp::new().await;
    let (into, from) = (app.patient(1).await, app.patient(2).await);
    for (id, statement) in [
        (
            from,
            "insert into consents (patient_id, purpose, version, is_given, said_at, channel, by_patient_id)
             values ($1, 'reminders_sms', 1, true, now() - interval '3 days', 'page', $1),
                    ($1, 'reminders_sms', 1, false, now() - interval '2 days', 'page', $1),
                    ($1, 'waitlist', 1, false, now() - interval '2 days', 'page', $1),
                    ($1, 'reminders_email', 1, true, now() - interval '2 days', 'page', $1)",
        ),
        (
            into,
            "insert into consents (patient_id, purpose, version, is_given, said_at, channel, by_patient_id)
             values ($1, 'waitlist', 1, true, now() - interval '1 day', 'page', $1),
                    ($1, 'reminders_email', 1, false, now() - interval '3 days', 'page', $1)",
        ),
    ] {
        app.run(statement, id).await;
    }
    app.merged(from, into).await;
    let mut agreed = Vec::new();
    for query in [
        "select consents_to($1, 'reminders_sms')::integer::bigint",
        // They have said otherwise since.
        "select consents_to($1, 'waitlist')::integer::bigint",
        // What one of them agreed to is not carried over.
        "select consents_to($1, 'reminders_email')::integer::bigint",
    ] {
        agreed.push(app.number(query, into).await);
    }
    assert_eq!(agreed, [0, 1, 0]);
}
