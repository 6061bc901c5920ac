//! Families who share a phone.

use super::PHONE;
use crate::support::{TestApp, patient_caller};
use engine::{
    account::{
        Caller, Country, Phone,
        family::{self, Whose},
        find_caller,
        renumber::{correct_phone, phone_findings, renumber, share_phone},
        session::SignedIn,
        token,
    },
    desk::{Typed, patient_by_phone},
    error::AppError,
};

fn phone(typed: &str) -> Phone {
    Phone::parse(typed, Country::default()).unwrap()
}

/// What an admin types at the desk.
fn typed(app: &TestApp, name: &str, whose: Whose) -> Typed {
    Typed {
        caller: app.admin_caller(),
        phone: phone(PHONE),
        name: name.to_owned(),
        whose,
        key: None,
    }
}

async fn at_the_desk(app: &TestApp, name: &str, whose: Whose) -> Result<i64, AppError> {
    patient_by_phone(&app.database, typed(app, name, whose), app.now).await
}

#[tokio::test]
async fn a_phone_under_another_name_is_asked_about() {
    let app = TestApp::new().await;
    let sari = at_the_desk(&app, "Ibu Sari", Whose::Unsaid).await.unwrap();
    assert_eq!(at_the_desk(&app, "", Whose::Unsaid).await, Ok(sari));
    assert_eq!(at_the_desk(&app, "ibu  sari", Whose::Unsaid).await, Ok(sari));
    let asked = at_the_desk(&app, "Anak Dewi", Whose::Unsaid).await;
    assert_eq!(asked, Err(AppError::PhoneShared));
    assert_eq!(app.count("select count(*) from patients").await, 1);
    assert_eq!(at_the_desk(&app, "Anak Dewi", Whose::Known(sari)).await, Ok(sari));
    // Whoever was chosen does not have the number that was typed instead.
    let elsewhere = Typed {
        phone: phone("0812 5550 0177"),
        ..typed(&app, "Ibu Sari", Whose::Known(sari))
    };
    let mistaken = patient_by_phone(&app.database, elsewhere, app.now).await;
    assert_eq!(mistaken, Err(AppError::NotFound));
    assert_eq!(app.count("select count(*) from patients").await, 1);
    let dewi = at_the_desk(&app, "Anak Dewi", Whose::SomebodyElse).await.unwrap();
    assert_ne!(dewi, sari);
    assert_eq!(at_the_desk(&app, "anak dewi", Whose::Unsaid).await, Ok(dewi));
    assert_eq!(
        at_the_desk(&app, "", Whose::Unsaid).await,
        Err(AppError::PhoneShared)
    );
    assert_eq!(app.count("select count(*) from patients").await, 2);
    let holder = find_caller(&app.database, SignedIn::Patient(sari))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(holder.patient_ids(), [sari, dewi]);
    let member = find_caller(&app.database, SignedIn::Patient(dewi))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(member.patient_ids(), [dewi]);
    app.assert_sound().await;
}

#[tokio::test]
async fn thirty_who_add_one_child_at_once_add_one() {
    let app = TestApp::crowded().await;
    let sari = at_the_desk(&app, "Ibu Sari", Whose::Unsaid).await.unwrap();
    let racers: Vec<_> = (0..30)
        .map(|number| {
            let (database, now) = (app.database.clone(), app.now);
            let caller: Caller = patient_caller(sari);
            let typed = typed(&app, "Anak Dewi", Whose::SomebodyElse);
            async move {
                let name = "Anak Dewi".to_owned();
                match number % 2 {
                    0 => patient_by_phone(&database, typed, now).await,
                    _ => family::patient_of(&database, &caller, name, Whose::SomebodyElse, None, now).await,
                }
            }
        })
        .map(|racer| -> std::pin::Pin<Box<dyn Future<Output = _> + Send>> { Box::pin(racer) })
        .collect();
    let results = app
        .race_behind("select from patients for update", vec![racers])
        .await;
    assert!(results[0].is_ok());
    assert!(results.iter().all(|result| result == &results[0]), "{results:?}");
    assert_eq!(app.count("select count(*) from patients").await, 2);
}

#[tokio::test]
async fn of_two_names_for_a_new_phone_at_once_none_is_dropped() {
    let app = TestApp::crowded().await;
    let racers: Vec<_> = (0..20)
        .map(|number| {
            let (database, now) = (app.database.clone(), app.now);
            let typed = typed(&app, ["Ibu Sari", "Anak Dewi"][number % 2], Whose::Unsaid);
            async move { patient_by_phone(&database, typed, now).await }
        })
        .collect();
    let results = app
        .race_behind("lock table patients in share mode", vec![racers])
        .await;
    let refused = |result: &&Result<i64, AppError>| **result == Err(AppError::PhoneShared);
    assert_eq!(results.iter().filter(refused).count(), 10, "{results:?}");
    assert_eq!(results.iter().flatten().count(), 10, "{results:?}");
    assert_eq!(app.count("select count(*) from patients").await, 1);
}

#[tokio::test]
async fn a_raw_insert_cannot_give_a_phone_two_holders() {
    let app = TestApp::new().await;
    app.sql("insert into patients (phone, name) values ('+6281255500777', 'Sari')")
        .await;
    let mut connection = app.connection().await;
    for (statement, constraint) in [
        (
            "insert into patients (phone, name) values ('+6281255500777', 'Dewi')",
            "patients_holder_phone_key",
        ),
        (
            "insert into patients (phone, name, holder_id) select '+6281255500778', 'Dewi', id from patients",
            "patients_holder_id_fkey",
        ),
        (
            "insert into patients (phone, holder_id) select phone, id from patients",
            "patients_sharing_have_names",
        ),
    ] {
        let refused = sqlx::query(statement).execute(&mut connection).await.unwrap_err();
        let refused = refused.as_database_error().unwrap();
        assert_eq!(refused.constraint(), Some(constraint));
    }
}

/// Numbers as they were stored before: nobody has looked at them.
const STORED: &str = "insert into patients (phone, name, phone_is_read, created_at)
    select phone, name, false, now() + number * interval '1 second'
    from (values ('+6281255500101', 'Right', 1), ('+62081255500102', 'Alone', 2), ('+62081255500101', 'Twice', 3),
                 ('+16281255500103', 'By carrier', 4), ('+6200000000', 'Nobody', 5)) as stored (phone, name, number)";

#[tokio::test]
async fn stored_numbers_are_corrected_where_they_are_nobody_elses() {
    let app = TestApp::new().await;
    app.sql(STORED).await;
    while renumber(&app.database, Country::default()).await.unwrap() > 0 {}
    let phone_of = async |name: &str| {
        let mut connection = app.connection().await;
        let phone: String = sqlx::query_scalar("select phone from patients where name = $1")
            .bind(name)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        phone
    };
    assert_eq!(phone_of("Right").await, "+6281255500101");
    assert_eq!(phone_of("Alone").await, "+6281255500102");
    assert_eq!(phone_of("By carrier").await, "+6281255500103");
    assert_eq!(phone_of("Twice").await, "+62081255500101");
    let admin = app.admin_caller();
    let findings = phone_findings(&app.database, &admin).await.unwrap();
    let told: Vec<_> = findings
        .iter()
        .map(|finding| (finding.name.as_deref(), finding.holder_name.as_deref()))
        .collect();
    assert_eq!(told, [(Some("Twice"), Some("Right")), (Some("Nobody"), None)]);
    let patient = patient_caller(findings[0].patient_id);
    assert_eq!(
        phone_findings(&app.database, &patient).await,
        Err(AppError::NotFound)
    );
    // Both records stay, and the holder acts for both.
    let twice = findings[0].patient_id;
    assert_eq!(
        share_phone(&app.database, &patient, twice).await,
        Err(AppError::NotFound)
    );
    share_phone(&app.database, &admin, twice).await.unwrap();
    assert_eq!(
        share_phone(&app.database, &admin, twice).await,
        Err(AppError::NotFound)
    );
    assert_eq!(phone_of("Twice").await, "+6281255500101");
    let right = findings[0].holder_id.unwrap();
    let holder = find_caller(&app.database, SignedIn::Patient(right))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(holder.patient_ids(), [right, twice]);
    let nobody = findings[1].patient_id;
    // A number that somebody else has is found, and not given.
    let taken = correct_phone(&app.database, &admin, nobody, phone("0812 5550 0102")).await;
    assert_eq!(taken, Ok(false));
    assert_ne!(phone_of("Nobody").await, "+6281255500102");
    // Whoever has come in by the wrong number is out; whoever has the right one comes in anew.
    let open = "select count(*) from tokens where revoked_at is null";
    token::issue(&app.database, SignedIn::Patient(nobody), None, app.now)
        .await
        .unwrap();
    assert_eq!(app.count(open).await, 1);
    let free = correct_phone(&app.database, &admin, nobody, phone("0812 5550 0104")).await;
    assert_eq!(free, Ok(true));
    assert_eq!(app.count(open).await, 0);
    assert_eq!(phone_of("Nobody").await, "+6281255500104");
    assert_eq!(phone_findings(&app.database, &admin).await, Ok(Vec::new()));
    app.assert_sound().await;
}
