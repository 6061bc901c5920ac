//! The guard of the plans and closures of an admin of named clinics: those of their clinics, and nothing of other ones.

use serde_json::json;

use crate::support::{Answer, Browser, Program, Site, TestApp, data, refused};
use engine::account::session::SignedIn;

/// An admin of the clinic and one of another clinic, at both of which the first doctor works.
struct Admins {
    elsewhere: i64,
    here_id: i64,
    there_id: i64,
    lone_id: i64,
}

impl Admins {
    async fn of(app: &TestApp) -> Self {
        let elsewhere = app.another_clinic().await;
        app.works_at(0, elsewhere).await;
        let mut ids = Vec::new();
        for (email, clinic) in [
            ("here@test.example", app.clinic),
            ("there@test.example", elsewhere),
            ("lone@test.example", elsewhere),
        ] {
            let id = app.staff("admin", email).await;
            app.give_clinics(id, &[clinic]).await;
            ids.push(id);
        }
        Self {
            elsewhere,
            here_id: ids[0],
            there_id: ids[1],
            lone_id: ids[2],
        }
    }

    async fn browsers(site: &Site<'_>) -> [(&'static str, Browser); 2] {
        [
            ("here", site.staff("here@test.example").await),
            ("there", site.staff("there@test.example").await),
        ]
    }
}

#[tokio::test]
async fn an_admin_of_named_clinics_has_the_pages_of_their_plans_and_closures() {
    let app = TestApp::new().await;
    Admins::of(&app).await;
    let site = app.serve().await;
    let (first, second) = (app.doctors[0].id, app.doctors[1].id);
    let browsers = Admins::browsers(&site).await;
    // The second doctor is at the first clinic alone.
    let table = [
        ("/admin/plans".to_owned(), [200, 200]),
        ("/admin/closures".to_owned(), [200, 200]),
        ("/admin/stop".to_owned(), [200, 200]),
        (format!("/admin/doctors/{first}/plan"), [200, 200]),
        (format!("/admin/doctors/{second}/plan"), [200, 404]),
        ("/admin/doctors/999/plan".to_owned(), [404, 404]),
        (format!("/admin/block?doctor={first}"), [404, 404]),
        (format!("/admin/doctors/{first}"), [404, 404]),
        ("/admin/doctors".to_owned(), [404, 404]),
        ("/admin/clinics".to_owned(), [404, 404]),
        ("/admin/services".to_owned(), [404, 404]),
        ("/admin/staff".to_owned(), [404, 404]),
        ("/admin/overdue".to_owned(), [404, 404]),
        ("/admin/locks".to_owned(), [404, 404]),
        ("/admin/messages".to_owned(), [404, 404]),
        ("/admin/security".to_owned(), [404, 404]),
    ];
    for (path, expected) in table {
        for ((who, browser), expected) in browsers.iter().zip(expected) {
            assert_eq!(browser.get(&path).await.status, expected, "{path} for {who}");
        }
    }
    let links = browsers[0].1.get("/admin/day").await.links("nav.nav a");
    for path in ["/admin/plans", "/admin/closures"] {
        assert!(links.contains(&path.to_owned()), "{links:?}");
    }
    let plans = browsers[1].1.get("/admin/plans").await.links("main ul a");
    assert_eq!(plans.len(), 1, "{plans:?}");
}

#[tokio::test]
async fn no_form_of_a_plan_or_a_closure_works_for_the_admin_of_another_clinic() {
    let app = TestApp::new().await;
    let admins = Admins::of(&app).await;
    app.sql(
        "insert into time_off (doctor_id, clinic_id, first_day, last_day)
         select min(doctors.id), null, '2030-01-02'::date, '2030-01-02'::date from doctors;
         insert into time_off (doctor_id, clinic_id, first_day, last_day)
         values (null, null, '2030-01-03', '2030-01-03');
         insert into time_off (doctor_id, clinic_id, first_day, last_day)
         select null, min(id), '2030-01-04'::date, '2030-01-04'::date from clinics",
    )
    .await;
    let id = |number: i64| number.to_string();
    let away = id(app
        .count("select id from time_off where doctor_id is not null")
        .await);
    let all_closed = id(app
        .count("select id from time_off where doctor_id is null and clinic_id is null")
        .await);
    let closed = id(app
        .count("select id from time_off where doctor_id is null and clinic_id is not null")
        .await);
    let (first, second) = (id(app.doctors[0].id), id(app.doctors[1].id));
    let (here, there) = (id(app.clinic), id(admins.elsewhere));
    let site = app.serve().await;
    let [_, (_, stranger)] = Admins::browsers(&site).await;
    let plan = |doctor: &str, clinic: &str| {
        [
            ("doctor_id", doctor.to_owned()),
            ("clinic_id", clinic.to_owned()),
            ("version", "1".to_owned()),
            ("day", "2030-01-01".to_owned()),
            ("reason", "x".to_owned()),
            ("exception[day]", "2030-01-01".to_owned()),
            ("dates[first_day]", "2030-01-01".to_owned()),
            ("dates[place]", clinic.to_owned()),
            ("id", away.clone()),
            ("doing", "stop".to_owned()),
            ("decided", "x".to_owned()),
        ]
    };
    let forms = [
        "plan-week",
        "plan-exception",
        "remove-exception",
        "plan-absence",
        "remove-absence",
        "block-time",
        "stop-day",
        "open-day",
        "cancel-day",
        "close-clinic",
    ];
    let mut table = Vec::new();
    for form in forms {
        table.push((form, plan(&first, &here)));
    }
    // All clinics are those of nobody who is of one.
    for form in ["plan-absence", "close-clinic", "block-time"] {
        table.push((form, plan(&first, "")));
    }
    // A doctor who is not at their clinic is none of theirs there either.
    for form in ["plan-week", "plan-exception", "plan-absence", "stop-day"] {
        table.push((form, plan(&second, &there)));
    }
    for (form, fields) in &table {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, &**value)).collect();
        // A form of all clinics has no field for one.
        let fields: Vec<(&str, &str)> = fields
            .into_iter()
            .filter(|(name, value)| !value.is_empty() || *name == "dates[place]")
            .collect();
        let answer = stranger.call(form, &fields).await;
        assert_eq!(answer.status, 404, "{form} {fields:?}: {}", answer.body);
    }
    for closure in [&closed, &all_closed] {
        let answer = stranger.call("reopen-clinic", &[("id", closure)]).await;
        assert_eq!(answer.status, 404, "{answer:?}");
    }
    assert_eq!(app.count("select count(*) from time_off").await, 3);
    assert_eq!(app.count("select count(*) from schedule_changes").await, 0);
    app.assert_sound().await;
}

#[tokio::test]
async fn a_plan_over_several_clinics_shows_and_changes_the_rows_of_their_own() {
    let app = TestApp::new().await;
    let admins = Admins::of(&app).await;
    let site = app.serve().await;
    let here = site.staff("here@test.example").await;
    let doctor = app.doctors[0].id;
    let page = format!("/admin/doctors/{doctor}/plan");
    let before = "select count(*) from working_hours where clinic_id <> (select min(id) from clinics)";
    let elsewhere = app.count(before).await;
    sqlx::query(
        "insert into time_off (doctor_id, clinic_id, first_day, last_day, note)
         values ($1, $2, '2031-01-01', '2031-01-01', 'At the other one'),
                ($1, null, '2031-01-02', '2031-01-02', 'Everywhere'),
                (null, $2, '2031-01-03', '2031-01-03', 'The other one is closed')",
    )
    .bind(doctor)
    .bind(admins.elsewhere)
    .execute(&mut *app.spare().await)
    .await
    .unwrap();
    let shown = here.get(&page).await;
    for secret in ["Other clinic", "At the other one", "The other one is closed"] {
        assert!(!shown.body.contains(secret), "{secret}: {}", shown.body);
    }
    // That the doctor is away from all clinics concerns theirs, too; taking it back does not.
    assert!(shown.body.contains("Everywhere"));
    assert!(shown.form("remove-absence").is_empty());
    let closures = here.get("/admin/closures").await;
    assert!(
        !closures.body.contains("The other one is closed"),
        "{}",
        closures.body
    );

    let clinic = app.clinic.to_string();
    let fields = [
        ("doctor_id", doctor.to_string()),
        ("version", "1".to_owned()),
        ("dates[first_day]", "2031-02-01".to_owned()),
        ("dates[place]", clinic.clone()),
    ];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, &**value)).collect();
    let answer = here.submit(&page, "plan-absence", &fields).await;
    assert!(
        answer.location().starts_with(&format!("{page}?")) && answer.location().contains("saved=absence"),
        "{answer:?}"
    );
    let shown = here.get(&page).await;
    let remove = shown.form("remove-absence");
    let remove: Vec<(&str, &str)> = remove.iter().map(|(name, value)| (&**name, &**value)).collect();
    let answer = here.submit(&page, "remove-absence", &remove).await;
    assert!(answer.location().contains("saved=absence-removed"), "{answer:?}");
    let week = [
        ("doctor_id", doctor.to_string()),
        ("clinic_id", clinic.clone()),
        ("version", "3".to_owned()),
    ];
    let week: Vec<(&str, &str)> = week.iter().map(|(name, value)| (*name, &**value)).collect();
    let answer = here.submit(&page, "plan-week", &week).await;
    assert!(answer.location().contains("saved=week"), "{answer:?}");
    assert_eq!(
        app.count(before).await,
        elsewhere,
        "the other clinic has its hours"
    );
    let close = [("dates[first_day]", "2031-03-01"), ("dates[place]", &*clinic)];
    let answer = here.submit("/admin/closures", "close-clinic", &close).await;
    assert!(answer.location().contains("saved=closure"), "{answer:?}");
    app.assert_sound().await;
}

#[tokio::test]
async fn programs_of_an_admin_of_named_clinics_plan_and_close_these() {
    let app = TestApp::new().await;
    let admins = Admins::of(&app).await;
    let site = app.serve().await;
    let program = |id| Program::acting_for(&site, SignedIn::Staff(id));
    let (here, there) = (program(admins.here_id).await, program(admins.there_id).await);
    let lone = program(admins.lone_id).await;
    let (first, second) = (app.doctors[0].id, app.doctors[1].id);
    let seen = data(&here.get(&format!("doctors/{first}/schedule")).await, 200);
    assert_eq!(seen["clinics"].as_array().unwrap().len(), 1);
    assert_eq!(seen["clinics"][0]["clinic_id"], app.clinic);
    refused(
        &there.get(&format!("doctors/{second}/schedule")).await,
        404,
        "NOT_FOUND",
    );
    let day = app.day(7 * 48).to_string();
    let why = |clinic: i64| {
        format!("doctors/{first}/schedule/why-not?service=visit&clinic={clinic}&at={day}%2010:00:00")
    };
    data(&here.get(&why(app.clinic)).await, 200);
    refused(&here.get(&why(admins.elsewhere)).await, 404, "NOT_FOUND");

    let (path, clinic) = (format!("doctors/{first}/schedule"), app.clinic);
    let calls = |clinic: i64, version: i32| {
        [
            (
                "PUT",
                format!("{path}/week"),
                json!({ "clinic_id": clinic, "week": [], "version": version }),
            ),
            (
                "PUT",
                format!("{path}/exceptions/{clinic}/{day}"),
                json!({ "hours": [], "version": version + 1 }),
            ),
            (
                "POST",
                format!("{path}/absences"),
                json!({ "clinic_id": clinic, "first_day": day, "version": version + 2 }),
            ),
            (
                "POST",
                format!("{path}/stop-day"),
                json!({ "clinic_id": clinic, "day": day, "version": version + 3 }),
            ),
            (
                "POST",
                format!("{path}/open-day"),
                json!({ "clinic_id": clinic, "day": day, "version": version + 4 }),
            ),
            (
                "POST",
                "closures".to_owned(),
                json!({ "clinic_id": clinic, "first_day": day }),
            ),
        ]
    };
    for stranger in [&there, &lone] {
        for (method, path, body) in calls(clinic, 1) {
            let answer = Answer::of(stranger.request(method, &path).json(&body)).await;
            refused(&answer, 404, "NOT_FOUND");
        }
    }
    for (method, path, body) in calls(clinic, 1) {
        let answer = Answer::of(here.request(method, &path).json(&body)).await;
        assert!([200, 201].contains(&answer.status), "{method} {path}: {answer:?}");
    }
    // All clinics are not theirs.
    let everywhere = json!({ "first_day": day, "version": 6 });
    refused(
        &here.post(&format!("{path}/absences"), &everywhere).await,
        404,
        "NOT_FOUND",
    );
    refused(
        &here.post("closures", &json!({ "first_day": day })).await,
        404,
        "NOT_FOUND",
    );
    let closures = data(&here.get("closures").await, 200);
    let closure = closures[0]["id"].to_string();
    refused(
        &there.delete(&format!("closures/{closure}")).await,
        404,
        "NOT_FOUND",
    );
    assert_eq!(data(&there.get("closures").await, 200), json!([]));
    data(&here.delete(&format!("closures/{closure}")).await, 200);
    let absence = app
        .count("select id from time_off where doctor_id is not null")
        .await;
    let remove = |program: &Program| {
        program
            .request("DELETE", &format!("{path}/absences/{absence}"))
            .header("if-match", "\"6\"")
    };
    let strange = Answer::of(remove(&there)).await;
    refused(&strange, 404, "NOT_FOUND");
    let own = Answer::of(remove(&here)).await;
    data(&own, 200);
    app.assert_sound().await;
}
