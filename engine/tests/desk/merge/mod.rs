//! Two records of one person become one, and two again.

mod gone;
mod keep;
mod race;
mod undo;

use crate::support::{TestApp, patient_caller};
use engine::{
    account::acquaintance,
    appointment::{Status, find},
    desk::merge::{Keep, Merge, Merged, Undo, Undone, compare, merge, survivor, undo_merge},
    error::{AppError, Field},
    idempotency::{Key, KeyOwner},
    monitoring::verify::verify,
    time::plus_minutes,
};

impl TestApp {
    fn merging(&self, from_id: i64, into_id: i64) -> Merge {
        Merge {
            caller: self.admin_caller(),
            from_id,
            into_id,
            keep: Keep::default(),
            key: None,
        }
    }

    async fn merged(&self, from_id: i64, into_id: i64) -> Merged {
        merge(&self.database, self.merging(from_id, into_id), self.now)
            .await
            .unwrap()
    }

    async fn undone(&self, merge_id: i64) -> Result<Undone, AppError> {
        let command = Undo {
            caller: self.admin_caller(),
            merge_id,
            key: None,
        };
        undo_merge(&self.database, command, plus_minutes(self.now, 60)).await
    }

    async fn patient_of(&self, reference: &str) -> i64 {
        let caller = Some(self.admin_caller());
        let item = find(&self.database, caller, None, reference.to_owned())
            .await
            .unwrap();
        item.patient_id.unwrap()
    }

    async fn record(&self, id: i64) -> (bool, Option<i64>, String, Option<i64>) {
        sqlx::query_as("select active, merged_into, phone, holder_id from patients where id = $1")
            .bind(id)
            .fetch_one(&mut *self.spare().await)
            .await
            .unwrap()
    }

    async fn run(&self, statement: &'static str, id: i64) {
        sqlx::query(statement)
            .bind(id)
            .execute(&mut *self.spare().await)
            .await
            .unwrap();
    }

    async fn number(&self, query: &'static str, id: i64) -> i64 {
        sqlx::query_scalar(query)
            .bind(id)
            .fetch_one(&mut *self.spare().await)
            .await
            .unwrap()
    }

    /// Signs somebody in as this record, and makes a token.
    async fn signs_in(&self, patient_id: i64) {
        self.run(
            "insert into sessions (id, data, expires_at, patient_id, signed_in_at)
             values (decode(md5(random()::text), 'hex'),
                     jsonb_build_object('signed_in', jsonb_build_object('Patient', $1::bigint)),
                     now() + interval '1 day', $1, now())",
            patient_id,
        )
        .await;
        self.run(
            "insert into tokens (hash, patient_id, made_at, expires_at)
             values (decode(md5(random()::text), 'hex'), $1, now(), now() + interval '1 day')",
            patient_id,
        )
        .await;
    }

    /// The second shares the phone of the first.
    async fn share_phone(&self, holder_id: i64, id: i64) {
        sqlx::query(
            "update patients set holder_id = holders.id, phone = holders.phone
             from patients as holders where patients.id = $2 and holders.id = $1",
        )
        .bind(holder_id)
        .bind(id)
        .execute(&mut *self.spare().await)
        .await
        .unwrap();
    }

    async fn is_sound(&self) {
        let report = verify(&self.database, std::time::Duration::from_secs(60))
            .await
            .unwrap();
        assert!(report.is_sound(), "{}", report.to_text());
    }
}

#[tokio::test]
async fn everything_moves_to_the_record_that_stays() {
    let app = TestApp::new().await;
    let (into, from, child) = (app.patient(1).await, app.patient(2).await, app.patient(3).await);
    let past = app.visit(from, 0, app.slot(20), Status::Completed).await;
    let coming = app.confirmed(from, 1, app.slot(60)).await;
    let own = app.confirmed(into, 2, app.slot(70)).await;
    app.given(2, from).await;
    app.run(
        "update patients set holder_id = parents.id, phone = parents.phone
         from (select id, phone from patients where name = 'Patient 2') as parents where patients.id = $1",
        child,
    )
    .await;
    app.signs_in(from).await;
    app.run(
        "insert into messages (kind, channel, recipient, body, patient_id) values ('confirmed', 'sms', '+6281255500002', 'x', $1)",
        from,
    )
    .await;
    app.run(
        "insert into visits (patient_id, created_at) values ($1, now())",
        from,
    )
    .await;
    app.run(
        "with one as (select id from visits limit 1)
         update appointments set visit_id = one.id, segment = case status when 'completed' then 1 else 2 end
         from one where patient_id = $1",
        from,
    )
    .await;

    let merged = app.merged(from, into).await;
    assert_eq!((merged.patient_id, merged.appointments), (into, 2));
    for reference in [&past, &coming, &own] {
        assert_eq!(app.patient_of(reference).await, into);
    }
    for (what, query) in [
        (
            "appointments",
            "select count(*) from appointments where patient_id = $1",
        ),
        ("visits", "select count(*) from visits where patient_id = $1"),
        ("messages", "select count(*) from messages where patient_id = $1"),
        (
            "acquaintances",
            "select count(*) from acquaintances where patient_id = $1",
        ),
    ] {
        assert_eq!(app.number(query, from).await, 0, "{what}");
        assert!(app.number(query, into).await > 0, "{what}");
    }
    // They had two numbers: whoever has the one that is given up is signed out.
    assert_eq!(app.count("select count(*) from sessions").await, 0);
    assert_eq!(
        app.count("select count(*) from tokens where revoked_at is null")
            .await,
        0
    );
    assert_eq!(
        app.record(from).await,
        (false, Some(into), "+6281255500001".to_owned(), Some(into))
    );
    assert_eq!(app.record(child).await.3, Some(into));
    assert_eq!(survivor(&app.database, from).await, Ok(Some(into)));
    assert_eq!(survivor(&app.database, into).await, Ok(None));
    app.is_sound().await;

    let undone = app.undone(merged.merge_id).await.unwrap();
    assert_eq!(
        (undone.appointments, undone.made_since, undone.has_its_phone),
        (2, 0, true)
    );
    for reference in [&past, &coming] {
        assert_eq!(app.patient_of(reference).await, from);
    }
    assert_eq!(app.patient_of(&own).await, into);
    assert_eq!(
        app.record(from).await,
        (true, None, "+6281255500002".to_owned(), None)
    );
    assert_eq!(
        app.record(into).await,
        (true, None, "+6281255500001".to_owned(), None)
    );
    assert_eq!(app.record(child).await.3, Some(from));
    assert_eq!(app.record(child).await.2, "+6281255500002");
    for query in [
        "select count(*) from messages where patient_id = $1",
        "select count(*) from visits where patient_id = $1",
    ] {
        assert_eq!(app.number(query, from).await, 1, "{query}");
        assert_eq!(app.number(query, into).await, 0, "{query}");
    }
    let known = acquaintance::of_patient(&app.database, from, app.now)
        .await
        .unwrap();
    assert_eq!(known.len(), 1);
    assert!(
        acquaintance::of_patient(&app.database, into, app.now)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        app.undone(merged.merge_id).await,
        Err(AppError::NotFound),
        "only once"
    );
    app.is_sound().await;
}

#[tokio::test]
async fn records_with_appointments_at_the_same_time_stay_two() {
    let app = TestApp::new().await;
    let (into, from) = (app.patient(1).await, app.patient(2).await);
    let theirs = app.confirmed(from, 0, app.slot(20)).await;
    app.confirmed(into, 1, app.slot(20)).await;
    let refused = merge(&app.database, app.merging(from, into), app.now).await;
    assert_eq!(refused, Err(AppError::RecordsOverlap));
    assert_eq!(app.patient_of(&theirs).await, from);
    assert_eq!(app.count("select count(*) from patient_merges").await, 0);
    let seen = compare(&app.database, &app.admin_caller(), into, from, app.now)
        .await
        .unwrap();
    assert_eq!(seen.overlaps.len(), 1);
    assert_eq!(seen.overlaps[0].goes.reference, theirs);
    // One that was cancelled is in nobody's way.
    app.sql("update appointments set status = 'cancelled' where patient_id = (select id from patients where name = 'Patient 2')")
        .await;
    assert_eq!(app.merged(from, into).await.appointments, 1);
}

#[tokio::test]
async fn a_record_is_not_merged_with_itself_nor_by_who_may_not() {
    let app = TestApp::new().await;
    let (into, from) = (app.patient(1).await, app.patient(2).await);
    let itself = merge(&app.database, app.merging(into, into), app.now).await;
    assert!(matches!(
        itself,
        Err(AppError::ValidationFailed {
            field: Field::Whose,
            ..
        })
    ));
    for caller in [app.doctor_caller(0), patient_caller(into)] {
        let command = Merge {
            caller,
            ..app.merging(from, into)
        };
        assert_eq!(
            merge(&app.database, command, app.now).await,
            Err(AppError::NotFound)
        );
    }
    assert_eq!(
        merge(&app.database, app.merging(17, into), app.now).await,
        Err(AppError::NotFound)
    );
    app.merged(from, into).await;
    let third = app.patient(3).await;
    for (from, into) in [(from, third), (third, from), (from, into)] {
        let refused = merge(&app.database, app.merging(from, into), app.now).await;
        assert_eq!(refused, Err(AppError::RecordMerged));
    }
}

#[tokio::test]
async fn who_shared_the_phone_of_the_other_takes_it_over_and_gives_it_back() {
    let app = TestApp::new().await;
    let (holder, twin, child) = (app.patient(1).await, app.patient(2).await, app.patient(3).await);
    for id in [twin, child] {
        app.run(
            "update patients set holder_id = parents.id, phone = parents.phone
             from (select id, phone from patients where name = 'Patient 1') as parents where patients.id = $1",
            id,
        )
        .await;
    }
    let merged = app.merged(holder, twin).await;
    let phone = "+6281255500001".to_owned();
    assert_eq!(app.record(twin).await, (true, None, phone.clone(), None));
    assert_eq!(
        app.record(holder).await,
        (false, Some(twin), phone.clone(), Some(twin))
    );
    assert_eq!(app.record(child).await.3, Some(twin));
    app.is_sound().await;
    app.undone(merged.merge_id).await.unwrap();
    assert_eq!(app.record(holder).await, (true, None, phone.clone(), None));
    assert_eq!(app.record(twin).await, (true, None, phone, Some(holder)));
    assert_eq!(app.record(child).await.3, Some(holder));
    app.is_sound().await;
    // And the other way round: the one who shares goes, the holder stays.
    app.merged(twin, holder).await;
    assert_eq!(app.record(twin).await.3, Some(holder));
    app.is_sound().await;
}

#[tokio::test]
async fn a_merge_that_is_sent_twice_is_made_once() {
    let app = TestApp::new().await;
    let (into, from) = (app.patient(1).await, app.patient(2).await);
    let admin = app.admin_caller();
    let key = Key::of_form(KeyOwner::Caller(&admin), "0123", "merge", "1", &()).unwrap();
    let command = Merge {
        key: Some(key),
        ..app.merging(from, into)
    };
    let first = merge(&app.database, command.clone(), app.now).await.unwrap();
    assert_eq!(merge(&app.database, command, app.now).await, Ok(first));
    assert_eq!(app.count("select count(*) from patient_merges").await, 1);
}
