//! Texts of messages in the clinic's own words.

use engine::{
    account::{Country, Limits, Phone, otp},
    error::{AppError, Field, FieldProblem},
    i18n::{Locale, Texts},
    idempotency::{Key, KeyOwner},
    notification::{
        Kind,
        wording::{PutWords, SavedWords, Wording, Words, entries, entry, put_words, sample, shipped},
    },
};

use super::{Postbox, dispatch, listening, send_all, soon};
use crate::support::{TestApp, one_winner, patient_caller};

/// Half hours in a day.
const DAY: i64 = 48;

fn own(wording: Wording, sms: &str) -> Words {
    Words {
        sms: sms.to_owned(),
        ..shipped(wording, Locale::Id)
    }
}

fn command(app: &TestApp, wording: Wording, version: i32, words: Option<Words>) -> PutWords {
    PutWords {
        caller: app.admin_caller(),
        wording,
        locale: Locale::Id,
        version,
        words,
        key: None,
    }
}

async fn put(
    app: &TestApp,
    wording: Wording,
    version: i32,
    words: Option<Words>,
) -> Result<SavedWords, AppError> {
    put_words(&app.database, command(app, wording, version, words), app.now).await
}

#[tokio::test]
async fn a_message_says_what_the_clinic_has_written_when_it_is_sent() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let patient = app.patient(1).await;
    let first = app.confirmed(patient, 0, app.slot(4 * DAY + 20)).await;
    // The words are chosen after the message was put out, and before it is sent.
    let words = own(Wording::Confirmed, "Sampai jumpa {when}! Ref. {reference}");
    let saved = put(&app, Wording::Confirmed, 0, Some(words)).await.unwrap();
    assert_eq!(saved.version, 1);
    send_all(&dispatch, soon(&app)).await;
    let text = postbox.letters().last().unwrap().text();
    assert!(
        text.starts_with("Sampai jumpa ") && text.contains(&format!("Ref. {first} https://")),
        "{text}"
    );
    let restored = put(&app, Wording::Confirmed, 1, None).await.unwrap();
    assert_eq!(restored.version, 2);
    // What is shipped already is no change.
    assert_eq!(put(&app, Wording::Confirmed, 2, None).await.unwrap().version, 2);
    app.confirmed(patient, 0, app.slot(5 * DAY + 20)).await;
    send_all(&dispatch, soon(&app)).await;
    let text = postbox.letters().last().unwrap().text();
    assert!(!text.contains("Sampai jumpa"), "{text}");
    assert_eq!(app.count("select count(*) from message_text_changes").await, 2);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_code_in_own_words_is_still_found_in_them() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = dispatch(&app, &postbox);
    let words = own(
        Wording::Code,
        "Klinik 24 Jam: kode {code}, berlaku {minutes} menit",
    );
    put(&app, Wording::Code, 0, Some(words)).await.unwrap();
    let phone = Phone::parse("+6281255500001", Country::default()).unwrap();
    let address = "203.0.113.7".to_owned();
    let texts = Texts::of(Locale::Id);
    otp::request(&app.database, Limits::default(), phone, address, texts, app.now)
        .await
        .unwrap();
    send_all(&dispatch, soon(&app)).await;
    let letter = postbox.letters().remove(0);
    assert_eq!(letter.kind, Kind::Code);
    let code = &letter.values[0];
    assert_eq!(code.len(), 6);
    assert_eq!(
        letter.text(),
        format!("Klinik 24 Jam: kode {code}, berlaku 10 menit")
    );
}

#[tokio::test]
async fn words_that_cannot_be_filled_in_are_refused() {
    let app = TestApp::new().await;
    for (wording, sms, problem) in [
        (
            Wording::Confirmed,
            "Kapan? {wen} {when}",
            FieldProblem::UnknownPlaceholder,
        ),
        (
            Wording::Confirmed,
            "Sampai jumpa",
            FieldProblem::MissingPlaceholder,
        ),
        (Wording::Confirmed, "", FieldProblem::Missing),
        (
            Wording::Code,
            "{code} https://klinik.example",
            FieldProblem::HasLink,
        ),
        (Wording::Code, "{code}, telp. 0215550100", FieldProblem::HasCode),
        (Wording::Code, "Kode", FieldProblem::MissingPlaceholder),
    ] {
        assert_eq!(
            put(&app, wording, 0, Some(own(wording, sms))).await,
            Err(AppError::invalid(Field::SmsText, problem)),
            "{sms}"
        );
    }
    let by_patient = PutWords {
        caller: patient_caller(app.patient(1).await),
        ..command(&app, Wording::Confirmed, 0, None)
    };
    assert_eq!(
        put_words(&app.database, by_patient, app.now).await,
        Err(AppError::NotFound)
    );
    assert_eq!(app.count("select count(*) from message_texts").await, 0);
}

#[tokio::test]
async fn words_that_no_longer_fit_are_kept_and_not_sent() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let words = own(Wording::Confirmed, "Sampai jumpa {when}");
    put(&app, Wording::Confirmed, 0, Some(words)).await.unwrap();
    // A placeholder that an earlier release knew.
    app.sql(
        "update message_texts set sms = sms || ' {weather}';
         update message_text_changes set sms = sms || ' {weather}'",
    )
    .await;
    let patient = app.patient(1).await;
    app.confirmed(patient, 0, app.slot(4 * DAY + 20)).await;
    send_all(&dispatch, soon(&app)).await;
    let text = postbox.letters().last().unwrap().text();
    assert!(!text.contains("Sampai jumpa") && !text.contains('{'), "{text}");
    let unfit: Vec<_> = (entries(&app.database).await.unwrap().into_iter())
        .filter(|entry| !entry.fits())
        .collect();
    assert_eq!(unfit.len(), 1);
    assert_eq!(
        (unfit[0].wording, unfit[0].locale),
        (Wording::Confirmed, Locale::Id)
    );
    assert_eq!(unfit[0].words(), &unfit[0].shipped);
    assert!(unfit[0].own.as_ref().unwrap().sms.contains("{weather}"));
}

#[tokio::test]
async fn of_admins_who_edit_one_text_at_once_one_wins() {
    let app = TestApp::crowded().await;
    // Nobody has changed it yet, and then somebody has.
    for version in [0, 1] {
        let racers = (0..12)
            .map(|number| {
                let words = own(Wording::Declined, &format!("{{when}} {version} {number}"));
                let command = command(&app, Wording::Declined, version, Some(words));
                let (database, now) = (app.database.clone(), app.now);
                async move { put_words(&database, command, now).await }
            })
            .collect();
        let results = app.race(racers).await;
        let (winner, others) = one_winner(&results);
        assert_eq!(winner.version, version + 1);
        assert!(
            others.iter().all(|error| *error == AppError::StaleOrganisation),
            "{others:?}"
        );
    }
    let entry = entry(&app.database, Wording::Declined, Locale::Id).await.unwrap();
    assert_eq!(entry.version, 2);
    assert_eq!(entry.last_change.unwrap().what, "text_changed");
    assert_eq!(app.count("select count(*) from message_text_changes").await, 2);
    app.assert_sound().await;
}

#[tokio::test]
async fn one_change_sent_often_is_made_once() {
    let app = TestApp::crowded().await;
    let caller = app.admin_caller();
    let key = Key::sent(KeyOwner::Caller(&caller), "one", "put-message-text", &1).unwrap();
    let racers = (0..10)
        .map(|_| {
            let command = PutWords {
                key: Some(key.clone()),
                ..command(
                    &app,
                    Wording::Declined,
                    0,
                    Some(own(Wording::Declined, "Maaf, {when}")),
                )
            };
            let (database, now) = (app.database.clone(), app.now);
            async move { put_words(&database, command, now).await }
        })
        .collect();
    for result in app.race(racers).await {
        assert_eq!(result, Ok(SavedWords { version: 1 }));
    }
    assert_eq!(app.count("select count(*) from message_text_changes").await, 1);
}

#[tokio::test]
async fn a_preview_speaks_of_the_next_appointment() {
    let app = TestApp::new().await;
    let url = Some("https://clinic.example");
    let words = own(Wording::Confirmed, "{when}, {place}, {reference}");
    let made_up = sample(&app.database, Wording::Confirmed, Locale::Id, url, app.now)
        .await
        .unwrap();
    assert!(!made_up.is_real && made_up.sms(&words).contains("https://clinic.example/a/"));
    let reference = app
        .confirmed(app.patient(1).await, 0, app.slot(4 * DAY + 20))
        .await;
    let real = sample(&app.database, Wording::Confirmed, Locale::Id, url, app.now)
        .await
        .unwrap();
    assert!(real.is_real && real.sms(&words).contains(&reference));
    // A code has no link.
    let code = sample(&app.database, Wording::Code, Locale::Id, url, app.now)
        .await
        .unwrap();
    assert_eq!(code.link(), "");
    // Whatever is shipped can be previewed, with every placeholder filled in.
    for wording in Wording::ALL {
        for locale in Locale::ALL {
            let sample = sample(&app.database, *wording, locale, url, app.now)
                .await
                .unwrap();
            let words = shipped(*wording, locale);
            let all = format!(
                "{}{}{:?}",
                sample.sms(&words),
                sample.subject(&words),
                sample.mail(&words)
            );
            assert!(!all.contains('{') && !all.contains("  "), "{wording:?}: {all}");
            assert!(
                sample.values().iter().all(|(_, value)| !value.is_empty()),
                "{wording:?}"
            );
        }
    }
}
