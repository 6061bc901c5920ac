//! Searches for appointments (ITI-118).

use serde_json::Value;

use super::{ids, issues, resource};
use crate::support::{People, TestApp, VISIT};

/// Appointments of both patients at two doctors: the ids, in time order.
async fn appointments(app: &TestApp, people: &People) -> Vec<String> {
    app.confirmed(people.patient_id, 0, app.slot(20)).await;
    app.requested(people.patient_id, app.wanted(1, VISIT, app.slot(70)))
        .await;
    app.confirmed(people.other_id, 0, app.slot(22)).await;
    app.confirmed(people.other_id, 1, app.slot(120)).await;
    app.sql("update appointments set status = 'cancelled' where id = (select max(id) from appointments)")
        .await;
    let mut all: Vec<(i64, i64)> =
        sqlx::query_as("select extract(epoch from starts_at)::bigint, id from appointments")
            .fetch_all(&mut *app.spare().await)
            .await
            .unwrap();
    all.sort_unstable();
    all.into_iter().map(|(_, id)| id.to_string()).collect()
}

#[tokio::test]
async fn everybody_finds_their_own() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let all = appointments(&app, &people).await;
    let [first, second, third, last] = all.as_slice() else {
        panic!("{all:?}")
    };
    for (program, expected) in [
        (&people.admin, vec![first, second, third, last]),
        (&people.patient, vec![first, third]),
        (&people.other, vec![second, last]),
        (&people.doctor, vec![first, second]),
        (&people.other_doctor, vec![third, last]),
        (&people.other_reception, vec![]),
    ] {
        let bundle = resource(&program.read("Appointment").await, 200);
        assert_eq!(ids(&bundle).iter().collect::<Vec<_>>(), expected);
        assert_eq!(bundle["total"], expected.len());
        for id in &all {
            let status = program.read(&format!("Appointment/{id}")).await.status;
            assert_eq!(status == 200, expected.contains(&id), "{id}");
            let named = resource(&program.read(&format!("Appointment?_id={id}")).await, 200);
            assert_eq!(named["total"] == 1, expected.contains(&id), "{id}");
        }
    }
}

#[tokio::test]
async fn a_search_is_narrowed() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let all = appointments(&app, &people).await;
    let [first, second, third, last] = all.as_slice() else {
        panic!("{all:?}")
    };
    let (patient, doctor) = (people.patient_id, app.doctors[0].id);
    let (day, next) = (app.day(20), app.day(70));
    let at = app.slot(22);
    for (query, expected) in [
        (format!("patient=Patient/{patient}"), vec![first, third]),
        (
            format!("patient={patient},{}", people.other_id),
            vec![first, second, third, last],
        ),
        (format!("practitioner=Practitioner/{doctor}"), vec![first, second]),
        (format!("practitioner={doctor}&patient={patient}"), vec![first]),
        (format!("date={day}"), vec![first, second]),
        (format!("date=ge{next}"), vec![third, last]),
        (format!("date=gt{day}&date=le{next}"), vec![third]),
        (format!("date=lt{at}"), vec![first]),
        (format!("date=eq{at}"), vec![second]),
        ("date=2020".to_owned(), vec![]),
        ("status=booked".to_owned(), vec![first, second]),
        ("status=pending,cancelled".to_owned(), vec![third, last]),
        ("status=proposed".to_owned(), vec![]),
        (
            format!("location=Location/{}", app.clinic),
            vec![first, second, third, last],
        ),
        (
            "specialty=General practice&status=cancelled".to_owned(),
            vec![last],
        ),
        ("service-type=visit".to_owned(), vec![first, second, third, last]),
        ("service-type=nothing".to_owned(), vec![]),
        (format!("_id={first},{last}&status=booked"), vec![first]),
        // What is not known is left out.
        (
            format!("zzz=1&patient={patient}&_summary=count"),
            vec![first, third],
        ),
    ] {
        let bundle = resource(&people.admin.read(&format!("Appointment?{query}")).await, 200);
        assert_eq!(ids(&bundle).iter().collect::<Vec<_>>(), expected, "{query}");
        assert_eq!(bundle["total"], expected.len(), "{query}");
        assert!(!bundle["link"][0]["url"].as_str().unwrap().contains("zzz"));
        let form: Vec<(&str, &str)> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let posted = resource(&people.admin.search("Appointment/_search", &form).await, 200);
        assert_eq!(ids(&posted), ids(&bundle), "{query}");
    }
    for (query, code) in [
        ("status=zzz", "invalid"),
        ("patient=Practitioner/1", "invalid"),
        ("date=yesterday", "invalid"),
        ("date=ne2026-01-01", "not-supported"),
        ("date=ge2026-01-02&date=lt2026-01-01", "value"),
        ("_count=many", "invalid"),
        ("_cursor=1", "invalid"),
        ("_include=Appointment:slot", "not-supported"),
        ("status:not=booked", "not-supported"),
        (
            "practitioner=1,2,3,4,5,6,7,8&status=pending,booked,arrived,cancelled",
            "too-costly",
        ),
    ] {
        assert_eq!(
            issues(&people.admin.read(&format!("Appointment?{query}")).await, 400),
            [code],
            "{query}"
        );
    }
}

#[tokio::test]
async fn pages_have_everything_once() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let all = appointments(&app, &people).await;
    for query in [
        "_count=1",
        "_count=1&status=booked,pending,cancelled",
        "_count=3&specialty=General%20practice",
    ] {
        let (mut found, mut path) = (Vec::new(), format!("Appointment?{query}"));
        loop {
            let bundle = resource(&people.admin.read(&path).await, 200);
            assert_eq!(bundle["total"], 4);
            found.extend(ids(&bundle));
            let links = bundle["link"].as_array().unwrap();
            let Some(next) = links.iter().find(|link| link["relation"] == "next") else {
                break;
            };
            path = next["url"]
                .as_str()
                .unwrap()
                .split("/fhir/r4/")
                .nth(1)
                .unwrap()
                .to_owned();
        }
        assert_eq!(found, all, "{query}");
    }
    let counted = resource(&people.admin.read("Appointment?_count=0").await, 200);
    assert_eq!((counted["total"].as_i64(), ids(&counted).len()), (Some(4), 0));
    let path = "Appointment?_include=Appointment:patient&_include=Appointment:practitioner&_include=Appointment:location";
    let bundle = resource(&people.admin.read(path).await, 200);
    let included = |kind: &str| {
        let entries = bundle["entry"].as_array().unwrap().iter();
        entries
            .filter(|entry| entry["search"]["mode"] == "include" && entry["resource"]["resourceType"] == kind)
            .count()
    };
    assert_eq!(
        (
            included("Patient"),
            included("Practitioner"),
            included("Location")
        ),
        (2, 2, 1)
    );
    let reference =
        crate::support::data(&people.admin.get("appointments").await, 200)[0]["reference"].clone();
    let path = format!("Appointment?identifier={}", reference.as_str().unwrap());
    let named = resource(&people.admin.read(&path).await, 200);
    let identifier: &Value = &named["entry"][0]["resource"]["identifier"][0]["value"];
    assert_eq!(*identifier, reference);
}
