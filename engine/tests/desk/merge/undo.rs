//! What a merge that is taken back gives back, and what it ends.

use crate::support::{INSTANT, TestApp};
use engine::{
    desk::merge::{Keep, Merge, Merged, Of, Undo, merge, merges_of, survivor, undo_merge},
    error::AppError,
    time::plus_minutes,
};

impl TestApp {
    /// Makes two records one, which keeps the phone of the record that goes.
    async fn merged_with_its_phone(&self, from: i64, into: i64) -> Merged {
        let command = Merge {
            keep: Keep {
                phone: Of::Goes,
                ..Keep::default()
            },
            ..self.merging(from, into)
        };
        merge(&self.database, command, self.now).await.unwrap()
    }
}

const SESSIONS: &str = "select count(*) from sessions where patient_id = $1";
const TOKENS: &str = "select count(*) from tokens where patient_id = $1 and revoked_at is null";

#[tokio::test]
async fn whoever_signed_in_with_a_number_that_goes_back_is_signed_out() {
    let app = TestApp::new().await;
    let (into, from) = (app.patient(1).await, app.patient(2).await);
    for id in [into, from] {
        app.signs_in(id).await;
    }
    let merged = app.merged_with_its_phone(from, into).await;
    assert_eq!(app.count("select count(*) from sessions").await, 0);
    // In the evening, the owner of the second number signs in: it is that of the first record by now.
    app.signs_in(into).await;
    app.run(
        "insert into number_confirmations (patient_id, phone, confirmed_at, staff_id)
         select patients.id, phone, now(), staff.id from patients, (select min(id) as id from staff) as staff
         where patients.id = $1",
        into,
    )
    .await;
    assert!(app.undone(merged.merge_id).await.unwrap().has_its_phone);
    assert_eq!(app.record(into).await.2, "+6281255500001");
    for id in [into, from] {
        assert_eq!(app.number(SESSIONS, id).await, 0);
        assert_eq!(app.number(TOKENS, id).await, 0);
        let ended = "select count(*) from patients join patient_merges on true
                     where patients.id = $1 and access_since >= merged_at";
        assert_eq!(app.number(ended, id).await, 1, "what has ended stays ended");
    }
    assert_eq!(app.count("select count(*) from number_confirmations").await, 0);
    app.is_sound().await;
}

#[tokio::test]
async fn whoever_is_signed_in_with_a_number_that_stays_remains_so() {
    let app = TestApp::new().await;
    let (into, from) = (app.patient(1).await, app.patient(2).await);
    let merged = app.merged(from, into).await;
    app.signs_in(into).await;
    app.undone(merged.merge_id).await.unwrap();
    assert_eq!(
        (app.number(SESSIONS, into).await, app.number(TOKENS, into).await),
        (1, 1)
    );
}

#[tokio::test]
async fn sessions_of_one_number_move_with_the_record() {
    let app = TestApp::new().await;
    let (holder, twin) = (app.patient(1).await, app.patient(2).await);
    app.share_phone(holder, twin).await;
    app.signs_in(holder).await;
    let merged = app.merged(holder, twin).await;
    let session = "select (data -> 'signed_in' ->> 'Patient')::bigint from sessions where patient_id = $1";
    assert_eq!(app.number(session, twin).await, twin);
    assert_eq!(app.number(TOKENS, twin).await, 1);
    app.undone(merged.merge_id).await.unwrap();
    assert_eq!(app.number(session, holder).await, holder);
    assert_eq!(app.number(SESSIONS, twin).await, 0);
    app.is_sound().await;
}

#[tokio::test]
async fn an_address_that_was_confirmed_or_bounced_since_stays_as_it_is() {
    let app = TestApp::new().await;
    for (round, (before, since, expected)) in [
        // Confirmed since: that is not taken back.
        (None, "now()", 1),
        // Bounced since: it is not confirmed again.
        (Some("now()"), "null", 0),
    ]
    .into_iter()
    .enumerate()
    {
        let (into, from) = (app.patient(10 * round).await, app.patient(10 * round + 1).await);
        let set = |confirmed: &str, id: i64| {
            format!(
                "update patients set email = 'maya@test.example', email_confirmed_at = {confirmed} where id = {id}"
            )
        };
        let app = &app;
        let write = async |statement: String| {
            let mut connection = app.connection().await;
            let done = sqlx::raw_sql(sqlx::AssertSqlSafe(statement));
            done.execute(&mut connection).await.unwrap();
        };
        write(set(before.unwrap_or("null"), into)).await;
        let merged = app.merged(from, into).await;
        write(set(since, into)).await;
        app.undone(merged.merge_id).await.unwrap();
        let confirmed = "select count(*) from patients where id = $1 and email_confirmed_at is not null";
        assert_eq!(app.number(confirmed, into).await, expected, "round {round}");
    }
}

#[tokio::test]
async fn who_has_to_do_with_whom_is_as_before_but_for_what_was_given_since() {
    let app = TestApp::new().await;
    let (into, from) = (app.patient(1).await, app.patient(2).await);
    // The first doctor has to do with both, the second and the third with the record that goes.
    let known = async |doctor: usize, patient_id: i64, days: i32| {
        sqlx::query(
            "insert into acquaintances (staff_id, patient_id, since, until)
             values ($1, $2, now() - interval '1 hour', date_trunc('day', now()) + make_interval(days => $3))",
        )
        .bind(app.doctors[doctor].staff_id)
        .bind(patient_id)
        .bind(days)
        .execute(&mut *app.spare().await)
        .await
        .unwrap();
    };
    known(0, into, 2).await;
    for doctor in 0..3 {
        known(doctor, from, 5).await;
    }
    let until = async |doctor: usize, patient_id: i64| -> Option<i32> {
        sqlx::query_scalar(
            "select extract(days from until - date_trunc('day', now()))::integer from acquaintances
             where staff_id = $1 and patient_id = $2",
        )
        .bind(app.doctors[doctor].staff_id)
        .bind(patient_id)
        .fetch_optional(&mut *app.spare().await)
        .await
        .unwrap()
    };
    let merged = app.merged(from, into).await;
    for doctor in 0..3 {
        assert_eq!(until(doctor, into).await, Some(5));
        assert_eq!(until(doctor, from).await, None);
    }
    // The third has to do with the record that stayed for longer, by what was typed since.
    app.run(
        "update acquaintances set until = until + interval '2 days' where staff_id = $1",
        app.doctors[2].staff_id,
    )
    .await;
    app.undone(merged.merge_id).await.unwrap();
    for (doctor, with_into) in [(0, Some(2)), (1, None), (2, Some(7))] {
        assert_eq!(until(doctor, into).await, with_into, "doctor {doctor}");
        assert_eq!(until(doctor, from).await, Some(5), "doctor {doctor}");
    }
    app.is_sound().await;
}

#[tokio::test]
async fn whoever_was_given_a_patient_for_longer_since_keeps_the_patient() {
    let app = TestApp::new().await;
    let (into, from) = (app.patient(1).await, app.patient(2).await);
    app.run(
        "insert into acquaintances (staff_id, patient_id, since, until)
         select staff_id, $1, now(), now() + interval '1 day' from doctors order by id limit 1",
        into,
    )
    .await;
    app.run(
        "insert into acquaintances (staff_id, patient_id, since, until)
         select staff_id, $1, now(), now() + interval '2 days' from doctors order by id limit 1",
        from,
    )
    .await;
    let merged = app.merged(from, into).await;
    app.given(0, into).await;
    app.undone(merged.merge_id).await.unwrap();
    let forever = "select count(*) from acquaintances where patient_id = $1 and until = 'infinity'";
    assert_eq!(app.number(forever, into).await, 1);
}

#[tokio::test]
async fn what_was_made_since_stays_and_a_phone_that_was_taken_stays_taken() {
    let app = TestApp::new().await;
    let (into, from) = (app.patient(1).await, app.patient(2).await);
    let theirs = app.confirmed(from, 0, app.slot(20)).await;
    let merged = app.merged(from, into).await;
    let since = app
        .books(into, app.wanted(1, INSTANT, app.slot(60)))
        .await
        .unwrap();
    // The number is free after the merge, and somebody new has it.
    let newcomer = app.patient(2).await;
    let undone = app.undone(merged.merge_id).await.unwrap();
    assert_eq!(
        (undone.appointments, undone.made_since, undone.has_its_phone),
        (1, 1, false)
    );
    assert_eq!(app.patient_of(&since.reference).await, into);
    assert_eq!(app.patient_of(&theirs).await, from);
    assert!(app.record(newcomer).await.0);
    assert_eq!(
        app.record(from).await.3,
        Some(into),
        "it is reached by the phone of the other"
    );
    app.is_sound().await;
}

#[tokio::test]
async fn a_merge_is_taken_back_within_a_day_and_not_later() {
    let app = TestApp::new().await;
    let (into, from, last) = (app.patient(1).await, app.patient(2).await, app.patient(3).await);
    let merged = app.merged(from, into).await;
    let late = Undo {
        caller: app.admin_caller(),
        merge_id: merged.merge_id,
        key: None,
    };
    let refused = undo_merge(&app.database, late.clone(), plus_minutes(app.now, 24 * 60)).await;
    assert_eq!(refused, Err(AppError::NotFound));
    let known = merges_of(&app.database, into, plus_minutes(app.now, 24 * 60))
        .await
        .unwrap();
    assert!(!known[0].can_be_undone);
    // The record that stayed is part of another one: the newest merge is taken back first.
    let second = app.merged(into, last).await;
    assert_eq!(app.undone(merged.merge_id).await, Err(AppError::RecordMerged));
    assert_eq!(survivor(&app.database, from).await, Ok(Some(last)));
    app.undone(second.merge_id).await.unwrap();
    app.undone(merged.merge_id).await.unwrap();
    app.is_sound().await;
    let doctors = Undo {
        caller: app.doctor_caller(0),
        ..late
    };
    assert_eq!(
        undo_merge(&app.database, doctors, app.now).await,
        Err(AppError::NotFound)
    );
}
