//! Erasing a person whose records became one: all of them are found, held and forgotten together.

use std::{pin::Pin, sync::Arc};

use engine::{
    desk::merge::{Keep, Merge, merge},
    error::AppError,
    privacy::{self, RequestErasure, SetHold},
};

use super::{NAME, PHONE, erased, found, person, quiet, requested};
use crate::support::{TestApp, patient_caller};

type Doing = Pin<Box<dyn Future<Output = Result<(), AppError>> + Send>>;

fn doing(what: impl Future<Output = Result<(), AppError>> + Send + 'static) -> Doing {
    Box::pin(what)
}

/// Makes one record of two; where that went.
async fn merges(app: Arc<TestApp>, from_id: i64, into_id: i64) -> Result<(), AppError> {
    let command = Merge {
        caller: app.admin_caller(),
        from_id,
        into_id,
        keep: Keep::default(),
        key: None,
    };
    merge(&app.database, command, app.now).await.map(drop)
}

#[tokio::test]
async fn what_a_merge_left_waiting_with_the_closed_record_is_ended() {
    let app = Arc::new(TestApp::new().await);
    let (into, from) = (person(&app).await, app.patient(1).await);
    app.sql(
        "insert into waitlist_entries
             (patient_id, service_id, first_day, last_day, weekdays, day_parts, notice_minutes, reason, state, joined_at)
         select patients.id, (select min(id) from services), current_date, current_date + 9, 127, 7, 60, '', 'waiting', now()
         from patients",
    )
    .await;
    merges(app.clone(), from, into).await.unwrap();
    assert_eq!(
        app.count("select count(distinct patient_id) from waitlist_entries where state = 'waiting'")
            .await,
        2
    );
    requested(&app, patient_caller(into), into).await;
    assert_eq!(privacy::work(&app.database, quiet(&app)).await, Ok(1));
    let waiting = "select count(*) from waitlist_entries where state = 'waiting'";
    assert_eq!(app.count(waiting).await, 0);
    app.assert_whole().await;
}

#[tokio::test]
async fn a_record_that_becomes_a_part_while_its_whole_is_closed_is_closed_with_it() {
    let app = Arc::new(TestApp::crowded().await);
    let (into, from) = (person(&app).await, app.patient(1).await);
    // The erasure has read which records there are, and waits for the one that the merge has, which waits for the other.
    let closes = {
        let app = app.clone();
        async move {
            let command = RequestErasure {
                caller: patient_caller(into),
                patient_id: into,
            };
            privacy::request(&app.database, command, app.now).await.map(drop)
        }
    };
    let waves: Vec<Vec<Doing>> = vec![vec![doing(merges(app.clone(), from, into))], vec![doing(closes)]];
    let gate = "select from patients where id = (select max(id) from patients) for update";
    let results = app.race_behind(gate, waves).await;
    assert_eq!(results, [Ok(()), Ok(())]);
    let open = "select count(*) from patients where erasing_since is null";
    assert_eq!(app.count(open).await, 0);
    assert_eq!(privacy::work(&app.database, quiet(&app)).await, Ok(1));
    for word in [NAME, "+6281255500001"] {
        assert!(found(&mut *app.spare().await, word).await.is_empty(), "{word}");
    }
    app.assert_whole().await;
}

#[tokio::test]
async fn a_legal_hold_that_a_merge_copied_ends_with_its_copy() {
    let app = Arc::new(TestApp::new().await);
    let (into, from) = (person(&app).await, app.patient(1).await);
    let hold = |patient_id: i64, why: Option<&str>| SetHold {
        caller: app.admin_caller(),
        patient_id,
        why: why.map(str::to_owned),
    };
    privacy::set_hold(&app.database, hold(from, Some("A dispute")), app.now)
        .await
        .unwrap();
    merges(app.clone(), from, into).await.unwrap();
    let command = RequestErasure {
        caller: patient_caller(into),
        patient_id: into,
    };
    let refused = privacy::request(&app.database, command.clone(), app.now).await;
    assert_eq!(refused, Err(AppError::Forbidden));
    privacy::set_hold(&app.database, hold(into, None), app.now)
        .await
        .unwrap();
    assert!(privacy::request(&app.database, command, app.now).await.is_ok());
}

#[tokio::test]
async fn a_copy_from_before_the_merge_forgets_both_records() {
    let app = Arc::new(TestApp::new().await);
    let (into, from) = (person(&app).await, app.patient(1).await);
    merges(app.clone(), from, into).await.unwrap();
    erased(&app, into).await;
    let ledger = privacy::ledger(&app.database).await.unwrap();
    let ids: Vec<i64> = ledger.iter().map(|entry| entry.patient_id).collect();
    assert_eq!(ids, [into, from]);
    assert_eq!(privacy::of_text(&privacy::to_text(&ledger)), Ok(ledger.clone()));
    // As it was before: two records.
    app.sql("delete from erasures; delete from patient_merge_rows; delete from patient_merges")
        .await;
    for (id, phone, name) in [(into, PHONE, NAME), (from, "+6281299887755", "Zephyrtwo")] {
        sqlx::query(
            "update patients set erased_at = null, erasing_since = null, active = true, merged_into = null, phone = $2, name = $3
             where id = $1",
        )
        .bind(id)
        .bind(phone)
        .bind(name)
        .execute(&mut *app.spare().await)
        .await
        .unwrap();
    }
    for closed in [2, 0] {
        assert_eq!(
            privacy::replay(&app.database, ledger.clone(), app.now).await,
            Ok(closed)
        );
    }
    assert_eq!(privacy::work(&app.database, quiet(&app)).await, Ok(2));
    for word in [NAME, "Zephyrtwo", PHONE, "+6281299887755"] {
        assert!(found(&mut *app.spare().await, word).await.is_empty(), "{word}");
    }
    app.assert_whole().await;
}
