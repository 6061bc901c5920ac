//! Times with a zone, as RFC 9557 writes them: what is named is never ignored.

use serde_json::json;

use crate::support::{People, TestApp, data, refused, wish};

#[tokio::test]
async fn a_time_with_a_zone_is_that_of_the_zone() {
    let app = TestApp::new().await;
    app.sql("update clinics set time_zone = 'Asia/Jakarta'").await;
    let people = People::of(&app.serve().await).await;
    let day = app.slot(0).strftime("%F").to_string();
    for (number, said) in [
        (20, format!("{day}T17:00:00[Asia/Jakarta]")),
        (22, format!("{day}T20:00:00+09:00[Asia/Tokyo]")),
        (24, format!("{day}T21:00:00[Asia/Tokyo]")),
        (26, format!("{day}T13:00:00Z[Asia/Tokyo]")),
        (28, format!("{day} 23:00:00[!Asia/Tokyo]")),
        (30, format!("{day}T22:00:00[+07:00]")),
    ] {
        let mut body = wish(&app, 0, app.slot(0));
        body["scheduled_at"] = said.as_str().into();
        let booked = data(&people.patient.post("appointments", &body).await, 201);
        assert_eq!(booked["starts_at"], app.slot(number).to_string(), "{said}");
    }
    let to = json!({ "scheduled_at": format!("{day}T12:00:00[Asia/Jakarta]") });
    let moved = people.patient.post("appointments/1/reschedule", &to).await;
    assert_eq!(data(&moved, 200)["starts_at"], app.slot(10).to_string());
    let range = format!("from={day}T11:00:00%5BAsia/Jakarta%5D&to={day}T13:00:00%2B07:00%5BAsia/Jakarta%5D");
    let listed = people.patient.get(&format!("appointments?{range}")).await;
    assert_eq!(data(&listed, 200).as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_zone_that_contradicts_or_is_not_known_is_refused() {
    let app = TestApp::new().await;
    app.sql("update clinics set time_zone = 'Asia/Jakarta'").await;
    let people = People::of(&app.serve().await).await;
    let booked = people
        .patient
        .post("appointments", &wish(&app, 0, app.slot(40)))
        .await;
    data(&booked, 201);
    let day = app.slot(0).strftime("%F").to_string();
    for said in [
        format!("{day}T17:00:00+07:00[Europe/Berlin]"),
        format!("{day}T17:00:00+00:00[Asia/Jakarta]"),
        format!("{day}T17:00:00[Mars/Olympus]"),
        format!("{day}T17:00:00Z[Mars/Olympus]"),
        format!("{day}T17:00:00[localtime]"),
        format!("{day}T17:00:00[right/Asia/Jakarta]"),
        format!("{day}T17:00:00[Asia/Jakarta"),
        format!("{day}T17:00:00[Asia/Jakarta][Asia/Tokyo]"),
        format!("{day}T17:00:00[!u-xx=1]"),
        format!("{day}[Asia/Jakarta]"),
        "2027-03-28T02:30:00[Europe/Berlin]".to_owned(),
    ] {
        let mut body = wish(&app, 0, app.slot(0));
        body["scheduled_at"] = said.as_str().into();
        for path in ["appointments", "holds"] {
            if path == "holds" {
                body.as_object_mut().unwrap().remove("reason");
            }
            let answer = people.patient.post(path, &body).await;
            let details = refused(&answer, 422, "VALIDATION_FAILED");
            assert_eq!(details, json!({ "scheduled_at": "malformed" }), "{said}");
        }
        let to = json!({ "scheduled_at": said });
        let answer = people.patient.post("appointments/1/reschedule", &to).await;
        refused(&answer, 422, "VALIDATION_FAILED");
        let said: String = said
            .chars()
            .map(|c| match c {
                '+' => "%2B".to_owned(),
                '[' => "%5B".to_owned(),
                ']' => "%5D".to_owned(),
                c => c.to_string(),
            })
            .collect();
        for path in [
            format!("appointments?from={said}"),
            format!("appointments?to={said}"),
            format!("doctors/{}/slots?service=visit&from={said}", app.doctors[0].id),
            format!("slots?service=visit&to={said}"),
        ] {
            refused(&people.patient.get(&path).await, 422, "VALIDATION_FAILED");
        }
    }
    assert_eq!(app.count("select count(*) from appointments").await, 1);
}
