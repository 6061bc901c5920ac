//! Busy elsewhere is busy here: what is listed, what is booked, who is told.

mod extend;
mod pulled;
mod race;
mod told;

use jiff::Timestamp;

use crate::support::{LONG, RULES, TestApp, VISIT, refusal};
use engine::{
    availability::{DayPlan, For, page},
    booking::{self, Reschedule, Wanted},
    caldav::busy::{forget, give_back, gone, put},
    error::{AppError, Refusal},
    schedule::{Act, Edit, edit},
    time::plus_minutes,
};

/// A time as iCalendar writes it.
fn stamp(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// An event of half an hours.
fn event(starts_at: Timestamp, halves: i64, more: &str) -> String {
    let (start, end) = (stamp(starts_at), stamp(plus_minutes(starts_at, 30 * halves)));
    format!(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:theirs\r\nSUMMARY:Secret meeting\r\nDTSTART:{start}\r\nDTEND:{end}\r\n{more}\
         END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

impl TestApp {
    /// A calendar elsewhere of a doctor.
    async fn calendar(&self, doctor: usize, name: &str) -> i64 {
        sqlx::query_scalar(
            "with account as (
                 insert into calendar_accounts (doctor_id, kind, url, username, secret, language, state, linked_at,
                                                pull_at)
                 values ($1, 'caldav', 'https://cal.example/', 'ayu', 'sealed', 'en', 'active', $3, $3)
                 on conflict on constraint calendar_accounts_once do update set url = excluded.url
                 returning id)
             insert into calendar_collections (account_id, href, name, reads_busy)
             select id, '/' || $2, $2, true from account returning id",
        )
        .bind(self.doctors[doctor].id)
        .bind(name)
        .bind(jiff_sqlx::ToSqlx::to_sqlx(self.now))
        .fetch_one(&mut *self.spare().await)
        .await
        .unwrap()
    }

    /// An object of a calendar is there now, with this body.
    fn put_busy(
        &self,
        collection_id: i64,
        doctor: usize,
        href: &'static str,
        body: String,
    ) -> impl Future<Output = Result<(), AppError>> + Send + use<> {
        let (database, doctor_id) = (self.database.clone(), self.doctors[doctor].id);
        async move {
            database
                .write("test.put", move |mut tx| {
                    let body = body.clone();
                    async move {
                        put(&mut tx, collection_id, doctor_id, href, "\"1\"", &body).await?;
                        tx.commit().await
                    }
                })
                .await
        }
    }

    async fn busy_is_gone(&self, collection_id: i64, href: &'static str) {
        self.database
            .write("test.gone", move |mut tx| async move {
                gone(&mut tx, collection_id, href).await?;
                tx.commit().await
            })
            .await
            .unwrap();
    }

    async fn states(&self) -> Vec<(String, i64)> {
        sqlx::query_as(
            "select state, (select count(*) from external_busy where item_id = items.id)
             from external_items as items order by id",
        )
        .fetch_all(&mut *self.spare().await)
        .await
        .unwrap()
    }

    fn moves(&self, reference: &str, starts_at: Timestamp) -> Reschedule {
        Reschedule {
            key: None,
            caller: self.admin_caller(),
            which: reference.into(),
            version: None,
            starts_at,
            visitor: None,
            rules: RULES,
        }
    }
}

#[tokio::test]
async fn a_busy_time_is_neither_listed_nor_booked() {
    let app = TestApp::new().await;
    let calendar = app.calendar(0, "Private").await;
    let patients = app.patients(2).await;
    let busy = event(app.slot(20), 2, "");
    app.put_busy(calendar, 0, "/a.ics", busy).await.unwrap();
    let offers = |doctor: usize, service: usize, starts_at: Timestamp| {
        app.offers(app.wanted(doctor, service, starts_at))
    };
    for (slot, is_offered) in [(19, true), (20, false), (21, false), (22, true)] {
        assert_eq!(offers(0, VISIT, app.slot(slot)).await, is_offered, "{slot}");
    }
    // Its buffers are time of the doctor as well: ten minutes after it, and five before.
    assert!(!offers(0, LONG, plus_minutes(app.slot(20), -45)).await);
    assert!(offers(0, LONG, plus_minutes(app.slot(20), -60)).await);
    assert!(!offers(0, LONG, app.slot(22)).await);
    assert!(
        offers(1, VISIT, app.slot(20)).await,
        "it is the time of one doctor"
    );
    let wanted = app.wanted(0, VISIT, app.slot(20));
    let booked = app.books(patients[0], wanted).await;
    assert_eq!(refusal(&booked), Some(Refusal::SlotTaken));
    let held = app.hold(1, wanted, app.now).await;
    assert_eq!(refusal(&held), Some(Refusal::SlotTaken));
    let other = app.confirmed(patients[1], 0, app.slot(30)).await;
    let moved = booking::reschedule(&app.database, app.moves(&other, app.slot(21)), app.now).await;
    assert_eq!(refusal(&moved), Some(Refusal::SlotTaken));
    app.busy_is_gone(calendar, "/a.ics").await;
    assert!(app.books(patients[0], wanted).await.is_ok());
    app.assert_sound().await;
}

#[tokio::test]
async fn a_hold_of_a_time_that_became_busy_is_not_booked() {
    let app = TestApp::new().await;
    let calendar = app.calendar(0, "Private").await;
    let patient = app.patient(1).await;
    let held = app
        .hold(1, app.wanted(0, VISIT, app.slot(20)), app.now)
        .await
        .unwrap();
    app.put_busy(calendar, 0, "/a.ics", event(app.slot(20), 1, ""))
        .await
        .unwrap();
    let submitted = app.submit(1, patient, &held, app.now).await;
    assert_eq!(refusal(&submitted), Some(Refusal::SlotTaken));
    app.assert_sound().await;
}

#[tokio::test]
async fn what_changes_there_changes_here() {
    let app = TestApp::new().await;
    let calendar = app.calendar(0, "Private").await;
    let is_offered = async |slot: i64| app.offers(app.wanted(0, VISIT, app.slot(slot))).await;
    let own = format!("@{}", {
        let id: String = sqlx::query_scalar("select id::text from installation")
            .fetch_one(&mut *app.spare().await)
            .await
            .unwrap();
        id
    });
    let body = |more: &str| event(app.slot(20), 1, more);
    for (body, state, slots) in [
        (body(""), ("busy", 1), [false, true]),
        (event(app.slot(21), 1, ""), ("busy", 1), [true, false]),
        (
            event(app.slot(20), 1, "RRULE:FREQ=DAILY;COUNT=5\r\n"),
            ("busy", 5),
            [false, true],
        ),
        // What cannot be read leaves what was known.
        ("BEGIN:NONSENSE".to_owned(), ("malformed", 5), [false, true]),
        (body("RRULE:FREQ=NEVER\r\n"), ("unknown_rule", 5), [false, true]),
        (body("TRANSP:TRANSPARENT\r\n"), ("free", 0), [true, true]),
        (event(app.slot(20), 2, ""), ("busy", 1), [false, false]),
        (
            body("").replace("UID:theirs", &format!("UID:K7QM-4D2P{own}")),
            ("own", 0),
            [true, true],
        ),
        (
            body("ATTENDEE;PARTSTAT=DECLINED:mailto:ayu@clinic.example\r\n"),
            ("free", 0),
            [true, true],
        ),
    ] {
        app.put_busy(calendar, 0, "/a.ics", body.clone()).await.unwrap();
        let states = app.states().await;
        assert_eq!(states, [(state.0.to_owned(), state.1)], "{body}");
        assert_eq!([is_offered(20).await, is_offered(21).await], slots, "{body}");
        app.assert_sound().await;
    }
    let kept = app
        .count("select count(*) from external_items where external_items::text ilike '%secret%'")
        .await;
    assert_eq!(kept, 0, "what an event is about is not kept");
}

#[tokio::test]
async fn a_calendar_that_is_read_no_more_frees_its_times() {
    let app = TestApp::new().await;
    let (first, second) = (
        app.calendar(0, "Private").await,
        app.calendar(0, "Hospital").await,
    );
    app.put_busy(first, 0, "/a.ics", event(app.slot(20), 1, ""))
        .await
        .unwrap();
    app.put_busy(second, 0, "/a.ics", event(app.slot(22), 1, ""))
        .await
        .unwrap();
    let doctor_id = app.doctors[0].id;
    app.database
        .write("test.forget", move |mut tx| async move {
            forget(&mut tx, first, doctor_id).await?;
            tx.commit().await
        })
        .await
        .unwrap();
    assert!(app.offers(app.wanted(0, VISIT, app.slot(20))).await);
    assert!(!app.offers(app.wanted(0, VISIT, app.slot(22))).await);
    assert_eq!(give_back(&app.database).await, Ok(false));
    app.sql("update calendar_collections set reads_busy = false where name = 'Hospital'")
        .await;
    assert_eq!(give_back(&app.database).await, Ok(true));
    assert_eq!(give_back(&app.database).await, Ok(false));
    assert!(app.offers(app.wanted(0, VISIT, app.slot(22))).await);
}

#[tokio::test]
async fn a_part_that_is_taken_back_leaves_what_was_there() {
    let app = TestApp::new().await;
    let calendar = app.calendar(0, "Private").await;
    app.put_busy(calendar, 0, "/a.ics", event(app.slot(20), 1, ""))
        .await
        .unwrap();
    let (doctor_id, later) = (app.doctors[0].id, event(app.slot(21), 1, ""));
    app.database
        .write("test.part", move |mut tx| {
            let later = later.clone();
            async move {
                // The doctor comes first, and nothing was locked before.
                let part = tx.new_part().await?;
                put(&mut tx, calendar, doctor_id, "/a.ics", "\"2\"", &later).await?;
                let refused: Result<(), _> = Err(AppError::NotFound.into());
                let _ = part.settle(&mut tx, refused).await?;
                tx.commit().await
            }
        })
        .await
        .unwrap();
    assert!(!app.offers(app.wanted(0, VISIT, app.slot(20))).await);
    assert!(app.offers(app.wanted(0, VISIT, app.slot(21))).await);
}

#[tokio::test]
async fn a_plan_that_is_widened_over_a_busy_time_does_not_offer_it() {
    let app = TestApp::new().await;
    let calendar = app.calendar(0, "Private").await;
    app.put_busy(calendar, 0, "/a.ics", event(app.slot(20), 1, ""))
        .await
        .unwrap();
    let (clinic_id, day) = (app.clinic, app.day(20));
    for act in [
        Act::Exception {
            clinic_id,
            day,
            plan: DayPlan::default(),
            note: String::new(),
        },
        Act::RemoveException { clinic_id, day },
    ] {
        let command = Edit {
            caller: app.admin_caller(),
            doctor_id: app.doctors[0].id,
            version: app.doctor_version(0).await,
            act,
            key: None,
        };
        edit(&app.database, command, app.now).await.unwrap();
    }
    let Wanted {
        doctor_id,
        service_id,
        ..
    } = app.wanted(0, VISIT, app.slot(20));
    let purpose = For::Booking { visitor: None };
    let page = page(
        &app.database,
        doctor_id,
        clinic_id,
        service_id,
        Some(day),
        purpose,
        app.now,
    )
    .await
    .unwrap();
    let slots = page.days.iter().flat_map(|day| &day.slots);
    let slot = slots.clone().find(|slot| slot.starts_at == app.slot(20));
    assert_eq!(slot.map(|slot| slot.free), Some(false));
}
