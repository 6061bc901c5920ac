//! Courses on pages, without JavaScript, and by the API.

use serde_json::{Value, json};

use crate::support::{Answer, People, TestApp, VISIT, book, data, refused};

/// Of the engine's services, the one that is booked at once.
const INSTANT: usize = 2;

/// The address of the preview of a daily course at ten, of so many days.
fn path(app: &TestApp, base: &str, patient: Option<i64>, days: usize) -> String {
    let patient = patient.map(|id| format!("&patient={id}")).unwrap_or_default();
    format!(
        "{base}?doctor={}&clinic={}&service={}{patient}&every=1&unit=days&time=10%3A00&from={}&count={days}&until=",
        app.doctors[0].id,
        app.clinic,
        app.services[INSTANT],
        app.day(20)
    )
}

/// What the form of a page would send: what is ticked, and what else it has.
fn ticked(page: &Answer) -> Vec<(String, String)> {
    page.form("book-course")
}

fn times(fields: &[(String, String)]) -> Vec<&str> {
    let times = fields
        .iter()
        .filter(|(name, value)| name.starts_with("times") && !value.is_empty());
    times.map(|(_, value)| value.as_str()).collect()
}

#[tokio::test]
async fn a_patient_books_a_course_and_gives_up_the_rest_without_javascript() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let browser = site.visitor();
    book(
        &site,
        &browser,
        app.wanted(1, VISIT, app.slot(40)),
        "Dewi",
        "A cough",
    )
    .await;
    let doctor = browser.get(&format!("/doctors/{}", app.doctors[0].id)).await;
    assert!(doctor.body.contains("/course?doctor="), "no way to the course");
    // Nobody has said when.
    let start = path(&app, "/course", None, 4);
    let empty = browser.get(start.split("&every").next().unwrap()).await;
    assert!(
        empty.status == 200 && empty.form("book-course").is_empty(),
        "{empty:?}"
    );
    let wrong = browser.get(&start.replace("every=1", "every=99")).await;
    assert!(wrong.body.contains("Enter how often"), "{}", wrong.body);

    // The second day is somebody else's.
    let other = app.patient(5).await;
    app.books(other, app.wanted(0, INSTANT, app.slot(20 + 48)))
        .await
        .unwrap();
    let page = browser.get(&start).await;
    assert!(page.body.contains("3 of 4 dates are free."), "{}", page.body);
    assert!(page.body.contains("somebody else has this time."));
    let mut fields = ticked(&page);
    fields.retain(|(name, value)| !name.starts_with("times") || !value.is_empty());
    let mut chosen: Vec<(&str, &str)> = fields
        .iter()
        .filter(|(name, _)| name != "times[1]")
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    // One of the alternatives in its place.
    let instead = app.slot(21 + 48).as_second().to_string();
    chosen.push(("times[1]", &instead));
    let booked = browser.submit(&start, "book-course", &chosen).await;
    assert!(booked.location().ends_with("/done"), "{booked:?}");
    assert_eq!(
        app.count("select count(*) from appointments where segment is not null")
            .await,
        4
    );

    // From the third on, it is given up.
    let third: String = sqlx::query_scalar("select reference from appointments where segment = 3")
        .fetch_one(&mut *app.spare().await)
        .await
        .unwrap();
    let cancel = format!("/appointments/{third}/cancel");
    assert!(
        browser
            .get(&cancel)
            .await
            .body
            .contains("Cancel this and all later ones")
    );
    let given_up = browser
        .submit(&cancel, "cancel-rest", &[("reference", &third)])
        .await;
    assert_eq!(given_up.error(), None, "{given_up:?}");
    let left = "select count(*) from appointments where segment is not null and status = 'confirmed'";
    assert_eq!(app.count(left).await, 2);
    app.assert_sound().await;
}

#[tokio::test]
async fn the_desk_books_a_course_and_is_told_what_was_lost() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let (patient, other) = (app.patient(1).await, app.patient(2).await);
    let start = path(&app, "/admin/course", Some(patient), 3);
    let fields = ticked(&admin.get(&start).await);
    // While the page is open, somebody else is faster.
    app.books(other, app.wanted(0, INSTANT, app.slot(20 + 48)))
        .await
        .unwrap();
    let send = |fields: &[(String, String)]| {
        let fields = fields.to_vec();
        let (admin, start) = (&admin, start.clone());
        async move {
            let fields: Vec<(&str, &str)> = fields
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            admin.submit(&start, "book-course", &fields).await
        }
    };
    let lost = send(&fields).await;
    let page = admin.get(&lost.location()).await;
    let notice = page.texts("section.notice").join(" ");
    assert!(
        notice.contains("cannot be booked") && notice.contains("Nothing is booked"),
        "{notice}"
    );
    assert_eq!(app.count("select count(*) from appointments").await, 1);
    let fields = ticked(&page);
    assert_eq!(times(&fields).len(), 2, "{fields:?}");
    let booked = send(&fields).await;
    assert!(
        booked.location().starts_with("/admin/appointments/"),
        "{booked:?}"
    );
    // In a doctor's own calendar, of whom the patient is known now.
    let doctor = site.staff("doctor1@test.example").await;
    let own = doctor.get(&path(&app, "/doctor/course", Some(patient), 3)).await;
    assert_eq!(own.status, 200);
    let others = site.staff("doctor2@test.example").await;
    let foreign = others.get(&path(&app, "/doctor/course", Some(patient), 3)).await;
    assert_eq!(foreign.status, 404);
    app.assert_sound().await;
}

#[tokio::test]
async fn programs_look_at_a_course_and_book_it() {
    let app = TestApp::new().await;
    let people = People::of(&app.serve().await).await;
    let wish = |count: usize| {
        json!({
            "doctor_id": app.doctors[0].id, "type": "instant", "every": 1, "unit": "days", "time": "10:00",
            "from": app.day(20).to_string(), "count": count,
        })
    };
    app.books(people.other_id, app.wanted(0, INSTANT, app.slot(20 + 48)))
        .await
        .unwrap();
    let seen = data(&people.patient.post("courses/preview", &wish(4)).await, 200);
    let dates = seen["dates"].as_array().unwrap();
    assert_eq!(dates.len(), 4);
    assert_eq!(
        (&dates[1]["free"], &dates[1]["reason"]),
        (&json!(false), &json!("slot_taken"))
    );
    assert_eq!(dates[1]["alternatives"].as_array().unwrap().len(), 3);
    let free: Vec<&Value> = dates
        .iter()
        .filter(|date| date["free"] == true)
        .map(|date| &date["starts_at"])
        .collect();
    let body = json!({ "doctor_id": app.doctors[0].id, "type": "instant", "times": free, "reason": "Physiotherapy" });
    let booked = data(&people.patient.post("courses", &body).await, 201);
    assert_eq!(booked["appointments"].as_array().unwrap().len(), 3);
    // Repeated, it is the same one.
    assert_eq!(
        data(&people.patient.post("courses", &body).await, 201)["visit"],
        booked["visit"]
    );
    let lost = people.other.post("courses", &body).await;
    let details = refused(&lost, 409, "BOOKING_FAILED");
    assert_eq!(
        (&details["reason"], &details["segment"]),
        (&json!("slot_taken"), &json!(0))
    );
    let one = json!({ "doctor_id": app.doctors[0].id, "type": "instant", "times": free[..1] });
    let answer = people.other.post("courses", &one).await;
    assert_eq!(refused(&answer, 422, "VALIDATION_FAILED")["times"], "missing");
    let many = people.patient.post("courses/preview", &wish(21)).await;
    refused(&many, 422, "VALIDATION_FAILED");
    let mut theirs = wish(4);
    theirs["patient_id"] = json!(people.patient_id);
    refused(
        &people.other.post("courses/preview", &theirs).await,
        403,
        "FORBIDDEN",
    );
    refused(
        &people.other_doctor.post("courses/preview", &theirs).await,
        404,
        "NOT_FOUND",
    );
    // From the second on.
    let from = json!({ "from_appointment": booked["appointments"][1]["id"] });
    let path = format!("visits/{}/cancel", booked["visit"]);
    let left = data(&people.patient.post(&path, &from).await, 200);
    let statuses: Vec<&Value> = left["appointments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["status"])
        .collect();
    assert_eq!(statuses, ["confirmed", "cancelled", "cancelled"]);
    app.assert_sound().await;
}
