//! The organisation over the API: what programs describe is what patients book.

use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{
    app::{Answer, TestApp},
    program::{People, Program, data, refused},
};
use crate::{appointment::Status, server::openapi};

fn service(key: &str) -> Value {
    json!({
        "key": key, "name": "Flu vaccination", "mode": "in_person", "duration_minutes": 10, "interval_minutes": 15,
        "buffer_before_minutes": 0, "buffer_after_minutes": 5, "notice_minutes": 60, "horizon_days": 20,
        "horizon_unit": "working_days", "cutoff_minutes": 240, "instant": true,
        "price": { "amount": "150000.50", "currency": "IDR" }, "active": true,
    })
}

fn clinic(name: &str) -> Value {
    json!({
        "name": name, "address": "Jl. Melati 5", "city": "Jakarta", "phone": "+62 21 555 0100",
        "time_zone": "Asia/Jakarta",
    })
}

impl TestApp {
    fn doctor_body(&self, email: &str) -> Value {
        json!({
            "name": "Dr Ayu", "speciality": "Dermatology", "languages": ["id", "pt-BR"], "email": email,
            "password": "a first password", "clinic_id": self.clinic, "services": [self.services[0]],
            "week": [
                { "weekday": "monday", "from": "09:00", "until": "17:00" },
                { "weekday": "monday", "from": "12:00", "until": "13:00", "kind": "break" },
                { "weekday": "wednesday", "from": "00:00", "until": "24:00" },
            ],
        })
    }
}

async fn if_match(program: &Program, path: &str, tag: &str, body: &Value) -> Answer {
    Answer::of(program.request("PUT", path).header("if-match", tag).json(body)).await
}

fn with(body: &Value, name: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[name] = value;
    body
}

fn without(body: &Value, name: &str) -> Value {
    let mut body = body.clone();
    body.as_object_mut().unwrap().remove(name);
    body
}

#[sqlx::test]
async fn a_service_that_a_program_adds_is_booked_by_a_patient(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let body = service("flu");
    let first = people.admin.post_under("k", "services", &body).await;
    let added = data(&first, 201);
    assert_eq!(added["version"], 1);
    let location = first.location();
    assert_eq!(location, format!("/api/v1/services/{}", added["id"]));
    let again = people.admin.post_under("k", "services", &body).await;
    assert_eq!((again.json(), again.location()), (first.json(), location.clone()));
    let path = location.strip_prefix("/api/v1/").unwrap();
    let answer = people.admin.get(path).await;
    assert!(answer.header("etag").starts_with("W/\"1-"), "{answer:?}");
    let read = data(&answer, 200);
    for (name, value) in body.as_object().unwrap() {
        assert_eq!(&read[name], value, "{name}");
    }
    assert_eq!(read["doctors"], 0);
    assert_eq!(read["last_change"]["change"], "service_added");

    let doctor = app.doctors[0].id;
    let profile = format!("doctors/{doctor}/profile");
    let mut offers = data(&people.admin.get(&profile).await, 200)["offers"].clone();
    let one = json!({ "clinic_id": app.clinic, "service_id": added["id"] });
    offers.as_array_mut().unwrap().push(one);
    let offered = json!({ "offers": offers, "version": 1 });
    data(
        &people
            .admin
            .put(&format!("doctors/{doctor}/offers"), &offered)
            .await,
        200,
    );
    let listed = data(&people.patient.get(&format!("doctors/{doctor}")).await, 200);
    let of_doctor = listed["services"].as_array().unwrap();
    let flu = of_doctor.iter().find(|service| service["type"] == "flu").unwrap();
    assert_eq!(flu["price"], body["price"]);
    let at = app.slot(48).to_string();
    let wish = json!({ "doctor_id": doctor, "scheduled_at": at, "type": "flu", "reason": "" });
    let booked = data(&people.patient.post("appointments", &wish).await, 201);
    assert_eq!(booked["status"], "confirmed");

    let dearer = with(&body, "price", json!({ "amount": "200000", "currency": "IDR" }));
    let dearer = with(&dearer, "active", json!(false));
    let changed = data(&if_match(&people.admin, path, "\"1\"", &dearer).await, 200);
    assert_eq!(changed["version"], 2);
    let kept = data(
        &people
            .patient
            .get(&format!("appointments/{}", booked["id"]))
            .await,
        200,
    );
    assert_eq!(kept["price"], body["price"]);
    refused(&people.patient.get(path).await, 404, "NOT_FOUND");
    let again = with(&wish, "scheduled_at", json!(app.slot(52).to_string()));
    refused(
        &people.patient.post("appointments", &again).await,
        404,
        "NOT_FOUND",
    );
    let last = data(&people.admin.get(path).await, 200)["last_change"].clone();
    assert_eq!(
        (&last["change"], &last["changed_by"]),
        (&json!("service_changed"), &json!("admin"))
    );
    // A price that is no longer said.
    let free = with(&without(&dearer, "price"), "version", json!(2));
    data(&people.admin.put(path, &free).await, 200);
    assert_eq!(data(&people.admin.get(path).await, 200)["price"], Value::Null);
    app.assert_sound().await;
}

#[sqlx::test]
async fn everybody_reads_what_can_be_booked_and_admins_read_the_rest(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let visitor = Program::new(&site);
    app.sql("update services set active = false where key = 'long'")
        .await;
    let keys = |answer: &Answer| -> Vec<String> {
        let services = data(answer, 200);
        let services = services.as_array().unwrap();
        let key = |service: &Value| service["key"].as_str().unwrap().to_owned();
        services.iter().map(key).collect()
    };
    for (program, path, expected) in [
        (&visitor, "services", vec!["instant", "visit"]),
        (&people.doctor, "services", vec!["instant", "visit"]),
        (&people.admin, "services", vec!["long", "instant", "visit"]),
        (
            &people.admin,
            "services?active=true&sort=-name",
            vec!["visit", "instant"],
        ),
        (&people.admin, "services?active=false", vec!["long"]),
        (&visitor, "services?active=false", vec![]),
        (
            &people.admin,
            "services?sort=key",
            vec!["instant", "long", "visit"],
        ),
        (
            &people.admin,
            "services?sort=-duration_minutes",
            vec!["long", "visit", "instant"],
        ),
        (&people.admin, "services?mode=video", vec![]),
    ] {
        assert_eq!(keys(&program.get(path).await), expected, "{path}");
    }
    let seen = data(&visitor.get("services").await, 200);
    assert!(seen[0].get("last_change").is_none() && seen[0].get("doctors").is_none());
    for (path, name) in [
        ("services?sort=price", "sort"),
        ("services?active=yes", "active"),
        ("services?mode=letter", "mode"),
        ("clinics?sort=", "sort"),
        ("services?colour=red", "colour"),
    ] {
        let details = refused(&visitor.get(path).await, 422, "VALIDATION_FAILED");
        assert!(details.get(name).is_some(), "{path}: {details}");
    }
    data(&people.admin.post("clinics", &clinic("Alpha")).await, 201);
    let names = |answer: &Answer| -> Vec<String> {
        let clinics = data(answer, 200);
        let clinics = clinics.as_array().unwrap();
        clinics
            .iter()
            .map(|clinic| clinic["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&visitor.get("clinics").await), ["Alpha", "Clinic"]);
    assert_eq!(
        names(&visitor.get("clinics?sort=-city").await),
        ["Clinic", "Alpha"]
    );
    assert_eq!(names(&visitor.get("clinics?city=Jakarta").await), ["Alpha"]);
    refused(
        &visitor.with("janji_wrong").get("services").await,
        401,
        "UNAUTHENTICATED",
    );
}

#[sqlx::test]
async fn a_clinic_is_added_and_described_anew(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let first = people.admin.post_under("k", "clinics", &clinic("Alpha")).await;
    let added = data(&first, 201);
    assert_eq!(
        people
            .admin
            .post_under("k", "clinics", &clinic("Alpha"))
            .await
            .json(),
        first.json()
    );
    let details = refused(
        &people.admin.post("clinics", &clinic("Alpha")).await,
        422,
        "VALIDATION_FAILED",
    );
    assert_eq!(details, json!({ "name": "taken" }));
    let path = format!("clinics/{}", added["id"]);
    let moved = with(&clinic("Beta"), "version", json!(1));
    assert_eq!(data(&people.admin.put(&path, &moved).await, 200)["version"], 2);
    let read = data(&people.patient.get(&path).await, 200);
    assert_eq!((&read["name"], &read["version"]), (&json!("Beta"), &json!(2)));
    assert!(read.get("last_change").is_none());
    let read = data(&people.admin.get(&path).await, 200);
    assert_eq!(read["last_change"]["change"], "clinic_changed");
    refused(&people.admin.get("clinics/999").await, 404, "NOT_FOUND");
}

#[sqlx::test]
async fn a_doctor_whom_a_program_adds_can_be_booked_at_once(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let body = app.doctor_body("Ayu@test.example");
    let first = people.admin.post_under("k", "doctors", &body).await;
    let id = data(&first, 201)["id"].as_i64().unwrap();
    assert_eq!(first.location(), format!("/api/v1/doctors/{id}"));
    assert_eq!(
        people.admin.post_under("k", "doctors", &body).await.json(),
        first.json()
    );
    let other = with(&body, "password", json!("another password"));
    refused(
        &people.admin.post_under("k", "doctors", &other).await,
        409,
        "IDEMPOTENCY_CONFLICT",
    );
    let details = refused(
        &people.admin.post("doctors", &body).await,
        422,
        "VALIDATION_FAILED",
    );
    assert_eq!(details, json!({ "email": "taken" }));

    let slots = data(
        &people
            .patient
            .get(&format!("doctors/{id}/slots?service=visit"))
            .await,
        200,
    );
    let wish =
        json!({ "doctor_id": id, "scheduled_at": slots[0]["starts_at"], "type": "visit", "reason": "" });
    data(&people.patient.post("appointments", &wish).await, 201);
    let visitor = Program::new(&site);
    let login = |password: &str| json!({ "email": "ayu@test.example", "password": password });
    let signed_in = data(&visitor.post("auth/login", &login("a first password")).await, 200);
    let doctor = visitor.with(signed_in["token"].as_str().unwrap());

    let path = format!("doctors/{id}/profile");
    let answer = people.admin.get(&path).await;
    assert!(answer.header("etag").starts_with("W/\"1-"), "{answer:?}");
    let profile = data(&answer, 200);
    assert_eq!(profile["email"], "ayu@test.example");
    assert_eq!(profile["languages"], body["languages"]);
    assert_eq!(
        profile["offers"],
        json!([{ "clinic_id": app.clinic, "service_id": app.services[0] }])
    );
    assert_eq!(profile["next"][0]["times"].as_array().unwrap().len(), 4);
    assert_eq!(profile["last_change"]["change"], "doctor_added");
    let schedule = data(&doctor.get(&format!("doctors/{id}/schedule")).await, 200);
    assert_eq!(schedule["clinics"][0]["week"].as_array().unwrap().len(), 3);

    let mut change = json!({
        "name": "Dr Ayu Lestari", "speciality": "Surgery", "about": "", "languages": [],
        "email": "lestari@test.example", "version": 1,
    });
    assert_eq!(data(&people.admin.put(&path, &change).await, 200)["version"], 2);
    data(&doctor.get(&format!("doctors/{id}/schedule")).await, 200);
    change["version"] = json!(2);
    change["password"] = json!("a second password");
    data(&people.admin.put(&path, &change).await, 200);
    refused(
        &doctor.get(&format!("doctors/{id}/schedule")).await,
        401,
        "UNAUTHENTICATED",
    );
    let login = json!({ "email": "lestari@test.example", "password": "a second password" });
    data(&visitor.post("auth/login", &login).await, 200);
    change["version"] = json!(3);
    change["email"] = json!("doctor1@test.example");
    let details = refused(&people.admin.put(&path, &change).await, 422, "VALIDATION_FAILED");
    assert_eq!(details, json!({ "email": "taken" }));
    app.assert_sound().await;
}

#[sqlx::test]
async fn a_doctor_who_is_stopped_is_booked_no_more(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let id = app.doctors[0].id;
    let path = format!("doctors/{id}/activity");
    let stop = json!({ "active": false, "version": 1 });
    let request = || {
        people
            .admin
            .request("PUT", &path)
            .header("idempotency-key", "k")
            .json(&stop)
    };
    let first = Answer::of(request()).await;
    assert_eq!(data(&first, 200), json!({ "id": id, "version": 2 }));
    refused(
        &people.patient.get(&format!("doctors/{id}")).await,
        404,
        "NOT_FOUND",
    );
    let listed = data(&people.admin.get("admin/doctors?active=false").await, 200);
    assert_eq!(listed[0]["id"], id);
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let go_on = json!({ "active": true, "version": 2 });
    assert_eq!(data(&people.admin.put(&path, &go_on).await, 200)["version"], 3);
    // The answer of then, and not what it was about once more.
    assert_eq!(Answer::of(request()).await.json(), first.json());
    data(&people.patient.get(&format!("doctors/{id}")).await, 200);
    let details = refused(&people.admin.put(&path, &stop).await, 409, "STALE_VERSION");
    assert_eq!(details["version"], 3);
    assert_eq!(details["change"], "doctor_activated");
    let profile = data(&people.admin.get(&format!("doctors/{id}/profile")).await, 200);
    assert_eq!(profile["active"], true);
}

#[sqlx::test]
async fn lines_of_doctors_are_checked_and_imported_once(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let lines = "name,speciality,languages,email,password,clinic,services,days,from,until,break_from,break_until\n\
                 Dr A,Surgery,id,a@test.example,a first password,Clinic,visit,mon-fri,09:00,17:00,,\n\
                 Dr B,Surgery,id,,short,Clinic,visit,mon-fri,09:00,17:00,,\n\
                 Dr C,Surgery,id,a@test.example,a first password,Clinic,visit,mon,09:00,17:00,,\n\
                 Dr D,Surgery,id,doctor1@test.example,a first password,Clinic,visit,mon,09:00,17:00,,\n";
    let path = "import/doctors";
    let check = json!({ "lines": lines, "check": true });
    let checked = data(&people.admin.post_under("k", path, &check).await, 200);
    let outcomes = |report: &Value| -> Vec<String> {
        let rows = report["rows"].as_array().unwrap();
        rows.iter()
            .map(|row| row["outcome"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(outcomes(&checked), ["added", "wrong", "twice", "already"]);
    assert_eq!(
        (&checked["check"], &checked["rows"][0]["doctor_id"]),
        (&json!(true), &Value::Null)
    );
    let columns: Vec<&Value> = checked["rows"][1]["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| &problem["columns"])
        .collect();
    assert_eq!(columns, ["email", "password"]);
    assert_eq!(checked["rows"][2]["same_as_line"], 2);
    assert_eq!(checked["rows"][3]["doctor_id"], app.doctors[0].id);
    assert_eq!(app.count("select count(*) from doctors").await, 4);

    let import = json!({ "lines": lines });
    let first = people.admin.post_under("k2", path, &import).await;
    let imported = data(&first, 200);
    assert_eq!(outcomes(&imported), outcomes(&checked));
    let id = imported["rows"][0]["doctor_id"].as_i64().unwrap();
    data(
        &people
            .patient
            .get(&format!("doctors/{id}/slots?service=visit"))
            .await,
        200,
    );
    assert_eq!(
        people.admin.post_under("k2", path, &import).await.json(),
        first.json()
    );
    assert_eq!(app.count("select count(*) from doctors").await, 5);
    for (lines, problem) in [("", "missing"), ("name,email\na,b\n", "malformed")] {
        let answer = people.admin.post(path, &json!({ "lines": lines })).await;
        let details = refused(&answer, 422, "VALIDATION_FAILED");
        assert_eq!(details, json!({ "lines": problem }));
    }
}

#[sqlx::test]
async fn what_is_sent_twice_at_once_is_added_once(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let doctors = "name,speciality,languages,email,password,clinic,services,days,from,until,break_from,break_until\n\
                   Dr A,Surgery,id,a@test.example,a first password,Clinic,visit,mon-fri,09:00,17:00,,\n";
    for (path, body) in [
        ("services", service("flu")),
        ("clinics", clinic("Alpha")),
        ("doctors", app.doctor_body("ayu@test.example")),
        ("import/doctors", json!({ "lines": doctors })),
    ] {
        let racers = (0..6)
            .map(|_| {
                let (program, body) = (people.admin.clone(), body.clone());
                async move { program.post_under(path, path, &body).await }
            })
            .collect();
        let answers: Vec<Answer> = app.race(racers).await;
        for answer in &answers {
            assert!(matches!(answer.status, 200 | 201), "{path}: {answer:?}");
            assert_eq!(answer.json(), answers[0].json(), "{path}");
        }
    }
    assert_eq!(app.count("select count(*) from organisation_changes").await, 4);
}

#[sqlx::test]
async fn who_describes_an_older_version_is_told_what_happened_and_changes_nothing(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let doctor = format!("doctors/{}", app.doctors[0].id);
    let profile = json!({
        "name": "Dr Ayu", "speciality": "Surgery", "about": "", "languages": [], "email": "doctor1@test.example",
    });
    for (path, body, change) in [
        (
            format!("services/{}", app.services[0]),
            service("visit"),
            "service_changed",
        ),
        (
            format!("clinics/{}", app.clinic),
            clinic("Clinic"),
            "clinic_changed",
        ),
        (format!("{doctor}/profile"), profile, "doctor_changed"),
        (
            format!("{doctor}/offers"),
            json!({ "offers": [] }),
            "offers_changed",
        ),
        (
            format!("{doctor}/activity"),
            json!({ "active": false }),
            "doctor_deactivated",
        ),
    ] {
        let read = match path.starts_with("doctors") {
            true => format!("{doctor}/profile"),
            false => path.clone(),
        };
        let seen = data(&people.admin.get(&read).await, 200)["version"]
            .as_i64()
            .unwrap();
        let details = refused(&people.admin.put(&path, &body).await, 422, "VALIDATION_FAILED");
        assert_eq!(details, json!({ "version": "missing" }), "{path}");
        let tag = format!("\"{seen}\"");
        let saved = data(&if_match(&people.admin, &path, &tag, &body).await, 200);
        assert_eq!(saved["version"], seen + 1, "{path}");
        let other = match body.get("active") {
            Some(_) if change == "doctor_deactivated" => with(&body, "active", json!(true)),
            _ => body.clone(),
        };
        let by_header = if_match(&people.admin, &path, &tag, &other).await;
        let by_body = people
            .admin
            .put(&path, &with(&other, "version", json!(seen)))
            .await;
        for (answer, status) in [(by_header, 412), (by_body, 409)] {
            let details = refused(&answer, status, "STALE_VERSION");
            assert_eq!(details["version"], seen + 1, "{path}");
            assert_eq!(details["changed_by"], "admin", "{path}");
            assert_eq!(details["change"], change, "{path}");
            assert!(details["changed_at"].is_string(), "{path}");
        }
        let now = data(&people.admin.get(&read).await, 200);
        assert_eq!(now["version"], seen + 1, "{path}");
    }
}

#[sqlx::test]
async fn what_is_not_right_in_a_description_is_named_as_it_was_sent(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let (flu, alpha, ayu) = (
        service("flu"),
        clinic("Alpha"),
        app.doctor_body("ayu@test.example"),
    );
    let price = |amount: &str, currency: &str| json!({ "amount": amount, "currency": currency });
    for (path, body, details) in [
        (
            "services",
            with(&flu, "key", json!("Flu")),
            json!({ "key": "malformed" }),
        ),
        (
            "services",
            with(&flu, "key", json!("")),
            json!({ "key": "malformed" }),
        ),
        (
            "services",
            with(&flu, "key", json!("visit")),
            json!({ "key": "taken" }),
        ),
        (
            "services",
            with(&flu, "name", json!(" \n")),
            json!({ "name": "missing" }),
        ),
        (
            "services",
            with(&flu, "mode", json!("letter")),
            json!({ "mode": "malformed" }),
        ),
        ("services", without(&flu, "mode"), json!({ "mode": "missing" })),
        (
            "services",
            with(&flu, "duration_minutes", json!(0)),
            json!({ "duration_minutes": "malformed" }),
        ),
        (
            "services",
            with(
                &with(&flu, "interval_minutes", json!(1441)),
                "cutoff_minutes",
                json!(-1),
            ),
            json!({ "interval_minutes": "malformed", "cutoff_minutes": "malformed" }),
        ),
        (
            "services",
            with(
                &with(&flu, "buffer_before_minutes", json!(-1)),
                "buffer_after_minutes",
                json!(1441),
            ),
            json!({ "buffer_before_minutes": "malformed", "buffer_after_minutes": "malformed" }),
        ),
        (
            "services",
            with(
                &with(&flu, "notice_minutes", json!(-1)),
                "horizon_days",
                json!(731),
            ),
            json!({ "notice_minutes": "malformed", "horizon_days": "malformed" }),
        ),
        (
            "services",
            with(&flu, "price", price("1.234", "IDR")),
            json!({ "price.amount": "malformed" }),
        ),
        (
            "services",
            with(&flu, "price", price("1", "idr")),
            json!({ "price.currency": "malformed" }),
        ),
        (
            "services",
            with(&flu, "price", json!({ "amount": 1, "currency": "IDR" })),
            json!({ "price.amount": "malformed" }),
        ),
        (
            "services",
            with(&flu, "version", json!(1)),
            json!({ "version": "unknown" }),
        ),
        (
            "clinics",
            with(&alpha, "phone", json!("")),
            json!({ "phone": "missing" }),
        ),
        (
            "clinics",
            with(&alpha, "time_zone", json!("Mars/Olympus")),
            json!({ "time_zone": "malformed" }),
        ),
        (
            "clinics",
            with(&alpha, "city", json!("x".repeat(201))),
            json!({ "city": "too-long" }),
        ),
        (
            "doctors",
            with(&ayu, "email", json!("ayu")),
            json!({ "email": "malformed" }),
        ),
        (
            "doctors",
            with(&with(&ayu, "password", json!("short")), "services", json!([])),
            json!({ "password": "malformed", "services": "missing" }),
        ),
        (
            "doctors",
            with(&ayu, "week", json!([])),
            json!({ "week": "missing" }),
        ),
        (
            "doctors",
            with(&ayu, "languages", json!(["id", ""])),
            json!({ "languages": "malformed" }),
        ),
        (
            "doctors",
            with(
                &ayu,
                "week",
                json!([{ "weekday": "monday", "from": "17:00", "until": "09:00" }]),
            ),
            json!({ "week": "malformed" }),
        ),
        (
            "doctors",
            with(&ayu, "clinic_id", json!("1")),
            json!({ "clinic_id": "malformed" }),
        ),
    ] {
        let answer = people.admin.post(path, &body).await;
        assert_eq!(
            refused(&answer, 422, "VALIDATION_FAILED"),
            details,
            "{path} {body}"
        );
    }
    for body in [
        with(&ayu, "clinic_id", json!(999)),
        with(&ayu, "services", json!([999])),
    ] {
        refused(&people.admin.post("doctors", &body).await, 404, "NOT_FOUND");
    }
    let offers = json!({ "offers": [{ "clinic_id": 999, "service_id": 999 }], "version": 1 });
    let path = format!("doctors/{}/offers", app.doctors[0].id);
    refused(&people.admin.put(&path, &offers).await, 404, "NOT_FOUND");
    assert_eq!(app.count("select count(*) from organisation_changes").await, 0);
}

#[sqlx::test]
async fn the_organisation_is_described_by_admins_alone(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let visitor = Program::new(&site);
    let doctor = format!("doctors/{}", app.doctors[0].id);
    let profile = json!({
        "name": "Dr Ayu", "speciality": "Surgery", "about": "", "languages": [], "email": "doctor1@test.example",
    });
    for (method, path, body) in [
        ("POST", "services".to_owned(), Some(service("flu"))),
        (
            "PUT",
            format!("services/{}", app.services[0]),
            Some(service("visit")),
        ),
        ("POST", "clinics".to_owned(), Some(clinic("Alpha"))),
        ("PUT", format!("clinics/{}", app.clinic), Some(clinic("Clinic"))),
        (
            "POST",
            "doctors".to_owned(),
            Some(app.doctor_body("ayu@test.example")),
        ),
        ("GET", "admin/doctors".to_owned(), None),
        ("GET", format!("{doctor}/profile"), None),
        ("PUT", format!("{doctor}/profile"), Some(profile)),
        ("PUT", format!("{doctor}/offers"), Some(json!({ "offers": [] }))),
        (
            "PUT",
            format!("{doctor}/activity"),
            Some(json!({ "active": false })),
        ),
        (
            "POST",
            "import/doctors".to_owned(),
            Some(
                json!({ "lines": "name,speciality,languages,email,password,clinic,services,days,from,until,break_from,\
                                   break_until\na,b,c,d,e,f,g,h,i,j,k,l\n" }),
            ),
        ),
    ] {
        for (who, program, expected) in [
            ("visitor", &visitor, 401),
            ("patient", &people.patient, 404),
            ("doctor", &people.doctor, 404),
            ("other doctor", &people.other_doctor, 404),
            ("admin", &people.admin, 200),
        ] {
            let version = app
                .count("select version::bigint from doctors order by id limit 1")
                .await;
            let mut request = program.request(method, &path);
            if method == "PUT" {
                let tag = if path.starts_with("doctors") { version } else { 1 };
                request = request.header("if-match", format!("\"{tag}\""));
            }
            let answer = Answer::of(match &body {
                Some(body) => request.json(body),
                None => request,
            })
            .await;
            let status = match answer.status {
                201 => 200,
                status => status,
            };
            assert_eq!(status, expected, "{method} {path} by the {who}: {answer:?}");
        }
    }
}

#[sqlx::test]
async fn a_list_of_doctors_is_read_in_an_order_and_page_by_page(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let visitor = Program::new(&site);
    app.sql("update doctors set name = 'Dr Twin' where id in (select id from doctors order by id limit 2)")
        .await;
    for doctor in [2, 3] {
        let patient = app.patient(doctor).await;
        app.visit(patient, doctor, app.slot(48), Status::Completed).await;
    }
    app.sql(
        "insert into ratings (appointment_id, doctor_id, score, rated_at)
         select id, doctor_id, row_number() over (order by doctor_id), now() from appointments",
    )
    .await;
    let [one, two, three, four] = [0, 1, 2, 3].map(|index| app.doctors[index].id);
    for (sort, expected) in [
        ("", vec![three, four, one, two]),
        ("sort=name", vec![three, four, one, two]),
        ("sort=-name", vec![one, two, four, three]),
        ("sort=rating", vec![three, four, one, two]),
        ("sort=-rating", vec![four, three, one, two]),
    ] {
        let whole = visitor.get(&format!("doctors?{sort}")).await;
        assert_eq!(whole.json()["next_cursor"], Value::Null);
        let ids = |page: &Value| -> Vec<i64> {
            let doctors = page.as_array().unwrap();
            doctors
                .iter()
                .map(|doctor| doctor["id"].as_i64().unwrap())
                .collect()
        };
        assert_eq!(ids(&data(&whole, 200)), expected, "{sort}");
        let (mut found, mut cursor) = (Vec::new(), String::new());
        for _ in 0..4 {
            let page = visitor.get(&format!("doctors?{sort}&limit=1{cursor}")).await;
            found.extend(ids(&data(&page, 200)));
            match page.json()["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(found, expected, "{sort}");
    }
    // Who has gone meanwhile does not make the rest begin again.
    let first = visitor.get("doctors?limit=2").await.json();
    app.sql("update doctors set active = false where name = 'Dr 4'")
        .await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = data(&visitor.get(&format!("doctors?cursor={cursor}")).await, 200);
    assert_eq!(rest[0]["id"], one);
    assert_eq!(rest.as_array().unwrap().len(), 2);
    for (path, name) in [
        (format!("doctors?sort=-name&cursor={cursor}"), "cursor"),
        ("doctors?cursor=x".to_owned(), "cursor"),
        ("doctors?sort=age".to_owned(), "sort"),
        ("doctors?limit=0".to_owned(), "limit"),
        ("doctors?limit=61".to_owned(), "limit"),
    ] {
        let details = refused(&visitor.get(&path).await, 422, "VALIDATION_FAILED");
        assert_eq!(details, json!({ name: "malformed" }), "{path}");
    }
}

#[test]
fn what_is_not_remembered_of_a_request_is_described() {
    let description: Value = serde_json::from_str(&openapi::text()).unwrap();
    let schemas = &description["components"]["schemas"];
    for (schema, name, is_needed) in [
        ("NewDoctor", "password", true),
        ("ProfileChange", "password", false),
        ("DoctorLines", "lines", true),
    ] {
        let schema = &schemas[schema];
        assert!(schema["properties"][name].is_object(), "{name}");
        let needed = schema["required"].as_array().unwrap();
        assert_eq!(needed.contains(&json!(name)), is_needed, "{name}");
    }
}
