//! Appointments in the calendars that people have elsewhere (X3).

use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{
    app::{Answer, Browser, Site, TestApp, VISIT},
    program::{People, Program, data, refused},
};
use crate::{
    account::{secret::Holder, session::SignedIn},
    appointment::Status,
    calendar::{
        Owner,
        service::{self, Make},
    },
    error::AppError,
    i18n::Locale,
};

/// The lines of a calendar, as a program puts them together again.
fn lines(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), "text/calendar; charset=utf-8");
    assert!(!answer.body.replace("\r\n", "").contains(['\r', '\n']));
    for line in answer.body.split("\r\n") {
        assert!(line.len() <= 75, "{} bytes: {line}", line.len());
    }
    answer
        .body
        .replace("\r\n ", "")
        .lines()
        .map(str::to_owned)
        .collect()
}

/// The values of a property of all events, in their order.
fn values(answer: &Answer, property: &str) -> Vec<String> {
    lines(answer)
        .iter()
        .filter_map(|line| line.strip_prefix(property)?.strip_prefix(':'))
        .map(str::to_owned)
        .collect()
}

fn value(answer: &Answer, property: &str) -> String {
    let values = values(answer, property);
    assert_eq!(values.len(), 1, "{property} in {answer:?}");
    values[0].clone()
}

fn sequence(answer: &Answer) -> i32 {
    value(answer, "SEQUENCE").parse().unwrap()
}

/// Has an address made; answers with its path.
async fn address(program: &Program, details: bool) -> String {
    let made = data(&program.post("calendar", &json!({"details": details})).await, 201);
    let url = made["url"].as_str().unwrap();
    let path = url.strip_prefix(&program.site).unwrap().to_owned();
    let secret = path.strip_prefix("/calendars/").unwrap().strip_suffix(".ics");
    assert_eq!(secret.unwrap().len(), 64, "{url}");
    path
}

/// What a program fetches at an address, without having signed in anywhere.
async fn fetch(site: &Site<'_>, path: &str) -> Answer {
    let visitor = site.visitor();
    Answer::of(visitor.http.get(visitor.url(path))).await
}

#[sqlx::test]
async fn an_appointment_keeps_its_name_in_calendars_and_counts_its_changes(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let reference = app
        .requested(people.patient_id, app.wanted(0, VISIT, app.slot(20)))
        .await;
    let path = format!("appointments/{reference}/calendar.ics");
    let requested = people.patient.get(&path).await;
    let uid = value(&requested, "UID");
    assert!(uid.starts_with(&reference), "{uid}");
    assert_eq!(value(&requested, "STATUS"), "TENTATIVE");
    assert_eq!(
        value(&requested, "DTSTART"),
        app.slot(20).strftime("%Y%m%dT%H%M%SZ").to_string()
    );
    assert_eq!(
        value(&requested, "DTEND"),
        app.slot(21).strftime("%Y%m%dT%H%M%SZ").to_string()
    );
    assert_eq!(
        requested.header("content-disposition"),
        format!("attachment; filename=\"janji-{reference}.ics\"")
    );

    let change = |status: &'static str| {
        let path = format!("appointments/{reference}/status");
        let (doctor, body) = (&people.doctor, json!({"status": status, "reason": "closed"}));
        async move { data(&doctor.post(&path, &body).await, 200) }
    };
    change("confirmed").await;
    let confirmed = people.doctor.get(&path).await;
    assert_eq!(value(&confirmed, "STATUS"), "CONFIRMED");

    let to = json!({"scheduled_at": app.slot(30).to_string()});
    let moved = people
        .patient
        .post(&format!("appointments/{reference}/reschedule"), &to)
        .await;
    data(&moved, 200);
    let moved = people.admin.get(&path).await;
    assert_eq!(
        value(&moved, "DTSTART"),
        app.slot(30).strftime("%Y%m%dT%H%M%SZ").to_string()
    );

    change("cancelled").await;
    let cancelled = people.patient.get(&path).await;
    assert_eq!(value(&cancelled, "STATUS"), "CANCELLED");
    assert_eq!(value(&cancelled, "TRANSP"), "TRANSPARENT");

    let told = [&requested, &confirmed, &moved, &cancelled];
    assert!(told.iter().all(|answer| value(answer, "UID") == uid));
    let counted: Vec<i32> = told.iter().map(|answer| sequence(answer)).collect();
    assert!(counted.is_sorted_by(|one, next| one < next), "{counted:?}");
    // The same is told at whatever host somebody has found it.
    let elsewhere = people
        .patient
        .request("GET", &path)
        .header("host", "clinic.example");
    let elsewhere = Answer::of(elsewhere).await;
    assert_eq!(value(&elsewhere, "UID"), uid);
    assert_eq!(
        value(&elsewhere, "URL"),
        format!("http://clinic.example/appointments/{reference}")
    );
}

#[sqlx::test]
async fn the_file_of_an_appointment_is_for_who_may_see_the_appointment(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let theirs = app.confirmed(people.patient_id, 0, app.slot(20)).await;
    let id = app.count("select id from appointments").await;
    for which in [theirs.clone(), id.to_string()] {
        let path = format!("appointments/{which}/calendar.ics");
        for (program, expected) in [
            (&people.patient, 200),
            (&people.doctor, 200),
            (&people.admin, 200),
            (&people.other, 404),
            (&people.other_doctor, 404),
            (&Program::new(&site), 401),
        ] {
            assert_eq!(program.get(&path).await.status, expected);
        }
    }
    // What somebody only holds is in no calendar, also not in that of who may see it.
    let held = app
        .hold(1, app.wanted(0, VISIT, app.slot(30)), app.now)
        .await
        .unwrap();
    for which in [held, "AAAA-AAAA".to_owned(), "0".to_owned()] {
        let path = format!("appointments/{which}/calendar.ics");
        refused(&people.admin.get(&path).await, 404, "NOT_FOUND");
    }
    let path = format!("appointments/{theirs}/calendar.ics");
    let detailed = people.patient.get(&format!("{path}?details=true")).await;
    assert_eq!(value(&detailed, "SUMMARY"), "Visit\\, Dr 1");
    for path in [format!("{path}?details=much"), format!("{path}?more=1")] {
        refused(&people.patient.get(&path).await, 422, "VALIDATION_FAILED");
    }
}

#[sqlx::test]
async fn a_calendar_tells_no_health_and_no_names_unless_its_owner_wants_them_told(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let seen = app
        .visit(people.patient_id, 0, app.slot(10), Status::Completed)
        .await;
    app.requested(people.patient_id, app.wanted(0, VISIT, app.slot(20)))
        .await;
    app.confirmed(people.other_id, 0, app.slot(30)).await;
    app.hold(1, app.wanted(0, VISIT, app.slot(40)), app.now)
        .await
        .unwrap();
    let id = app
        .count("select id from appointments where status = 'completed'")
        .await;
    let medication =
        json!({"name": "Amoxicillin", "dose": "500 mg", "frequency": "daily", "duration": "7 days"});
    let prescription = json!({"appointment_id": id, "medications": [medication]});
    data(&people.doctor.post("prescriptions", &prescription).await, 201);
    // Both are called somebody.
    app.sql("update patients set name = 'Maya Putri' where phone like '%000'")
        .await;

    let never = [
        "cough",
        "Amoxicillin",
        "500 mg",
        "62812555",
        "555",
        "test.example",
    ];
    let names = ["Visit", "Dr 1", "Maya", "Somebody", "Clinic"];
    for (program, count) in [(&people.patient, 2), (&people.doctor, 3)] {
        let neutral = fetch(&site, &address(program, false).await).await;
        assert_eq!(values(&neutral, "UID").len(), count, "{neutral:?}");
        for word in never.iter().chain(&names) {
            assert!(!neutral.body.contains(word), "{word} in {}", neutral.body);
        }
        let detailed = fetch(&site, &address(program, true).await).await;
        for word in never {
            assert!(!detailed.body.contains(word), "{word} in {}", detailed.body);
        }
        assert_eq!(values(&neutral, "UID"), values(&detailed, "UID"));
    }
    let summaries =
        async |program, details| values(&fetch(&site, &address(program, details).await).await, "SUMMARY");
    assert_eq!(
        summaries(&people.patient, false).await,
        ["Appointment", "Appointment (requested)"]
    );
    assert_eq!(
        summaries(&people.patient, true).await,
        ["Visit\\, Dr 1", "Visit\\, Dr 1 (requested)"]
    );
    let doctors = summaries(&people.doctor, false).await;
    assert_eq!(doctors[0], format!("Appointment {seen}"));
    assert_eq!(
        summaries(&people.doctor, true).await[..2],
        ["Maya Putri\\, Visit", "Maya Putri\\, Visit (requested)"]
    );
    // Whose it is and nobody else's.
    let other = fetch(&site, &address(&people.other_doctor, true).await).await;
    assert_eq!(values(&other, "UID"), [""; 0]);
    let made = people.admin.post("calendar", &json!({})).await;
    refused(&made, 403, "FORBIDDEN");
}

#[sqlx::test]
async fn a_calendar_goes_a_month_back_and_keeps_what_was_cancelled(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    for slot in [10, 20, 30, 40] {
        app.confirmed(people.patient_id, 0, app.slot(slot)).await;
    }
    app.sql(
        "update appointments set starts_at = starts_at - (case id when 1 then 33 else 29 end) * interval '1 day',
                                 ends_at = ends_at - (case id when 1 then 33 else 29 end) * interval '1 day',
                                 blocks_from = blocks_from - (case id when 1 then 33 else 29 end) * interval '1 day',
                                 blocks_until = blocks_until - (case id when 1 then 33 else 29 end) * interval '1 day'
         where id in (1, 2);",
    )
    .await;
    let cancel = json!({"status": "cancelled"});
    data(&people.patient.post("appointments/4/status", &cancel).await, 200);
    // Who chooses another time lets go of the first: neither was ever in a calendar.
    for slot in [50, 60] {
        app.hold(1, app.wanted(0, VISIT, app.slot(slot)), app.now)
            .await
            .unwrap();
    }
    let let_go = "select count(*) from appointments where status = 'cancelled'";
    assert_eq!(app.count(let_go).await, 2);
    for program in [&people.patient, &people.doctor] {
        let feed = fetch(&site, &address(program, false).await).await;
        assert_eq!(
            values(&feed, "STATUS"),
            ["CONFIRMED", "CONFIRMED", "CANCELLED"],
            "{feed:?}"
        );
    }
}

#[sqlx::test]
async fn an_address_leads_nowhere_once_it_is_revoked_replaced_or_its_owner_is_gone(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let nowhere = async |path: &str| {
        let answer = fetch(&site, path).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "NOT_FOUND"));
        assert_eq!(answer.header("x-robots-tag"), "noindex");
        assert!(!answer.body.contains("/calendars/"), "{answer:?}");
        answer.body
    };
    let unknown = nowhere(&format!("/calendars/{}.ics", "0".repeat(64))).await;
    refused(&people.patient.get("calendar").await, 404, "NOT_FOUND");

    let first = address(&people.patient, false).await;
    assert_eq!(fetch(&site, &first).await.status, 200);
    let second = address(&people.patient, true).await;
    assert_eq!(nowhere(&first).await, unknown);
    assert_eq!(fetch(&site, &second).await.status, 200);
    let known = data(&people.patient.get("calendar").await, 200);
    assert_eq!(known["details"], true);
    assert!(!known.to_string().contains("calendars"));
    // Nobody else's is touched by it.
    data(&people.other.post("calendar", &json!({})).await, 201);
    data(&people.patient.delete("calendar").await, 200);
    assert_eq!(nowhere(&second).await, unknown);
    refused(&people.patient.delete("calendar").await, 404, "NOT_FOUND");
    assert_eq!(data(&people.other.get("calendar").await, 200)["details"], false);

    let (patients, doctors) = (
        address(&people.patient, false).await,
        address(&people.doctor, false).await,
    );
    app.sql("update patients set active = false; update staff set active = false")
        .await;
    for path in [
        patients.as_str(),
        &doctors,
        &doctors.replace(".ics", ""),
        "/calendars/.ics",
        "/calendars/%FF.ics",
    ] {
        assert_eq!(nowhere(path).await, unknown, "{path}");
    }
}

#[sqlx::test]
async fn who_fetches_a_calendar_again_is_told_that_nothing_has_changed_until_something_has(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let reference = app.confirmed(people.patient_id, 0, app.slot(20)).await;
    let path = address(&people.patient, false).await;
    let visitor = site.visitor();
    let ask =
        async |tag: &str| Answer::of(visitor.http.get(visitor.url(&path)).header("if-none-match", tag)).await;
    let first = ask("\"another\"").await;
    assert_eq!(first.status, 200);
    for (header, expected) in [
        ("cache-control", "private, no-cache"),
        ("referrer-policy", "no-referrer"),
        ("x-robots-tag", "noindex"),
        ("x-content-type-options", "nosniff"),
        ("set-cookie", ""),
    ] {
        assert_eq!(first.header(header), expected, "{header}");
    }
    assert_eq!(value(&first, "REFRESH-INTERVAL;VALUE=DURATION"), "PT1H");
    let tag = first.header("etag");
    let again = ask(&tag).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    let cancel = json!({"status": "cancelled"});
    data(
        &people
            .patient
            .post(&format!("appointments/{reference}/status"), &cancel)
            .await,
        200,
    );
    let changed = ask(&tag).await;
    assert_eq!(value(&changed, "STATUS"), "CANCELLED");
    assert_eq!(value(&changed, "UID"), value(&first, "UID"));
    assert!(sequence(&changed) > sequence(&first));

    // That it was fetched is noted beside the answer.
    let noted = async {
        while app
            .count("select count(*) from calendar_feeds where last_used_at is not null")
            .await
            == 0
        {}
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), noted)
        .await
        .expect("nobody notes it");
    let known = data(&people.patient.get("calendar").await, 200);
    assert!(known["last_used_at"].is_string(), "{known}");
}

#[sqlx::test]
async fn names_of_any_length_and_script_are_folded_between_characters(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    app.confirmed(people.patient_id, 0, app.slot(20)).await;
    app.sql("update doctors set name = repeat('診療', 60) || E', \\\\ ; Dr\\r\\nSEQUENCE:7'")
        .await;
    let feed = fetch(&site, &address(&people.patient, true).await).await;
    let expected = format!("Visit\\, {}\\, \\\\ \\; Dr\\nSEQUENCE:7", "診療".repeat(60));
    assert_eq!(value(&feed, "SUMMARY"), expected);
    assert_eq!(value(&feed, "SEQUENCE"), "3");
}

#[sqlx::test]
async fn of_twenty_addresses_that_are_made_at_once_one_stays(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let patient = app.patient(0).await;
    for owner in [Owner::Patient(patient), Owner::Doctor(app.doctors[0].id)] {
        let racers = (0..20_u8)
            .map(|racer| {
                let (database, now) = (app.database.clone(), app.now);
                async move {
                    let holder = Holder::new([racer]);
                    let command = Make {
                        owner,
                        details: racer % 2 == 0,
                        language: Locale::En,
                        holder: holder.clone(),
                        key: None,
                    };
                    let made = service::make(&database, command, now).await.unwrap();
                    made.secret(&holder)
                }
            })
            .collect();
        let mut working = 0;
        for secret in app.race(racers).await {
            match service::feed(&app.database, &secret, app.now).await {
                Ok(feed) => {
                    assert_eq!(feed.owner, owner);
                    working += 1;
                }
                Err(error) => assert_eq!(error, AppError::NotFound),
            }
        }
        assert_eq!(working, 1, "{owner:?}");
    }
    // Whatever the program does.
    let second = sqlx::query(
        "insert into calendar_feeds (hash, patient_id, details, language, made_at)
         values ('\\x00', $1, false, 'en', now())",
    )
    .bind(patient)
    .execute(&mut app.connection().await)
    .await
    .unwrap_err();
    assert_eq!(
        second.as_database_error().and_then(|error| error.constraint()),
        Some("calendar_feeds_owner_key")
    );
}

#[sqlx::test]
async fn who_has_lost_an_address_is_told_it_again_and_the_database_does_not_know_it(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let body = json!({"details": true});
    let racers = (0..10)
        .map(|_| {
            let (program, body) = (people.patient.clone(), body.clone());
            async move { program.post_under("k", "calendar", &body).await }
        })
        .collect();
    let answers = app.race(racers).await;
    let made = data(&answers[0], 201);
    for answer in &answers {
        assert_eq!(data(answer, 201), made);
    }
    let url = made["url"].as_str().unwrap().to_owned();
    assert_eq!(Answer::of(people.patient.http.get(&url)).await.status, 200);
    for (program, body) in [
        // Another request; and one of who has but half of the secret.
        (&people.patient, json!({"details": false})),
        (
            &Program::acting_for(&site, SignedIn::Patient(people.patient_id)).await,
            body.clone(),
        ),
    ] {
        let answer = program.post_under("k", "calendar", &body).await;
        refused(&answer, 409, "IDEMPOTENCY_CONFLICT");
    }
    assert_eq!(Answer::of(people.patient.http.get(&url)).await.status, 200);

    let browser = patient_with_address(&site).await;
    let shown = address_on(&browser.get("/calendar").await).unwrap();
    for url in [&url, &shown] {
        let secret = url.rsplit('/').next().unwrap().strip_suffix(".ics").unwrap();
        for table in [
            "idempotency_keys",
            "sessions",
            "calendar_feeds",
            "tokens",
            "messages",
        ] {
            let found: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
                "select count(*) from {table} as anything where strpos(anything::text, $1) > 0"
            )))
            .bind(secret)
            .fetch_one(&mut app.connection().await)
            .await
            .unwrap();
            assert_eq!(found, 0, "{table}");
        }
    }
}

/// A patient who has just had an address made on the page, and has not seen it yet.
async fn patient_with_address(site: &Site<'_>) -> Browser {
    let browser = site.patient("+6281255500777").await;
    let page = browser.get("/calendar").await;
    let form = page.form("make-calendar");
    let fields: Vec<(&str, &str)> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert!(fields.contains(&("details", "false")), "{fields:?}");
    let answer = browser.submit("/calendar", "make-calendar", &fields).await;
    assert_eq!((answer.location().as_str(), answer.error()), ("/calendar", None));
    // A second click.
    let answer = browser.submit("/calendar", "make-calendar", &fields).await;
    assert_eq!(answer.location(), "/calendar");
    browser
}

/// The address that a page shows.
fn address_on(page: &Answer) -> Option<String> {
    use scraper::{Html, Selector};

    assert_eq!(page.status, 200, "{page:?}");
    Html::parse_document(&page.body)
        .select(&Selector::parse("#address").unwrap())
        .find_map(|input| input.value().attr("value").map(str::to_owned))
}

#[sqlx::test]
async fn the_page_shows_an_address_once_and_ends_it_for_good(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let browser = patient_with_address(&site).await;
    let page = browser.get("/calendar").await;
    let address = address_on(&page).unwrap();
    assert!(address.starts_with(&format!("{}/calendars/", site.visitor().site)));
    let webcal = address.replacen("http://", "webcal://", 1);
    assert!(page.links("a.btn").contains(&webcal), "{page:?}");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(app.count("select count(*) from calendar_feeds").await, 1);
    let path = address.strip_prefix(&browser.site).unwrap();
    assert_eq!(fetch(&site, path).await.status, 200);

    let again = browser.get("/calendar").await;
    assert_eq!(address_on(&again), None);
    assert!(!again.body.contains("/calendars/"), "{again:?}");
    assert!(again.body.contains("Last fetched"), "{again:?}");

    let answer = browser.submit("/calendar", "revoke-calendar", &[]).await;
    assert_eq!(answer.location(), "/calendar?revoked=1");
    assert_eq!(fetch(&site, path).await.status, 404);
    let told = browser.get("/calendar?revoked=1").await;
    assert!(
        told.texts("h2").iter().any(|text| text.contains("revoked")),
        "{told:?}"
    );
    assert!(told.form("revoke-calendar").is_empty() && !told.body.contains("revoke-calendar"));

    // Who reads somebody else's page does not exist; who has none is told so.
    let admin = site.staff("admin@test.example").await;
    assert_eq!(admin.get("/calendar").await.status, 404);
    assert_eq!(
        admin.call("make-calendar", &[("details", "false")]).await.status,
        404
    );
    assert_eq!(site.visitor().call("revoke-calendar", &[]).await.status, 401);
    let doctor = site.staff("doctor1@test.example").await;
    assert!(
        doctor
            .get("/doctor")
            .await
            .links("a")
            .contains(&"/calendar".to_owned())
    );
}

#[sqlx::test]
async fn a_calendar_speaks_the_language_that_its_owner_had(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    app.confirmed(people.patient_id, 0, app.slot(20)).await;
    let request = people.patient.request("POST", "calendar");
    let made = Answer::of(request.header("accept-language", "de").json(&json!({}))).await;
    let made = data(&made, 201);
    let path = made["url"]
        .as_str()
        .unwrap()
        .strip_prefix(&people.patient.site)
        .unwrap()
        .to_owned();
    let feed = fetch(&site, &path).await;
    assert_eq!(value(&feed, "SUMMARY"), "Termin");
    assert_eq!(value(&feed, "X-WR-CALNAME"), "Termine");
}
