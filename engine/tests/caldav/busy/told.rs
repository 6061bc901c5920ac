//! Who is told of busy times, and of what.

use super::event;
use crate::{
    support::{TestApp, VISIT},
    waitlist::{clinic, is, joins, state, waits, wishes},
};
use engine::{
    availability::{Except, WhyNot},
    caldav::busy::{Under, conflicts, troubles},
    error::AppError,
    i18n::{Locale, Texts},
    schedule::{schedule, why_not},
    time::GivenTime,
    waitlist::Wishes,
};

#[tokio::test]
async fn the_reason_why_a_time_is_not_offered_names_the_calendar_and_not_the_event() {
    let app = TestApp::new().await;
    for name in ["Private", "Hospital"] {
        let calendar = app.calendar(0, name).await;
        app.put_busy(calendar, 0, "/a.ics", event(app.slot(20), 1, ""))
            .await
            .unwrap();
    }
    let wanted = app.wanted(0, VISIT, app.slot(20));
    let asked = async |caller| {
        let (place, at) = ((wanted.clinic_id, wanted.service_id), GivenTime::At(app.slot(20)));
        why_not(&app.database, caller, wanted.doctor_id, place, at, app.now).await
    };
    let reason = asked(app.doctor_caller(0)).await.unwrap().unwrap();
    assert_eq!(reason.why, WhyNot::BusyElsewhere);
    assert_eq!(reason.calendars, ["Hospital", "Private"]);
    let said = reason.sentence(Texts::of(Locale::En));
    assert!(
        said.contains("Hospital") && said.contains("Private") && !said.contains("Secret"),
        "{said}"
    );
    assert_eq!(asked(app.doctor_caller(1)).await, Err(AppError::NotFound));
}

#[tokio::test]
async fn an_appointment_under_a_new_busy_time_stays_and_its_doctor_is_told() {
    let app = TestApp::new().await;
    let calendar = app.calendar(0, "Private").await;
    let patients = app.patients(2).await;
    let under = app.confirmed(patients[0], 0, app.slot(20)).await;
    app.confirmed(patients[1], 0, app.slot(22)).await;
    app.put_busy(calendar, 0, "/a.ics", event(app.slot(20), 2, ""))
        .await
        .unwrap();
    assert_eq!(app.appointment(&under).await.0, "confirmed");
    let told = conflicts(&app.database, &app.doctor_caller(0), app.now)
        .await
        .unwrap();
    assert_eq!(told.len(), 1);
    let of_it = Under::Appointment { reference: under };
    assert_eq!((&told[0].under, told[0].starts_at), (&of_it, app.slot(20)));
    assert_eq!(told[0].calendars, ["Private"]);
    let page = schedule(&app.database, app.admin_caller(), app.doctors[0].id, app.now)
        .await
        .unwrap();
    assert_eq!(page.busy_elsewhere, told);
    assert!(page.outside.is_empty(), "it is in the hours");
    assert_eq!(
        conflicts(&app.database, &app.doctor_caller(1), app.now).await,
        Ok(vec![])
    );
    assert_eq!(
        conflicts(&app.database, &app.admin_caller(), app.now).await,
        Err(AppError::NotFound)
    );
    app.busy_is_gone(calendar, "/a.ics").await;
    assert_eq!(
        conflicts(&app.database, &app.doctor_caller(0), app.now).await,
        Ok(vec![])
    );
}

#[tokio::test]
async fn a_session_under_a_new_busy_time_stands_with_its_seats_and_is_told_of_once() {
    let app = TestApp::new().await;
    let calendar = app.calendar(0, "Private").await;
    let group = app.published(0, app.slot(20), 3).await;
    let listed = async || {
        conflicts(&app.database, &app.doctor_caller(0), app.now)
            .await
            .unwrap()
    };
    assert_eq!(listed().await, []);
    app.put_busy(calendar, 0, "/a.ics", event(app.slot(20), 2, ""))
        .await
        .unwrap();
    // Nobody has a seat yet, and seats go on being sold.
    for patient_id in [None]
        .into_iter()
        .chain(app.patients(2).await.into_iter().map(Some))
    {
        if let Some(patient_id) = patient_id {
            app.takes(group.id, patient_id, 1).await.unwrap();
        }
        let told = listed().await;
        assert_eq!(told.len(), 1, "{told:?}");
        let of_it = Under::Session {
            group_id: group.id,
            title: group.title.clone(),
        };
        assert_eq!((&told[0].under, told[0].starts_at), (&of_it, app.slot(20)));
        assert_eq!(told[0].calendars, ["Private"]);
        let page = schedule(&app.database, app.admin_caller(), app.doctors[0].id, app.now)
            .await
            .unwrap();
        assert_eq!(page.busy_elsewhere, told);
    }
    app.cancels(group.id).await.unwrap();
    assert_eq!(listed().await, []);
    app.assert_sound().await;
}

#[tokio::test]
async fn what_cannot_be_read_is_told_by_calendar() {
    let app = TestApp::new().await;
    let calendar = app.calendar(0, "Private").await;
    for href in ["/a.ics", "/b.ics"] {
        app.put_busy(calendar, 0, href, "nothing".to_owned())
            .await
            .unwrap();
    }
    app.put_busy(calendar, 0, "/c.ics", event(app.slot(20), 1, ""))
        .await
        .unwrap();
    let doctor_id = app.doctors[0].id;
    let told = troubles(&app.database, &app.doctor_caller(0), doctor_id)
        .await
        .unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].calendar.as_str(), told[0].state.as_str(), told[0].objects),
        ("Private", "malformed", 2)
    );
    let others = troubles(&app.database, &app.doctor_caller(1), doctor_id).await;
    assert_eq!(others, Err(AppError::NotFound));
}

#[tokio::test]
async fn a_busy_time_that_goes_is_offered_to_those_who_wait() {
    let app = clinic().await;
    let patient = app.patient(1).await;
    let calendar = app.calendar(0, "Private").await;
    let day = app.day(120);
    let midnight = day.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
    // Three days around it, as the clock of the clinic may be another.
    let three_days = event(engine::time::plus_minutes(midnight, -24 * 60), 6 * 24, "");
    app.put_busy(calendar, 0, "/a.ics", three_days).await.unwrap();
    let wish = Wishes {
        doctor_id: Some(app.doctors[0].id),
        first_day: day,
        last_day: day,
        ..wishes(&app)
    };
    let entry = joins(&app, patient, wish, 0).await;
    assert_eq!(state(&app, entry.id).await, waits());
    app.busy_is_gone(calendar, "/a.ics").await;
    assert_eq!(state(&app, entry.id).await, is("offered", "offered"));
    app.assert_sound().await;
}

#[tokio::test]
async fn open_pages_see_a_busy_time_that_is_nobodys_own() {
    let app = TestApp::new().await;
    let calendar = app.calendar(0, "Private").await;
    app.put_busy(calendar, 0, "/a.ics", event(app.slot(20), 1, ""))
        .await
        .unwrap();
    let mut look = app.live().await.look(app.doctors[0].id);
    let busy = look.next().await.unwrap();
    let from = app.slot(20).as_second();
    assert_eq!(busy.without(&Except::default()), [(from, from + 1800)]);
}
