//! Numbers that change hands: a code alone does not open what is older than what the clinic knows of a number.

use engine::{
    account::{
        Caller, find_caller,
        number::{confirm_number, confirmed, set_number_days},
        session::SignedIn,
    },
    appointment::{
        Arrive, ChangeStatus, Status, arrive, change_status, find, find_by_id, history, of_patients,
    },
    error::AppError,
    time::plus_minutes,
};
use jiff::Timestamp;

use crate::support::{TestApp, patient_caller};

async fn caller(app: &TestApp, id: i64) -> Caller {
    find_caller(&app.database, SignedIn::Patient(id))
        .await
        .unwrap()
        .unwrap()
}

async fn days(app: &TestApp, days: i32) {
    set_number_days(&app.database, &app.admin_caller(), days)
        .await
        .unwrap();
}

/// An appointment that was booked a year ago, and one that was booked today.
async fn old_and_new(app: &TestApp, patient: i64) -> (String, String) {
    let old = app.confirmed(patient, 0, app.slot(200)).await;
    app.sql("update appointments set created_at = created_at - interval '1 year'")
        .await;
    let new = app.confirmed(patient, 1, app.slot(204)).await;
    (old, new)
}

async fn sees(app: &TestApp, caller: &Caller, reference: &str) -> bool {
    let found = find(&app.database, Some(caller.clone()), None, reference.to_owned()).await;
    let id = app.id_of(reference).await;
    let by_id = find_by_id(&app.database, caller.clone(), id).await;
    let told = history(&app.database, caller.clone(), reference.into()).await;
    let listed = of_patients(&app.database, caller.patient_ids(), caller.opened_since())
        .await
        .unwrap()
        .iter()
        .any(|item| item.reference == reference);
    let all = [found.is_ok(), by_id.is_ok(), told.is_ok(), listed];
    assert!(all.iter().all(|seen| *seen == all[0]), "{all:?}");
    for error in [found.err(), by_id.err(), told.err()].into_iter().flatten() {
        assert_eq!(error, AppError::NotFound);
    }
    all[0]
}

#[tokio::test]
async fn a_code_opens_everything_unless_the_clinic_wants_it_otherwise() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    let (old, new) = old_and_new(&app, patient).await;
    let who = caller(&app, patient).await;
    assert_eq!(who.opened_since(), None);
    assert!(sees(&app, &who, &old).await && sees(&app, &who, &new).await);
    days(&app, 90).await;
    let who = caller(&app, patient).await;
    assert!(!sees(&app, &who, &old).await && sees(&app, &who, &new).await);
    // What is not seen is not changed, either.
    let cancel = ChangeStatus {
        caller: who.clone(),
        which: old.as_str().into(),
        to: Status::Cancelled,
        version: None,
        reason: String::new(),
        key: None,
    };
    assert_eq!(
        change_status(&app.database, cancel, app.now).await.map(|_| ()),
        Err(AppError::NotFound)
    );
    // The desk confirms the number, and all is open again, also to a session that was there before.
    confirm_number(&app.database, &app.admin_caller(), patient, app.database.now())
        .await
        .unwrap();
    let who = caller(&app, patient).await;
    assert!(sees(&app, &who, &old).await && sees(&app, &who, &new).await);
    // That, too, is over one day.
    app.sql("update number_confirmations set confirmed_at = confirmed_at - interval '91 days'")
        .await;
    let who = caller(&app, patient).await;
    assert!(!sees(&app, &who, &old).await);
    assert_eq!(
        app.count("select count(*) from security_notes where about = 'number confirmed'")
            .await,
        1
    );
}

#[tokio::test]
async fn the_number_of_a_family_is_that_of_its_holder() {
    let app = TestApp::new().await;
    let (holder, child) = (app.patient(1).await, app.patient(2).await);
    let old = app.confirmed(child, 0, app.slot(200)).await;
    app.sql(
        "update appointments set created_at = created_at - interval '1 year';
         update patients set holder_id = holders.id, phone = holders.phone
         from (select id, phone from patients where name = 'Patient 1') as holders
         where patients.name = 'Patient 2'",
    )
    .await;
    days(&app, 30).await;
    let who = caller(&app, holder).await;
    assert!(!sees(&app, &who, &old).await);
    // Pressed on the page of the child, it is the number of the holder.
    confirm_number(&app.database, &app.admin_caller(), child, app.database.now())
        .await
        .unwrap();
    let who = caller(&app, holder).await;
    assert!(sees(&app, &who, &old).await);
    assert_eq!(
        app.count("select patient_id from number_confirmations").await,
        holder
    );
}

#[tokio::test]
async fn an_arrival_confirms_no_number() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    let start = app.slot(20);
    let reference = app.confirmed(patient, 0, start).await;
    days(&app, 90).await;
    confirm_number(&app.database, &app.admin_caller(), patient, app.database.now())
        .await
        .unwrap();
    app.sql("update number_confirmations set confirmed_at = confirmed_at - interval '80 days'")
        .await;
    let before = confirmed(&app.database, patient).await.unwrap().0.unwrap().at;
    // Who comes may have given the number up, and told nobody.
    let here = Arrive {
        caller: app.doctor_caller(0),
        which: reference.as_str().into(),
        key: None,
    };
    arrive(&app.database, here, plus_minutes(start, -30))
        .await
        .unwrap();
    let (last, is_open) = confirmed(&app.database, patient).await.unwrap();
    assert_eq!((last.unwrap().at, is_open), (before, true));
}

#[tokio::test]
async fn a_confirmation_is_of_one_number() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    days(&app, 90).await;
    confirm_number(&app.database, &app.admin_caller(), patient, app.database.now())
        .await
        .unwrap();
    assert!(confirmed(&app.database, patient).await.unwrap().1);
    app.sql("update patients set phone = '+6281255509999' where holder_id is null")
        .await;
    let (last, is_open) = confirmed(&app.database, patient).await.unwrap();
    assert!(last.is_none() && !is_open);
}

#[tokio::test]
async fn only_admins_confirm_and_choose() {
    let app = TestApp::new().await;
    let patient = app.patient(1).await;
    for who in [app.doctor_caller(0), patient_caller(patient)] {
        assert_eq!(
            confirm_number(&app.database, &who, patient, app.now).await,
            Err(AppError::NotFound)
        );
        assert_eq!(
            set_number_days(&app.database, &who, 1).await,
            Err(AppError::NotFound)
        );
    }
    let admin = app.admin_caller();
    assert_eq!(
        confirm_number(&app.database, &admin, 999, app.now).await,
        Err(AppError::NotFound)
    );
    for days in [-1, 367] {
        assert!(set_number_days(&app.database, &admin, days).await.is_err());
    }
}

#[tokio::test]
async fn admins_who_confirm_at_once_leave_one_confirmation() {
    let app = TestApp::crowded().await;
    let patient = app.patient(1).await;
    days(&app, 90).await;
    let racers = (0..12)
        .map(|number| {
            let (database, admin) = (app.database.clone(), app.admin_caller());
            let now: Timestamp = plus_minutes(app.now, number);
            async move { confirm_number(&database, &admin, patient, now).await }
        })
        .collect();
    for result in app.race(racers).await {
        result.unwrap();
    }
    // The latest of them is the last.
    let at = confirmed(&app.database, patient).await.unwrap().0.unwrap().at;
    assert_eq!(at.as_second(), plus_minutes(app.now, 11).as_second());
    assert_eq!(app.count("select count(*) from number_confirmations").await, 1);
}
