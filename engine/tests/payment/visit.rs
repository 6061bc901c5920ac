//! A visit of several appointments that is paid before it is booked: one payment, all or nothing, and for each its own share.

use engine::{
    appointment::{Status, expire},
    booking::{self, Hold},
    error::AppError,
    i18n::Locale,
    payment::{self, FactKind, PaymentFact, Provider, Settled, StartVisit, Started, settle, start_visit},
    time::plus_minutes,
    visit::SubmitVisit,
};

use super::{FAR, PRICE, clinic, fact, is, opens, rupiah, settles, start, state, to_open};
use crate::support::{INSTANT, LONG, RULES, TestApp, VISIT, hold, visitor};

/// What is paid first for the longer appointment, of more.
pub const DEPOSIT: i64 = 1_000_000;
/// What is paid for a visit.
pub const SUM: i64 = PRICE + DEPOSIT;

/// A clinic in which two services are paid first in one currency, and another one at the desk.
pub async fn visit_clinic() -> TestApp {
    let app = clinic().await;
    app.sql(
        "update services set price_minor = 4000000, currency = 'IDR', deposit_minor = 1000000, refund_minutes = 1440
         where key = 'long'",
    )
    .await;
    app
}

/// A visitor holds a visit: what is paid at the desk, and two parts that are paid first.
pub async fn holds_visit(app: &TestApp, number: usize, slot: i64) -> Vec<String> {
    let mut held: Vec<String> = Vec::new();
    for (doctor, service, later) in [(0, VISIT, 0), (1, INSTANT, 4), (2, LONG, 8)] {
        let command = Hold {
            keeps: held.clone(),
            ..hold(number, app.wanted(doctor, service, app.slot(slot + later)))
        };
        held.push(booking::hold(&app.database, command, app.now).await.unwrap());
    }
    held
}

pub fn start_of(number: usize, patient_id: i64, references: &[String]) -> StartVisit {
    StartVisit {
        submit: SubmitVisit {
            references: references.to_vec(),
            visitor: visitor(number),
            patient_id,
            newcomer: None,
            booked_by: patient_id,
            name: "Somebody".to_owned(),
            reason: "A journey".to_owned(),
            rules: RULES,
            key: None,
        },
        provider: Provider::Demo,
        locale: Locale::En,
    }
}

/// A patient goes to pay for a visit, and the provider's page is there.
pub async fn goes(app: &TestApp, (number, patient_id): (usize, i64), references: &[String]) -> i64 {
    let started = start_visit(&app.database, start_of(number, patient_id, references), app.now).await;
    let Ok(Started::Paying { payment_id }) = started else {
        panic!("{started:?}");
    };
    opens(app, payment_id, app.now).await.unwrap();
    payment_id
}

/// The money for all of it has come.
pub fn sum(payment_id: i64, event_id: &str) -> PaymentFact {
    let kind = FactKind::Paid { amount: rupiah(SUM) };
    fact(payment_id, kind, Some(event_id))
}

/// A patient has paid for a visit and has it: the references and the payment with the page.
pub async fn booked_visit(
    app: &TestApp,
    (number, patient_id): (usize, i64),
    slot: i64,
) -> (Vec<String>, i64) {
    let references = holds_visit(app, number, slot).await;
    let payment_id = goes(app, (number, patient_id), &references).await;
    let settled = settles(app, sum(payment_id, &format!("visit-{payment_id}")), app.now).await;
    assert!(matches!(settled, Settled::Booked { .. }), "{settled:?}");
    (references, payment_id)
}

/// The payment of an appointment.
pub async fn share_of(app: &TestApp, reference: &str) -> i64 {
    sqlx::query_scalar(
        "select payments.id from payments join appointments on appointments.id = appointment_id where reference = $1",
    )
    .bind(reference)
    .fetch_one(&mut *app.spare().await)
    .await
    .unwrap()
}

async fn statuses(app: &TestApp, references: &[String]) -> Vec<String> {
    let mut statuses = Vec::new();
    for reference in references {
        statuses.push(app.appointment(reference).await.0);
    }
    statuses
}

/// How many appointments stand.
const STANDING: &str = "select count(*) from appointments where status in ('pending', 'confirmed')";

#[tokio::test]
async fn one_payment_books_all_of_a_visit() {
    let app = visit_clinic().await;
    let patient = app.patient(1).await;
    let references = holds_visit(&app, 1, FAR).await;
    let command = start_of(1, patient, &references);
    let started = start_visit(&app.database, command.clone(), app.now).await;
    let Ok(Started::Paying { payment_id }) = started else {
        panic!("{started:?}");
    };
    // The page is of the sum, also for who asks with the other share.
    for share in [payment_id, share_of(&app, &references[2]).await] {
        let page = to_open(&app, patient, share).await;
        assert_eq!((page.payment_id, page.price), (payment_id, rupiah(SUM)));
    }
    opens(&app, payment_id, app.now).await.unwrap();
    // All of it is held until the page has ended, also what costs nothing first.
    let lasts = "select count(*) from appointments where held_until >= created_at + interval '40 minutes'";
    assert_eq!(app.count(lasts).await, 3);
    let settled = settles(&app, sum(payment_id, "evt"), app.now).await;
    assert!(matches!(settled, Settled::Booked { .. }), "{settled:?}");
    assert_eq!(
        statuses(&app, &references).await,
        ["pending", "confirmed", "pending"]
    );
    let whole =
        "select count(*) from appointments join visits on visits.id = visit_id where reason = 'A journey'";
    assert_eq!(app.count(whole).await, 3);
    for (reference, paid) in [(&references[1], PRICE), (&references[2], DEPOSIT)] {
        let share = share_of(&app, reference).await;
        assert_eq!(state(&app, share).await, is("paid", None));
        let amount: i64 = sqlx::query_scalar("select amount_minor from payments where id = $1")
            .bind(share)
            .fetch_one(&mut *app.spare().await)
            .await
            .unwrap();
        assert_eq!(amount, paid);
    }
    let receipts = "select count(distinct receipt_number) from payments";
    assert_eq!(app.count(receipts).await, 2);
    let again = start_visit(&app.database, command, app.now).await;
    let first = references[0].clone();
    assert_eq!(again, Ok(Started::Booked { reference: first }));
    app.assert_whole().await;
}

#[tokio::test]
async fn holds_that_ran_out_are_booked_while_all_times_are_free() {
    let app = visit_clinic().await;
    let patient = app.patient(1).await;
    let references = holds_visit(&app, 1, FAR).await;
    let payment_id = goes(&app, (1, patient), &references).await;
    let later = plus_minutes(app.now, 50);
    assert_eq!(expire(&app.database, later).await, Ok(3));
    let settled = settles(&app, sum(payment_id, "evt"), later).await;
    assert!(matches!(settled, Settled::Booked { .. }), "{settled:?}");
    assert_eq!(app.count(STANDING).await, 3);
    let promised = "select count(*) from payments join appointments on appointments.id = appointment_id
                    where payments.state = 'paid' and amount_minor = pay_minor and status in ('pending', 'confirmed')";
    assert_eq!(app.count(promised).await, 2);
    app.assert_whole().await;
}

#[tokio::test]
async fn where_a_part_has_gone_nothing_is_booked_and_all_goes_back() {
    let app = visit_clinic().await;
    let patients = app.patients(2).await;
    // What is paid first, and what is not: it is the same.
    for (round, gone) in [0, 1].into_iter().enumerate() {
        let slot = FAR + 40 * i64::try_from(round).unwrap();
        let references = holds_visit(&app, round + 1, slot).await;
        let payment_id = goes(&app, (round + 1, patients[0]), &references).await;
        app.sql("update appointments set held_until = created_at where status = 'held'")
            .await;
        let service = [VISIT, INSTANT][gone];
        let wanted = app.wanted(gone, service, app.slot(slot + 4 * i64::try_from(gone).unwrap()));
        app.books(patients[1], wanted).await.unwrap();
        let settled = settles(&app, sum(payment_id, &format!("evt-{round}")), app.now).await;
        assert_eq!(settled, Settled::GoesBack);
        let again = settles(&app, sum(payment_id, &format!("again-{round}")), app.now).await;
        assert_eq!(again, Settled::Known);
        let own = "select count(*) from appointments where visit_id is not null";
        assert_eq!(app.count(own).await, 0);
        for reference in &references[1..] {
            let share = share_of(&app, reference).await;
            assert_eq!(state(&app, share).await, is("refund_due", Some("due")));
        }
    }
    let back = "select sum(amount_minor)::bigint from refunds where why = 'too_late'";
    assert_eq!(app.count(back).await, 2 * SUM);
    app.assert_whole().await;
}

#[tokio::test]
async fn thirty_copies_of_an_event_book_a_visit_once() {
    let app = visit_clinic().await;
    let patients = app.patients(2).await;
    for (number, is_one_event) in [true, false].into_iter().enumerate() {
        let slot = FAR + 40 * i64::try_from(number).unwrap();
        let references = holds_visit(&app, number, slot).await;
        let payment_id = goes(&app, (number, patients[number]), &references).await;
        let copies = (0..30)
            .map(|copy| {
                let event = match is_one_event {
                    true => "evt".to_owned(),
                    false => format!("evt-{copy}"),
                };
                let (database, now, fact) = (app.database.clone(), app.now, sum(payment_id, &event));
                async move { settle(&database, fact, RULES, now).await }
            })
            .collect();
        let settled = app.race(copies).await;
        let booked = settled
            .iter()
            .filter(|one| matches!(one, Ok(Settled::Booked { .. })));
        assert_eq!(booked.count(), 1, "{settled:?}");
        let known = settled.iter().filter(|one| **one == Ok(Settled::Known)).count();
        assert_eq!(known, 29, "{settled:?}");
    }
    assert_eq!(app.count("select count(*) from refunds").await, 0);
    assert_eq!(app.count("select count(*) from visits").await, 2);
    assert_eq!(
        app.count("select count(distinct receipt_number) from payments")
            .await,
        4
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn of_two_pages_for_a_visit_one_books_it_and_the_other_goes_back() {
    let app = visit_clinic().await;
    let patient = app.patient(1).await;
    let references = holds_visit(&app, 1, FAR).await;
    let first = goes(&app, (1, patient), &references).await;
    let second = goes(&app, (1, patient), &references).await;
    assert_eq!(
        app.count("select count(*) from payments where given_up_at is not null")
            .await,
        2
    );
    let racers = [first, second]
        .into_iter()
        .map(|payment_id| {
            let (database, now) = (app.database.clone(), app.now);
            let fact = sum(payment_id, &format!("evt-{payment_id}"));
            async move { settle(&database, fact, RULES, now).await.unwrap() }
        })
        .collect();
    let settled = app.race(racers).await;
    let back = settled.iter().filter(|one| **one == Settled::GoesBack).count();
    assert_eq!(back, 1, "{settled:?}");
    assert_eq!(app.count(STANDING).await, 3);
    let twice = "select sum(amount_minor)::bigint from refunds where why = 'twice'";
    assert_eq!(app.count(twice).await, SUM);
    app.assert_whole().await;
}

#[tokio::test]
async fn who_goes_to_pay_for_one_part_alone_gives_the_page_of_the_visit_up() {
    let app = visit_clinic().await;
    let patient = app.patient(1).await;
    let references = holds_visit(&app, 1, FAR).await;
    let page = goes(&app, (1, patient), &references).await;
    payment::start(&app.database, start(1, patient, &references[2]), app.now)
        .await
        .unwrap();
    let given_up: i64 = sqlx::query_scalar(
        "select count(*) from payments where given_up_at is not null and (id = $1 or lead_id = $1)",
    )
    .bind(page)
    .fetch_one(&mut *app.spare().await)
    .await
    .unwrap();
    assert_eq!(given_up, 2);
    // The provider's page ends: what is held for the other page is held on.
    let ended = settles(&app, fact(page, FactKind::Expired, Some("evt")), app.now).await;
    assert_eq!(ended, Settled::Noted);
    assert_eq!(
        app.count("select count(*) from payments where state = 'expired'")
            .await,
        2
    );
    assert_eq!(app.appointment(&references[2]).await.0, Status::Held.as_str());
    app.assert_whole().await;
}

#[tokio::test]
async fn another_amount_than_the_sum_books_nothing() {
    let app = visit_clinic().await;
    let patient = app.patient(1).await;
    let references = holds_visit(&app, 1, FAR).await;
    let payment_id = goes(&app, (1, patient), &references).await;
    let amount = rupiah(PRICE);
    let wrong = fact(payment_id, FactKind::Paid { amount }, Some("evt"));
    assert_eq!(settles(&app, wrong, app.now).await, Settled::WrongAmount);
    assert_eq!(statuses(&app, &references).await, ["held", "held", "held"]);
    assert_eq!(
        app.count("select count(*) from payments where state = 'failed'")
            .await,
        2
    );
    app.assert_whole().await;
}

#[tokio::test]
async fn what_cannot_be_one_payment_is_refused() {
    // Rupiah and euros.
    let app = clinic().await;
    let patient = app.patient(1).await;
    let references = holds_visit(&app, 1, FAR).await;
    let started = start_visit(&app.database, start_of(1, patient, &references), app.now).await;
    assert_eq!(started, Err(AppError::PaymentRequired));
    assert_eq!(app.count("select count(*) from payments").await, 0);
    let of_another_browser = start_visit(&app.database, start_of(2, patient, &references), app.now).await;
    assert_eq!(of_another_browser, Err(AppError::NotFound));
}
