//! The desk sees the calls of its clinics, and nobody else sees any.

use engine::{
    error::AppError,
    i18n::Locale,
    phone_call::{
        Answer, Filter, PartOfDay, Tool, call as read_call, calls, check_name, lines, names_to_check,
        remove_line, set_done, set_line,
    },
};
use jiff::tz::TimeZone;

use super::{LINE, answer, book, call, clinic, visit};
use crate::support::{TestApp, patient_caller};

#[tokio::test]
async fn the_desk_of_another_clinic_sees_nothing() {
    let app = clinic().await;
    answer(&app, call("c1"), Tool::Book(book(visit(&app, 20), "Ibu Sari"))).await;
    app.sql("update phone_calls set needs = 'failed'").await;
    let (id, patient) = (
        app.count("select id from phone_calls").await,
        app.count("select id from patients").await,
    );
    let elsewhere = app.another_clinic().await;
    let theirs = app.reception_caller("rina@test.example", &[app.clinic]).await;
    let other = app.reception_caller("dewi@test.example", &[elsewhere]).await;
    let all = Filter::default();
    let seen = calls(&app.database, &theirs, all, app.now).await.unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].outcome(), "booked");
    assert_eq!(
        names_to_check(&app.database, &theirs, app.now)
            .await
            .unwrap()
            .len(),
        1
    );
    assert!(
        calls(&app.database, &other, all, app.now)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        names_to_check(&app.database, &other, app.now)
            .await
            .unwrap()
            .is_empty()
    );
    for stranger in [other, app.doctor_caller(0), patient_caller(patient)] {
        let database = &app.database;
        let refused = [
            read_call(database, &stranger, id, app.now).await.err(),
            set_done(database, &stranger, id, true, app.now).await.err(),
            check_name(database, &stranger, patient, app.now).await.err(),
        ];
        assert_eq!(refused, [Some(AppError::NotFound); 3], "{stranger:?}");
    }
    check_name(&app.database, &theirs, patient, app.now)
        .await
        .unwrap();
    check_name(&app.database, &app.admin_caller(), patient, app.now)
        .await
        .unwrap();
    assert!(
        names_to_check(&app.database, &theirs, app.now)
            .await
            .unwrap()
            .is_empty()
    );
    let by = app.count("select checked_by from phone_call_names").await;
    assert_eq!(Some(by), theirs.staff_id());
    app.assert_whole().await;
}

#[tokio::test]
async fn only_admins_of_all_clinics_say_which_numbers_are_answered() {
    let app = clinic().await;
    let number = (LINE, engine::account::Country::default());
    let reception = app.reception_caller("rina@test.example", &[app.clinic]).await;
    let refused = set_line(&app.database, &reception, number, app.clinic, Locale::De).await;
    assert_eq!(refused, Err(AppError::NotFound));
    assert_eq!(
        remove_line(&app.database, &reception, LINE).await,
        Err(AppError::NotFound)
    );
    let admin = app.admin_caller();
    set_line(&app.database, &admin, number, app.clinic, Locale::De)
        .await
        .unwrap();
    let all = lines(&app.database).await.unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].number.as_str(), all[0].locale), (LINE, Locale::De));
    remove_line(&app.database, &admin, LINE).await.unwrap();
    assert!(lines(&app.database).await.unwrap().is_empty());
}

async fn find(app: &TestApp, call_id: &str, service: &str, doctor: &str, part: Option<PartOfDay>) -> Answer {
    let tool = Tool::FindTimes {
        service: service.to_owned(),
        doctor: doctor.to_owned(),
        day: Some(app.day(96)),
        part,
    };
    answer(app, call(call_id), tool).await
}

#[tokio::test]
async fn times_are_found_by_what_was_said() {
    let app = clinic().await;
    for (service, doctor) in [("visit", ""), ("Visit", "Dr. 2"), ("vaccin", "doctor 3")] {
        let Answer::Times {
            times,
            on_another_day,
        } = find(&app, "c1", service, doctor, None).await
        else {
            panic!("{service} {doctor}");
        };
        assert_eq!((times.len(), on_another_day), (3, false), "{service}");
    }
    let Answer::Times { times, .. } = find(&app, "c1", "visit", "2", Some(PartOfDay::Evening)).await else {
        panic!("no times");
    };
    for time in &times {
        let local = time.wanted.starts_at().to_zoned(TimeZone::UTC);
        assert!(local.hour() >= 17 && time.wanted.doctor_id == app.doctors[1].id);
    }
    assert!(matches!(
        find(&app, "c1", "dancing", "", None).await,
        Answer::WhichService { .. }
    ));
    // It is two of them.
    assert!(matches!(
        find(&app, "c1", "", "", None).await,
        Answer::WhichService { .. }
    ));
    let Answer::WhichDoctor { doctors } = find(&app, "c1", "visit", "Strange", None).await else {
        panic!("somebody is called that");
    };
    assert_eq!(doctors.len(), 4);
    let past = Tool::FindTimes {
        service: "visit".to_owned(),
        doctor: String::new(),
        day: Some(jiff::civil::date(9999, 12, 31)),
        part: None,
    };
    assert_eq!(answer(&app, call("c1"), past).await, Answer::NoTimes);
}
