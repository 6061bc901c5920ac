//! ETags: a client that has an answer already is not sent it again.

use jiff::Timestamp;

use crate::support::{Answer, People, Program, TestApp, VISIT, data};
use engine::account::{session::SignedIn, token::issue};

#[tokio::test]
async fn free_times_are_not_modified_until_one_of_them_is_taken() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let doctor = app.doctors[0].id;
    let day = app.slot(0).strftime("%F");
    let url = format!(
        "{}/api/v1/doctors/{doctor}/slots?service=visit&from={day}&to={day}",
        visitor.site
    );
    let ask = async |tag: &str| Answer::of(visitor.http.get(&url).header("if-none-match", tag)).await;

    let first = ask("\"another\"").await;
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!(first.header("cache-control"), "no-cache");
    let tag = first.header("etag");
    assert!(tag.starts_with("W/\""), "{tag}");
    let again = ask(&tag).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    assert_eq!(again.header("etag"), tag);

    let patient = app.patient(0).await;
    app.confirmed(patient, 0, app.slot(1)).await;
    let changed = ask(&tag).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_ne!(changed.header("etag"), tag);
}

#[tokio::test]
async fn personal_answers_are_not_stored_by_a_browser() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let who = SignedIn::Staff(app.admin_staff_id);
    let issued = issue(&app.database, who, None, Timestamp::now()).await.unwrap();
    let visitor = site.visitor();
    let url = format!("{}/api/v1/appointments", visitor.site);
    let ask = async |tag: &str| {
        let request = visitor.http.get(&url).bearer_auth(&issued.token);
        Answer::of(request.header("if-none-match", tag)).await
    };
    let first = ask("\"another\"").await;
    assert_eq!(
        (first.status, first.header("cache-control").as_str()),
        (200, "no-store")
    );
    assert_eq!(ask(&first.header("etag")).await.status, 304);
    // A stranger is not even told that nothing has changed.
    let anybody = visitor
        .http
        .get(&url)
        .header("if-none-match", first.header("etag"));
    assert_eq!(Answer::of(anybody).await.status, 401);
}

#[tokio::test]
async fn any_line_and_any_tag_of_a_condition_counts() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let url = visitor.url("/api/v1/doctors");
    let ask = async |lines: &[&str]| {
        let request = lines.iter().fold(visitor.http.get(&url), |request, line| {
            request.header("if-none-match", *line)
        });
        Answer::of(request).await
    };
    let tag = ask(&[]).await.header("etag");
    let strong = tag.trim_start_matches("W/");
    for (lines, status) in [
        (vec!["\"one\"", &tag], 304),
        (vec![&tag, "\"one\""], 304),
        (vec!["\"one\"", "\"two\"", strong], 304),
        (vec!["\"one\", W/\"two\"", &format!("\"three\",{tag}")], 304),
        (vec!["\"one\"", "*"], 304),
        (vec!["*"], 304),
        (vec!["\"one\"", "W/\"two\""], 200),
    ] {
        assert_eq!(ask(&lines).await.status, status, "{lines:?}");
    }
}

#[tokio::test]
async fn a_tag_that_was_overheard_tells_a_stranger_nothing() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    app.requested(people.patient_id, app.wanted(0, VISIT, app.slot(7 * 48)))
        .await;
    let listed = data(&people.patient.get("appointments").await, 200);
    let appointment = format!("appointments/{}", listed[0]["id"]);
    let patient = format!("patients/{}", people.patient_id);
    for (path, owner, stranger) in [
        (&appointment, &people.patient, &people.other),
        (&appointment, &people.doctor, &people.other_doctor),
        (&patient, &people.doctor, &people.other_doctor),
    ] {
        let tag = owner.get(path).await.header("etag");
        assert!(tag.starts_with("W/"), "{path}: {tag}");
        let nobody = Program::new(&site);
        for (program, status) in [(owner, 304), (stranger, 404), (&nobody, 401)] {
            for known in [tag.as_str(), "*"] {
                let request = program.request("GET", path).header("if-none-match", known);
                assert_eq!(Answer::of(request).await.status, status, "{path} {known}");
            }
        }
    }
}
