//! Sessions without a doctor: a class that a nurse holds.

use engine::{
    account::{Caller, secret::Holder},
    appointment::{Arrive, ChangeStatus, Status, arrive, change_status, choices},
    group::{Seen, coming, find},
    i18n::{Locale, Texts},
    ical::{self, CreateFeed, Owner, feed},
    nobody::NOBODY,
    organisation::{doctors, specialities},
    rating::{Rate, Score, rate},
    time::plus_minutes,
};

use super::*;

impl TestApp {
    /// A session without a doctor, in the clinic.
    fn of_nobody(&self, starts_at: Timestamp, capacity: i32) -> Plan {
        Plan {
            doctor_id: NOBODY,
            publish: true,
            ..self.planned(0, starts_at, capacity)
        }
    }

    async fn class(&self, starts_at: Timestamp, capacity: i32) -> Group {
        let command = self.of_nobody(starts_at, capacity);
        plan(&self.database, command, self.now).await.unwrap().remove(0)
    }
}

fn to(caller: Caller, reference: &str, to: Status) -> ChangeStatus {
    ChangeStatus {
        caller,
        which: reference.into(),
        to,
        version: None,
        reason: String::new(),
        key: None,
    }
}

#[tokio::test]
async fn two_classes_without_a_doctor_are_at_one_time() {
    let app = TestApp::new().await;
    let start = app.slot(20);
    let first = app.class(start, 2).await;
    // A weekly series of another one, kept as drafts and published as a whole.
    let series = Plan {
        weeks: 3,
        publish: false,
        ..app.of_nobody(start, 5)
    };
    let drafts = plan(&app.database, series, app.now).await.unwrap();
    let whole = Publish {
        caller: app.admin_caller(),
        group_id: drafts[0].id,
        version: None,
        with_rest: true,
        key: None,
    };
    publish(&app.database, whole, app.now).await.unwrap();
    assert_eq!(
        app.count("select count(*) from groups where state = 'published' and doctor_id = 0")
            .await,
        4
    );
    // They keep nobody's time, and no doctor's.
    assert_eq!(app.count("select count(*) from appointments").await, 0);
    assert_eq!(
        app.count("select count(*) from calendar_hours where doctor_id = 0")
            .await,
        0
    );
    assert!(app.is_free(app.wanted(0, INSTANT, start)).await);
    // The patient is in one place all the same.
    let patients = app.patients(3).await;
    app.takes(first.id, patients[0], 1).await.unwrap();
    assert!(app.takes(drafts[0].id, patients[0], 1).await.is_err());
    app.takes(drafts[0].id, patients[1], 1).await.unwrap();
    app.takes(first.id, patients[1], 1).await.unwrap_err();
    app.takes(first.id, patients[2], 1).await.unwrap();
    app.assert_whole().await;
}

#[tokio::test]
async fn of_many_who_want_the_seats_of_a_class_exactly_so_many_have_one() {
    let app = TestApp::crowded().await;
    let class = app.class(app.slot(20), 4).await;
    let patients = app.patients(12).await;
    let racers = patients
        .iter()
        .map(|&id| {
            let (database, now) = (app.database.clone(), app.now);
            let command = app.taking(class.id, id, 1);
            async move { take(&database, command, now).await }
        })
        .collect();
    let results = app
        .race_behind("select from groups for update", vec![racers])
        .await;
    assert_eq!(results.iter().flatten().count(), 4, "{results:?}");
    assert_eq!(app.seats_taken().await, 4);
    app.assert_whole().await;
}

#[tokio::test]
async fn two_who_plan_the_first_class_at_once_both_do() {
    let app = TestApp::crowded().await;
    let racers = (0..6)
        .map(|number| {
            let (database, now) = (app.database.clone(), app.now);
            let command = app.of_nobody(app.slot(20 + number), 4);
            async move { plan(&database, command, now).await }
        })
        .collect();
    for result in app.race(racers).await {
        result.unwrap();
    }
    assert_eq!(app.count("select count(*) from doctors where id = 0").await, 1);
    app.assert_whole().await;
}

#[tokio::test]
async fn admins_plan_a_class_and_its_desk_sees_it_through() {
    let app = TestApp::new().await;
    for caller in [app.doctor_caller(0), patient_caller(app.patient(9).await)] {
        let command = Plan {
            caller,
            ..app.of_nobody(app.slot(20), 4)
        };
        let refused = plan(&app.database, command, app.now).await;
        assert_eq!(refused, Err(AppError::NotFound));
    }
    let class = app.class(app.slot(20), 4).await;
    let me = app.patient(1).await;
    let taken = app.takes(class.id, me, 2).await.unwrap();
    let reference = taken.appointment.reference;
    let desk = app.reception_caller("desk@test.example", &[app.clinic]).await;
    let begun = plus_minutes(class.starts_at, 1);
    let here = Arrive {
        caller: desk.clone(),
        which: reference.as_str().into(),
        key: None,
    };
    arrive(&app.database, here, begun).await.unwrap();
    // No doctor takes the steps; whoever is at the desk does.
    let doctor = to(app.doctor_caller(0), &reference, Status::InProgress);
    assert_eq!(
        change_status(&app.database, doctor, begun).await,
        Err(AppError::NotFound)
    );
    for (caller, status) in [
        (desk, Status::InProgress),
        (app.admin_caller(), Status::Completed),
    ] {
        let changed = change_status(&app.database, to(caller, &reference, status), begun).await;
        assert_eq!(changed.unwrap().status, status);
    }
    // There is no doctor in whose place they did.
    assert_eq!(
        app.count("select count(*) from appointment_changes where for_doctor")
            .await,
        0
    );
    // And nobody to be rated.
    let rating = Rate {
        caller: patient_caller(me),
        which: reference.as_str().into(),
        score: Score::parse("5").unwrap(),
        comment: String::new(),
        key: None,
    };
    assert_eq!(rate(&app.database, rating, begun).await, Err(AppError::NotFound));
    app.assert_whole().await;
}

#[tokio::test]
async fn a_class_is_moved_and_cancelled_with_its_seats() {
    let app = TestApp::new().await;
    let class = app.class(app.slot(20), 4).await;
    let me = app.patient(1).await;
    let taken = app.takes(class.id, me, 1).await.unwrap();
    let moved = app.changes(&class, details(app.slot(24), 4)).await.unwrap();
    let (_, _, start) = app.appointment(&taken.appointment.reference).await;
    assert_eq!(start, moved.starts_at);
    app.assert_whole().await;
    app.cancels(class.id).await.unwrap();
    let (status, ..) = app.appointment(&taken.appointment.reference).await;
    assert_eq!(status, "cancelled");
    assert_eq!(app.seats_taken().await, 0);
    app.assert_whole().await;
}

#[tokio::test]
async fn nobody_is_in_no_list_and_offers_nothing() {
    let app = TestApp::new().await;
    let class = app.class(app.slot(20), 4).await;
    let me = app.patient(1).await;
    app.takes(class.id, me, 1).await.unwrap();
    let admin = app.admin_caller();
    let accounts = doctors(&app.database, app.now).await.unwrap();
    assert_eq!(accounts.len(), 4);
    let filters = choices(&app.database, &admin).await.unwrap();
    assert_eq!(filters.doctors.len(), 4);
    let known = specialities(&app.database).await.unwrap();
    assert!(known.iter().all(|speciality| !speciality.name.is_empty()));
    // Patients find the class, without a doctor.
    let listed = coming(
        &app.database,
        Seen {
            limit: 10,
            ..Seen::default()
        },
        app.now,
    )
    .await
    .unwrap();
    assert_eq!(listed.len(), 1);
    let texts = Texts::of(Locale::En);
    assert_eq!(listed[0].doctor(texts), "No doctor");
    find(&app.database, None, class.id).await.unwrap();
    for (statement, constraint) in [
        (
            "insert into offers select 0, clinics.id, services.id from clinics, services",
            "offers_by_somebody",
        ),
        (
            "insert into working_hours (doctor_id, clinic_id, weekday, from_minute, until_minute)
             select 0, id, 1, 0, 60 from clinics",
            "working_hours_of_somebody",
        ),
        (
            "update doctors set active = true where id = 0",
            "doctors_nobody_rests",
        ),
        (
            "update appointments set group_id = null, blocks_until = ends_at where doctor_id = 0",
            "appointments_with_nobody_are_seats",
        ),
    ] {
        let refused = sqlx::query(statement).execute(&mut *app.spare().await).await;
        let refused = refused.unwrap_err();
        let error = refused.as_database_error().unwrap();
        assert_eq!(error.constraint(), Some(constraint), "{statement}");
    }
}

/// The session keeps the doctor's hours; the seats are told once, and as one entry.
#[tokio::test]
async fn a_session_is_once_in_the_calendar_of_its_doctor() {
    let app = TestApp::new().await;
    let session = app.published(0, app.slot(20), 5).await;
    for &patient_id in &app.patients(2).await {
        app.takes(session.id, patient_id, 2).await.unwrap();
    }
    let holder = Holder::new([1]);
    let command = CreateFeed {
        owner: Owner::of(&app.doctor_caller(0)).unwrap(),
        details: true,
        language: Locale::En,
        holder: holder.clone(),
        key: None,
    };
    let made = ical::make(&app.database, command, app.now).await.unwrap();
    let secret = made.secret(&holder);
    let events = feed(&app.database, &secret, None, app.now).await.unwrap().events;
    assert_eq!(events.len(), 1);
    let told = events[0].session.clone().unwrap();
    assert_eq!((told.taken, told.capacity), (4, 5));
    assert_eq!(told.title, "Birth class");
    app.cancels(session.id).await.unwrap();
    let events = feed(&app.database, &secret, None, app.now).await.unwrap().events;
    let states: Vec<Status> = events.iter().map(|event| event.status).collect();
    assert_eq!(states, [Status::Cancelled]);
}

#[tokio::test]
async fn who_takes_seats_of_a_class_waits_for_whoever_closes_its_clinic() {
    let app = TestApp::crowded().await;
    let class = app.class(app.slot(20), 4).await;
    let me = app.patient(1).await;
    let (database, now) = (app.database.clone(), app.now);
    let command = app.taking(class.id, me, 1);
    let racer = async move { take(&database, command, now).await };
    let closing = "select from doctors where id = 0 for no key update";
    for result in app.race_behind(closing, vec![vec![racer]]).await {
        result.unwrap();
    }
    app.assert_whole().await;
}
