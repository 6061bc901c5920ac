//! Two desks and a patient who want one thing at once.

use std::pin::Pin;

use super::{Cast, cancelling, check, count_at, known, moving, told};
use crate::{
    engine_support::{APPOINTMENTS, HOURS},
    support::{Answer, Browser, TestApp, VISIT, borrowed},
};

type Racer = Pin<Box<dyn Future<Output = Answer> + Send>>;

fn racer(browser: &Browser, page: &str, form: &'static str, fields: Vec<(&'static str, String)>) -> Racer {
    let (browser, page) = (browser.clone(), page.to_owned());
    Box::pin(async move { browser.submit(&page, form, &borrowed(&fields)).await })
}

/// Lets these three come to a lock in the order in which they stand, beginning with this one; the answers are in the order of the
/// three.
async fn race(app: &TestApp, gate: &'static str, mut three: Vec<Racer>, first: usize) -> Vec<Answer> {
    three.rotate_left(first);
    let waves = three.into_iter().map(|racer| vec![racer]).collect();
    let mut answers = app.race_behind(gate, waves).await;
    answers.rotate_right(first);
    answers
}

/// Whoever lost is told one of these, and how things stand.
async fn losers_are_told(browsers: [&Browser; 3], answers: &[Answer], sentences: &[&str]) -> Vec<String> {
    let mut all = Vec::new();
    for (browser, answer) in browsers.into_iter().zip(answers) {
        assert_eq!(answer.status / 100, 3, "{answer:?}");
        if answer.error().is_none() {
            continue;
        }
        let (_, notice) = told(browser, answer).await;
        let one = sentences.iter().find(|sentence| notice.contains(**sentence));
        all.push((*one.unwrap_or_else(|| panic!("{notice}"))).to_owned());
    }
    all
}

#[tokio::test]
async fn two_desks_and_a_patient_who_want_one_time_at_once_lose_nothing() {
    const TAKEN: &str = "has just been taken.";
    const MOVED: &str = "moved this appointment";

    let app = TestApp::crowded().await;
    let site = app.serve().await;
    let cast = Cast::of(&site).await;
    let third = known(&app, 5).await;
    let mut heard = Vec::new();
    for first in 0..3 {
        // The first desk moves the patient to a time, the second one books somebody else then, and the patient moves elsewhere.
        let slot = 20 + 48 * i64::try_from(first).unwrap();
        // Both times are in one hour, which everybody waits for in turn.
        let (wanted, elsewhere) = (app.slot(slot + 2), app.slot(slot + 3));
        app.first_booked(wanted).await;
        let reference = app.confirmed(cast.patient_id, 0, app.slot(slot)).await;
        let own = format!("/appointments/{reference}/reschedule");
        let offer = format!("{}-{}-{}", app.doctors[0].id, app.clinic, app.services[VISIT]);
        let booking = vec![
            ("patient", third.to_string()),
            ("offer", offer),
            ("starts_at", wanted.as_second().to_string()),
            ("reason", "Fever".to_owned()),
        ];
        let three = vec![
            racer(
                &cast.one,
                &format!("/admin{own}"),
                "reschedule",
                moving(&reference, 3, wanted),
            ),
            racer(&cast.two, &check(&app, 0, third, slot + 2), "desk-book", booking),
            racer(
                &cast.patient,
                &own,
                "reschedule",
                moving(&reference, 3, elsewhere),
            ),
        ];
        let answers = race(&app, HOURS, three, first).await;
        let people = [&cast.one, &cast.two, &cast.patient];
        heard.extend(losers_are_told(people, &answers, &[TAKEN, MOVED]).await);
        // Whoever came first, the time is somebody's, once, and the patient's appointment is moved once or not at all.
        assert_eq!(count_at(&app, 0, wanted).await, 1);
        let (status, version, starts_at) = app.appointment(&reference).await;
        assert_eq!((status.as_str(), version), ("confirmed", 4));
        let has_wanted = starts_at == wanted;
        assert!(has_wanted || starts_at == elsewhere, "{starts_at}");
        assert_eq!(
            answers
                .iter()
                .map(|answer| answer.error().is_none())
                .collect::<Vec<_>>(),
            [has_wanted, !has_wanted, !has_wanted]
        );
    }
    for sentence in [TAKEN, MOVED] {
        assert!(heard.iter().any(|one| one == sentence), "{sentence}: {heard:?}");
    }
    app.assert_sound().await;
}

#[tokio::test]
async fn of_a_move_and_two_cancellations_at_once_the_first_one_counts() {
    let app = TestApp::crowded().await;
    let site = app.serve().await;
    let cast = Cast::of(&site).await;
    for first in 0..3 {
        let slot = 20 + 48 * i64::try_from(first).unwrap();
        let reference = app.confirmed(cast.patient_id, 0, app.slot(slot)).await;
        let own = format!("/appointments/{reference}");
        let three = vec![
            racer(
                &cast.one,
                &format!("/admin{own}"),
                "change-status",
                cancelling(&reference, 3),
            ),
            racer(
                &cast.two,
                &format!("/admin{own}/reschedule"),
                "reschedule",
                moving(&reference, 3, app.slot(slot + 2)),
            ),
            racer(
                &cast.patient,
                &format!("{own}/cancel"),
                "change-status",
                cancelling(&reference, 3),
            ),
        ];
        let answers = race(&app, APPOINTMENTS, three, first).await;
        let people = [&cast.one, &cast.two, &cast.patient];
        let sentences = ["moved this appointment", "cancelled this appointment"];
        losers_are_told(people, &answers, &sentences).await;
        let (status, version, starts_at) = app.appointment(&reference).await;
        // One change, whoever made it; the time that it had or was to have is nobody's then.
        assert_eq!(version, 4);
        match status.as_str() {
            "cancelled" => assert!(answers[1].error().is_some(), "{answers:?}"),
            status => assert_eq!((status, starts_at), ("confirmed", app.slot(slot + 2))),
        }
        assert!(app.is_free(app.wanted(0, VISIT, app.slot(slot))).await);
    }
    app.assert_sound().await;
}
