//! Doctors.

use super::follow;
use crate::support::{Browser, PASSWORD, Site, TestApp, VISIT};
use engine::error::{AppError, Field, FieldProblem};

const TAKEN: AppError = AppError::ValidationFailed {
    field: Field::Email,
    problem: FieldProblem::Taken,
};

/// The fields of the form of a doctor.
fn doctor_fields<'a>(ids: &'a [String; 2], email: &'a str, until: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("filled[fields][title]", "Dr Ayu Lestari"),
        ("filled[fields][speciality]", "Dermatology"),
        ("filled[fields][about]", ""),
        ("filled[ticked][languages][0]", "en"),
        ("filled[fields][more_languages]", "su"),
        ("filled[fields][email]", email),
        ("filled[fields][new_password]", "a first password"),
        ("filled[fields][clinic]", &ids[0]),
        ("filled[ticked][services][1]", &ids[1]),
        ("filled[ticked][days][0]", "1"),
        ("filled[ticked][days][2]", "3"),
        ("filled[ticked][days][4]", "5"),
        ("filled[fields][hours]", "8:00"),
        ("filled[fields][until]", until),
        ("filled[fields][break_from]", "12:00"),
        ("filled[fields][break_until]", "13:00"),
    ]
}

async fn sign_in(site: &Site<'_>, email: &str, password: &str) -> (Browser, String) {
    let browser = site.visitor();
    let fields = [("email", email), ("password", password), ("next", "")];
    let answer = browser.submit("/staff/sign-in", "staff-sign-in", &fields).await;
    (browser, answer.location())
}

#[tokio::test]
async fn doctors_are_described_without_javascript() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let ids = [app.clinic.to_string(), app.services[VISIT].to_string()];
    let new = "/admin/doctors/new";

    let mut wrong = doctor_fields(&ids, "ayu", "7:00");
    wrong.retain(|(name, _)| !name.contains("services"));
    let answer = admin.submit(new, "add-doctor", &wrong).await;
    let back = follow(&admin, &answer).await;
    assert_eq!(
        back.texts("#errors li"),
        [
            "Enter an e-mail address such as name@clinic.example.",
            "Choose at least one service.",
            "Hours end on the day on which they begin. For a night, write the hours until 24:00 on this day, and the rest from \
             00:00 on the next day.",
        ]
    );
    assert!(!back.body.contains("a first password"));
    assert_eq!(
        back.texts("input[name='filled[ticked][days][2]'][checked]").len(),
        1
    );
    assert_eq!(
        back.texts("input[name='filled[ticked][days][1]'][checked]").len(),
        0
    );
    let sessions = "select count(*) from sessions where data::text like '%a first password%'";
    assert_eq!(app.count(sessions).await, 0);

    let answer = admin
        .submit(
            new,
            "add-doctor",
            &doctor_fields(&ids, "Doctor1@test.example", "17:00"),
        )
        .await;
    assert_eq!(answer.error(), Some(TAKEN));
    let back = follow(&admin, &answer).await;
    assert_eq!(
        back.texts("#email-error"),
        ["Somebody signs in with this e-mail address already."]
    );

    let answer = admin
        .submit(
            new,
            "add-doctor",
            &doctor_fields(&ids, "ayu@test.example", "17:00"),
        )
        .await;
    assert_eq!(answer.error(), None, "{answer:?}");
    let page = follow(&admin, &answer).await;
    assert_eq!(page.texts("#errors-title"), ["Dr Ayu Lestari can be booked."]);
    let next = page.texts("section[aria-labelledby='next-title'] dd");
    // Whatever time it is now, they are within the hours that were typed.
    let hours: Vec<&str> = next[0]
        .split(" · ")
        .filter_map(|time| time.get(time.len() - 5..))
        .collect();
    assert!(
        !hours.is_empty() && hours.iter().all(|hour| ("08:00".."17:00").contains(hour)),
        "{next:?}"
    );
    let id = app.count("select max(id) from doctors").await;
    let public = site.visitor().get(&format!("/doctors/{id}")).await;
    assert!(!public.texts("button.time").is_empty());
    let (_, home) = sign_in(&site, "ayu@test.example", "a first password").await;
    assert_eq!(home, "/doctor");

    // Another profile and password: what the old one had opened is closed.
    let (old, _) = sign_in(&site, "ayu@test.example", "a first password").await;
    assert_eq!(old.get("/doctor").await.status, 200);
    let doctor_id = id.to_string();
    let path = format!("/admin/doctors/{id}");
    let profile = |version: &'static str, name: &'static str| {
        [
            ("doctor_id", String::leak(doctor_id.clone()) as &str),
            ("version", version),
            ("filled[fields][title]", name),
            ("filled[fields][speciality]", "Dermatology"),
            ("filled[fields][email]", "lestari@test.example"),
            ("filled[fields][new_password]", "another password"),
            ("filled[fields][own_password]", PASSWORD),
        ]
    };
    let answer = admin
        .submit(&path, "edit-doctor", &profile("1", "Dr Lestari"))
        .await;
    assert_eq!(answer.error(), None, "{answer:?}");
    assert!(old.get("/doctor").await.location().contains("sign-in"));
    let (_, home) = sign_in(&site, "ayu@test.example", "a first password").await;
    assert!(home.contains("__err"), "{home}");
    let (_, home) = sign_in(&site, "lestari@test.example", "another password").await;
    assert_eq!(home, "/doctor");
    let answer = admin.submit(&path, "edit-doctor", &profile("1", "Dr Ayu")).await;
    assert_eq!(answer.error(), Some(AppError::StaleDoctor));
    let told = follow(&admin, &answer).await;
    assert_eq!(told.texts("#title-now"), ["It is now: Dr Lestari"]);
    assert!(
        told.texts("#errors")
            .join(" ")
            .contains("admin changed the profile"),
        "{:?}",
        told.texts("#errors")
    );

    // The services that the doctor offers.
    let offer = format!("{}-{}", app.clinic, app.services[1]);
    let fields = [
        ("doctor_id", doctor_id.as_str()),
        ("version", "2"),
        ("filled[ticked][offers][1]", &offer),
    ];
    let answer = admin.submit(&path, "put-offers", &fields).await;
    let page = follow(&admin, &answer).await;
    assert_eq!(page.texts("#errors-title"), ["What is offered is saved."]);
    assert_eq!(page.texts("#offers input[checked]").len(), 1);
    let answer = admin.submit(&path, "put-offers", &fields[..2]).await;
    assert_eq!(answer.error(), Some(AppError::StaleDoctor));
    let told = follow(&admin, &answer).await;
    assert_eq!(told.texts("#offers input[checked]").len(), 0, "as it was ticked");
    assert!(
        told.texts("#errors")
            .join(" ")
            .contains("admin changed what the doctor offers")
    );
}
