//! Rooms that are paid before they are booked.

use engine::{
    account::Caller,
    error::AppError,
    i18n::Locale,
    idempotency::{Key, KeyOwner},
    payment::{
        self, FactKind, Provider, Settled, StartRooms, Started, Subject, SubjectName, TakeAtDesk,
        terms::{RefundRule, Terms, When},
    },
    stay::{
        self, BookStay, CancelStay, ChangeStay, Presence, PutRoomType, RoomType, SetPresence, Stay,
        SubmitStay, WantedRooms,
    },
    time::{local_date, plus_minutes},
};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use tokio::sync::Barrier;

use super::{clinic, fact, going_back, is, opens, rupiah, settles, state};
use crate::support::{RULES, TestApp, patient_caller};

/// A room for a night.
const NIGHT: i64 = 50_000_000;

/// A kind of rooms that is paid before it is booked: two days before everything goes back, and half of it after that.
async fn kind(app: &TestApp, rooms: i32, when: When) -> i64 {
    let command = PutRoomType {
        caller: app.admin_caller(),
        which: None,
        description: RoomType {
            clinic_id: app.clinic,
            name: format!("Room of {rooms}"),
            names: engine::i18n::Names::default(),
            rooms,
            price: rupiah(NIGHT),
            terms: Terms {
                when,
                refund: RefundRule {
                    full_minutes: 2 * 24 * 60,
                    late_percent: 50,
                },
            },
            active: true,
        },
        key: None,
    };
    stay::put_room_type(&app.database, command, app.now)
        .await
        .unwrap()
        .id
}

fn day(app: &TestApp, ahead: i32) -> Date {
    local_date(app.now, &TimeZone::UTC).saturating_add(ahead.days())
}

fn wish(app: &TestApp, room_type_id: i64, patient_id: i64, (from, until): (i32, i32)) -> BookStay {
    BookStay {
        caller: patient_caller(patient_id),
        patient_id,
        wanted: WantedRooms {
            room_type_id,
            arrival: day(app, from),
            departure: day(app, until),
            rooms: 1,
        },
        name: None,
        reason: String::new(),
        key: None,
    }
}

async fn holds(app: &TestApp, room_type_id: i64, patient_id: i64, nights: (i32, i32)) -> Stay {
    let wish = wish(app, room_type_id, patient_id, nights);
    stay::hold(&app.database, wish, RULES, app.now).await.unwrap()
}

fn start(stay: &Stay) -> StartRooms {
    StartRooms {
        caller: patient_caller(stay.patient_id),
        stay_id: stay.id,
        provider: Provider::Demo,
        locale: Locale::En,
        key: None,
    }
}

/// A patient goes to pay for rooms, and the provider's page is there.
async fn goes_to_pay(app: &TestApp, stay: &Stay, now: Timestamp) -> i64 {
    let started = payment::start_rooms(&app.database, start(stay), now)
        .await
        .unwrap();
    let Started::Paying { payment_id } = started else {
        panic!("{started:?}");
    };
    opens(app, payment_id, now).await.unwrap();
    payment_id
}

fn paid(minor: i64) -> FactKind {
    FactKind::Paid {
        amount: rupiah(minor),
    }
}

/// A patient has paid for nights and has them.
async fn booked(app: &TestApp, room_type_id: i64, patient: i64, nights: (i32, i32)) -> (Stay, i64) {
    let stay = holds(app, room_type_id, patient, nights).await;
    let payment_id = goes_to_pay(app, &stay, app.now).await;
    let amount = i64::from(nights.1 - nights.0) * NIGHT;
    let settled = settles(app, fact(payment_id, paid(amount), None), app.now).await;
    assert_eq!(
        settled,
        Settled::Booked {
            subject: Subject::Stay(stay.id)
        }
    );
    (stay, payment_id)
}

async fn status(app: &TestApp, stay: &Stay) -> String {
    sqlx::query_scalar("select status from stays where id = $1")
        .bind(stay.id)
        .fetch_one(&mut *app.spare().await)
        .await
        .unwrap()
}

fn changing(stay: &Stay, caller: Caller, departure: Date) -> ChangeStay {
    ChangeStay {
        caller,
        stay_id: stay.id,
        version: None,
        arrival: stay.arrival,
        departure,
        rooms: 1,
        reason: String::new(),
        key: None,
    }
}

fn cancelling(stay: &Stay, caller: Caller) -> CancelStay {
    CancelStay {
        caller,
        stay_id: stay.id,
        version: None,
        reason: String::new(),
        key: None,
    }
}

const ALL: When = When::Before { deposit: None };

#[tokio::test]
async fn rooms_are_booked_when_they_are_paid_and_not_before() {
    let app = clinic().await;
    let (kind, patient) = (kind(&app, 1, ALL).await, app.patient(0).await);
    let at_once = stay::book(&app.database, wish(&app, kind, patient, (10, 12)), app.now).await;
    assert_eq!(at_once.unwrap_err(), AppError::PaymentRequired);
    let stay = holds(&app, kind, patient, (10, 12)).await;
    assert_eq!(stay.first_minor, Some(2 * NIGHT));
    let unpaid = SubmitStay {
        caller: patient_caller(patient),
        stay_id: stay.id,
        key: None,
    };
    let unpaid = stay::submit(&app.database, unpaid, app.now).await;
    assert_eq!(unpaid.unwrap_err(), AppError::PaymentRequired);
    let payment_id = goes_to_pay(&app, &stay, app.now).await;
    // The hold lasts as long as the page.
    let later = plus_minutes(app.now, payment::SESSION_MINUTES);
    let other = wish(&app, kind, app.patient(1).await, (10, 12));
    let other = stay::hold(&app.database, other, RULES, later).await;
    assert!(matches!(other, Err(AppError::RoomsShort { .. })), "{other:?}");
    let event = fact(payment_id, paid(2 * NIGHT), Some("once"));
    assert!(matches!(
        settles(&app, event.clone(), later).await,
        Settled::Booked { .. }
    ));
    assert_eq!(settles(&app, event, later).await, Settled::Known);
    assert_eq!(status(&app, &stay).await, "booked");
    let account = payment::account_of(&app.database, patient_caller(patient), SubjectName::Stay(stay.id));
    let account = account.await.unwrap();
    assert_eq!((account.paid(), account.open()), (2 * NIGHT, None));
    app.assert_whole().await;
}

#[tokio::test]
async fn a_deposit_is_for_the_stay_and_the_desk_takes_the_rest() {
    let app = clinic().await;
    let deposit = When::Before {
        deposit: Some(NIGHT + NIGHT / 2),
    };
    let (kind, patient) = (kind(&app, 1, deposit).await, app.patient(0).await);
    let stay = holds(&app, kind, patient, (10, 13)).await;
    assert_eq!(stay.first_minor, Some(NIGHT + NIGHT / 2));
    let payment_id = goes_to_pay(&app, &stay, app.now).await;
    settles(&app, fact(payment_id, paid(NIGHT + NIGHT / 2), None), app.now).await;
    let rest = TakeAtDesk {
        caller: app.admin_caller(),
        which: SubjectName::Stay(stay.id),
        means: Provider::Cash,
        amount: String::new(),
        key: None,
    };
    let taken = payment::take_at_desk(&app.database, rest.clone(), app.now)
        .await
        .unwrap();
    assert_eq!(taken.reference, stay.reference);
    let twice = payment::take_at_desk(&app.database, rest, app.now).await;
    assert!(
        matches!(twice, Err(AppError::ValidationFailed { .. })),
        "{twice:?}"
    );
    // A single night costs less than the deposit.
    let short = holds(&app, kind, patient, (20, 21)).await;
    assert_eq!(short.first_minor, Some(NIGHT));
    app.assert_whole().await;
}

#[tokio::test]
async fn money_that_comes_late_books_free_rooms_and_else_goes_back() {
    let app = clinic().await;
    let kind = kind(&app, 1, ALL).await;
    let (one, other) = (app.patient(0).await, app.patient(1).await);
    let late = plus_minutes(app.now, 3 * 60);
    let free = holds(&app, kind, one, (10, 11)).await;
    let free_payment = goes_to_pay(&app, &free, app.now).await;
    let settled = settles(&app, fact(free_payment, paid(NIGHT), None), late).await;
    assert!(matches!(settled, Settled::Booked { .. }), "{settled:?}");
    let lost = holds(&app, kind, one, (20, 21)).await;
    let lost_payment = goes_to_pay(&app, &lost, app.now).await;
    let theirs = wish(&app, kind, other, (20, 21));
    stay::hold(&app.database, theirs, RULES, late).await.unwrap();
    assert_eq!(status(&app, &lost).await, "lapsed");
    let settled = settles(&app, fact(lost_payment, paid(NIGHT), None), late).await;
    assert_eq!(settled, Settled::GoesBack);
    assert_eq!(
        going_back(&app, lost_payment).await,
        (NIGHT, "too_late".to_owned())
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn what_is_paid_from_two_tabs_goes_back_once() {
    let app = clinic().await;
    let (kind, patient) = (kind(&app, 1, ALL).await, app.patient(0).await);
    let stay = holds(&app, kind, patient, (10, 11)).await;
    let first = goes_to_pay(&app, &stay, app.now).await;
    let second = goes_to_pay(&app, &stay, plus_minutes(app.now, 1)).await;
    let barrier = std::sync::Arc::new(Barrier::new(6));
    let events = [first, second].into_iter().flat_map(|id| [id; 3]).map(|id| {
        let (database, now, barrier) = (app.database.clone(), app.now, barrier.clone());
        tokio::spawn(async move {
            let event = fact(id, paid(NIGHT), Some(&format!("paid-{id}")));
            barrier.wait().await;
            payment::settle(&database, event, RULES, now).await.unwrap()
        })
    });
    let mut settled = Vec::new();
    for event in events.collect::<Vec<_>>() {
        settled.push(event.await.unwrap());
    }
    let booked = settled.iter().filter(|one| matches!(one, Settled::Booked { .. }));
    assert_eq!(booked.count(), 1, "{settled:?}");
    let back = settled.iter().filter(|one| **one == Settled::GoesBack);
    assert_eq!(back.count(), 1, "{settled:?}");
    app.assert_whole().await;
}

#[tokio::test]
async fn what_is_cancelled_goes_back_by_the_rule_of_the_stay() {
    let app = clinic().await;
    let (kind, patient) = (kind(&app, 5, ALL).await, app.patient(0).await);
    let (early, early_payment) = booked(&app, kind, patient, (10, 12)).await;
    let (late, late_payment) = booked(&app, kind, patient, (1, 3)).await;
    let (called_off, called_off_payment) = booked(&app, kind, patient, (1, 3)).await;
    for (stay, caller) in [
        (&early, patient_caller(patient)),
        (&late, patient_caller(patient)),
        (&called_off, app.admin_caller()),
    ] {
        let command = cancelling(stay, caller);
        stay::cancel(&app.database, command, app.now).await.unwrap();
    }
    for (payment_id, back, why) in [
        (early_payment, 2 * NIGHT, "cancelled"),
        (late_payment, NIGHT, "cancelled"),
        (called_off_payment, 2 * NIGHT, "by_clinic"),
    ] {
        assert_eq!(going_back(&app, payment_id).await, (back, why.to_owned()));
    }
    app.assert_whole().await;
}

/// What goes back of a payment for fewer nights.
async fn for_fewer(app: &TestApp, payment_id: i64) -> Vec<(i64, String)> {
    sqlx::query_as(
        "select amount_minor, key from refunds where payment_id = $1 and why = 'fewer' order by id",
    )
    .bind(payment_id)
    .fetch_all(&mut *app.spare().await)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_shorter_stay_pays_back_the_nights_by_the_rule() {
    let app = clinic().await;
    let (kind, patient) = (kind(&app, 5, ALL).await, app.patient(0).await);
    let own = || patient_caller(patient);
    let (early, payment_id) = booked(&app, kind, patient, (10, 14)).await;
    for until in [13, 12] {
        let shorter = changing(&early, own(), day(&app, until));
        stay::change(&app.database, shorter, app.now).await.unwrap();
    }
    let key = |number: i32| format!("refund-{payment_id}-{number}");
    assert_eq!(
        for_fewer(&app, payment_id).await,
        [(NIGHT, key(1)), (NIGHT, key(2))]
    );
    // The payment itself stands, and the rest goes back when all of it is cancelled.
    assert_eq!(state(&app, payment_id).await.0, "paid");
    app.assert_whole().await;
    stay::cancel(&app.database, cancelling(&early, own()), app.now)
        .await
        .unwrap();
    let (rest, why): (i64, String) = sqlx::query_as(
        "select amount_minor, why from refunds where payment_id = $1 and why not in ('outside', 'fewer')",
    )
    .bind(payment_id)
    .fetch_one(&mut *app.spare().await)
    .await
    .unwrap();
    assert_eq!((rest, why.as_str()), (2 * NIGHT, "cancelled"));
    app.assert_whole().await;
}

#[tokio::test]
async fn nights_that_are_given_up_late_are_partly_kept() {
    let app = clinic().await;
    let (kind, patient) = (kind(&app, 5, ALL).await, app.patient(0).await);
    let (stay, payment_id) = booked(&app, kind, patient, (1, 5)).await;
    let shorter = changing(&stay, patient_caller(patient), day(&app, 3));
    stay::change(&app.database, shorter, app.now).await.unwrap();
    let back: Vec<i64> = for_fewer(&app, payment_id)
        .await
        .into_iter()
        .map(|(minor, _)| minor)
        .collect();
    assert_eq!(back, [NIGHT]);
    let account = payment::account_of(&app.database, patient_caller(patient), SubjectName::Stay(stay.id));
    let account = account.await.unwrap();
    assert_eq!((account.paid(), account.open()), (3 * NIGHT, None));
    // A night more costs what it costs, whatever was kept.
    let longer = changing(&stay, patient_caller(patient), day(&app, 4));
    stay::change(&app.database, longer, app.now).await.unwrap();
    let account = payment::account_of(&app.database, patient_caller(patient), SubjectName::Stay(stay.id));
    assert_eq!(account.await.unwrap().open(), Some(rupiah(NIGHT)));
    app.assert_whole().await;
}

#[tokio::test]
async fn who_shortens_and_then_cancels_gets_no_more_than_who_cancels() {
    let app = clinic().await;
    let (kind, patient) = (kind(&app, 5, ALL).await, app.patient(0).await);
    let own = || patient_caller(patient);
    let (stay, payment_id) = booked(&app, kind, patient, (1, 5)).await;
    let shorter = changing(&stay, own(), day(&app, 3));
    stay::change(&app.database, shorter, app.now).await.unwrap();
    let cancel = cancelling(&stay, own());
    stay::cancel(&app.database, cancel, app.now).await.unwrap();
    let back: Vec<(i64, String)> =
        sqlx::query_as("select amount_minor, why from refunds where payment_id = $1 order by id")
            .bind(payment_id)
            .fetch_all(&mut *app.spare().await)
            .await
            .unwrap();
    // Two nights together: half of the four, as if all of it had been cancelled at once.
    let each = |why: &str| (NIGHT, why.to_owned());
    assert_eq!(back, [each("fewer"), each("cancelled")]);
    app.assert_whole().await;
}

#[tokio::test]
async fn nights_that_went_back_at_the_provider_do_not_go_back_once_more() {
    let app = clinic().await;
    let (kind, patient) = (kind(&app, 5, ALL).await, app.patient(0).await);
    let (stay, payment_id) = booked(&app, kind, patient, (10, 12)).await;
    let by_staff = FactKind::Refunded {
        refund: "re_1".to_owned(),
        key: None,
        amount: rupiah(2 * NIGHT),
    };
    let settled = settles(&app, fact(payment_id, by_staff, None), app.now).await;
    assert_eq!(settled, Settled::Noted);
    let shorter = changing(&stay, app.admin_caller(), day(&app, 11));
    stay::change(&app.database, shorter, app.now).await.unwrap();
    assert!(for_fewer(&app, payment_id).await.is_empty());
    app.assert_whole().await;
}

#[tokio::test]
async fn who_leaves_early_gets_the_nights_back_that_the_desk_gives_back() {
    let app = clinic().await;
    let (kind, patient) = (kind(&app, 5, ALL).await, app.patient(0).await);
    let (stay, payment_id) = booked(&app, kind, patient, (1, 4)).await;
    let said = |presence| SetPresence {
        caller: app.admin_caller(),
        stay_id: stay.id,
        presence,
        version: None,
        key: None,
    };
    let there = plus_minutes(app.now, 36 * 60);
    stay::set_presence(&app.database, said(Presence::Arrived), there)
        .await
        .unwrap();
    stay::set_presence(&app.database, said(Presence::Left), there)
        .await
        .unwrap();
    let back: i64 = for_fewer(&app, payment_id)
        .await
        .iter()
        .map(|(minor, _)| minor)
        .sum();
    assert_eq!(back, 2 * NIGHT);
    assert_eq!(state(&app, payment_id).await.0, "paid");
    app.assert_whole().await;
}

#[tokio::test]
async fn a_page_that_ends_gives_the_rooms_back_soon() {
    let app = clinic().await;
    let (kind, patient) = (kind(&app, 1, ALL).await, app.patient(0).await);
    let stay = holds(&app, kind, patient, (10, 11)).await;
    let key = Key::derived(KeyOwner::Caller(&patient_caller(patient)), "test", &stay.id).unwrap();
    let command = StartRooms {
        key: Some(key),
        ..start(&stay)
    };
    let started = payment::start_rooms(&app.database, command.clone(), app.now)
        .await
        .unwrap();
    let again = payment::start_rooms(&app.database, command, app.now)
        .await
        .unwrap();
    assert_eq!(started, again, "the second click of two");
    let Started::Paying { payment_id } = started else {
        panic!("{started:?}");
    };
    settles(&app, fact(payment_id, FactKind::Failed, None), app.now).await;
    assert_eq!(state(&app, payment_id).await, is("failed", None));
    let soon = plus_minutes(app.now, 11);
    let other = app.patient(1).await;
    let theirs = wish(&app, kind, other, (10, 11));
    stay::hold(&app.database, theirs, RULES, soon).await.unwrap();
    let of_another = StartRooms {
        caller: patient_caller(other),
        ..start(&stay)
    };
    let of_another = payment::start_rooms(&app.database, of_another, soon).await;
    assert_eq!(of_another.unwrap_err(), AppError::NotFound);
    app.assert_whole().await;
}
