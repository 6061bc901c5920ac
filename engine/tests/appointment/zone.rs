//! Lists of appointments by the clocks of several clinics, of which one has no clock that anybody knows.

use jiff::civil;

use crate::support::{TestApp, VISIT, patient_caller};
use engine::{
    appointment::{self, Filter, Item, Listing, Order, Search, board, day_sheet, listing, places},
    availability::{Search as DirectorySearch, choose, directory, offered},
    error::{AppError, Field, FieldProblem},
    organisation::{Clinic, Put, clinics, put},
    schedule::schedule,
    time::{Bound, GivenTime},
};

/// Names that are no zones, although files are called so.
const NO_ZONES: [&str; 11] = [
    "localtime",
    "LocalTime",
    "Factory",
    "posixrules",
    "right/Asia/Jakarta",
    "posix/Asia/Jakarta",
    "Etc/Unknown",
    "Mars/Olympus",
    "+07:00",
    "UTC+7",
    "EST5EDT,M3.2.0,M11.1.0",
];

impl TestApp {
    /// Two clinics far from each other, one appointment at each at the same moment, and a third clinic with a zone that
    /// is none, with an appointment that was booked before that was so.
    async fn three_clinics(&self) -> Vec<String> {
        self.sql(
            "update clinics set time_zone = 'Asia/Jakarta';
             insert into clinics (name, address, city, phone, time_zone)
             values ('West', 'Street 2', 'Town', '+1 555 0101', 'America/Los_Angeles'),
                    ('Lost', 'Street 3', 'Town', '+1 555 0102', 'UTC');
             insert into offers select doctors.id, clinics.id, services.id from doctors, clinics, services
             where clinics.id > 1;
             insert into working_hours (doctor_id, clinic_id, weekday, from_minute, until_minute)
             select doctors.id, clinics.id, weekday, 0, 1440
             from doctors, clinics, generate_series(1, 7) as weekday where clinics.id > 1;",
        )
        .await;
        let mut references = Vec::new();
        for (number, clinic_id) in [1, 2, 3].into_iter().enumerate() {
            let wanted = engine::booking::Wanted {
                clinic_id,
                ..self.wanted(number, VISIT, self.slot(20))
            };
            let patient = self.patient(number).await;
            references.push(self.books(patient, wanted).await.unwrap().reference);
        }
        self.sql("update clinics set time_zone = 'Mars/Olympus' where name = 'Lost'")
            .await;
        references
    }
}

fn names(items: &[Item]) -> Vec<&str> {
    let mut names: Vec<&str> = items.iter().map(|item| item.reference.as_str()).collect();
    names.sort_unstable();
    names
}

fn some(references: &[String], which: &[usize]) -> Vec<String> {
    let mut names: Vec<String> = which.iter().map(|index| references[*index].clone()).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn one_unknown_zone_takes_no_list_away() {
    let app = TestApp::new().await;
    let references = app.three_clinics().await;
    let day = app.day(20);
    let all = Filter {
        from: Some(day - jiff::Span::new().days(2)),
        until: Some(day + jiff::Span::new().days(2)),
        ..Filter::default()
    };
    let seen = board(&app.database, all).await.unwrap();
    assert_eq!(names(&seen.items), some(&references, &[0, 1, 2]));
    assert_eq!(seen.count(None).map(|count| count.number), Some(3));
    for doctor in 0..3 {
        let id = app.doctors[doctor].id;
        let sheet = day_sheet(&app.database, id, day, app.now).await.unwrap();
        assert_eq!(names(&sheet), some(&references, &[doctor]), "{doctor}");
        assert_eq!(places(&app.database, id).await.unwrap().len(), 3);
        schedule(&app.database, app.admin_caller(), id, app.now)
            .await
            .unwrap();
    }
    // What is there can be read and ended; nothing new is offered by a clock that nobody can read.
    let caller = app.admin_caller();
    let found = appointment::look_up(&app.database, caller.clone(), references[2].clone().into()).await;
    assert_eq!(found.unwrap().clinic_id, 3);
    let offered = offered(&app.database, None).await.unwrap();
    assert_eq!(
        offered.iter().filter(|offering| offering.clinic_id == 3).count(),
        0
    );
    assert!(offered.iter().any(|offering| offering.clinic_id == 2));
    let lost = choose(
        &app.database,
        app.doctors[0].id,
        "visit".to_owned(),
        Some(3),
        GivenTime::At(app.slot(30)),
        app.now,
    );
    assert_eq!(lost.await.map(drop), Err(AppError::NotFound));
    let wanted = engine::booking::Wanted {
        clinic_id: 3,
        ..app.wanted(3, VISIT, app.slot(40))
    };
    assert_eq!(app.hold(9, wanted, app.now).await, Err(AppError::NotFound));
    let elsewhere = app.wanted(3, VISIT, app.slot(40));
    app.hold(9, elsewhere, app.now).await.unwrap();
    let doctors = directory(&app.database, DirectorySearch::default(), app.now).await;
    assert_eq!(doctors.unwrap().len(), 4);
}

#[tokio::test]
async fn a_date_is_that_of_each_clinic() {
    let app = TestApp::new().await;
    let references = app.three_clinics().await;
    // 10:00 UTC is 17:00 in Jakarta and 02:00 or 03:00 in Los Angeles.
    let day = app.day(20);
    let at = |hour: i8| GivenTime::Local(day.at(hour, 0, 0, 0));
    for (from, until, expected) in [
        (Some(at(16)), Some(at(18)), vec![0]),
        (Some(at(1)), Some(at(4)), vec![1]),
        (Some(at(12)), None, vec![0]),
        (None, Some(at(12)), vec![1, 2]),
        (
            Some(Bound::Date(day).start()),
            Some(Bound::Date(day).end()),
            vec![0, 1, 2],
        ),
        // 16:00 in Jakarta comes before 09:30 UTC, and in Los Angeles after it.
        (Some(at(16)), Some(GivenTime::At(app.slot(21))), vec![0]),
        (Some(GivenTime::At(app.slot(19))), Some(at(18)), vec![0, 1, 2]),
    ] {
        let asked = Listing {
            status: None,
            doctor_id: None,
            patient_id: None,
            clinic_id: None,
            service: None,
            search: Search::default(),
            from,
            until,
            order: Order::default(),
            after: None,
            limit: 50,
        };
        let listed = listing(&app.database, app.admin_caller(), asked, app.now)
            .await
            .unwrap();
        assert_eq!(
            names(&listed),
            some(&references, &expected),
            "{from:?} to {until:?}"
        );
    }
}

#[tokio::test]
async fn a_range_is_refused_only_where_it_is_none_anywhere() {
    let app = TestApp::new().await;
    app.sql("update clinics set time_zone = 'Asia/Jakarta'").await;
    let day = civil::date(2026, 12, 2);
    let local = |hour, minute| GivenTime::Local(day.at(hour, minute, 0, 0));
    let at = |text: &str| GivenTime::At(text.parse().unwrap());
    let patient = app.patient(1).await;
    for (from, until, is_one) in [
        (local(10, 30), at("2026-12-02T07:00:00Z"), true),
        (local(10, 30), at("2026-12-02T03:30:00Z"), false),
        (at("2026-12-02T03:00:00Z"), local(10, 30), true),
        (at("2026-12-02T03:30:00Z"), local(10, 30), false),
        (local(10, 30), local(10, 30), false),
        (at("2026-12-02T03:30:00Z"), at("2026-12-02T03:30:01Z"), true),
    ] {
        let asked = Listing {
            status: None,
            doctor_id: None,
            patient_id: None,
            clinic_id: None,
            service: None,
            search: Search::default(),
            from: Some(from),
            until: Some(until),
            order: Order::default(),
            after: None,
            limit: 50,
        };
        let listed = listing(&app.database, patient_caller(patient), asked, app.now).await;
        let expected = if is_one {
            Ok(0)
        } else {
            Err(AppError::InvalidDateRange)
        };
        assert_eq!(listed.map(|items| items.len()), expected, "{from:?} to {until:?}");
    }
}

#[tokio::test]
async fn a_clinic_is_saved_only_with_a_zone_that_both_judges_know() {
    let app = TestApp::new().await;
    let clinic = |time_zone: &str, name: &str| Put {
        caller: app.admin_caller(),
        which: None,
        description: Clinic {
            name: name.to_owned(),
            address: "Street 1".to_owned(),
            city: "Town".to_owned(),
            phone: "+1 555 0100".to_owned(),
            time_zone: time_zone.to_owned(),
        },
        key: None,
    };
    for zone in NO_ZONES {
        assert_eq!(
            put(&app.database, clinic(zone, zone), app.now).await.map(drop),
            Err(AppError::invalid(Field::TimeZone, FieldProblem::Malformed)),
            "{zone}"
        );
    }
    for zone in [
        "Asia/Jakarta",
        "America/Argentina/Buenos_Aires",
        "UTC",
        "Etc/GMT+11",
    ] {
        put(&app.database, clinic(zone, zone), app.now).await.unwrap();
    }
    assert_eq!(clinics(&app.database).await.unwrap().len(), 5);
}
