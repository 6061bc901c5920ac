//! Everything that belongs to a patient, to their doctor and to the clinic, and the calls that name it.

use std::collections::BTreeMap;

use jiff::ToSpan;
use serde_json::{Map, Value, json};

use crate::support::{People, TestApp, VISIT, data};
use engine::appointment::Status;

/// The ids of everything that belongs to a patient, to their doctor and to the clinic.
pub(super) struct Theirs {
    /// By the beginning of the path, or by the name of the parameter.
    in_paths: BTreeMap<&'static str, Vec<String>>,
    /// By the name of the field.
    pub(super) in_bodies: BTreeMap<&'static str, Value>,
    /// None of it may be in an answer to somebody else.
    pub(super) secrets: Vec<String>,
}

fn line_of_template() -> Value {
    json!({ "name": "A", "dose": "1", "frequency": "1", "duration": "1" })
}

impl Theirs {
    pub(super) async fn of(app: &TestApp, people: &People) -> Self {
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
                .execute(&mut *app.spare().await)
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
        .execute(&mut *app.spare().await)
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
    pub(super) fn paths(&self, path: &str) -> Vec<String> {
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
    pub(super) fn body(&self, schema: &Value, schemas: &Map<String, Value>) -> Value {
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
