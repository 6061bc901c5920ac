//! Whom a time that comes free is offered to.

use engine::{
    appointment::{Status, expire},
    booking::{self, Reschedule},
    time::plus_minutes,
    waitlist::{DayParts, Misfit, Weekdays, Wishes, passed_over},
};

use super::{
    accepts, at_this_hour, cancels, change, clinic, declines, is, joins, joins_instead_of, lapse, state,
    waits, wishes,
};
use crate::support::{LONG, RULES, TestApp, VISIT, patient_caller};

/// The far end of tomorrow and more, where an offer is kept.
const FREED: i64 = 60;

#[tokio::test]
async fn a_cancelled_time_is_kept_for_who_has_waited_longest() {
    let app = clinic().await;
    let patients = app.patients(3).await;
    let wanted = app.wanted(0, VISIT, app.slot(FREED));
    let reference = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    let second = joins(&app, patients[2], wishes(&app), 2).await;
    let first = joins(&app, patients[1], wishes(&app), 1).await;
    cancels(&app, 0, &reference).await;
    assert_eq!(state(&app, first.id).await, is("offered", "offered"));
    assert_eq!(state(&app, second.id).await, waits());
    // It is nobody else's: it is not listed, and cannot be held.
    assert!(!app.offers(wanted).await);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_time_that_nobody_waits_for_is_everybodys() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let wanted = app.wanted(0, VISIT, app.slot(FREED));
    let reference = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    let other = Wishes {
        doctor_id: Some(app.doctors[1].id),
        ..wishes(&app)
    };
    let entry = joins(&app, patients[1], other, 0).await;
    cancels(&app, 0, &reference).await;
    assert_eq!(state(&app, entry.id).await, waits());
    assert!(app.offers(wanted).await);
}

#[tokio::test]
async fn a_time_is_offered_to_those_alone_whom_it_fits() {
    let app = clinic().await;
    let patients = app.patients(10).await;
    let starts_at = app.slot(FREED);
    let reference = app.confirmed(patients[0], 0, starts_at).await;
    let zone: String = sqlx::query_scalar("select time_zone from clinics")
        .fetch_one(&mut *app.spare().await)
        .await
        .unwrap();
    let local = starts_at.in_tz(&zone).unwrap().datetime();
    let (weekday, part) = (Weekdays::bit(local.weekday()), DayParts::bit(local));
    let all = wishes(&app);
    let far = local.date().saturating_add(jiff::ToSpan::days(3));
    for (number, wish) in [
        Wishes {
            service_id: app.services[LONG],
            ..all.clone()
        },
        Wishes {
            doctor_id: Some(app.doctors[1].id),
            ..all.clone()
        },
        Wishes {
            first_day: far,
            ..all.clone()
        },
        Wishes {
            weekdays: Weekdays(Weekdays::ALL.0 & !weekday),
            ..all.clone()
        },
        Wishes {
            day_parts: DayParts(DayParts::ALL.0 & !part),
            ..all.clone()
        },
        Wishes {
            notice_minutes: 20 * 24 * 60,
            ..all.clone()
        },
    ]
    .into_iter()
    .enumerate()
    {
        joins(&app, patients[number + 1], wish, i64::try_from(number).unwrap()).await;
    }
    // Somebody who is somewhere else at that time.
    app.confirmed(patients[7], 1, starts_at).await;
    joins(&app, patients[7], all.clone(), 7).await;
    let next = joins(&app, patients[8], all, 8).await;
    cancels(&app, 0, &reference).await;
    assert_eq!(state(&app, next.id).await, is("offered", "offered"));
    let kept = "select count(*) from waitlist_offers where appointment_id is not null";
    assert_eq!(app.count(kept).await, 1);
    let offer = app
        .count("select id from waitlist_offers where appointment_id is not null")
        .await;
    let (offer, among) = passed_over(&app.database, &app.admin_caller(), offer, app.now)
        .await
        .unwrap();
    // Of those who wait for this service: why not them.
    let misfits: Vec<Option<Misfit>> = among.iter().map(|one| one.misfit).collect();
    assert_eq!(offer.passed_over, 6);
    assert_eq!(
        misfits,
        [
            Some(Misfit::Doctor),
            Some(Misfit::Dates),
            Some(Misfit::Weekday),
            Some(Misfit::DayPart),
            Some(Misfit::Notice),
            Some(Misfit::Busy)
        ]
    );
    // The doctor of the time reads nothing of those who wait for another one.
    let (offer, among) = passed_over(&app.database, &app.doctor_caller(0), offer.id, app.now)
        .await
        .unwrap();
    assert_eq!((offer.passed_over, among.len()), (6, 5));
}

#[tokio::test]
async fn a_long_time_that_comes_free_is_offered_for_a_shorter_service() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let long = app
        .books(patients[0], app.wanted(0, LONG, app.slot(FREED)))
        .await
        .unwrap();
    let entry = joins(&app, patients[1], wishes(&app), 0).await;
    cancels(&app, 0, &long.reference).await;
    assert_eq!(state(&app, entry.id).await, is("offered", "offered"));
    assert_eq!(
        app.count(
            "select count(*) from waitlist_offers join appointments on appointments.id = appointment_id
                   where appointments.ends_at - appointments.starts_at = interval '30 minutes'"
        )
        .await,
        1
    );
    app.assert_sound().await;
}

#[tokio::test]
async fn every_way_to_free_a_time_offers_it() {
    let app = clinic().await;
    let patients = app.patients(9).await;
    let wanted = |slot| app.wanted(0, VISIT, app.slot(slot));
    let cancelled = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    let declined = app.requested(patients[1], wanted(FREED + 1)).await;
    let expired = app.requested(patients[2], wanted(FREED + 2)).await;
    let lapsed = app.hold(5, wanted(FREED + 3), app.now).await.unwrap();
    let moved = app.confirmed(patients[3], 0, app.slot(FREED + 4)).await;
    for (number, patient_id) in patients[4..].iter().enumerate() {
        joins(&app, *patient_id, wishes(&app), i64::try_from(number).unwrap()).await;
    }
    let offered = "select count(*) from waitlist_offers where state = 'offered'";
    cancels(&app, 0, &cancelled).await;
    assert_eq!(app.count(offered).await, 1);
    change(&app, app.doctor_caller(0), &declined, Status::Rejected)
        .await
        .unwrap();
    assert_eq!(app.count(offered).await, 2);
    sqlx::query(
        "update appointments set answer_until = created_at, held_until = created_at
         where reference = any($1)",
    )
    .bind([expired, lapsed])
    .execute(&mut *app.spare().await)
    .await
    .unwrap();
    expire(&app.database, app.database.now()).await.unwrap();
    assert_eq!(app.count(offered).await, 4);
    let command = Reschedule {
        caller: patient_caller(patients[3]),
        which: moved.into(),
        version: None,
        starts_at: app.slot(FREED + 20),
        visitor: None,
        rules: RULES,
        key: None,
    };
    booking::reschedule(&app.database, command, app.now)
        .await
        .unwrap();
    assert_eq!(app.count(offered).await, 5);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_hold_that_lapsed_is_offered_and_one_that_is_let_go_is_not() {
    let app = clinic().await;
    let patients = app.patients(1).await;
    let entry = joins(&app, patients[0], wishes(&app), 0).await;
    app.hold(1, app.wanted(0, VISIT, app.slot(FREED)), app.now)
        .await
        .unwrap();
    // Another choice of the same browser.
    app.hold(1, app.wanted(0, VISIT, app.slot(FREED + 1)), app.now)
        .await
        .unwrap();
    assert_eq!(state(&app, entry.id).await, waits());
    lapse(&app).await;
    assert_eq!(state(&app, entry.id).await, is("offered", "offered"));
}

#[tokio::test]
async fn what_lapses_or_is_declined_goes_to_the_next_one() {
    let app = clinic().await;
    let patients = app.patients(5).await;
    let reference = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    let mut entries = Vec::new();
    for (number, patient_id) in patients[1..].iter().enumerate() {
        entries.push(
            joins(&app, *patient_id, wishes(&app), i64::try_from(number).unwrap())
                .await
                .id,
        );
    }
    cancels(&app, 0, &reference).await;
    lapse(&app).await;
    assert_eq!(state(&app, entries[0]).await, is("waiting", "lapsed"));
    assert_eq!(state(&app, entries[1]).await, is("offered", "offered"));
    declines(&app, patients[2], entries[1], app.now).await.unwrap();
    // A second time changes nothing.
    declines(&app, patients[2], entries[1], app.now).await.unwrap();
    assert_eq!(state(&app, entries[1]).await, is("waiting", "declined"));
    assert_eq!(state(&app, entries[2]).await, is("offered", "offered"));
    accepts(&app, patients[3], entries[2], app.now).await.unwrap();
    assert_eq!(state(&app, entries[2]).await, is("accepted", "accepted"));
    assert_eq!(state(&app, entries[3]).await, waits());
    app.assert_sound().await;
}

#[tokio::test]
async fn after_three_who_did_not_answer_a_time_is_everybodys_and_some_are_told() {
    let app = clinic().await;
    let patients = app.patients(12).await;
    let wanted = app.wanted(0, VISIT, app.slot(FREED));
    let reference = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    for (number, patient_id) in patients[1..].iter().enumerate() {
        joins(&app, *patient_id, wishes(&app), i64::try_from(number).unwrap()).await;
    }
    cancels(&app, 0, &reference).await;
    for _ in 0..3 {
        lapse(&app).await;
    }
    assert_eq!(
        app.count("select count(*) from waitlist_offers where state = 'lapsed'")
            .await,
        3
    );
    assert_eq!(
        app.count("select count(*) from waitlist_offers where state = 'told'")
            .await,
        5
    );
    assert!(app.offers(wanted).await);
    app.assert_sound().await;
}

#[tokio::test]
async fn at_night_nothing_is_kept_and_some_are_told() {
    let app = clinic().await;
    let hour = app.now.to_zoned(jiff::tz::TimeZone::UTC).hour();
    // Two at night, or five to it.
    at_this_hour(&app, 2, hour).await;
    let patients = app.patients(3).await;
    let wanted = app.wanted(0, VISIT, app.slot(FREED));
    let reference = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    let entry = joins(&app, patients[1], wishes(&app), 0).await;
    joins(&app, patients[2], wishes(&app), 1).await;
    cancels(&app, 0, &reference).await;
    assert_eq!(state(&app, entry.id).await, is("waiting", "told"));
    assert_eq!(
        app.count("select count(*) from waitlist_offers where state = 'told'")
            .await,
        2
    );
    assert!(app.offers(wanted).await);
}

#[tokio::test]
async fn nobody_has_two_offers_whatever_comes_free() {
    let app = clinic().await;
    let patients = app.patients(3).await;
    let first = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    let second = app.confirmed(patients[1], 1, app.slot(FREED + 4)).await;
    joins(&app, patients[2], wishes(&app), 0).await;
    let other = Wishes {
        doctor_id: Some(app.doctors[1].id),
        ..wishes(&app)
    };
    let other = joins(&app, patients[2], other, 1).await;
    cancels(&app, 0, &first).await;
    cancels(&app, 1, &second).await;
    assert_eq!(state(&app, other.id).await, waits());
    assert!(app.offers(app.wanted(1, VISIT, app.slot(FREED + 4))).await);
    let inserted = sqlx::raw_sql(
        "insert into waitlist_offers (entry_id, patient_id, doctor_id, clinic_id, service_id, starts_at, ends_at,
                                      appointment_id, kept_until, state, why, offered_at)
         select entry_id, patient_id, doctor_id, clinic_id, service_id, starts_at + interval '1 hour',
                ends_at + interval '1 hour', (select min(id) from appointments), kept_until, state, why, offered_at
         from waitlist_offers",
    )
    .execute(&mut *app.spare().await)
    .await;
    let error = inserted.unwrap_err().to_string();
    assert!(error.contains("waitlist_offers_one_of_a_person"), "{error}");
}

#[tokio::test]
async fn who_does_not_answer_three_times_is_taken_off() {
    let app = clinic().await;
    let patients = app.patients(4).await;
    let mut references = Vec::new();
    for (slot, patient_id) in (FREED..).zip(&patients[..3]) {
        references.push(app.confirmed(*patient_id, 0, app.slot(slot)).await);
    }
    let entry = joins(&app, patients[3], wishes(&app), 0).await;
    for reference in references {
        cancels(&app, 0, &reference).await;
        lapse(&app).await;
    }
    assert_eq!(state(&app, entry.id).await, is("ended", "lapsed"));
    app.assert_sound().await;
}

#[tokio::test]
async fn a_sooner_time_is_offered_to_who_would_move() {
    let app = clinic().await;
    let patients = app.patients(3).await;
    let sooner = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    let later = app.confirmed(patients[1], 0, app.slot(FREED + 20)).await;
    let own = app.confirmed(patients[2], 0, app.slot(FREED + 10)).await;
    let entry = joins_instead_of(&app, patients[2], &own).await;
    cancels(&app, 0, &later).await;
    assert_eq!(state(&app, entry.id).await, waits());
    cancels(&app, 0, &sooner).await;
    assert_eq!(state(&app, entry.id).await, is("offered", "offered"));
    let moved = accepts(&app, patients[2], entry.id, plus_minutes(app.now, 1))
        .await
        .unwrap();
    assert_eq!((moved.reference, moved.starts_at), (own, app.slot(FREED)));
    app.assert_sound().await;
}

#[tokio::test]
async fn what_a_move_leaves_goes_to_the_next_one() {
    let app = clinic().await;
    let patients = app.patients(3).await;
    let sooner = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    let own = app.confirmed(patients[1], 0, app.slot(FREED + 10)).await;
    let moves = joins_instead_of(&app, patients[1], &own).await;
    let new = joins(&app, patients[2], wishes(&app), 1).await;
    cancels(&app, 0, &sooner).await;
    accepts(&app, patients[1], moves.id, app.now).await.unwrap();
    assert_eq!(state(&app, new.id).await, is("offered", "offered"));
    let left = app
        .count("select count(*) from waitlist_offers where state = 'offered'")
        .await;
    assert_eq!(left, 1);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_cancel_never_fails_because_of_the_list() {
    let app: TestApp = clinic().await;
    let patients = app.patients(2).await;
    let reference = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    let entry = joins(&app, patients[1], wishes(&app), 0).await;
    // Something that no check knows of.
    app.sql(
        "create function refuse() returns trigger language plpgsql as $$
         begin raise exclusion_violation using constraint = 'appointments_no_overlap'; end $$;
         create trigger refuse before insert on appointments for each row execute function refuse()",
    )
    .await;
    cancels(&app, 0, &reference).await;
    assert_eq!(app.appointment(&reference).await.0, "cancelled");
    assert_eq!(state(&app, entry.id).await, waits());
}

#[tokio::test]
async fn a_time_is_not_offered_back_to_who_gave_it_up_or_declined_it() {
    let app = clinic().await;
    let patients = app.patients(2).await;
    let reference = app.confirmed(patients[0], 0, app.slot(FREED)).await;
    let gave_up = joins(&app, patients[0], wishes(&app), 0).await;
    let any = joins(&app, patients[1], wishes(&app), 1).await;
    let of_doctor = Wishes {
        doctor_id: Some(app.doctors[0].id),
        ..wishes(&app)
    };
    let named = joins(&app, patients[1], of_doctor, 2).await;
    change(&app, patient_caller(patients[0]), &reference, Status::Cancelled)
        .await
        .unwrap();
    assert_eq!(state(&app, gave_up.id).await, waits());
    assert_eq!(state(&app, any.id).await, is("offered", "offered"));
    declines(&app, patients[1], any.id, app.now).await.unwrap();
    assert_eq!(state(&app, any.id).await, is("waiting", "declined"));
    assert_eq!(state(&app, named.id).await, waits());
    app.assert_whole().await;
}

#[tokio::test]
async fn nobody_is_taken_off_for_what_they_never_heard_of() {
    let app = clinic().await;
    let patients = app.patients(4).await;
    let mut references = Vec::new();
    for (slot, patient_id) in (FREED..).zip(&patients[..3]) {
        references.push(app.confirmed(*patient_id, 0, app.slot(slot)).await);
    }
    let entry = joins(&app, patients[3], wishes(&app), 0).await;
    for reference in references {
        cancels(&app, 0, &reference).await;
        app.sql(
            "insert into messages (kind, channel, recipient, body, patient_id, offer_id, state, not_after, dedupe_key)
             select 'time_kept', 'sms', '+6281255500001', '', patient_id, id, 'due', now() + interval '3 days',
                    'offer:' || id
             from waitlist_offers where state = 'offered'",
        )
        .await;
        lapse(&app).await;
    }
    assert_eq!(state(&app, entry.id).await, is("waiting", "lapsed"));
    app.assert_sound().await;
}
