//! Payments as the desk oversees them: what needs a hand, the list and its file, and what each day brought.

use engine::{account::session::SignedIn, error::Field, payment::Provider};
use serde_json::json;

use super::{Till, clinic, pays, state, works};
use crate::{
    engine_support::INSTANT,
    support::{Browser, Program, TestApp, data, refused},
};

/// A clinic with one payment by bank transfer that came too late, and one that is booked.
async fn late() -> (TestApp, Till, i64, i64) {
    let till = Till::open(Provider::Midtrans).await;
    let app = clinic(till.payments.clone()).await;
    let (late, page) = pays(&app, &till, 0, 200, Provider::Midtrans).await;
    app.sql("update appointments set held_until = now() - interval '1 minute' where status = 'held'")
        .await;
    let other = app.patient(50).await;
    app.books(other, app.wanted(0, INSTANT, app.slot(200)))
        .await
        .unwrap();
    till.stand_in.pay_later(&page);
    till.stand_in.pay(&page);
    let (kept, page) = pays(&app, &till, 1, 202, Provider::Midtrans).await;
    till.stand_in.pay(&page);
    assert_eq!(works(&app, Provider::Midtrans, 3).await, 2);
    // The provider says that it cannot pay it back.
    assert_eq!(works(&app, Provider::Midtrans, 0).await, 1);
    assert_eq!(state(&app, late).await, "refund_failed");
    assert_eq!(state(&app, kept).await, "paid");
    (app, till, late, kept)
}

async fn refund_of(app: &TestApp) -> String {
    let id = app.count("select id from refunds").await;
    format!("/admin/payments/refunds/{id}")
}

async fn reference_of(app: &TestApp, payment_id: i64) -> String {
    sqlx::query_scalar(
        "select reference from appointments join payments on appointment_id = appointments.id where payments.id = $1",
    )
    .bind(payment_id)
    .fetch_one(&mut *app.spare().await)
    .await
    .unwrap()
}

#[tokio::test]
async fn what_no_program_pays_back_is_paid_back_by_hand() {
    let (app, _, late, _) = late().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let page = refund_of(&app).await;
    let board = admin.get("/admin/payments").await;
    assert_eq!(board.status, 200);
    assert!(board.links("a.btn").contains(&page), "{}", board.body);
    let form = admin.get(&page).await;
    let (refund, key) = (
        form.field("pay-back-by-hand", "refund"),
        form.field("pay-back-by-hand", "key"),
    );
    let fields = |reference: &'static str| {
        vec![
            ("refund", refund.clone()),
            ("key", key.clone()),
            ("paid_back_reference", reference.to_owned()),
        ]
    };
    let send = async |admin: &Browser, reference| {
        let fields = fields(reference);
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        admin.submit(&page, "pay-back-by-hand", &fields).await
    };
    let empty = send(&admin, " ").await;
    assert!(empty.error().is_some(), "{empty:?}");
    let shown = admin.get(&empty.location()).await;
    let name = Field::PaidBackReference.name();
    assert!(
        shown.body.contains(&format!("id=\"{name}-error\"")),
        "{}",
        shown.body
    );
    for _ in 0..2 {
        let done = send(&admin, "Transfer 4711").await;
        assert_eq!(done.location(), "/admin/payments?done=paid-back", "{done:?}");
    }
    assert_eq!(state(&app, late).await, "refunded");
    assert_eq!(admin.get(&page).await.status, 404);
    let board = admin.get("/admin/payments?done=paid-back").await;
    assert!(!board.links("a.btn").contains(&page));
    app.assert_whole().await;
}

#[tokio::test]
async fn a_payment_is_found_by_what_is_not_in_the_address() {
    let (app, _, late, kept) = late().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let (one, other) = (reference_of(&app, late).await, reference_of(&app, kept).await);
    let receipt = app
        .count("select receipt_number from payments order by id desc limit 1")
        .await
        .to_string();
    for wanted in [other.to_lowercase(), receipt, format!("{other}-{kept}")] {
        let answer = admin
            .submit("/admin/payments", "find-payment", &[("reference", &wanted)])
            .await;
        assert_eq!(answer.location(), "/admin/payments?found=1");
        let found = admin.get(&answer.location()).await;
        let listed = found.texts("div[aria-labelledby='payments-list'] tbody a");
        assert_eq!(listed, std::slice::from_ref(&other), "{wanted}");
        let file = admin.get("/admin/payments.csv?found=1").await;
        assert!(
            file.body.contains(&other) && !file.body.contains(&one),
            "{}",
            file.body
        );
    }
    let empty = admin
        .submit("/admin/payments", "find-payment", &[("reference", "")])
        .await;
    assert!(empty.error().is_some());
    let failed = admin.get("/admin/payments?state=refund_failed").await;
    assert_eq!(
        failed.texts("div[aria-labelledby='payments-list'] tbody a"),
        [one]
    );
}

#[tokio::test]
async fn the_files_say_what_the_provider_has_in_its_book() {
    let (app, till, ..) = late().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let file = admin.get("/admin/payments.csv").await;
    assert_eq!(file.status, 200);
    let amounts: i64 = file
        .body
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(7).unwrap().parse::<i64>().unwrap())
        .sum();
    let book: i64 = till.stand_in.book().iter().map(|entry| entry.amount).sum();
    assert_eq!(amounts, book);
    let days = admin.get("/admin/revenue.csv").await;
    let taken: i64 = days
        .body
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(3).unwrap().parse::<i64>().unwrap())
        .sum();
    assert_eq!(taken, book);
    // A picture, and its table before it.
    let page = admin.get("/admin/payments").await;
    let (table, picture) = (
        page.body.find("id=\"revenue\""),
        page.body.find("class=\"chart\""),
    );
    assert!(table.is_some() && table < picture, "{}", page.body);
}

#[tokio::test]
async fn the_desk_of_another_clinic_sees_none_of_it() {
    let (app, _, late, _) = late().await;
    let elsewhere = app.another_clinic().await;
    app.reception("elsewhere@test.example", &[elsewhere]).await;
    app.reception("here@test.example", &[app.clinic]).await;
    let site = app.serve().await;
    let (stranger, here) = (
        site.staff("elsewhere@test.example").await,
        site.staff("here@test.example").await,
    );
    let (page, reference) = (refund_of(&app).await, reference_of(&app, late).await);
    let has_it = |body: &str| {
        ["150,000", "150000", "300000"]
            .iter()
            .any(|said| body.contains(said))
    };
    for path in ["/admin/payments", "/admin/payments.csv", "/admin/revenue.csv"] {
        let answer = stranger.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(
            !answer.body.contains(&reference) && !has_it(&answer.body),
            "{path}"
        );
        assert!(has_it(&here.get(path).await.body), "{path}");
    }
    assert_eq!(stranger.get(&page).await.status, 404);
    assert_eq!(here.get(&page).await.status, 200);
}

#[tokio::test]
async fn programs_of_the_desk_have_the_same() {
    let (app, _, late, kept) = late().await;
    let site = app.serve().await;
    let desk = Program::acting_for(&site, SignedIn::Staff(app.admin_staff_id)).await;
    let doctor = Program::acting_for(&site, SignedIn::Staff(app.doctors[0].staff_id)).await;
    let all = data(&desk.get("admin/payments?limit=1").await, 200);
    assert_eq!(all[0]["id"], kept);
    assert_eq!(all[0]["amount"], json!({"amount": "150000", "currency": "IDR"}));
    let failed = data(&desk.get("admin/payments?state=refund_failed").await, 200);
    assert_eq!(failed[0]["id"], late);
    refused(
        &desk.get("admin/payments?state=lost").await,
        422,
        "VALIDATION_FAILED",
    );
    refused(&doctor.get("admin/payments").await, 403, "FORBIDDEN");
    let worklist = data(&desk.get("admin/payments/worklist").await, 200);
    let refund = &worklist["refunds"][0];
    assert_eq!(
        (&refund["by_hand"], &refund["why"]),
        (&json!(true), &json!("too_late"))
    );
    let path = format!("admin/refunds/{}/by-hand", refund["id"]);
    refused(
        &desk.post(&path, &json!({"reference": " "})).await,
        422,
        "VALIDATION_FAILED",
    );
    refused(
        &doctor.post(&path, &json!({"reference": "1"})).await,
        403,
        "FORBIDDEN",
    );
    let body = json!({"reference": "transfer 4711"});
    for _ in 0..2 {
        data(&desk.post_under("one", &path, &body).await, 200);
    }
    refused(&desk.post(&path, &body).await, 409, "STALE_VERSION");
    let revenue = data(&desk.get("admin/revenue").await, 200);
    assert_eq!(revenue[0]["payments"], 2);
    assert_eq!(
        revenue[0]["paid_back"],
        json!({"amount": "150000", "currency": "IDR"})
    );
    app.sql(
        "insert into payment_troubles (payment_id, kind, reference, noticed_at)
         select min(id), 'disputed', 'dp_1', now() from payments",
    )
    .await;
    let trouble = app.count("select id from payment_troubles").await;
    for _ in 0..2 {
        let path = format!("admin/payments/troubles/{trouble}/seen");
        data(&desk.post(&path, &json!({})).await, 200);
    }
    let worklist = data(&desk.get("admin/payments/worklist").await, 200);
    assert_eq!(worklist, json!({"refunds": [], "troubles": []}));
}
