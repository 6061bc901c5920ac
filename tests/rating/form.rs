//! Rating a visit without JavaScript.

use crate::support::TestApp;
use engine::{
    appointment::Status,
    error::{AppError, Field, FieldProblem},
    rating::{Average, averages},
};

/// Visits of as many patients to a doctor, all of them over.
async fn visits(app: &TestApp, count: usize) -> Vec<(i64, String)> {
    let mut visits = Vec::new();
    for (slot, patient_id) in (10..).zip(app.patients(count).await) {
        visits.push((
            patient_id,
            app.visit(patient_id, 0, app.slot(slot), Status::Completed).await,
        ));
    }
    visits
}

async fn average(app: &TestApp, doctor: usize) -> Option<Average> {
    let id = app.doctors[doctor].id;
    averages(&mut *app.spare().await, &[id])
        .await
        .unwrap()
        .remove(&id)
}

#[tokio::test]
async fn a_patient_rates_without_javascript() {
    const HOSTILE: &str = "</blockquote><script>alert(1)</script>\"'& \\u0000";
    let app = TestApp::new().await;
    let (_, reference) = visits(&app, 2).await.remove(0);
    let site = app.serve().await;
    let patient = site.patient("+6281255500000").await;
    let page = format!("/appointments/{reference}");
    let mine = patient.get("/appointments").await;
    assert!(
        mine.body.contains(&format!("{page}#rating")),
        "no way to the form"
    );
    let mut form = patient.get(&page).await.form("rate");
    form.retain(|(name, _)| name != "key");
    assert_eq!(
        form,
        [
            ("reference".to_owned(), reference.clone()),
            ("comment".to_owned(), String::new()),
        ]
    );

    let fields = [("reference", reference.as_str()), ("comment", HOSTILE)];
    let answer = patient.submit(&page, "rate", &fields).await;
    assert_eq!(
        answer.error(),
        Some(AppError::invalid(Field::Score, FieldProblem::Missing))
    );
    let back = patient.get(&answer.location()).await;
    assert_eq!(back.texts("#errors li a"), ["Choose 1 to 5."]);
    assert!(!back.body.contains("<script>alert"), "a comment became markup");
    assert!(
        back.form("rate")
            .contains(&("comment".to_owned(), HOSTILE.to_owned()))
    );

    let too_long = "x".repeat(501);
    let fields = [
        ("reference", reference.as_str()),
        ("score", "4"),
        ("comment", &too_long),
    ];
    let answer = patient.submit(&page, "rate", &fields).await;
    assert_eq!(
        answer.error(),
        Some(AppError::invalid(Field::Comment, FieldProblem::TooLongBy(1)))
    );
    let form = patient.get(&answer.location()).await.form("rate");
    assert!(form.contains(&("score".to_owned(), "4".to_owned())));
    assert!(form.contains(&("comment".to_owned(), too_long)));

    // A character that no database takes is no way in, and no way to an error of ours.
    let comment = format!("{HOSTILE}\0");
    let fields = [
        ("reference", reference.as_str()),
        ("score", "4"),
        ("comment", &comment),
    ];
    let answer = patient.submit(&page, "rate", &fields).await;
    assert_eq!(answer.location(), format!("{page}?rated=1"));
    let thanks = patient.get(&answer.location()).await;
    assert_eq!(thanks.texts("#errors-title"), ["Thank you for your rating."]);
    assert_eq!(thanks.texts("#rating blockquote"), [HOSTILE]);
    assert!(!thanks.body.contains("<script>alert"), "a comment became markup");

    let fields = [
        ("reference", reference.as_str()),
        ("score", "1"),
        ("comment", "On second thought"),
    ];
    let answer = patient.submit(&page, "rate", &fields).await;
    assert_eq!(answer.error(), Some(AppError::RatingExists));
    let told = patient.get(&answer.location()).await;
    assert_eq!(
        told.texts("#errors-title"),
        ["You have already rated this visit."]
    );
    assert_eq!(told.texts("#rating blockquote"), [HOSTILE, "On second thought"]);
    let program = patient.call("rate", &fields).await;
    assert_eq!((program.status, program.code().as_str()), (409, "RATING_EXISTS"));

    // Its doctor reads it; everybody sees what it comes to.
    let doctor = site.staff("doctor1@test.example").await;
    let read = doctor.get(&format!("/doctor{page}")).await;
    assert_eq!(read.texts("#rating blockquote"), [HOSTILE]);
    let visitor = site.visitor();
    for path in ["/".to_owned(), format!("/doctors/{}", app.doctors[0].id)] {
        let shown = visitor.get(&path).await;
        assert_eq!(
            shown.texts(".rating .hide"),
            ["Rated 4.0 of 5, in one rating"],
            "{path}"
        );
        assert!(!shown.body.contains("alert(1)"));
    }
    assert_eq!(average(&app, 0).await, Some(Average { sum: 4, count: 1 }));
}

#[tokio::test]
async fn an_appointment_of_somebody_else_cannot_be_rated() {
    let app = TestApp::new().await;
    let (_, reference) = visits(&app, 2).await.remove(0);
    let site = app.serve().await;
    let fields = [("reference", reference.as_str()), ("score", "1")];
    for stranger in [
        site.patient("+6281255500001").await,
        site.staff("doctor1@test.example").await,
        site.staff("doctor2@test.example").await,
        site.staff("admin@test.example").await,
    ] {
        let answer = stranger.call("rate", &fields).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "NOT_FOUND"));
    }
    assert_eq!(site.visitor().call("rate", &fields).await.status, 401);
    assert_eq!(average(&app, 0).await, None);
}
