//! Secret addresses of calendars.

use crate::support::TestApp;
use engine::{
    account::secret::Holder,
    error::AppError,
    i18n::Locale,
    ical::{self, CreateFeed, Owner},
};

#[tokio::test]
async fn one_of_twenty_addresses_made_at_once_works() {
    let app = TestApp::crowded().await;
    let patient = app.patient(0).await;
    for owner in [Owner::Patient(patient), Owner::Doctor(app.doctors[0].id)] {
        let racers = (0..20_u8)
            .map(|racer| {
                let (database, now) = (app.database.clone(), app.now);
                async move {
                    let holder = Holder::new([racer]);
                    let command = CreateFeed {
                        owner,
                        details: racer % 2 == 0,
                        language: Locale::En,
                        holder: holder.clone(),
                        key: None,
                    };
                    let made = ical::make(&database, command, now).await.unwrap();
                    made.secret(&holder)
                }
            })
            .collect();
        let mut working = 0;
        for secret in app.race(racers).await {
            match ical::feed(&app.database, &secret, None, app.now).await {
                Ok(feed) => {
                    assert_eq!(feed.owner, owner);
                    working += 1;
                }
                Err(error) => assert_eq!(error, AppError::NotFound),
            }
        }
        assert_eq!(working, 1, "{owner:?}");
    }
}

#[tokio::test]
async fn the_database_refuses_a_second_address_of_an_owner() {
    let app = TestApp::new().await;
    let patient = app.patient(0).await;
    let insert = async |hash: &str| {
        sqlx::query(
            "insert into calendar_feeds (hash, patient_id, details, language, made_at)
             values (decode($1, 'hex'), $2, false, 'en', now())",
        )
        .bind(hash)
        .bind(patient)
        .execute(&mut *app.spare().await)
        .await
    };
    insert("00").await.unwrap();
    let second = insert("01").await.unwrap_err();
    assert_eq!(
        second.as_database_error().and_then(|error| error.constraint()),
        Some("calendar_feeds_owner_key")
    );
}
