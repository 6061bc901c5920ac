//! The card of a patient: name, birthday and note, edited by version and recorded; and names that patients change themselves.

use jiff::civil::date;

use crate::support::{TestApp, patient_caller};
use engine::{
    account::{Caller, rename::rename},
    desk::{SaveCard, appointments_of, card, changes_of, save_card},
    error::{AppError, Field, FieldProblem},
};

impl TestApp {
    fn saving(&self, caller: Caller, patient_id: i64, version: i32) -> SaveCard {
        SaveCard {
            caller,
            patient_id,
            version,
            name: "Maya Putri".to_owned(),
            birthday: Some(date(1984, 5, 17)),
            note: " Hears badly\non the left ".to_owned(),
            key: None,
        }
    }
}

#[tokio::test]
async fn a_card_is_changed_by_version_and_each_change_is_recorded() {
    let app = TestApp::new().await;
    let id = app.patient(1).await;
    let admin = app.admin_caller();
    let before = card(&app.database, &admin, id, app.now).await.unwrap();
    assert_eq!(
        (before.version, before.birthday, before.note.as_str()),
        (0, None, "")
    );
    let version = save_card(&app.database, app.saving(admin.clone(), id, 0), app.now).await;
    assert_eq!(version, Ok(1));
    let after = card(&app.database, &admin, id, app.now).await.unwrap();
    assert_eq!(after.person.name.as_deref(), Some("Maya Putri"));
    assert_eq!(after.birthday, Some(date(1984, 5, 17)));
    assert_eq!(after.note, "Hears badly\non the left");
    let stale = save_card(&app.database, app.saving(admin.clone(), id, 0), app.now).await;
    assert_eq!(stale, Err(AppError::StalePatient));
    // What stays as it is is no change.
    assert_eq!(
        save_card(&app.database, app.saving(admin, id, 1), app.now).await,
        Ok(2)
    );
    let changes = changes_of(&app.database, id).await.unwrap();
    let what: Vec<&str> = changes.iter().map(|change| change.what.as_str()).collect();
    assert_eq!(what, ["note", "birthday", "name"]);
    assert_eq!(
        (changes[2].before.as_str(), changes[2].after.as_str()),
        ("Patient 1", "Maya Putri")
    );
    assert_eq!(
        app.count("select count(*) from security_notes where kind = 'patient_changed'")
            .await,
        2
    );
}

#[tokio::test]
async fn of_many_who_change_a_card_at_once_one_does() {
    let app = TestApp::crowded().await;
    let id = app.patient(1).await;
    let racers: Vec<_> = (0..10)
        .map(|number| {
            let (database, now) = (app.database.clone(), app.now);
            let command = SaveCard {
                note: format!("Note {number}"),
                ..app.saving(app.admin_caller(), id, 0)
            };
            async move { save_card(&database, command, now).await }
        })
        .collect();
    let (version, losers) = crate::support::one_winner(&app.race(racers).await);
    assert_eq!(version, 1);
    assert!(
        losers.iter().all(|error| *error == AppError::StalePatient),
        "{losers:?}"
    );
}

#[tokio::test]
async fn a_birthday_lies_behind_and_a_note_has_an_end() {
    let app = TestApp::new().await;
    let id = app.patient(1).await;
    for birthday in [date(2199, 1, 1), date(1700, 1, 1)] {
        let command = SaveCard {
            birthday: Some(birthday),
            ..app.saving(app.admin_caller(), id, 0)
        };
        let refused = save_card(&app.database, command, app.now).await;
        assert_eq!(
            refused,
            Err(AppError::invalid(Field::Birthday, FieldProblem::Malformed))
        );
    }
    let long = SaveCard {
        note: "x".repeat(2001),
        ..app.saving(app.admin_caller(), id, 0)
    };
    let refused = save_card(&app.database, long, app.now).await;
    assert_eq!(
        refused,
        Err(AppError::invalid(Field::DeskNote, FieldProblem::TooLongBy(1)))
    );
    let nameless = SaveCard {
        name: " ".to_owned(),
        ..app.saving(app.admin_caller(), id, 0)
    };
    let refused = save_card(&app.database, nameless, app.now).await;
    assert_eq!(
        refused,
        Err(AppError::invalid(Field::Name, FieldProblem::Missing))
    );
    assert_eq!(app.count("select count(*) from patient_cards").await, 0);
}

#[tokio::test]
async fn doctors_see_and_change_the_cards_of_their_patients_alone() {
    let app = TestApp::new().await;
    let id = app.patient(1).await;
    app.confirmed(id, 0, app.slot(20)).await;
    let (own, other) = (app.doctor_caller(0), app.doctor_caller(1));
    assert!(card(&app.database, &own, id, app.now).await.is_ok());
    assert_eq!(
        save_card(&app.database, app.saving(own.clone(), id, 0), app.now).await,
        Ok(1)
    );
    for caller in [other.clone(), patient_caller(id)] {
        assert_eq!(
            card(&app.database, &caller, id, app.now).await.err(),
            Some(AppError::NotFound)
        );
        let refused = save_card(&app.database, app.saving(caller, id, 1), app.now).await;
        assert_eq!(refused, Err(AppError::NotFound));
    }
    assert_eq!(appointments_of(&app.database, &own, id).await.unwrap().len(), 1);
    assert_eq!(appointments_of(&app.database, &other, id).await.unwrap().len(), 0);
    assert_eq!(
        appointments_of(&app.database, &app.admin_caller(), id)
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn patients_change_their_own_name_and_it_is_recorded() {
    let app = TestApp::new().await;
    let (id, other) = (app.patient(1).await, app.patient(2).await);
    let caller = patient_caller(id);
    rename(
        &app.database,
        caller.clone(),
        id,
        "Maya Putri".to_owned(),
        app.now,
    )
    .await
    .unwrap();
    // The same once more is no change.
    rename(
        &app.database,
        caller.clone(),
        id,
        "Maya Putri".to_owned(),
        app.now,
    )
    .await
    .unwrap();
    let changes = changes_of(&app.database, id).await.unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!(
        (changes[0].before.as_str(), changes[0].after.as_str()),
        ("Patient 1", "Maya Putri")
    );
    assert_eq!(changes[0].by, None);
    let theirs = rename(&app.database, caller, other, "X".to_owned(), app.now).await;
    assert_eq!(theirs, Err(AppError::NotFound));
    let staff = rename(&app.database, app.admin_caller(), id, "X".to_owned(), app.now).await;
    assert_eq!(staff, Err(AppError::NotFound));
}
