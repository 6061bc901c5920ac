//! Rating a visit: who may, when, how often, and the average that results.

use crate::support::{TestApp, VISIT, one_winner, patient_caller};
use engine::{
    account::Caller,
    appointment::Status,
    error::AppError,
    i18n::Locale,
    rating::{Average, Rate, Score, averages, rate},
};

fn command(caller: Caller, reference: &str, stars: i16) -> Rate {
    Rate {
        key: None,
        caller,
        which: reference.into(),
        score: Score::new(stars).unwrap(),
        comment: format!("{stars} stars"),
    }
}

/// Visits of as many patients to a doctor, all of them over.
async fn visits(app: &TestApp, count: usize) -> Vec<(i64, String)> {
    let mut visits = Vec::new();
    for (slot, patient_id) in (10..).zip(app.patients(count).await) {
        visits.push((
            patient_id,
            app.visit(patient_id, 0, app.slot(slot), Status::Completed).await,
        ));
    }
    visits
}

async fn rate_all(app: &TestApp, commands: Vec<Rate>) -> Vec<Result<i64, AppError>> {
    let now = app.now;
    let racers = commands
        .into_iter()
        .map(|command| {
            let database = app.database.clone();
            async move { rate(&database, command, now).await }
        })
        .collect();
    app.race(racers).await
}

async fn average(app: &TestApp, doctor: usize) -> Option<Average> {
    let id = app.doctors[doctor].id;
    averages(&mut *app.spare().await, &[id])
        .await
        .unwrap()
        .remove(&id)
}

#[tokio::test]
async fn twenty_ratings_of_a_doctor_at_once_all_count() {
    let app = TestApp::crowded().await;
    let visits = visits(&app, 20).await;
    assert_eq!(average(&app, 0).await, None);
    let commands = visits
        .iter()
        .zip((1..=5).cycle())
        .map(|((patient_id, reference), stars)| command(patient_caller(*patient_id), reference, stars))
        .collect();
    let results = rate_all(&app, commands).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let average = average(&app, 0).await.unwrap();
    assert_eq!(average, Average { sum: 60, count: 20 });
    assert_eq!(average.text(Locale::En), "3.0");
    assert_eq!(app.count("select count(*) from ratings").await, 20);
    assert_eq!(app.count("select sum(score) from ratings").await, 60);
    let strange = app
        .count(
            "select count(*) from ratings join appointments on appointments.id = appointment_id
             where ratings.doctor_id <> appointments.doctor_id or status <> 'completed'",
        )
        .await;
    assert_eq!(strange, 0);
}

/// Somebody rates each of a few visits from several windows at once.
async fn race(app: &TestApp) {
    const WINDOWS: usize = 5;
    let visits = visits(app, 4).await;
    let commands = visits
        .iter()
        .flat_map(|(patient_id, reference)| {
            (1..=5).map(move |stars| command(patient_caller(*patient_id), reference, stars))
        })
        .collect();
    let results = rate_all(app, commands).await;
    let mut sum = 0;
    for results in results.chunks(WINDOWS) {
        let (_, losers) = one_winner(results);
        assert!(
            losers.iter().all(|error| *error == AppError::RatingExists),
            "{losers:?}"
        );
        sum += i64::try_from(results.iter().position(Result::is_ok).unwrap()).unwrap() + 1;
    }
    assert_eq!(average(app, 0).await, Some(Average { sum, count: 4 }));
    assert_eq!(
        app.count("select count(distinct appointment_id) from ratings")
            .await,
        4
    );
}

#[tokio::test]
async fn several_ratings_of_an_appointment_at_once_count_once() {
    race(&TestApp::crowded().await).await;
}

/// The first layer by itself.
#[tokio::test]
async fn the_lock_of_the_appointment_alone_lets_one_rating_through() {
    let app = TestApp::crowded().await;
    app.sql("alter table ratings drop constraint ratings_appointment_id_key")
        .await;
    race(&app).await;
}

/// The constraint that refuses a statement beside a rating.
async fn constraint_against(app: &TestApp, statement: &'static str) -> Option<String> {
    let error = sqlx::query(statement)
        .execute(&mut *app.spare().await)
        .await
        .unwrap_err();
    error.as_database_error()?.constraint().map(str::to_owned)
}

async fn rated(app: &TestApp) {
    let (patient_id, reference) = visits(app, 1).await.remove(0);
    let command = command(patient_caller(patient_id), &reference, 5);
    rate(&app.database, command, app.now).await.unwrap();
}

#[tokio::test]
async fn the_database_refuses_a_second_rating() {
    let app = TestApp::new().await;
    rated(&app).await;
    let second = "insert into ratings (appointment_id, doctor_id, score, rated_at)
                  select appointment_id, doctor_id, 1, now() from ratings";
    assert_eq!(
        constraint_against(&app, second).await.unwrap(),
        "ratings_appointment_id_key"
    );
}

#[tokio::test]
async fn the_database_refuses_a_score_beyond_five_stars() {
    let app = TestApp::new().await;
    rated(&app).await;
    for statement in ["update ratings set score = 6", "update ratings set score = 0"] {
        assert_eq!(
            constraint_against(&app, statement).await.unwrap(),
            "ratings_score_one_to_five"
        );
    }
}

/// No row is shared by the ratings of a doctor.
#[tokio::test]
async fn a_rating_does_not_wait_for_another_of_the_same_doctor() {
    let app = TestApp::new().await;
    let visits = visits(&app, 2).await;
    let mut slow = app.database.pool().begin().await.unwrap();
    sqlx::query(
        "insert into ratings (appointment_id, doctor_id, score, rated_at)
         select id, doctor_id, 1, now() from appointments where reference = $1",
    )
    .bind(&visits[0].1)
    .execute(&mut *slow)
    .await
    .unwrap();
    rate(
        &app.database,
        command(patient_caller(visits[1].0), &visits[1].1, 5),
        app.now,
    )
    .await
    .unwrap();
    assert_eq!(average(&app, 0).await, Some(Average { sum: 5, count: 1 }));
    slow.commit().await.unwrap();
    assert_eq!(average(&app, 0).await, Some(Average { sum: 6, count: 2 }));
}

#[tokio::test]
async fn only_the_patient_of_an_appointment_rates_it() {
    let app = TestApp::new().await;
    let (_, reference) = visits(&app, 1).await.remove(0);
    let stranger = app.patient(999).await;
    for caller in [
        patient_caller(stranger),
        app.doctor_caller(0),
        app.doctor_caller(1),
        app.admin_caller(),
    ] {
        let result = rate(&app.database, command(caller, &reference, 5), app.now).await;
        assert_eq!(result, Err(AppError::NotFound));
    }
    assert_eq!(average(&app, 0).await, None);
}

#[tokio::test]
async fn an_appointment_cannot_be_rated_before_it_is_completed() {
    let app = TestApp::new().await;
    let patient_id = app.patient(1).await;
    let requested = app
        .requested(patient_id, app.wanted(0, VISIT, app.slot(10)))
        .await;
    let confirmed = app.confirmed(patient_id, 0, app.slot(12)).await;
    let begun = app.visit(patient_id, 0, app.slot(14), Status::InProgress).await;
    for (reference, status) in [
        (requested, Status::Pending),
        (confirmed, Status::Confirmed),
        (begun, Status::InProgress),
    ] {
        let result = rate(
            &app.database,
            command(patient_caller(patient_id), &reference, 5),
            app.now,
        )
        .await;
        assert!(
            matches!(result, Err(AppError::InvalidTransition { from, to: Status::Completed, .. }) if from == status),
            "{result:?}"
        );
    }
    assert_eq!(average(&app, 0).await, None);
}
