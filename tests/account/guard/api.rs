//! The guard of the API: whatever belongs to somebody else is not found, on every route of the description, and stays
//! as it is.

use std::collections::BTreeMap;

use jiff::ToSpan;
use serde_json::{Map, Value, json};
use sqlx::{
    AssertSqlSafe,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::account::staff::with_links;
use crate::support::{Answer, People, Program, TestApp, VISIT, data};
use engine::appointment::Status;
use janji::api;

/// A call that somebody has to sign in for.
#[derive(Clone, Debug)]
struct Call {
    method: String,
    /// With the names of its parameters.
    path: String,
    body: Option<Value>,
}

/// The ids of everything that belongs to a patient, to their doctor and to the clinic.
struct Theirs {
    /// By the beginning of the path, or by the name of the parameter.
    in_paths: BTreeMap<&'static str, Vec<String>>,
    /// By the name of the field.
    in_bodies: BTreeMap<&'static str, Value>,
    /// None of it may be in an answer to somebody else.
    secrets: Vec<String>,
}

fn line_of_template() -> Value {
    json!({ "name": "A", "dose": "1", "frequency": "1", "duration": "1" })
}

impl Theirs {
    async fn of(app: &TestApp, people: &People) -> Self {
        let tomorrow = app.slot(0).to_zoned(jiff::tz::TimeZone::UTC).date();
        let doctor = app.doctors[0];
        let id = |answer: &Value| answer["id"].to_string();
        let done = app
            .visit(people.patient_id, 0, app.slot(20), Status::Completed)
            .await;
        let done_id = data(&people.patient.get(&format!("appointments/{done}")).await, 200)["id"].take();
        let line = json!({ "name": "A", "dose": "1", "frequency": "1", "duration": "1" });
        let prescription = json!({ "appointment_id": done_id, "medications": [line] });
        let prescription = data(&people.doctor.post("prescriptions", &prescription).await, 201);
        let template = json!({ "name": "Patient 0", "medications": [line_of_template()] });
        let template = data(
            &people.doctor.post("prescription-templates", &template).await,
            201,
        );
        let note = json!({ "text": "Patient 0 coughs", "version": 0 });
        let path = format!("appointments/{done_id}/clinical-note");
        data(&people.doctor.put(&path, &note).await, 200);
        let rating = json!({ "appointment_id": done_id, "score": 5, "comment": "Patient 0 was there" });
        data(&people.patient.post("ratings", &rating).await, 201);
        let open = app
            .requested(people.patient_id, app.wanted(0, VISIT, app.slot(40)))
            .await;
        for (reference, mode) in [(&done, "text"), (&open, "video")] {
            sqlx::query("update appointments set mode = $2 where reference = $1")
                .bind(reference)
                .bind(mode)
                .execute(&mut app.connection().await)
                .await
                .unwrap();
        }
        let part = |slot: i64| json!({ "doctor_id": doctor.id, "scheduled_at": app.slot(slot).to_string(), "type": "visit" });
        let visit = json!({ "segments": [part(60), part(62)] });
        let visit = data(&people.patient.post("appointments", &visit).await, 201);
        let mut holds: Vec<Value> = Vec::new();
        for slot in [80, 82, 84, 86] {
            let mut wish = part(slot);
            wish["keep"] = json!(holds);
            holds.push(data(&people.patient.post("holds", &wish).await, 201)["reference"].take());
        }
        // Who waits for any doctor at any clinic waits for all of them.
        let wish = json!({ "type": "visit", "doctor_id": doctor.id, "clinic_id": app.clinic, "reason": "Patient 0 waits" });
        let waits = data(&people.patient.post("waitlist", &wish).await, 201);
        let calendar = data(&people.patient.post("calendar", &json!({})).await, 201)["url"].take();
        let token = json!({ "name": "A phone agent", "days": 7 });
        let token = data(&people.patient.post("tokens", &token).await, 201);
        let day = |days: i64| (tomorrow + days.days()).to_string();
        let version = || async {
            app.count("select version::bigint from doctors order by id limit 1")
                .await
        };
        let schedule = format!("doctors/{}/schedule", doctor.id);
        let absence = json!({ "first_day": day(30), "version": version().await });
        let absence = data(
            &people
                .doctor
                .post(&format!("{schedule}/absences"), &absence)
                .await,
            201,
        );
        let exception =
            json!({ "hours": [{ "from": "09:00", "until": "12:00" }], "version": version().await });
        let path = format!("{schedule}/exceptions/{}/{}", app.clinic, day(31));
        data(&people.doctor.put(&path, &exception).await, 200);
        let closure = data(
            &people
                .admin
                .post("closures", &json!({ "first_day": day(32) }))
                .await,
            201,
        );
        app.sql(
            "insert into messages (kind, channel, recipient, body, state, ended_at)
             values ('confirmed', 'sms', '+6281255500000', 'Patient 0', 'failed', now())",
        )
        .await;
        let given_up = app.count("select id from messages where state = 'failed'").await;
        let member = app.reception("rina@test.example", &[app.clinic]).await;
        app.sql(
            "insert into call_lists (doctor_id, why, first_day, last_day, made_by, made_at)
             select doctors.id, 'absence', '2030-01-01', '2030-01-01', staff_id, now() from doctors order by id limit 1;
             insert into calls (list_id, appointment_id, starts_at)
             select call_lists.id, appointments.id, starts_at from call_lists, appointments where status = 'completed'",
        )
        .await;
        let calls = app.count("select id from call_lists").await;
        let (draft, group) = (app.group(4, false).await, app.group(8, true).await);
        app.sql(
            "insert into patients (phone, name) values ('+6281255599990', 'One'), ('+6281255599991', 'Two');
             insert into patient_merges (from_id, into_id, merged_at, merged_by, before)
             select one.id, two.id, now(), staff.id, jsonb_build_object('kept', null) from patients as one, patients as two, staff
             where one.name = 'One' and two.name = 'Two' order by staff.id limit 1",
        )
        .await;
        let merge = app.count("select id from patient_merges").await;
        sqlx::query(
            "with call as (
                 insert into phone_calls (call_id, number, clinic_id, language, began_at, needs, needs_number)
                 values ('c1', '+6281255500000', $1, 'en', now(), 'callback', '+6281255500000') returning id)
             insert into phone_call_names (patient_id, phone_call_id, heard_at) select $2, id, now() from call",
        )
        .bind(app.clinic)
        .bind(people.patient_id)
        .execute(&mut app.connection().await)
        .await
        .unwrap();
        let rang = app.count("select id from phone_calls").await;
        app.sql(
            "insert into payments
                 (appointment_id, provider, state, amount_minor, currency, session_ends_at, created_at, paid_at, receipt_number)
             select id, 'midtrans', 'refund_failed', 10000, 'IDR', now(), now(), now(), 1
             from appointments where status = 'completed' order by id limit 1;
             insert into refunds (payment_id, key, why, state, amount_minor, created_at)
             select id, 'refund-' || id, 'by_clinic', 'failed', 10000, now() from payments;
             insert into payment_troubles (payment_id, kind, noticed_at)
             select id, 'wrong_amount', now() from payments",
        )
        .await;
        let refund = app.count("select id from refunds").await;
        let trouble = app.count("select id from payment_troubles").await;
        let kind = json!({
            "clinic_id": app.clinic, "name": "Single room", "rooms": 5, "price": { "amount": "850000", "currency": "IDR" },
        });
        let kind = data(&people.admin.post("room-types", &kind).await, 201);
        let mut stays = Vec::new();
        for hold in [true, false] {
            let wish = json!({
                "room_type_id": kind["id"], "arrival": day(40), "departure": day(43), "rooms": 1, "hold": hold,
            });
            stays.push(data(&people.patient.post("stays", &wish).await, 201));
        }
        let mut hooks = Vec::new();
        for number in 1..=2 {
            let wish = json!({
                "url": format!("https://hooks.example.com/{number}"), "description": "Patient 0 elsewhere",
                "events": ["appointment.confirmed"],
            });
            hooks.push(data(&people.doctor.post("webhooks", &wish).await, 201));
        }
        app.sql(
            "insert into webhook_deliveries (webhook_id, event, happened_at, due_at, state, ended_at)
             select min(id), 'webhook.test', now(), now(), 'failed', now() from webhooks",
        )
        .await;
        let delivery = app.count("select id from webhook_deliveries").await;
        let texts = |values: &[&Value]| -> Vec<String> {
            values
                .iter()
                .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                .collect()
        };
        Self {
            in_paths: BTreeMap::from([
                (
                    "/api/v1/appointments/{id}",
                    texts(&[&done_id, &json!(done), &json!(open)]),
                ),
                ("/api/v1/groups/{id}", vec![draft.to_string(), group.to_string()]),
                ("/api/v1/holds/{id}", texts(&[&holds[2], &holds[3]])),
                ("/api/v1/phone-calls/{id}", vec![rang.to_string()]),
                ("/api/v1/waitlist/{id}", vec![id(&waits)]),
                ("/api/v1/visits/{id}", texts(&[&visit["visit"]])),
                ("/api/v1/prescription-templates/{id}", vec![id(&template)]),
                ("/api/v1/prescriptions/{id}", vec![id(&prescription)]),
                ("/api/v1/patients/{id}", vec![people.patient_id.to_string()]),
                ("/api/v1/doctors/{id}", vec![doctor.id.to_string()]),
                ("/api/v1/services/{id}", vec![app.services[VISIT].to_string()]),
                ("/api/v1/clinics/{id}", vec![app.clinic.to_string()]),
                ("/api/v1/tokens/{id}", vec![id(&token)]),
                ("/api/v1/closures/{id}", vec![id(&closure)]),
                ("/api/v1/call-lists/{id}", vec![calls.to_string()]),
                ("/api/v1/merges/{id}", vec![merge.to_string()]),
                ("/api/v1/admin/refunds/{id}", vec![refund.to_string()]),
                ("/api/v1/admin/payments/troubles/{id}", vec![trouble.to_string()]),
                ("/api/v1/room-types/{id}", vec![id(&kind)]),
                ("/api/v1/stays/{id}", stays.iter().map(id).collect()),
                ("/api/v1/webhooks/{id}", hooks.iter().map(id).collect()),
                ("{delivery_id}", vec![delivery.to_string()]),
                ("/api/v1/admin/messages/{id}", vec![given_up.to_string()]),
                ("/api/v1/admin/staff/{id}", vec![member.to_string()]),
                (
                    "/api/v1/admin/messages/texts/{text}",
                    vec!["confirmed".to_owned()],
                ),
                ("{language}", vec!["en".to_owned()]),
                ("{clinic_id}", vec![app.clinic.to_string()]),
                ("{day}", vec![day(31)]),
                ("{absence_id}", vec![id(&absence)]),
            ]),
            in_bodies: BTreeMap::from([
                ("appointment_id", done_id),
                ("patient_id", json!(people.patient_id)),
                ("doctor_id", json!(doctor.id)),
                ("clinic_id", json!(app.clinic)),
                ("service_id", json!(app.services[VISIT])),
                ("scheduled_at", json!(app.slot(100).to_string())),
                ("type", json!("visit")),
                ("speciality", json!("General practice")),
                ("role", json!("admin")),
                ("day", json!(day(33))),
                ("first_day", json!(day(34))),
                ("version", json!(version().await)),
                ("holds", json!(holds[..2])),
                ("room_type_id", kind["id"].clone()),
                ("arrival", json!(day(40))),
                ("departure", json!(day(42))),
            ]),
            secrets: [
                texts(&[&json!(done), &json!(open), &holds[0], &holds[3], &calendar]),
                texts(&[&stays[0]["reference"], &stays[1]["reference"]]),
                vec!["+6281255500000".to_owned(), "Patient 0".to_owned()],
            ]
            .concat(),
        }
    }

    /// Every path that this one stands for.
    fn paths(&self, path: &str) -> Vec<String> {
        let Some(start) = path.find('{') else {
            return vec![path.to_owned()];
        };
        let end = start + path[start..].find('}').unwrap() + 1;
        let known = self
            .in_paths
            .get(&path[..end])
            .or_else(|| self.in_paths.get(&path[start..end]));
        let ids = known.unwrap_or_else(|| panic!("say whose {} is", &path[..end]));
        ids.iter()
            .flat_map(|id| self.paths(&format!("{}{id}{}", &path[..start], &path[end..])))
            .collect()
    }

    /// A body of this form that is about what is theirs.
    fn body(&self, schema: &Value, schemas: &Map<String, Value>) -> Value {
        if let Some(name) = schema["$ref"].as_str() {
            return self.body(&schemas[name.rsplit('/').next().unwrap()], schemas);
        }
        if let Some(choices) = ["oneOf", "anyOf", "allOf"]
            .iter()
            .find_map(|name| schema[name].as_array())
        {
            let first = choices.iter().find(|choice| choice["type"] != "null").unwrap();
            return self.body(first, schemas);
        }
        if let Some(fields) = schema["properties"].as_object() {
            let mut body = schema["example"].as_object().cloned().unwrap_or_default();
            let required = schema["required"].as_array().cloned().unwrap_or_default();
            for (name, field) in fields {
                if let Some(theirs) = self.in_bodies.get(name.as_str()) {
                    body.insert(name.clone(), theirs.clone());
                } else if required.contains(&json!(name)) && !body.contains_key(name) {
                    body.insert(name.clone(), self.body(field, schemas));
                }
            }
            return Value::Object(body);
        }
        if !schema["example"].is_null() {
            return schema["example"].clone();
        }
        if let Some(first) = schema["enum"].get(0) {
            return first.clone();
        }
        let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
        match kind {
            Some("array") => {
                let count = schema["minItems"].as_u64().unwrap_or(1).max(1);
                (0..count).map(|_| self.body(&schema["items"], schemas)).collect()
            }
            Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
            Some("boolean") => json!(false),
            Some("object") => json!({}),
            _ => json!("x".repeat(usize::try_from(schema["minLength"].as_u64().unwrap_or(1)).unwrap())),
        }
    }
}

/// Calls that act for the caller alone, whoever else is named in them.
const OWN: [(&str, &str); 16] = [
    ("post", "/api/v1/me/export"),
    ("post", "/api/v1/me/erasure"),
    ("put", "/api/v1/me/consents"),
    ("post", "/api/v1/prescription-templates"),
    ("put", "/api/v1/me/contact"),
    ("post", "/api/v1/auth/logout"),
    ("post", "/api/v1/holds"),
    ("post", "/api/v1/tokens"),
    ("post", "/api/v1/webhooks"),
    ("post", "/api/v1/calendar"),
    ("post", "/api/v1/family"),
    ("delete", "/api/v1/calendar"),
    // Staff find whom they know the number of.
    ("post", "/api/v1/patients"),
    // Who searches does so among their own.
    ("post", "/api/v1/appointments/search"),
    ("post", "/api/v1/patients/search"),
    ("post", "/api/v1/find"),
];

/// Every call that somebody has to sign in for, reading first.
/// Nobody has been offered a time here: `tests/waitlist/api.rs` answers offers. Nor has anybody a copy of their data: see
/// `tests/privacy/api.rs`.
const ANSWERS: [&str; 3] = [
    "/api/v1/waitlist/{id}/accept",
    "/api/v1/waitlist/{id}/decline",
    "/api/v1/me/export/file",
];

fn calls(theirs: &Theirs) -> Vec<Call> {
    let description: Value = serde_json::from_str(&api::text()).unwrap();
    let schemas = description["components"]["schemas"].as_object().unwrap();
    let mut calls = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, call) in item.as_object().unwrap() {
            // An empty one among them: nobody has to.
            let is_public = call["security"]
                .as_array()
                .is_none_or(|any| any.contains(&json!({})));
            if is_public || OWN.contains(&(method.as_str(), path.as_str())) {
                continue;
            }
            let body = &call["requestBody"]["content"]["application/json"]["schema"];
            calls.push(Call {
                method: method.to_uppercase(),
                path: path.clone(),
                body: (!body.is_null()).then(|| theirs.body(body, schemas)),
            });
        }
    }
    let order = ["GET", "POST", "PUT", "DELETE"];
    // What closes an account comes last: whose it is has no calls after it.
    calls.sort_by_key(|call| {
        let place = order.iter().position(|method| *method == call.method);
        (call.path.ends_with("/access"), place)
    });
    calls
}

async fn send(program: &Program, call: &Call, path: &str, version: i64) -> Answer {
    let path = path.strip_prefix("/api/v1/").unwrap();
    let mut request = program.request(&call.method, path);
    if call.method == "DELETE" {
        request = request.header("if-match", format!("\"{version}\""));
    }
    Answer::of(match &call.body {
        Some(body) => request.json(body),
        None => request,
    })
    .await
}

/// Every row there is, but for what says that somebody has asked.
async fn everything(app: &TestApp) -> BTreeMap<String, Option<String>> {
    let mut connection = app.connection().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.tables
         where table_schema = 'public' and table_type = 'BASE TABLE'
           and table_name not in ('tokens', 'rate_limits', 'idempotency_keys', 'security_notes', '_sqlx_migrations')",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let mut rows = BTreeMap::new();
    for table in tables {
        let all = format!("select md5(string_agg(it::text, ',' order by it::text)) from {table} as it");
        let hash = sqlx::query_scalar(AssertSqlSafe(all))
            .fetch_one(&mut connection)
            .await
            .unwrap();
        rows.insert(table, hash);
    }
    let tokens = "select string_agg(id::text || coalesce(revoked_at::text, ''), ',' order by id) from tokens";
    let tokens = sqlx::query_scalar(tokens)
        .fetch_one(&mut connection)
        .await
        .unwrap();
    rows.insert("tokens".to_owned(), tokens);
    rows
}

fn is_refusal(status: Option<&u16>) -> bool {
    status.is_none_or(|status| [401, 403, 404].contains(status))
}

#[sqlx::test]
async fn the_data_of_other_people_is_not_found_on_any_route(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::with(options, with_links()).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let theirs = Theirs::of(&app, &people).await;
    let version = theirs.in_bodies["version"].as_i64().unwrap();
    let calls = calls(&theirs);
    assert!(calls.len() > 40, "{}", calls.len());
    let nobody = Program::new(&site);
    let before = everything(&app).await;
    for call in &calls {
        for path in theirs.paths(&call.path) {
            let here = format!("{} {path}", call.method);
            assert_eq!(send(&nobody, call, &path, version).await.status, 401, "{here}");
            for stranger in [&people.other, &people.other_doctor, &people.other_reception] {
                let answer = send(stranger, call, &path, version).await;
                let is_list = call.method == "GET" && !call.path.contains('{');
                let is_refused = [403, 404].contains(&answer.status);
                assert!(
                    is_refused || is_list && answer.status == 200,
                    "{here}: {answer:?}"
                );
                for secret in &theirs.secrets {
                    assert!(!answer.body.contains(secret), "{here}: {answer:?}");
                }
            }
        }
    }
    assert_eq!(everything(&app).await, before);

    // Each of these calls does something for whose it is: it was the wall that refused it, and nothing else.
    let mut nobodys = Vec::new();
    for call in &calls {
        let mut statuses = Vec::new();
        // There are two of everything: a call that changes the first one leaves the second one for the next call.
        'done: for path in theirs.paths(&call.path) {
            for owner in [&people.patient, &people.doctor, &people.admin] {
                let version = app
                    .count("select version::bigint from doctors order by id limit 1")
                    .await;
                statuses.push(send(owner, call, &path, version).await.status);
                if !is_refusal(statuses.last()) {
                    break 'done;
                }
            }
        }
        if is_refusal(statuses.last()) && !ANSWERS.contains(&call.path.as_str()) {
            nobodys.push(format!(
                "{} {}: {statuses:?} {:?}",
                call.method, call.path, call.body
            ));
        }
    }
    assert!(nobodys.is_empty(), "{nobodys:#?}");
    app.assert_sound().await;
}
