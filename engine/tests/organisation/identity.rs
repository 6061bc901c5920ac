//! The organisation itself: its name, its logo and its pages, changed by several admins.

use crate::support::{TestApp, one_winner, patient_caller};
use engine::{
    error::AppError,
    i18n::Locale,
    idempotency::{Key, KeyOwner},
    organisation::{
        Nameplate, Picture, PutIdentity, PutLogo, Saved, form::Filled, identity, logo, logo_file,
        put_identity, put_logo,
    },
};

impl TestApp {
    /// An admin who has seen this version gives the organisation a name, and a privacy page that says it.
    fn naming(&self, name: &str, version: i32) -> PutIdentity {
        let filled = Filled::default()
            .with("title", name)
            .with("privacy_en", format!("The privacy of {name}"));
        PutIdentity {
            caller: self.admin_caller(),
            version,
            identity: filled.identity().unwrap(),
            key: None,
        }
    }

    fn drawing(&self, picture: Option<Picture>, version: i32) -> PutLogo {
        PutLogo {
            caller: self.admin_caller(),
            version,
            picture,
            key: None,
        }
    }
}

/// A picture that no other number has.
fn picture(number: u8) -> Picture {
    Picture {
        png: vec![number],
        width: 1,
        height: 1,
        digest: format!("{number:024}"),
    }
}

#[tokio::test]
async fn one_of_many_editors_of_the_organisation_at_once_wins() {
    let app = TestApp::crowded().await;
    assert_eq!(identity(&app.database).await.unwrap().version, 1);
    let racers = (0..10)
        .map(|number| {
            let (database, now) = (app.database.clone(), app.now);
            let command = app.naming(&format!("Clinic {number}"), 1);
            async move { put_identity(&database, command, now).await }
        })
        .collect();
    let gate = "select from organisation for update";
    let (saved, losers) = one_winner(&app.race_behind(gate, vec![racers]).await);
    assert_eq!(saved, Saved { id: 1, version: 2 });
    assert_eq!(losers, [AppError::StaleOrganisation; 9]);
    let seen = identity(&app.database).await.unwrap();
    // Name and page are of one editor.
    let page = format!("The privacy of {}", seen.identity.name);
    assert_eq!(seen.identity.privacy.text(Locale::En), page);
    assert_eq!(seen.version, 2);
    assert_eq!(seen.last_change.unwrap().what, "identity_changed");
    assert_eq!(app.count("select count(*) from organisation_changes").await, 1);
}

#[tokio::test]
async fn one_of_many_logos_at_once_wins_and_nobody_who_edits_words_is_in_its_way() {
    let app = TestApp::crowded().await;
    let racers = (0..10)
        .map(|number| {
            let (database, now) = (app.database.clone(), app.now);
            let command = app.drawing(Some(picture(number)), 1);
            async move { put_logo(&database, command, now).await }
        })
        .collect();
    let gate = "select from organisation_logo for update";
    let (_, losers) = one_winner(&app.race_behind(gate, vec![racers]).await);
    assert_eq!(losers, [AppError::StaleOrganisation; 9]);
    let seen = logo(&app.database).await.unwrap();
    assert_eq!(
        (seen.version, seen.last_change.unwrap().what.as_str()),
        (2, "logo_changed")
    );
    let digest = seen.logo.unwrap().digest;
    let number: u8 = digest.parse().unwrap();
    assert_eq!(logo_file(&app.database, digest).await, Ok(vec![number]));
    put_identity(&app.database, app.naming("Clinic", 1), app.now)
        .await
        .unwrap();

    put_logo(&app.database, app.drawing(None, 2), app.now)
        .await
        .unwrap();
    let seen = logo(&app.database).await.unwrap();
    assert_eq!((seen.version, seen.logo), (3, None));
    let gone = logo_file(&app.database, picture(number).digest).await;
    assert_eq!(gone, Err(AppError::NotFound));
}

#[tokio::test]
async fn what_is_sent_twice_is_changed_once() {
    let app = TestApp::new().await;
    let caller = app.admin_caller();
    let mut naming = app.naming("Clinic", 1);
    naming.key = Some(Key::of_form(KeyOwner::Caller(&caller), "k", "test", "", &1).unwrap());
    let mut drawing = app.drawing(Some(picture(1)), 1);
    drawing.key = Some(Key::of_form(KeyOwner::Caller(&caller), "l", "test", "", &1).unwrap());
    for _ in 0..2 {
        let saved = Ok(Saved { id: 1, version: 2 });
        assert_eq!(put_identity(&app.database, naming.clone(), app.now).await, saved);
        assert_eq!(put_logo(&app.database, drawing.clone(), app.now).await, saved);
    }
    assert_eq!(app.count("select count(*) from organisation_changes").await, 2);
    // What it made is over when somebody has changed it since: it is another wish then, of an old version.
    put_identity(&app.database, app.naming("Other", 2), app.now)
        .await
        .unwrap();
    let late = put_identity(&app.database, naming, app.now).await;
    assert_eq!(late, Err(AppError::StaleOrganisation));
}

#[tokio::test]
async fn only_admins_change_the_organisation() {
    let app = TestApp::new().await;
    for caller in [app.doctor_caller(0), patient_caller(app.patient(0).await)] {
        let mut naming = app.naming("Mine", 1);
        naming.caller = caller.clone();
        let mut drawing = app.drawing(None, 1);
        drawing.caller = caller;
        let refused = put_identity(&app.database, naming, app.now).await;
        assert_eq!(refused, Err(AppError::NotFound));
        let refused = put_logo(&app.database, drawing, app.now).await;
        assert_eq!(refused, Err(AppError::NotFound));
    }
    assert_eq!(identity(&app.database).await.unwrap().version, 1);
}

#[tokio::test]
async fn a_page_says_at_once_what_was_changed_by_the_same_server() {
    let app = TestApp::new().await;
    let nameplate = Nameplate::start(app.database.clone());
    let shown = nameplate.shown().await;
    assert_eq!(
        (shown.name.as_str(), &shown.logo, shown.has_imprint),
        ("", &None, false)
    );
    let mut naming = app.naming("Clinic", 1);
    let filled = Filled::from(&naming.identity).with("imprint_de", "Wir");
    naming.identity = filled.identity().unwrap();
    put_identity(&app.database, naming, app.now).await.unwrap();
    let shown = nameplate.shown().await;
    assert_eq!((shown.name.as_str(), shown.has_imprint), ("Clinic", true));
    put_logo(&app.database, app.drawing(Some(picture(7)), 1), app.now)
        .await
        .unwrap();
    let logo = nameplate.shown().await.logo.clone().unwrap();
    assert_eq!(logo.path(), format!("/logo/{}.png", picture(7).digest));
}
