//! A text consultation without JavaScript.

use super::{PHONE, by_text};
use crate::support::TestApp;
use engine::{
    appointment::Status,
    error::{AppError, Field, FieldProblem},
};

const HOSTILE: &str = "</p><script>alert(1)</script>\"'&";

#[tokio::test]
async fn a_patient_and_a_doctor_write_to_each_other() {
    let app = TestApp::new().await;
    let reference = by_text(&app).await;
    let site = app.serve().await;
    let patient = site.patient(PHONE).await;
    let doctor = site.staff("doctor1@test.example").await;
    let page = format!("/appointments/{reference}/consultation");
    let doctors_page = format!("/doctor{page}");
    // Both find the way.
    for (browser, from, to) in [
        (&patient, "/appointments".to_owned(), &page),
        (&patient, format!("/appointments/{reference}"), &page),
        (
            &doctor,
            format!("/doctor/appointments/{reference}"),
            &doctors_page,
        ),
    ] {
        let links = browser.get(&from).await.links("main a");
        assert!(links.contains(to), "{from}: {links:?}");
    }
    let empty = patient.get(&page).await;
    assert_eq!(empty.texts("#thread > li"), ["No messages yet"]);

    let form = empty.form("write-message");
    let key = form.iter().find(|(name, _)| name == "key").unwrap().1.clone();
    let fields = [
        ("reference", reference.as_str()),
        ("message", HOSTILE),
        ("key", key.as_str()),
    ];
    // A finger is impatient.
    for _ in 0..2 {
        let answer = patient.submit(&page, "write-message", &fields).await;
        assert_eq!(answer.location(), format!("{page}#message"));
    }
    // Whoever comes back to the page with the same key and writes something else sends something else.
    let more = [
        ("reference", reference.as_str()),
        ("message", "And more"),
        ("key", key.as_str()),
    ];
    let answer = patient.submit(&page, "write-message", &more).await;
    assert_eq!(answer.location(), format!("{page}#message"));
    let own = patient.get(&page).await;
    assert_eq!(own.texts("#thread .said"), [HOSTILE, "And more"]);
    assert_eq!(own.texts("#thread .state"), ["Sent", "Sent"]);
    assert!(!own.body.contains("<script>alert"), "a message became markup");

    // The doctor sees on Today that there is something, reads it, and it is seen.
    let today = doctor.get("/doctor").await;
    assert_eq!(
        today.links("[aria-labelledby='new-messages'] a"),
        [doctors_page.as_str()]
    );
    assert_eq!(
        today.texts("[aria-labelledby='new-messages'] .hide"),
        ["2 new messages"]
    );
    let head = doctor.http.head(doctor.url(&doctors_page)).send().await.unwrap();
    assert_eq!(head.status(), 200);
    assert_eq!(patient.get(&page).await.texts("#thread .state"), ["Sent", "Sent"]);
    let read = doctor.get(&doctors_page).await;
    assert_eq!(read.texts("#thread .said"), [HOSTILE, "And more"]);
    let beside = format!("/doctor/appointments/{reference}/prescribe");
    assert!(
        read.links("main a").contains(&beside),
        "no way to the prescription"
    );
    assert_eq!(patient.get(&page).await.texts("#thread .state"), ["Seen", "Seen"]);
    assert!(
        doctor
            .get("/doctor")
            .await
            .links("[aria-labelledby='new-messages'] a")
            .is_empty()
    );

    let answer = [("reference", reference.as_str()), ("message", "Since when?")];
    doctor.submit(&doctors_page, "write-message", &answer).await;
    let mine = patient.get("/appointments").await;
    assert!(
        mine.texts(".visit .hide").contains(&"One new message".to_owned()),
        "{}",
        mine.body
    );
    let read = patient.get(&page).await;
    assert_eq!(read.texts("#thread .said"), [HOSTILE, "And more", "Since when?"]);
    assert_eq!(read.texts("#thread li:last-child b"), ["Dr 1"]);
}

#[tokio::test]
async fn what_could_not_be_sent_is_not_lost() {
    let app = TestApp::new().await;
    let reference = by_text(&app).await;
    let site = app.serve().await;
    let patient = site.patient(PHONE).await;
    let page = format!("/appointments/{reference}/consultation");
    let too_long = "x".repeat(4001);
    let fields = [("reference", reference.as_str()), ("message", &too_long)];
    let answer = patient.submit(&page, "write-message", &fields).await;
    assert_eq!(
        answer.error(),
        Some(AppError::invalid(Field::Message, FieldProblem::TooLongBy(1)))
    );
    let back = patient.get(&answer.location()).await;
    assert!(
        back.form("write-message")
            .contains(&("message".to_owned(), too_long))
    );

    app.sql("update appointments set status = 'no_show'").await;
    let fields = [("reference", reference.as_str()), ("message", "Too late")];
    let answer = patient.submit(&page, "write-message", &fields).await;
    assert_eq!(answer.error(), Some(AppError::ConsultationClosed));
    let back = patient.get(&answer.location()).await;
    assert_eq!(
        back.texts("#errors-title"),
        ["You cannot write here now. What you typed was not sent."]
    );
    assert!(
        back.form("write-message")
            .contains(&("message".to_owned(), "Too late".to_owned()))
    );
    let program = patient.call("write-message", &fields).await;
    assert_eq!(
        (program.status, program.code().as_str()),
        (409, "CONSULTATION_CLOSED")
    );
    assert_eq!(app.count("select count(*) from consultation_messages").await, 0);
    // Nothing to write on any more, and all there is to read.
    let closed = patient.get(&page).await;
    assert!(closed.form("write-message").is_empty());
}

#[tokio::test]
async fn nobody_else_reads_or_writes() {
    let app = TestApp::new().await;
    let reference = by_text(&app).await;
    app.patient(2).await;
    let site = app.serve().await;
    let page = format!("/appointments/{reference}/consultation");
    let fields = [("reference", reference.as_str()), ("message", "x")];
    for (who, stranger, patients_page) in [
        ("patient", site.patient("+6281255500002").await, 404),
        ("doctor", site.staff("doctor2@test.example").await, 403),
        ("admin", site.staff("admin@test.example").await, 403),
    ] {
        assert_eq!(stranger.get(&page).await.status, patients_page, "{who}");
        assert_eq!(stranger.get(&format!("/doctor{page}")).await.status, 404, "{who}");
        let live = stranger.get(&format!("/live/consultations/{reference}")).await;
        assert_eq!(live.status, 404, "{who}");
        assert_eq!(stranger.call("write-message", &fields).await.status, 404, "{who}");
    }
    let visitor = site.visitor();
    assert_eq!(visitor.call("write-message", &fields).await.status, 401);
    let live = visitor.get(&format!("/live/consultations/{reference}")).await;
    assert_eq!(live.status, 401);
    assert_eq!(app.count("select count(*) from consultation_messages").await, 0);
}

#[tokio::test]
async fn an_appointment_in_person_has_no_consultation() {
    let app = TestApp::new().await;
    let patient_id = app.patient(1).await;
    let reference = app.visit(patient_id, 0, app.slot(18), Status::InProgress).await;
    let site = app.serve().await;
    let patient = site.patient(PHONE).await;
    for page in ["consultation", "video"] {
        let path = format!("/appointments/{reference}/{page}");
        assert_eq!(patient.get(&path).await.status, 404, "{path}");
    }
}
