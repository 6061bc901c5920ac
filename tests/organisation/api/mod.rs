//! The organisation by the API: patients book what programs describe.

mod clinics;
mod doctors;
mod import;
mod refused;
mod services;
mod twice;

use serde_json::{Value, json};

use crate::support::{Answer, Program, TestApp};

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
