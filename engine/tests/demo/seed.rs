//! The demo data, which is a contract.

use crate::support::{TestApp, TestDatabase};
use engine::{
    account::{Limits, staff_sign_in},
    availability::{For, offerings_of, page},
    database::{Database, Settings},
    demo,
};

async fn count(database: &Database, query: &'static str) -> i64 {
    sqlx::query_scalar(query)
        .fetch_one(database.pool())
        .await
        .unwrap()
}

#[tokio::test]
async fn servers_that_start_at_once_seed_an_empty_database_once() {
    let (options, settings) = (TestDatabase::new().await, Settings::default());
    let database = options.open(&settings);
    let (first, second) = tokio::join!(demo::seed(&database), demo::seed(&database));
    // It is a demo's, whoever of them filled it.
    assert_eq!((first, second), (Ok(true), Ok(true)));
    assert_eq!(demo::seed(&database).await, Ok(true));
    assert_eq!(count(&database, "select count(*) from clinics").await, 3);
    assert_eq!(count(&database, "select count(*) from doctors").await, 6);
    assert_eq!(
        count(&database, "select count(distinct time_zone) from clinics").await,
        3
    );
    database.close().await;
}

#[tokio::test]
async fn the_demo_has_the_people_and_times_of_its_contract() {
    let (options, settings) = (TestDatabase::new().await, Settings::default());
    let database = options.open(&settings);
    demo::seed(&database).await.unwrap();
    let now = jiff::Timestamp::now();
    for email in [
        "admin@demo.example",
        "sari@demo.example",
        "budi@demo.example",
        "lena@demo.example",
        "reception@demo.example",
        "branch@demo.example",
    ] {
        let password = demo::PASSWORD.to_owned();
        staff_sign_in(&database, Limits::default(), email, password, String::new(), now)
            .await
            .unwrap();
    }
    let keys: Vec<String> = sqlx::query_scalar("select key from services order by id limit 3")
        .fetch_all(database.pool())
        .await
        .unwrap();
    assert_eq!(keys, ["text_consultation", "video_consultation", "in_person"]);
    let sari: String = sqlx::query_scalar(
        "select email from staff join doctors on staff.id = staff_id where doctors.id = 1",
    )
    .fetch_one(database.pool())
    .await
    .unwrap();
    assert_eq!(sari, "sari@demo.example");
    let alone = count(
        &database,
        "select count(*) from (select clinic_id, service_id from offers group by 1, 2 having count(*) < 2) as alone",
    );
    assert_eq!(alone.await, 0, "services with nobody else to go to");

    let unrated = "select count(*) from doctors where id not in (select doctor_id from ratings)";
    assert_eq!(count(&database, unrated).await, 0, "doctors without a rating");
    let bare = "select count(*) from prescriptions where id not in (select prescription_id from medications)";
    assert_eq!(count(&database, bare).await, 0, "prescriptions of nothing");
    assert!(count(&database, "select count(*) from prescriptions").await > 10);

    let sessions = "select count(*) from groups where state = 'published'";
    assert_eq!(
        count(&database, sessions).await,
        5,
        "a vaccination afternoon and four weeks of a class"
    );
    let seats = "select count(*) from group_seats where freed_at is null";
    assert_eq!(count(&database, seats).await, 9 + 4);

    let mut connection = database.pool().acquire().await.unwrap();
    let offerings = offerings_of(&mut connection, 1).await.unwrap();
    drop(connection);
    for offering in offerings {
        let purpose = For::Booking { visitor: None };
        let page = page(
            &database,
            1,
            offering.clinic_id,
            offering.service_id,
            None,
            purpose,
            now,
        )
        .await
        .unwrap();
        assert!(page.days.iter().map(|day| day.free()).sum::<usize>() > 50);
        assert!(page.later.is_some());
    }
    database.close().await;
}

#[tokio::test]
async fn the_database_of_a_clinic_is_no_demo() {
    let app = TestApp::new().await;
    let before = count(&app.database, "select count(*) from staff").await;
    assert_eq!(demo::seed(&app.database).await, Ok(false));
    assert_eq!(count(&app.database, "select count(*) from staff").await, before);
    // Nor is one in which a single person has begun, or one that was a demo's before and lost its mark.
    for (statement, expected) in [
        ("delete from demo_marks", false),
        ("insert into demo_marks (seeded_at) values (now())", true),
    ] {
        sqlx::query(statement).execute(app.database.pool()).await.unwrap();
        assert_eq!(demo::seed(&app.database).await, Ok(expected), "{statement}");
    }
}

#[tokio::test]
async fn a_database_in_which_only_an_admin_is_there_is_no_demo() {
    let (options, settings) = (TestDatabase::new().await, Settings::default());
    let database = options.open(&settings);
    sqlx::query(
        "insert into staff (role, name, email, password_hash) values ('admin', 'Maya', 'maya@clinic.example', 'x')",
    )
    .execute(database.pool())
    .await
    .unwrap();
    assert_eq!(demo::seed(&database).await, Ok(false));
    assert_eq!(count(&database, "select count(*) from clinics").await, 0);
    database.close().await;
}
