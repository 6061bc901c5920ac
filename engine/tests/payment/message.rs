//! What is said of payments: that the money came, that it goes back, that it went back.

use std::sync::{Arc, Mutex};

use engine::{
    appointment::{ChangeStatus, Status, change_status},
    notification::{
        self, Dispatch, Kind, Lane, Letter, Outcome, Sender, Senders, Sending, Settings, deliver,
    },
    payment::{Done, Work, done_work},
    time::plus_minutes,
};

use super::{FAR, booked, clinic, fact, goes_to_pay, holds, paid, refund::refund_due, settles};
use crate::support::{INSTANT, RULES, TestApp, patient_caller};

/// A provider of messages that keeps what it is given.
#[derive(Default)]
struct Postbox(Mutex<Vec<Letter>>);

impl Sender for Postbox {
    fn name(&self) -> &'static str {
        "postbox"
    }

    fn send<'a>(&'a self, letter: &'a Letter) -> Sending<'a> {
        self.0.lock().unwrap().push(letter.clone());
        Box::pin(async { Outcome::Sent { provider_id: None } })
    }
}

fn listening(app: &TestApp) -> (Dispatch, Arc<Postbox>) {
    let postbox = Arc::new(Postbox::default());
    let dispatch = Dispatch {
        database: app.database.clone(),
        senders: Senders {
            sms: Some(postbox.clone()),
            email: Some(postbox.clone()),
            is_demo: false,
        },
        settings: Arc::new(Settings {
            public_url: Some("https://clinic.example".to_owned()),
            ..Settings::default()
        }),
    };
    notification::listen(&dispatch);
    (dispatch, postbox)
}

/// Sends what is due, and answers with what is about payments.
async fn sent(dispatch: &Dispatch, postbox: &Postbox) -> Vec<Letter> {
    let now = plus_minutes(dispatch.database.now(), 1);
    for lane in Lane::ALL {
        while deliver(dispatch, lane, now).await.unwrap() > 0 {}
    }
    let letters = postbox.0.lock().unwrap().clone();
    letters
        .into_iter()
        .filter(|letter| matches!(letter.kind, Kind::Paid | Kind::PaymentLate | Kind::PaidBack))
        .collect()
}

#[tokio::test]
async fn who_pays_is_told_once_and_who_cancels_when_it_went_back() {
    let app = clinic().await;
    let (dispatch, postbox) = listening(&app);
    let patient = app.patient(1).await;
    let (reference, payment_id) = booked(&app, (1, patient), 0, FAR).await;
    settles(&app, fact(payment_id, paid(), Some("again")), app.now).await;
    let letters = sent(&dispatch, &postbox).await;
    let [letter] = letters.as_slice() else {
        panic!("{} letters", letters.len());
    };
    let text = letter.text();
    assert_eq!(letter.kind, Kind::Paid);
    assert!(text.contains("150,000") && text.contains(&reference), "{text}");
    assert!(
        text.contains(&format!("https://clinic.example/payments/{payment_id}")),
        "{text}"
    );
    for hidden in ["Vaccination", "Dr", "Patient"] {
        assert!(!text.contains(hidden), "{text}");
    }
    let command = ChangeStatus {
        caller: patient_caller(patient),
        which: reference.into(),
        to: Status::Cancelled,
        version: None,
        reason: String::new(),
        key: None,
    };
    change_status(&app.database, command, app.now).await.unwrap();
    assert_eq!(sent(&dispatch, &postbox).await.len(), 1);
    let work = Work::Refund(refund_due(&app, 1).await.unwrap());
    let done = Done::Refunded {
        refund: "re_1".to_owned(),
    };
    done_work(&app.database, &work, done, RULES, app.now)
        .await
        .unwrap();
    let letters = sent(&dispatch, &postbox).await;
    assert_eq!(letters.last().map(|letter| letter.kind), Some(Kind::PaidBack));
    assert_eq!(letters.len(), 2);
}

#[tokio::test]
async fn whose_money_came_too_late_is_told_that_nothing_is_booked() {
    let app = clinic().await;
    let (dispatch, postbox) = listening(&app);
    let patients = app.patients(2).await;
    let reference = holds(&app, 1, 0, FAR).await;
    let payment_id = goes_to_pay(&app, (1, patients[0]), &reference, app.now)
        .await
        .unwrap();
    app.sql("update appointments set held_until = created_at where status = 'held'")
        .await;
    app.books(patients[1], app.wanted(0, INSTANT, app.slot(FAR)))
        .await
        .unwrap();
    settles(&app, fact(payment_id, paid(), Some("late")), app.now).await;
    let letters = sent(&dispatch, &postbox).await;
    let kinds: Vec<Kind> = letters.iter().map(|letter| letter.kind).collect();
    assert_eq!(kinds, [Kind::PaymentLate]);
    assert_eq!(letters[0].recipient, "+6281255500000");
}
