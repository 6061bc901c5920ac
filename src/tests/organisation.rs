//! Describing the organisation: by admins alone, with bookings under way, and never over what was booked.

use std::pin::Pin;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::app::{
    ANSWER_MINUTES, Answer, Browser, DOCTORS, PASSWORD, Site, TestApp, VISIT, hold, one_winner,
};
use crate::{
    account::{
        Caller,
        service::{SetActive, set_doctor_active},
    },
    appointment::{
        Status,
        service::{ChangeStatus, change_status, find},
    },
    availability::{
        Horizon, Weekly,
        service::{For, page},
    },
    booking::{
        Wanted,
        service::{self as booking, Book, book},
    },
    error::{AppError, Field, Problem},
    idempotency::{Key, Whose},
    money::Price,
    organisation::{
        NewDoctor, Offer, Profile, Service,
        service::{
            AddDoctor, EditDoctor, PutClinic, PutOffers, PutService, Saved, add_doctor, clinic, desk,
            edit_doctor, put_clinic, put_offers, put_service, service,
        },
    },
    schedule::{
        Act,
        service::{Edit, edit, schedule},
        week::{Row, read},
    },
    time::plus_minutes,
};

const TAKEN: AppError = AppError::ValidationFailed {
    field: Field::Email,
    problem: Problem::Taken,
};

/// Somebody who does something to what can be booked, and what comes of it.
type Doing<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Around the clock, on every day.
fn always() -> Vec<Weekly> {
    let row = Row {
        days: (1..=7).map(|day| day.to_string()).collect(),
        from: "0:00".to_owned(),
        until: "24:00".to_owned(),
        kind: "work".to_owned(),
        ..Row::default()
    };
    read(&[row]).unwrap()
}

fn profile(email: &str) -> Profile {
    Profile {
        name: "Dr Ayu".to_owned(),
        speciality: "Dermatology".to_owned(),
        about: String::new(),
        languages: vec!["id".to_owned()],
        email: email.to_owned(),
    }
}

impl TestApp {
    fn new_doctor(&self, email: &str) -> AddDoctor {
        AddDoctor {
            caller: self.admin_caller(),
            doctor: NewDoctor {
                profile: profile(email),
                clinic_id: self.clinic,
                services: vec![self.services[VISIT]],
                week: always(),
            },
            password: PASSWORD.to_owned(),
            key: None,
        }
    }

    async fn seen_service(&self, index: usize) -> (i64, i32, Service) {
        let seen = service(&self.database, self.services[index]).await.unwrap();
        (seen.id, seen.version, seen.what)
    }

    /// An admin who has just looked changes a service.
    async fn changing_service(&self, index: usize, change: impl FnOnce(&mut Service)) -> PutService {
        let (id, version, mut service) = self.seen_service(index).await;
        change(&mut service);
        PutService {
            caller: self.admin_caller(),
            which: Some((id, version)),
            service,
            key: None,
        }
    }

    /// An admin who has just looked takes the visit out of what the first doctor offers.
    async fn withdrawal(&self) -> PutOffers {
        let seen = desk(&self.database, self.doctors[0].id, self.now).await.unwrap();
        let mut offers = seen.offers;
        offers.retain(|offer| offer.service_id != self.services[VISIT]);
        PutOffers {
            caller: self.admin_caller(),
            doctor_id: seen.id,
            version: seen.version,
            offers,
            key: None,
        }
    }

    fn holding(&self, number: usize, wanted: Wanted) -> Doing<Result<(), AppError>> {
        let (database, live, now) = (self.database.clone(), self.live.clone(), self.now);
        Box::pin(async move {
            booking::hold(&database, &live, hold(number, wanted), now)
                .await
                .map(drop)
        })
    }

    fn booking_now(&self, patient_id: i64, wanted: Wanted) -> Doing<Result<(), AppError>> {
        let (database, live, now) = (self.database.clone(), self.live.clone(), self.now);
        let command = Book {
            caller: Caller::Patient {
                id: patient_id,
                name: None,
            },
            wanted,
            overbook: None,
            patient_id,
            reason: String::new(),
            answer_minutes: ANSWER_MINUTES,
            key: None,
        };
        Box::pin(async move { book(&database, &live, command, now).await.map(drop) })
    }

    fn withdrawing(&self, command: PutOffers) -> Doing<Result<(), AppError>> {
        let (database, live, now) = (self.database.clone(), self.live.clone(), self.now);
        Box::pin(async move { put_offers(&database, &live, command, now).await.map(drop) })
    }

    fn describing(&self, command: PutService) -> Doing<Result<(), AppError>> {
        let (database, live, now) = (self.database.clone(), self.live.clone(), self.now);
        Box::pin(async move { put_service(&database, &live, command, now).await.map(drop) })
    }

    fn adding(&self, command: AddDoctor) -> Doing<Result<Saved, AppError>> {
        let (database, live, now) = (self.database.clone(), self.live.clone(), self.now);
        Box::pin(async move { add_doctor(&database, &live, command, now).await })
    }

    /// Many who want different times of the first doctor.
    async fn many_bookings(&self) -> Vec<Doing<Result<(), AppError>>> {
        let mut racers = Vec::new();
        for (number, patient) in self.patients(12).await.into_iter().enumerate() {
            let at = |slot: usize| self.wanted(0, VISIT, self.slot(i64::try_from(slot).unwrap()));
            racers.push(self.holding(number, at(2 * number)));
            racers.push(self.booking_now(patient, at(2 * number + 1)));
        }
        racers
    }
}

// Who may.

#[sqlx::test]
async fn only_admins_find_the_pages_and_the_forms(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let (visitor, patient) = (site.visitor(), site.patient("+6281255500001").await);
    let (doctor, admin) = (
        site.staff("doctor1@test.example").await,
        site.staff("admin@test.example").await,
    );
    let (one, clinic, service) = (app.doctors[0].id, app.clinic, app.services[VISIT]);
    for path in [
        "/admin/services".to_owned(),
        "/admin/services/new".to_owned(),
        format!("/admin/services/{service}"),
        "/admin/clinics".to_owned(),
        "/admin/clinics/new".to_owned(),
        format!("/admin/clinics/{clinic}"),
        "/admin/doctors".to_owned(),
        "/admin/doctors/new".to_owned(),
        format!("/admin/doctors/{one}"),
    ] {
        assert!(visitor.get(&path).await.location().contains("sign-in"), "{path}");
        assert_eq!(patient.get(&path).await.status, 404, "{path}");
        assert_eq!(doctor.get(&path).await.status, 404, "{path}");
        assert_eq!(admin.get(&path).await.status, 200, "{path}");
    }
    for path in ["/admin/services/999", "/admin/clinics/x", "/admin/doctors/999"] {
        assert_eq!(admin.get(path).await.status, 404, "{path}");
    }
    let id = one.to_string();
    let fields = [("doctor_id", &*id), ("version", "1"), ("id", &*id)];
    for form in [
        "put-service",
        "put-clinic",
        "add-doctor",
        "edit-doctor",
        "put-offers",
    ] {
        assert_eq!(visitor.call(form, &fields).await.status, 401, "{form}");
        assert_eq!(patient.call(form, &fields).await.status, 404, "{form}");
        assert_eq!(doctor.call(form, &fields).await.status, 404, "{form}");
    }
    let by_doctor = AddDoctor {
        caller: app.doctor_caller(0),
        ..app.new_doctor("ayu@test.example")
    };
    let refused = add_doctor(&app.database, &app.live, by_doctor, app.now).await;
    assert_eq!(refused, Err(AppError::NotFound));
    assert_eq!(app.count("select count(*) from organisation_changes").await, 0);
    assert_eq!(app.count("select count(*) from doctors").await, 4);
}

// From nothing to bookable.

#[sqlx::test]
async fn a_new_doctor_can_be_booked_at_once(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let added = add_doctor(
        &app.database,
        &app.live,
        app.new_doctor("ayu@test.example"),
        app.now,
    )
    .await
    .unwrap();
    let listed = page(
        &app.database,
        added.id,
        app.clinic,
        app.services[VISIT],
        None,
        For::Booking { visitor: None },
        app.now,
    )
    .await
    .unwrap();
    let starts_at = listed.days[1].slots[20].starts_at;
    let wanted = Wanted {
        doctor_id: added.id,
        ..app.wanted(0, VISIT, starts_at)
    };
    let patient = app.patient(1).await;
    app.booking_now(patient, wanted).await.unwrap();
    assert!(app.booking_now(patient, wanted).await.is_err());
    let other_service = Wanted {
        service_id: app.services[1],
        starts_at: app.slot(70).as_second(),
        ..wanted
    };
    assert_eq!(
        app.booking_now(patient, other_service).await,
        Err(AppError::NotFound)
    );
    let seen = desk(&app.database, added.id, app.now).await.unwrap();
    assert_eq!((seen.version, seen.active, seen.next.len()), (1, true, 1));
    assert_eq!(seen.next[0].times.len(), 4);
    assert_eq!(seen.last_change.unwrap().what, "doctor_added");
    app.assert_sound().await;
}

#[sqlx::test]
async fn of_admins_who_make_accounts_for_one_email_one_wins_and_the_others_hear(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let racers = (0..10)
        .map(|_| app.adding(app.new_doctor("ayu@test.example")))
        .collect();
    let results = app
        .race_behind("lock table staff in share mode", vec![racers])
        .await;
    let (_, losers) = one_winner(&results);
    assert_eq!(losers, [TAKEN; 9]);
    assert_eq!(app.count("select count(*) from doctors").await, 5);
    assert_eq!(
        app.count("select count(*) from organisation_changes").await,
        1,
        "a loser leaves nothing"
    );
    // Nor does somebody take an address by describing a doctor anew.
    let command = EditDoctor {
        caller: app.admin_caller(),
        doctor_id: app.doctors[0].id,
        version: 1,
        profile: profile("ayu@test.example"),
        password: None,
        key: None,
    };
    let refused = edit_doctor(&app.database, &app.live, command, app.now).await;
    assert_eq!(refused, Err(TAKEN));
}

#[sqlx::test]
async fn a_doctor_who_is_sent_twice_is_made_once(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let command = || AddDoctor {
        key: Some(Key::sent(Whose::Caller(&app.admin_caller()), "k", "add", &1).unwrap()),
        ..app.new_doctor("ayu@test.example")
    };
    let results = app.race((0..8).map(|_| app.adding(command())).collect()).await;
    let first = results[0].clone().unwrap();
    assert!(
        results.iter().all(|result| *result == Ok(first.clone())),
        "{results:?}"
    );
    assert_eq!(app.count("select count(*) from doctors").await, 5);
}

// Bookings under way.

#[sqlx::test]
async fn nothing_is_booked_that_was_withdrawn_before(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    app.open_hours().await;
    let withdrawal = app.withdrawing(app.withdrawal().await);
    let bookings = app.many_bookings().await;
    // All of them began before anything was withdrawn, and wait behind it.
    let results = app.race_behind(DOCTORS, vec![vec![withdrawal], bookings]).await;
    assert_eq!(results[0], Ok(()));
    assert!(
        results[1..]
            .iter()
            .all(|result| *result == Err(AppError::NotFound)),
        "{results:?}"
    );
    assert_eq!(app.count("select count(*) from appointments").await, 0);
}

#[sqlx::test]
async fn bookings_racing_a_withdrawal_are_made_or_refused_and_no_more_come(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.open_hours().await;
    let mut racers = app.many_bookings().await;
    racers.insert(12, app.withdrawing(app.withdrawal().await));
    let results = app.race(racers).await;
    assert_eq!(results[12], Ok(()));
    assert!(
        results
            .iter()
            .all(|result| matches!(result, Ok(()) | Err(AppError::NotFound))),
        "{results:?}"
    );
    let made = i64::try_from(results.iter().flatten().count()).unwrap() - 1;
    assert_eq!(app.count("select count(*) from appointments").await, made);
    let late = app.holding(99, app.wanted(0, VISIT, app.slot(80))).await;
    assert_eq!(late, Err(AppError::NotFound));
    // Other doctors, and what else this one offers, are no concern of it.
    app.holding(98, app.wanted(1, VISIT, app.slot(80))).await.unwrap();
    app.holding(97, app.wanted(0, 1, app.slot(80))).await.unwrap();
    app.assert_sound().await;
}

#[sqlx::test]
async fn a_withdrawal_waits_for_a_booking_that_is_under_way(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    app.holding(1, app.wanted(0, VISIT, app.slot(19))).await.unwrap();
    // Somebody else is booking in the same hour, so this booking waits, with the doctor locked.
    let mut other = app.database.pool().begin().await.unwrap();
    sqlx::query("select from calendar_hours for update")
        .execute(&mut *other)
        .await
        .unwrap();
    let booking = tokio::spawn(app.holding(2, app.wanted(0, VISIT, app.slot(18))));
    app.until_waiting(1).await;
    let withdrawing = tokio::spawn(app.withdrawing(app.withdrawal().await));
    app.until_waiting(2).await;
    assert!(!withdrawing.is_finished());
    other.rollback().await.unwrap();
    booking.await.unwrap().unwrap();
    withdrawing.await.unwrap().unwrap();
}

#[sqlx::test]
async fn nothing_is_booked_of_a_service_that_was_closed_before(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    app.open_hours().await;
    let closing = app
        .changing_service(VISIT, |service| service.active = false)
        .await;
    let bookings = app.many_bookings().await;
    let results = app
        .race_behind(DOCTORS, vec![vec![app.describing(closing)], bookings])
        .await;
    assert_eq!(results[0], Ok(()));
    assert!(
        results[1..]
            .iter()
            .all(|result| *result == Err(AppError::NotFound)),
        "{results:?}"
    );
    assert_eq!(app.count("select count(*) from appointments").await, 0);
}

#[sqlx::test]
async fn what_is_booked_after_a_service_was_changed_goes_by_the_new_one(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.open_hours().await;
    let longer = app
        .changing_service(VISIT, |service| {
            service.rules.duration = 20;
            service.price = Some(Price {
                minor: 4550,
                currency: "EUR".to_owned(),
            });
        })
        .await;
    let bookings = app.many_bookings().await;
    let results = app
        .race_behind(DOCTORS, vec![vec![app.describing(longer)], bookings])
        .await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(
        app.count(
            "select count(*) from appointments
             where duration_minutes = 20 and ends_at - starts_at = '20 minutes' and price_minor = 4550"
        )
        .await,
        24
    );
    app.assert_sound().await;
}

/// Who describes a service or a clinic has to know the doctor who is about to offer it: whoever books that doctor would
/// go by what was there before.
#[sqlx::test]
async fn a_service_and_a_clinic_wait_for_a_doctor_who_is_just_given_them(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let given = desk(&app.database, app.doctors[0].id, app.now).await.unwrap();
    let none = PutOffers {
        offers: Vec::new(),
        ..app.withdrawal().await
    };
    let doctor_id = none.doctor_id;
    let empty = put_offers(&app.database, &app.live, none, app.now).await.unwrap();
    let giving = app.withdrawing(PutOffers {
        offers: given.offers,
        version: empty.version,
        ..app.withdrawal().await
    });
    let longer = app
        .changing_service(VISIT, |service| service.rules.duration = 55)
        .await;
    let seen = clinic(&app.database, app.clinic).await.unwrap();
    let moving = PutClinic {
        caller: app.admin_caller(),
        which: Some((seen.id, seen.version)),
        clinic: seen.what,
        key: None,
    };
    let knows = move |saved: Result<Saved, AppError>| {
        let saved = serde_json::to_value(saved?).map_err(|_| AppError::Internal)?;
        let doctors = saved["doctors"].as_array().cloned().unwrap_or_default();
        assert!(doctors.contains(&doctor_id.into()), "{saved}");
        Ok(())
    };
    let (database, live, now) = (app.database.clone(), app.live.clone(), app.now);
    let service: Doing<Result<(), AppError>> =
        Box::pin(async move { knows(put_service(&database, &live, longer, now).await) });
    let (database, live) = (app.database.clone(), app.live.clone());
    let clinic: Doing<Result<(), AppError>> =
        Box::pin(async move { knows(put_clinic(&database, &live, moving, now).await) });
    // Of this doctor alone, for whom neither would wait without knowing them.
    let gate = "select from doctors order by id limit 1 for no key update";
    let results = app
        .race_behind(gate, vec![vec![giving], vec![service, clinic]])
        .await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
}

// What was booked.

#[sqlx::test]
async fn a_change_of_a_service_never_changes_what_was_booked(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let first = app
        .changing_service(VISIT, |service| {
            service.price = Some(Price {
                minor: 15_000_000,
                currency: "IDR".to_owned(),
            });
        })
        .await;
    app.describing(first).await.unwrap();
    let patient = app.patient(1).await;
    let starts_at = app.slot(60);
    let booked = app.confirmed(patient, 0, starts_at).await;
    let row = async || -> serde_json::Value {
        sqlx::query_scalar("select to_jsonb(appointments) from appointments where reference = $1")
            .bind(&booked)
            .fetch_one(&mut app.connection().await)
            .await
            .unwrap()
    };
    let before = row().await;
    let everything = app
        .changing_service(VISIT, |service| {
            service.name = "Something else".to_owned();
            service.key = "else".to_owned();
            service.mode = "video".to_owned();
            service.rules.duration = 55;
            service.rules.buffer_before = 30;
            service.rules.buffer_after = 30;
            service.rules.interval = 60;
            service.rules.notice = 10_000;
            service.rules.horizon = Horizon::WorkingDays(1);
            service.cutoff_minutes = 20_000;
            service.instant = true;
            service.price = None;
            service.active = false;
        })
        .await;
    app.describing(everything).await.unwrap();
    assert_eq!(row().await, before);
    let me = Caller::Patient {
        id: patient,
        name: None,
    };
    let item = find(&app.database, Some(me.clone()), None, booked.clone())
        .await
        .unwrap();
    assert_eq!(
        (item.service_name.as_str(), item.mode.as_str()),
        ("Visit", "in_person")
    );
    assert_eq!(item.price.map(|price| price.minor), Some(15_000_000));
    // It was promised that it can be cancelled up to an hour before.
    let cancel = ChangeStatus {
        key: None,
        caller: me,
        which: booked.clone().into(),
        to: Status::Cancelled,
        version: None,
        reason: String::new(),
    };
    change_status(&app.database, &app.live, cancel, plus_minutes(starts_at, -60))
        .await
        .unwrap();
    app.assert_sound().await;
}

// Two editors.

#[sqlx::test]
async fn of_editors_of_a_service_at_once_one_wins_and_the_others_hear(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let mut racers = Vec::new();
    for number in 0..10 {
        let change = app
            .changing_service(VISIT, |service| service.rules.duration = 20 + number)
            .await;
        racers.push(app.describing(change));
    }
    let results = app
        .race_behind("select from services for update", vec![racers])
        .await;
    let (_, losers) = one_winner(&results);
    assert_eq!(losers, [AppError::StaleOrganisation; 9]);
    let (_, version, _) = app.seen_service(VISIT).await;
    assert_eq!(version, 2);
    assert_eq!(app.count("select count(*) from organisation_changes").await, 1);
}

#[sqlx::test]
async fn every_change_of_a_doctor_is_one_of_the_same_history(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let doctor_id = app.doctors[0].id;
    let stale = app.withdrawal().await;
    let command = SetActive {
        caller: app.admin_caller(),
        doctor_id,
        active: false,
        version: 1,
        key: None,
    };
    set_doctor_active(&app.database, &app.live, command, app.now)
        .await
        .unwrap();
    let seen = desk(&app.database, doctor_id, app.now).await.unwrap();
    assert_eq!((seen.version, seen.active), (2, false));
    assert_eq!(seen.last_change.unwrap().what, "doctor_deactivated");
    let refused = put_offers(&app.database, &app.live, stale, app.now).await;
    assert_eq!(refused, Err(AppError::StaleDoctor));
    put_offers(&app.database, &app.live, app.withdrawal().await, app.now)
        .await
        .unwrap();
    let week = Edit {
        caller: app.doctor_caller(0),
        doctor_id,
        version: 3,
        act: Act::Week {
            clinic_id: app.clinic,
            week: always(),
        },
        key: None,
    };
    let plan = schedule(&app.database, app.admin_caller(), doctor_id, app.now)
        .await
        .unwrap();
    assert_eq!(plan.last_change.unwrap().what, "offers_changed");
    edit(&app.database, &app.live, week, app.now).await.unwrap();
    let seen = desk(&app.database, doctor_id, app.now).await.unwrap();
    let last = seen.last_change.unwrap();
    assert_eq!(
        (last.what.as_str(), last.by.as_str(), last.version),
        ("week", "doctor1", 4)
    );
    let nowhere = PutOffers {
        offers: vec![Offer {
            clinic_id: 999,
            service_id: app.services[VISIT],
        }],
        version: 4,
        ..app.withdrawal().await
    };
    let refused = put_offers(&app.database, &app.live, nowhere, app.now).await;
    assert_eq!(refused, Err(AppError::NotFound));
}

// With plain forms.

/// Where a form led, and what is said there.
async fn follow(browser: &Browser, answer: &Answer) -> Answer {
    browser.get(answer.location().split('#').next().unwrap()).await
}

fn field<'a>(name: &'static str, value: &'a str) -> (&'static str, &'a str) {
    (name, value)
}

/// What is typed for a service, with these changes.
fn service_fields<'a>(changes: &[(&'static str, &'a str)]) -> Vec<(&'static str, &'a str)> {
    let mut fields = vec![
        field("filled[fields][title]", "Flu vaccination"),
        field("filled[fields][service_key]", ""),
        field("filled[fields][mode]", "in_person"),
        field("filled[fields][length]", "10"),
        field("filled[fields][interval]", "15"),
        field("filled[fields][buffer_before]", "0"),
        field("filled[fields][buffer_after]", "5"),
        field("filled[fields][notice_minutes]", "0"),
        field("filled[fields][horizon]", "30"),
        field("filled[fields][horizon_unit]", "calendar_days"),
        field("filled[fields][cutoff]", "60"),
        field("filled[fields][price]", "45,50"),
        field("filled[fields][currency]", "eur"),
        field("filled[fields][instant]", "true"),
        field("filled[fields][active]", "true"),
    ];
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    fields
}

#[sqlx::test]
async fn services_are_described_with_plain_forms(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let new = "/admin/services/new";

    // Everything that is wrong is said at once, and what was typed is there.
    let wrong = service_fields(&[
        ("filled[fields][length]", "soon"),
        ("filled[fields][price]", "much"),
        ("filled[fields][title]", " <b>Flu</b> "),
    ]);
    let answer = admin.submit(new, "put-service", &wrong).await;
    let back = follow(&admin, &answer).await;
    assert_eq!(back.texts("#errors li").len(), 2, "{:?}", back.texts("#errors"));
    assert_eq!(back.texts(".field .error").len(), 2);
    let form = back.form("put-service");
    for typed in [
        ("filled[fields][length]", "soon"),
        ("filled[fields][price]", "much"),
        ("filled[fields][title]", "<b>Flu</b>"),
    ] {
        assert!(
            form.contains(&(typed.0.to_owned(), typed.1.to_owned())),
            "{form:?}"
        );
    }
    assert!(back.texts("title")[0].starts_with("Error: "));
    let again = admin.get(new).await;
    assert_eq!(again.texts("#errors").len(), 0, "who comes anew begins anew");

    // Sent twice, it is made once.
    let key = again.form("put-service")[0].1.clone();
    let fields = service_fields(&[("key", &key)]);
    let answer = admin.submit(new, "put-service", &fields).await;
    let saved = follow(&admin, &answer).await;
    assert_eq!(saved.texts("#errors-title"), ["Flu vaccination is saved."]);
    let twin = admin.submit(new, "put-service", &fields).await;
    assert_eq!(twin.location(), answer.location());
    let row = saved
        .texts("tbody tr")
        .into_iter()
        .find(|row| row.contains("flu_vaccination"))
        .unwrap();
    assert!(row.contains("€ 45.50") && row.contains("10 minutes"), "{row}");

    let answer = admin.submit(new, "put-service", &service_fields(&[])).await;
    let taken = AppError::invalid(Field::ServiceKey, Problem::Taken);
    assert_eq!(answer.error(), Some(taken));
    let back = follow(&admin, &answer).await;
    assert_eq!(
        back.texts("#service_key-error"),
        ["Another service has this key."]
    );

    // Two editors: the second is told, sees what is there now, and loses nothing typed.
    let id = app
        .count("select id from services where key = 'flu_vaccination'")
        .await
        .to_string();
    let path = format!("/admin/services/{id}");
    let of = |version: &'static str, length: &'static str| {
        service_fields(&[("filled[fields][length]", length), ("version", version)])
    };
    let with_id = |mut fields: Vec<(&'static str, &'static str)>| {
        fields.push(("id", String::leak(id.clone())));
        fields
    };
    let answer = admin.submit(&path, "put-service", &with_id(of("1", "20"))).await;
    assert_eq!(answer.error(), None, "{answer:?}");
    let answer = admin.submit(&path, "put-service", &with_id(of("1", "25"))).await;
    assert_eq!(answer.error(), Some(AppError::StaleOrganisation));
    let told = follow(&admin, &answer).await;
    let said = told.texts("#errors").join(" ");
    assert!(said.contains("admin changed the service"), "{said}");
    assert_eq!(told.texts("#length-now"), ["It is now: 20"]);
    let form = told.form("put-service");
    assert!(form.contains(&("version".to_owned(), "2".to_owned())));
    assert!(form.contains(&("filled[fields][length]".to_owned(), "25".to_owned())));
    let answer = admin.submit(&path, "put-service", &with_id(of("2", "25"))).await;
    assert_eq!(answer.error(), None);
    assert_eq!(app.count("select count(*) from organisation_changes").await, 3);
}

#[sqlx::test]
async fn clinics_are_described_with_plain_forms(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let fields = |title: &'static str, zone: &'static str| {
        [
            ("filled[fields][title]", title),
            ("filled[fields][address]", "Jalan Kenanga 12"),
            ("filled[fields][city]", "Jakarta"),
            ("filled[fields][clinic_phone]", "+62 21 5550 0110"),
            ("filled[fields][time_zone]", zone),
        ]
    };
    let new = "/admin/clinics/new";
    assert!(admin.get(new).await.body.contains("Asia/Jakarta"));
    let answer = admin
        .submit(new, "put-clinic", &fields("Harapan", "Asia/Batavia"))
        .await;
    let back = follow(&admin, &answer).await;
    assert_eq!(back.texts("#errors li").len(), 1);
    assert!(
        back.form("put-clinic")
            .contains(&("filled[fields][time_zone]".to_owned(), "Asia/Batavia".to_owned()))
    );
    let answer = admin
        .submit(new, "put-clinic", &fields("Clinic", "Asia/Jakarta"))
        .await;
    assert_eq!(
        answer.error(),
        Some(AppError::invalid(Field::Title, Problem::Taken))
    );
    let answer = admin
        .submit(new, "put-clinic", &fields("Harapan", "asia/jakarta"))
        .await;
    let saved = follow(&admin, &answer).await;
    assert_eq!(saved.texts("#errors-title"), ["Harapan is saved."]);
    assert!(
        saved.texts("tbody tr").join(" ").contains("Asia/Jakarta, UTC+7"),
        "{:?}",
        saved.texts("tbody tr")
    );
}

/// What is typed for a doctor.
fn doctor_fields<'a>(ids: &'a [String; 2], email: &'a str, until: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("filled[fields][title]", "Dr Ayu Lestari"),
        ("filled[fields][speciality]", "Dermatology"),
        ("filled[fields][about]", ""),
        ("filled[ticked][languages][0]", "en"),
        ("filled[fields][more_languages]", "su"),
        ("filled[fields][email]", email),
        ("filled[fields][new_password]", "a first password"),
        ("filled[fields][clinic]", &ids[0]),
        ("filled[ticked][services][1]", &ids[1]),
        ("filled[ticked][days][0]", "1"),
        ("filled[ticked][days][2]", "3"),
        ("filled[ticked][days][4]", "5"),
        ("filled[fields][hours]", "8:00"),
        ("filled[fields][until]", until),
        ("filled[fields][break_from]", "12:00"),
        ("filled[fields][break_until]", "13:00"),
    ]
}

async fn sign_in(site: &Site<'_>, email: &str, password: &str) -> (Browser, String) {
    let browser = site.visitor();
    let fields = [("email", email), ("password", password), ("next", "")];
    let answer = browser.submit("/staff/sign-in", "staff-sign-in", &fields).await;
    (browser, answer.location())
}

#[sqlx::test]
async fn a_doctor_is_made_and_described_with_plain_forms(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let ids = [app.clinic.to_string(), app.services[VISIT].to_string()];
    let new = "/admin/doctors/new";

    let mut wrong = doctor_fields(&ids, "ayu", "7:00");
    wrong.retain(|(name, _)| !name.contains("services"));
    let answer = admin.submit(new, "add-doctor", &wrong).await;
    let back = follow(&admin, &answer).await;
    assert_eq!(
        back.texts("#errors li"),
        [
            "Enter an e-mail address such as name@clinic.example.",
            "Choose at least one service.",
            "Write times such as 09:00 and 17:30, the end after the start, and hours that do not overlap.",
        ]
    );
    assert!(!back.body.contains("a first password"));
    assert_eq!(
        back.texts("input[name='filled[ticked][days][2]'][checked]").len(),
        1
    );
    assert_eq!(
        back.texts("input[name='filled[ticked][days][1]'][checked]").len(),
        0
    );
    let sessions = "select count(*) from sessions where data::text like '%a first password%'";
    assert_eq!(app.count(sessions).await, 0);

    let answer = admin
        .submit(
            new,
            "add-doctor",
            &doctor_fields(&ids, "Doctor1@test.example", "17:00"),
        )
        .await;
    assert_eq!(answer.error(), Some(TAKEN));
    let back = follow(&admin, &answer).await;
    assert_eq!(
        back.texts("#email-error"),
        ["Somebody signs in with this e-mail address already."]
    );

    let answer = admin
        .submit(
            new,
            "add-doctor",
            &doctor_fields(&ids, "ayu@test.example", "17:00"),
        )
        .await;
    assert_eq!(answer.error(), None, "{answer:?}");
    let page = follow(&admin, &answer).await;
    assert_eq!(page.texts("#errors-title"), ["Dr Ayu Lestari can be booked."]);
    let next = page.texts("section[aria-labelledby='next-title'] dd");
    assert!(next[0].contains("08:00"), "{next:?}");
    let id = app.count("select max(id) from doctors").await;
    let public = site.visitor().get(&format!("/doctors/{id}")).await;
    assert!(!public.texts("button.time").is_empty());
    let (_, home) = sign_in(&site, "ayu@test.example", "a first password").await;
    assert_eq!(home, "/doctor");

    // Another profile and password: what the old one had opened is closed.
    let (old, _) = sign_in(&site, "ayu@test.example", "a first password").await;
    assert_eq!(old.get("/doctor").await.status, 200);
    let doctor_id = id.to_string();
    let path = format!("/admin/doctors/{id}");
    let profile = |version: &'static str, name: &'static str| {
        [
            ("doctor_id", String::leak(doctor_id.clone()) as &str),
            ("version", version),
            ("filled[fields][title]", name),
            ("filled[fields][speciality]", "Dermatology"),
            ("filled[fields][email]", "lestari@test.example"),
            ("filled[fields][new_password]", "another password"),
        ]
    };
    let answer = admin
        .submit(&path, "edit-doctor", &profile("1", "Dr Lestari"))
        .await;
    assert_eq!(answer.error(), None, "{answer:?}");
    assert!(old.get("/doctor").await.location().contains("sign-in"));
    let (_, home) = sign_in(&site, "ayu@test.example", "a first password").await;
    assert!(home.contains("__err"), "{home}");
    let (_, home) = sign_in(&site, "lestari@test.example", "another password").await;
    assert_eq!(home, "/doctor");
    let answer = admin.submit(&path, "edit-doctor", &profile("1", "Dr Ayu")).await;
    assert_eq!(answer.error(), Some(AppError::StaleDoctor));
    let told = follow(&admin, &answer).await;
    assert_eq!(told.texts("#title-now"), ["It is now: Dr Lestari"]);
    assert!(
        told.texts("#errors")
            .join(" ")
            .contains("admin changed the profile"),
        "{:?}",
        told.texts("#errors")
    );

    // What is offered.
    let offer = format!("{}-{}", app.clinic, app.services[1]);
    let fields = [
        ("doctor_id", doctor_id.as_str()),
        ("version", "2"),
        ("filled[ticked][offers][1]", &offer),
    ];
    let answer = admin.submit(&path, "put-offers", &fields).await;
    let page = follow(&admin, &answer).await;
    assert_eq!(page.texts("#errors-title"), ["What is offered is saved."]);
    assert_eq!(page.texts("#offers input[checked]").len(), 1);
    let answer = admin.submit(&path, "put-offers", &fields[..2]).await;
    assert_eq!(answer.error(), Some(AppError::StaleDoctor));
    let told = follow(&admin, &answer).await;
    assert_eq!(told.texts("#offers input[checked]").len(), 0, "as it was ticked");
    assert!(
        told.texts("#errors")
            .join(" ")
            .contains("admin changed what the doctor offers")
    );
}

#[sqlx::test]
async fn a_price_is_said_before_and_after_booking_as_it_was_then(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    app.sql("update services set price_minor = 15000000, currency = 'IDR' where key = 'visit'")
        .await;
    let site = app.serve().await;
    let patient = site.patient("+6281255500001").await;
    let path = format!("/doctors/{}", app.doctors[0].id);
    let seen = patient.get(&path).await;
    let picks = seen.texts(".pick");
    assert!(picks[0].contains("Rp 150,000 ·"), "{picks:?}");
    assert!(!picks[1].contains("Rp"), "{picks:?}");
    let wanted = app.wanted(0, VISIT, app.slot(20));
    let (doctor, clinic, service, starts_at) = (
        wanted.doctor_id.to_string(),
        wanted.clinic_id.to_string(),
        wanted.service_id.to_string(),
        wanted.starts_at.to_string(),
    );
    let fields = [
        ("doctor_id", &*doctor),
        ("clinic_id", &*clinic),
        ("service_id", &*service),
        ("starts_at", &*starts_at),
    ];
    let held = patient.submit(&path, "hold", &fields).await;
    let reference = held.location().split('/').nth(2).unwrap().to_owned();
    let fields = [("reference", &*reference), ("name", "Maya"), ("reason", "")];
    patient.submit(&held.location(), "details", &fields).await;
    app.sql("update services set price_minor = 1, currency = 'EUR' where key = 'visit'")
        .await;
    let check = patient.get(&format!("/book/{reference}/check")).await;
    assert!(check.texts(".summary").join(" ").contains("Rp 150,000"));
    let booked = patient
        .submit(
            &format!("/book/{reference}/check"),
            "submit",
            &[("reference", &*reference)],
        )
        .await;
    assert!(booked.location().contains("/done"), "{booked:?}");
    let one = patient.get(&format!("/appointments/{reference}")).await;
    assert!(one.texts(".summary").join(" ").contains("Rp 150,000"));
}
