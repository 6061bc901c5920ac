//! A reception answers, moves, books and stops days at its clinics, and nowhere else.

use super::TwoClinics;
use crate::support::{RULES, VISIT};
use engine::{
    account::{Caller, Country, Phone, Role, family::Whose},
    appointment::{Arrive, Status, arrive, history},
    booking::{Reschedule, Wanted, reschedule},
    desk::{Typed, patient_by_phone},
    error::AppError,
    i18n::{Locale, Texts},
    schedule::{Act, CancelDay, Edit, call_list, call_lists, cancel_day, edit},
};

#[tokio::test]
async fn reception_does_at_its_clinic_what_admins_do_and_history_says_so() {
    let two = TwoClinics::new().await;
    let app = &two.app;
    let reference = &two.appointments[0];
    for to in [Status::Confirmed, Status::Rejected, Status::Cancelled] {
        assert_eq!(
            two.changed(&two.there, reference, to).await,
            Err(AppError::NotFound)
        );
    }
    two.changed(&two.here, reference, Status::Confirmed)
        .await
        .unwrap();
    let moved = |caller: &Caller| Reschedule {
        caller: caller.clone(),
        which: reference.as_str().into(),
        version: None,
        starts_at: app.slot(22),
        visitor: None,
        rules: RULES,
        key: None,
    };
    let refused = reschedule(&app.database, moved(&two.there), app.now).await;
    assert_eq!(refused, Err(AppError::NotFound));
    reschedule(&app.database, moved(&two.here), app.now)
        .await
        .unwrap();
    let late = app.slot(22);
    let here = |caller: &Caller| Arrive {
        caller: caller.clone(),
        which: reference.as_str().into(),
        key: None,
    };
    let refused = arrive(&app.database, here(&two.there), late).await;
    assert_eq!(refused, Err(AppError::NotFound));
    arrive(&app.database, here(&two.here), late).await.unwrap();
    // What is the doctor's alone is nobody else's.
    let started = two.changed(&two.here, reference, Status::InProgress).await;
    assert!(
        matches!(started, Err(AppError::InvalidTransition { .. })),
        "{started:?}"
    );
    two.changed(&two.here, reference, Status::Cancelled)
        .await
        .unwrap();
    let told = history(&app.database, two.here.clone(), reference.as_str().into())
        .await
        .unwrap();
    let by: Vec<_> = told
        .changes
        .iter()
        .rev()
        .take(4)
        .map(|change| change.actor)
        .collect();
    assert_eq!(by, [Role::Reception; 4]);
    let confirmed = told
        .changes
        .iter()
        .find(|change| change.to == Status::Confirmed)
        .unwrap();
    assert!(confirmed.for_doctor && confirmed.is_by(&two.here));
    app.assert_sound().await;
}

#[tokio::test]
async fn reception_books_whom_it_knows_at_its_clinic() {
    let two = TwoClinics::new().await;
    let app = &two.app;
    let stranger = two.patients[1];
    let here = app.wanted(0, VISIT, app.slot(40));
    let there = Wanted {
        clinic_id: two.elsewhere,
        ..app.wanted(0, VISIT, app.slot(42))
    };
    let attempt = async |patient_id: i64, wanted: Wanted| {
        let command = app.booking(two.here.clone(), patient_id, wanted, false);
        app.sent(command, app.now).await
    };
    assert_eq!(attempt(stranger, here).await, Err(AppError::NotFound));
    assert_eq!(attempt(two.patients[0], there).await, Err(AppError::NotFound));
    let walk_in = engine::booking::WalkIn {
        clinic_id: two.elsewhere,
        ..app.walk_in_of(two.here.clone(), two.patients[0], None)
    };
    assert_eq!(app.sending(walk_in, app.now).await, Err(AppError::NotFound));
    // Whoever calls says the number, and is known for a day.
    let typed = Typed {
        caller: two.here.clone(),
        phone: Phone::parse("+6281255500001", Country::default()).unwrap(),
        name: String::new(),
        whose: Whose::Unsaid,
        key: None,
    };
    let found = patient_by_phone(&app.database, typed, app.now).await.unwrap();
    assert_eq!(found, stranger);
    let booked = attempt(stranger, here).await.unwrap();
    assert_eq!(booked.status, Status::Confirmed);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_day_is_stopped_and_cancelled_by_its_reception_and_plans_are_not() {
    let two = TwoClinics::new().await;
    let app = &two.app;
    let doctor_id = app.doctors[0].id;
    let edited = async |caller: &Caller, act: Act| {
        let version = app
            .count("select version::bigint from doctors order by id limit 1")
            .await;
        let command = Edit {
            caller: caller.clone(),
            doctor_id,
            version: i32::try_from(version).unwrap(),
            act,
            key: None,
        };
        edit(&app.database, command, app.now).await.map(drop)
    };
    let stop = |clinic_id: i64, slot: i64| Act::StopDay {
        clinic_id,
        day: app.day(slot),
        note: String::new(),
    };
    let remove = Act::RemoveException {
        clinic_id: app.clinic,
        day: app.day(200),
    };
    assert_eq!(
        edited(&two.there, stop(app.clinic, 200)).await,
        Err(AppError::NotFound)
    );
    edited(&two.here, stop(app.clinic, 200)).await.unwrap();
    assert_eq!(edited(&two.here, remove).await, Err(AppError::NotFound));
    let cancel = |caller: &Caller, version: i32| CancelDay {
        caller: caller.clone(),
        doctor_id,
        version,
        clinic_id: app.clinic,
        day: app.day(20),
        reason: "Ill".to_owned(),
        texts: Texts::of(Locale::En),
        key: None,
    };
    let version = app
        .count("select version::bigint from doctors order by id limit 1")
        .await;
    let version = i32::try_from(version).unwrap();
    let refused = cancel_day(&app.database, cancel(&two.there, version), app.now).await;
    assert_eq!(refused, Err(AppError::NotFound));
    let done = cancel_day(&app.database, cancel(&two.here, version), app.now)
        .await
        .unwrap();
    let gone: Vec<&str> = done
        .appointments
        .iter()
        .map(|one| one.reference.as_str())
        .collect();
    assert_eq!(gone, [two.appointments[0].as_str()]);
    // Whom to call is for the same desk.
    let list = done.call_list.unwrap();
    assert_eq!(call_lists(&app.database, &two.here).await.unwrap().len(), 1);
    assert_eq!(call_lists(&app.database, &two.there).await.unwrap().len(), 0);
    assert!(call_list(&app.database, &two.here, list, app.now).await.is_ok());
    let hidden = call_list(&app.database, &two.there, list, app.now).await;
    assert_eq!(hidden.err(), Some(AppError::NotFound));
    app.assert_sound().await;
}
