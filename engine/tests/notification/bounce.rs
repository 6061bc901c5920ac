//! Mails that come back, and what follows for the address.

use engine::{
    i18n::Locale,
    notification::{
        Bounce, BounceClass, BounceReport, BounceStatus, Bounced, Channel, Dispatch, Kind, Outcome,
        SaveContact, Trouble, confirm_email, contact, save_contact, send_again, take_bounce,
    },
    time::plus_minutes,
    visit::{BookVisit, book_visit},
};
use jiff::Timestamp;
use sqlx::Connection;

use super::{Postbox, dispatch, listening, send_all, soon};
use crate::support::{INSTANT, RULES, TestApp, patient_caller};

/// Half hours in a day.
const DAY: i64 = 48;
const EMAIL: &str = "maya@example.org";
const PHONE: &str = "+6281255500001";

fn bounce(name: &str, is_over: bool, status: &str) -> Bounce {
    Bounce {
        name: name.to_owned(),
        report: BounceReport {
            is_over,
            status: BounceStatus::parse(status).unwrap(),
        },
    }
}

async fn take(app: &TestApp, bounce: Bounce, now: Timestamp) -> Bounced {
    take_bounce(&app.database, bounce, true, now).await.unwrap()
}

/// A patient whose address was confirmed long ago, and their first mail: its name.
async fn mailed(app: &TestApp, postbox: &Postbox, dispatch: &Dispatch) -> (i64, String) {
    let patient = app.patient(1).await;
    app.sql(
        "update patients set email = 'maya@example.org', email_confirmed_at = now() - interval '1 year', locale = 'en'",
    )
    .await;
    app.confirmed(patient, 0, app.slot(4 * DAY + 20)).await;
    send_all(dispatch, soon(app)).await;
    let letter = postbox.letters().last().unwrap().clone();
    assert_eq!((letter.kind, letter.recipient.as_str()), (Kind::Confirmed, EMAIL));
    (patient, letter.name)
}

/// The first mail as it stands in the outbox.
async fn first(app: &TestApp) -> (String, String, Option<String>) {
    sqlx::query_as(
        "select state, last_error, bounce_status from messages where channel = 'email' and kind = 'confirmed' order by id limit 1",
    )
    .fetch_one(&mut *app.spare().await)
    .await
    .unwrap()
}

fn words(state: &str, trouble: &str, status: &str) -> (String, String, Option<String>) {
    (state.to_owned(), trouble.to_owned(), Some(status.to_owned()))
}

/// To whom letters went, by which way.
fn ways(postbox: &Postbox) -> Vec<(Kind, String)> {
    postbox
        .letters()
        .into_iter()
        .map(|letter| (letter.kind, letter.recipient))
        .collect()
}

#[tokio::test]
async fn an_address_that_is_gone_gets_nothing_and_its_patient_is_told_by_phone() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let (patient, name) = mailed(&app, &postbox, &dispatch).await;
    let now = plus_minutes(soon(&app), 1);
    assert_eq!(
        take(&app, bounce(&name, true, "5.1.1"), now).await,
        Bounced::Noted(BounceClass::Gone)
    );
    assert_eq!(first(&app).await, words("failed", "bounced", "5.1.1"));
    let known = contact(&app.database, patient).await.unwrap();
    assert_eq!(known.email.as_deref(), Some(EMAIL));
    assert!(!known.is_confirmed && known.has_come_back);
    // What the mail said, and the reminder that was planned, reach the phone.
    send_all(&dispatch, plus_minutes(now, 1)).await;
    send_all(&dispatch, plus_minutes(app.slot(4 * DAY + 20), -20 * 60)).await;
    assert_eq!(
        ways(&postbox)[1..],
        [
            (Kind::Confirmed, PHONE.to_owned()),
            (Kind::ReminderDay, PHONE.to_owned())
        ]
    );
    app.confirmed(patient, 1, app.slot(5 * DAY + 20)).await;
    send_all(&dispatch, plus_minutes(now, 2)).await;
    assert_eq!(ways(&postbox).last(), Some(&(Kind::Confirmed, PHONE.to_owned())));
    app.assert_sound().await;
}

#[tokio::test]
async fn what_a_mail_said_of_a_visit_is_said_by_phone_as_a_whole() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let patient = app.patient(1).await;
    app.sql(
        "update patients set email = 'maya@example.org', email_confirmed_at = now() - interval '1 year', locale = 'en'",
    )
    .await;
    let at = 4 * DAY + 20;
    let command = BookVisit {
        caller: patient_caller(patient),
        segments: [(0, at), (1, at + 2)]
            .map(|(doctor, slot)| app.wanted(doctor, INSTANT, app.slot(slot)))
            .into(),
        patient_id: patient,
        reason: "A cough".to_owned(),
        rules: RULES,
        key: None,
    };
    let visit = book_visit(&app.database, command, app.now).await.unwrap();
    send_all(&dispatch, soon(&app)).await;
    assert_eq!(ways(&postbox), [(Kind::Confirmed, EMAIL.to_owned())]);
    let name = postbox.letters()[0].name.clone();
    let now = plus_minutes(soon(&app), 1);
    take(&app, bounce(&name, true, "5.1.1"), now).await;
    send_all(&dispatch, plus_minutes(now, 1)).await;
    assert_eq!(ways(&postbox)[1..], [(Kind::Confirmed, PHONE.to_owned())]);
    let text = postbox.letters()[1].text();
    for appointment in &visit.appointments {
        assert!(text.contains(&appointment.reference), "{text}");
    }
    // One reminder for both.
    send_all(&dispatch, plus_minutes(app.slot(at), -20 * 60)).await;
    assert_eq!(ways(&postbox)[2..], [(Kind::ReminderDay, PHONE.to_owned())]);
}

#[tokio::test]
async fn an_address_that_is_confirmed_anew_gets_mails_again() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let (patient, name) = mailed(&app, &postbox, &dispatch).await;
    let now = plus_minutes(soon(&app), 1);
    take(&app, bounce(&name, true, "5.1.1"), now).await;
    let wish = SaveContact {
        patient_id: patient,
        email: EMAIL.to_owned(),
        locale: None,
        wants_reminders: true,
        asked_in: Locale::En,
    };
    save_contact(&app.database, wish, now).await.unwrap();
    // The question goes there all the same.
    send_all(&dispatch, plus_minutes(now, 1)).await;
    let asked = (postbox.letters().into_iter())
        .find(|letter| letter.kind == Kind::ConfirmEmail)
        .unwrap();
    assert_eq!((asked.channel, asked.recipient.as_str()), (Channel::Email, EMAIL));
    let secret = asked.links[0].address.rsplit('/').next().unwrap().to_owned();
    let confirmed_at = plus_minutes(now, 2);
    confirm_email(&app.database, secret, confirmed_at).await.unwrap();
    let known = contact(&app.database, patient).await.unwrap();
    assert!(known.is_confirmed && !known.has_come_back);
    // A report that comes late is about the time before, and so is one about another mail of then.
    for status in ["5.1.1", "5.2.1"] {
        assert_eq!(
            take(&app, bounce(&name, true, status), confirmed_at).await,
            Bounced::Known
        );
    }
    app.sql("update messages set bounce_status = null, state = 'sent', last_error = '' where bounce_status is not null")
        .await;
    assert_eq!(
        take(&app, bounce(&name, true, "5.1.1"), confirmed_at).await,
        Bounced::Noted(BounceClass::Gone)
    );
    assert!(contact(&app.database, patient).await.unwrap().is_confirmed);
    app.confirmed(patient, 1, app.slot(5 * DAY + 20)).await;
    send_all(&dispatch, plus_minutes(now, 3)).await;
    assert_eq!(ways(&postbox).last(), Some(&(Kind::Confirmed, EMAIL.to_owned())));
}

#[tokio::test]
async fn what_may_pass_is_only_noted() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let (patient, name) = mailed(&app, &postbox, &dispatch).await;
    let now = soon(&app);
    assert_eq!(
        take(&app, bounce(&name, false, "4.4.1"), now).await,
        Bounced::Noted(BounceClass::Delayed)
    );
    assert_eq!(first(&app).await, words("sent", "", "4.4.1"));
    // After some days the mail server gives up: a mailbox that is full is one all the same.
    assert_eq!(
        take(&app, bounce(&name, true, "5.2.2"), now).await,
        Bounced::Noted(BounceClass::Undelivered)
    );
    assert_eq!(first(&app).await, words("failed", "undelivered", "5.2.2"));
    let known = contact(&app.database, patient).await.unwrap();
    assert!(known.is_confirmed && !known.has_come_back);
    assert_eq!(app.count("select count(*) from message_stops").await, 0);
    assert_eq!(
        take(&app, bounce(&name, false, "4.4.1"), now).await,
        Bounced::Known
    );
    assert_eq!(first(&app).await, words("failed", "undelivered", "5.2.2"));
}

#[tokio::test]
async fn an_address_that_is_refused_for_no_reason_is_given_up_the_second_time() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let (patient, name) = mailed(&app, &postbox, &dispatch).await;
    app.confirmed(patient, 1, app.slot(5 * DAY + 20)).await;
    send_all(&dispatch, soon(&app)).await;
    let second = postbox.letters().last().unwrap().name.clone();
    let now = plus_minutes(soon(&app), 1);
    for (name, is_confirmed) in [(&name, true), (&second, false)] {
        assert_eq!(
            take(&app, bounce(name, true, "5.0.0"), now).await,
            Bounced::Noted(BounceClass::Refused)
        );
        let known = contact(&app.database, patient).await.unwrap();
        assert_eq!(
            (known.is_confirmed, known.has_come_back),
            (is_confirmed, !is_confirmed)
        );
    }
}

#[tokio::test]
async fn what_is_refused_late_says_nothing_of_an_address_that_was_confirmed_since() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let (patient, first) = mailed(&app, &postbox, &dispatch).await;
    app.confirmed(patient, 1, app.slot(5 * DAY + 20)).await;
    send_all(&dispatch, soon(&app)).await;
    let second = postbox.letters().last().unwrap().name.clone();
    app.sql("update patients set email_confirmed_at = now() + interval '1 hour'")
        .await;
    let now = plus_minutes(soon(&app), 61);
    for name in [&first, &second] {
        assert_eq!(
            take(&app, bounce(name, true, "5.0.0"), now).await,
            Bounced::Noted(BounceClass::Refused)
        );
    }
    let known = contact(&app.database, patient).await.unwrap();
    assert!(known.is_confirmed && !known.has_come_back);
    assert_eq!(app.count("select count(*) from message_stops").await, 0);
}

/// Whoever merges patients has them first, and then their messages.
#[tokio::test]
async fn an_address_that_is_refused_is_noted_patients_first() {
    const PATIENTS: &str = "select from patients for update";
    const MESSAGES: &str = "select from messages for update nowait";
    let app = TestApp::crowded().await;
    let postbox = Postbox::new();
    let (patient, name) = mailed(&app, &postbox, &listening(&app, &postbox)).await;
    app.sql("insert into message_stops (recipient, reason, stopped_at) values ('maya@example.org', 'no_such_recipient', now())")
        .await;
    let now = soon(&app);
    let mut other = app.connection().await;
    let mut merge = other.begin().await.unwrap();
    sqlx::query(PATIENTS).execute(&mut *merge).await.unwrap();
    let (database, report) = (app.database.clone(), bounce(&name, true, "5.0.0"));
    let taken = tokio::spawn(async move { take_bounce(&database, report, true, now).await });
    app.until_waiting(1).await;
    sqlx::query(MESSAGES).execute(&mut *merge).await.unwrap();
    merge.rollback().await.unwrap();
    assert_eq!(taken.await.unwrap(), Ok(Bounced::Noted(BounceClass::Refused)));
    assert!(!contact(&app.database, patient).await.unwrap().is_confirmed);

    // The same, as the provider says so at once.
    app.sql(
        "update patients set email_confirmed_at = now() - interval '1 hour';
         delete from message_stops;
         insert into message_stops (recipient, reason, stopped_at) values ('maya@example.org', 'no_such_recipient', now());
         insert into messages (kind, channel, recipient, subject, body, not_after)
         values ('account', 'email', 'maya@example.org', 'subject', 'text', now() + interval '1 day')",
    )
    .await;
    let nobody = Postbox::with(|_| Some(Outcome::Refused(Trouble::NoSuchRecipient)));
    let dispatch = dispatch(&app, &nobody);
    let mut merge = other.begin().await.unwrap();
    sqlx::query(PATIENTS).execute(&mut *merge).await.unwrap();
    let sent = tokio::spawn(async move { send_all(&dispatch, now).await });
    app.until_waiting(1).await;
    sqlx::query(MESSAGES).execute(&mut *merge).await.unwrap();
    merge.rollback().await.unwrap();
    sent.await.unwrap();
    assert_eq!(nobody.letters().len(), 1);
    assert!(!contact(&app.database, patient).await.unwrap().is_confirmed);
}

#[tokio::test]
async fn thirty_copies_of_one_report_are_one() {
    let app = TestApp::crowded().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let (_, name) = mailed(&app, &postbox, &dispatch).await;
    let now = soon(&app);
    let copies = (0..30)
        .map(|_| {
            let (database, bounce) = (app.database.clone(), bounce(&name, true, "5.1.1"));
            async move { take_bounce(&database, bounce, true, now).await.unwrap() }
        })
        .collect();
    let taken = app.race(copies).await;
    let noted = Bounced::Noted(BounceClass::Gone);
    assert_eq!(taken.iter().filter(|taken| **taken == noted).count(), 1);
    assert_eq!(taken.iter().filter(|taken| **taken == Bounced::Known).count(), 29);
    assert_eq!(app.count("select sum(count) from message_stops").await, 1);
    assert_eq!(
        app.count("select count(*) from messages where dedupe_key like 'bounced:%'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_report_about_no_mail_of_this_database_changes_nothing() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    let (_, name) = mailed(&app, &postbox, &dispatch).await;
    // The same number, as another database had it.
    let (id, created_at) = name.split_once('.').unwrap();
    let other = format!("{id}.{}", created_at.parse::<i64>().unwrap() - 1);
    for name in [
        other.as_str(),
        "999999.1700000000000001",
        "test.0123456789abcdef",
        "",
    ] {
        assert_eq!(
            take(&app, bounce(name, true, "5.1.1"), app.now).await,
            Bounced::NoMessage
        );
    }
    assert_eq!(app.count("select count(*) from message_stops").await, 0);
    assert_eq!(
        app.count("select count(*) from messages where bounce_status is not null")
            .await,
        0
    );
}

/// Staff do not confirm addresses: an admin who sends a mail again says that the address is right.
#[tokio::test]
async fn an_admin_who_sends_a_mail_again_lets_mails_go_there_again() {
    let app = TestApp::new().await;
    let postbox = Postbox::new();
    let dispatch = listening(&app, &postbox);
    app.sql(
        "insert into messages (kind, channel, recipient, subject, body, not_after)
         values ('account', 'email', 'doctor1@test.example', 'subject', 'text', now() + interval '1 day')",
    )
    .await;
    send_all(&dispatch, soon(&app)).await;
    let name = postbox.letters()[0].name.clone();
    let now = soon(&app);
    assert_eq!(
        take(&app, bounce(&name, true, "5.1.1"), now).await,
        Bounced::Noted(BounceClass::Gone)
    );
    let id = app.count("select id from messages").await;
    send_again(&app.database, app.admin_caller(), id, now)
        .await
        .unwrap();
    assert_eq!(app.count("select count(*) from message_stops").await, 0);
    send_all(&dispatch, plus_minutes(now, 1)).await;
    assert_eq!(postbox.letters().len(), 2);
}
