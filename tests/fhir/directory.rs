//! Clinics, doctors, services, calendars, and what is said of all of it.

use serde_json::{Value, json};

use super::{ids, issues, matches, resource};
use crate::support::{Program, TestApp, VISIT};

const KINDS: [&str; 5] = [
    "Location",
    "Practitioner",
    "PractitionerRole",
    "HealthcareService",
    "Schedule",
];

#[tokio::test]
async fn everything_is_read_as_it_is_found() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = Program::new(&site);
    for kind in KINDS {
        let bundle = resource(&visitor.read(kind).await, 200);
        let entries = bundle["entry"].as_array().unwrap();
        assert_eq!(bundle["total"], entries.len(), "{kind}");
        for entry in entries {
            assert_eq!(entry["resource"]["resourceType"], kind);
            let address = entry["fullUrl"].as_str().unwrap();
            let path = address.split("/fhir/r4/").nth(1).unwrap();
            assert_eq!(
                resource(&visitor.read(path).await, 200),
                entry["resource"],
                "{path}"
            );
        }
        for unknown in ["0", "999999", "1-999999", "x", "1-1-1-1-1"] {
            let answer = visitor.read(&format!("{kind}/{unknown}")).await;
            assert_eq!(issues(&answer, 404), ["not-found"], "{kind}/{unknown}");
        }
    }
    let place = resource(&visitor.read(&format!("Location/{}", app.clinic)).await, 200);
    assert_eq!(
        (&place["name"], &place["address"]["city"]),
        (&json!("Clinic"), &json!("Town"))
    );
    assert_eq!(place["telecom"][0]["value"], "+1 555 0100");
    assert_eq!(place["extension"][0]["valueCode"], "UTC");
    let schedule = format!("Schedule/{}-{}", app.doctors[0].id, app.clinic);
    let schedule = resource(&visitor.read(&schedule).await, 200);
    assert_eq!(schedule["serviceType"].as_array().unwrap().len(), 3);
    assert_eq!(schedule["actor"][0]["display"], "Dr 1");
}

#[tokio::test]
async fn a_doctor_who_takes_no_bookings_is_not_there() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = Program::new(&site);
    app.sql("update doctors set active = false where name = 'Dr 1'")
        .await;
    let doctor = app.doctors[0].id;
    let bundle = resource(&visitor.read("Practitioner").await, 200);
    assert_eq!(bundle["total"], 3);
    for path in [
        format!("Practitioner/{doctor}"),
        format!("PractitionerRole/{doctor}-{}", app.clinic),
        format!("Schedule/{doctor}-{}", app.clinic),
        format!("Slot/{}", super::name(&app, 0, VISIT, app.slot(20))),
    ] {
        assert_eq!(issues(&visitor.read(&path).await, 404), ["not-found"], "{path}");
    }
}

#[tokio::test]
async fn a_search_is_narrowed_paged_and_completed() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = Program::new(&site);
    let doctor = app.doctors[1].id;
    for (path, count) in [
        ("Practitioner?name=dr".to_owned(), 4),
        (format!("Practitioner?_id={doctor},{}", app.doctors[0].id), 2),
        (format!("PractitionerRole?practitioner=Practitioner/{doctor}"), 1),
        (
            format!(
                "PractitionerRole?specialty=General%20practice&location={}",
                app.clinic
            ),
            4,
        ),
        ("PractitionerRole?specialty=Nothing".to_owned(), 0),
        ("HealthcareService?service-type=visit".to_owned(), 1),
        (
            "HealthcareService?service-type=urn:x-janji:service|visit,long".to_owned(),
            2,
        ),
        ("HealthcareService?service-type=urn:other|visit".to_owned(), 0),
        (
            format!("Schedule?actor=Practitioner/{doctor}&service-type=visit"),
            1,
        ),
        ("Location?name=clin".to_owned(), 1),
        ("Location?_id=999".to_owned(), 0),
    ] {
        let bundle = resource(&visitor.read(&path).await, 200);
        assert_eq!(
            (bundle["total"].as_i64(), matches(&bundle).len()),
            (Some(count), count as usize),
            "{path}"
        );
    }
    // By pages, everything once; by a form, the same.
    let (mut found, mut path) = (Vec::new(), "Practitioner?_count=1".to_owned());
    loop {
        let bundle = resource(&visitor.read(&path).await, 200);
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
    let all = resource(&visitor.search("Practitioner/_search", &[]).await, 200);
    assert_eq!(found, ids(&all));
    let counted = resource(&visitor.read("Practitioner?_count=0").await, 200);
    assert_eq!((&counted["total"], matches(&counted).len()), (&json!(4), 0));

    let path = format!(
        "PractitionerRole?practitioner={doctor}&_include=PractitionerRole:practitioner&_include=PractitionerRole:location&_include=PractitionerRole:service"
    );
    let bundle = resource(&visitor.read(&path).await, 200);
    let included: Vec<&str> = bundle["entry"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["search"]["mode"] == "include")
        .filter_map(|entry| entry["resource"]["resourceType"].as_str())
        .collect();
    assert_eq!(
        included,
        [
            "Practitioner",
            "Location",
            "HealthcareService",
            "HealthcareService",
            "HealthcareService"
        ]
    );
}

/// Values with which each kind of parameter can be tried.
fn tried(kind: &str) -> &'static str {
    match kind {
        "date" => "2026-11-24",
        "reference" | "token" => "1",
        _ => "a",
    }
}

#[tokio::test]
async fn the_statement_names_only_what_works() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = crate::support::People::of(&site).await;
    let statement = resource(&Program::new(&site).read("metadata").await, 200);
    assert_eq!(statement["fhirVersion"], "4.0.1");
    let rest = &statement["rest"][0];
    assert!(rest.get("operation").is_none(), "nothing is published here");
    for stated in rest["resource"].as_array().unwrap() {
        let kind = stated["type"].as_str().unwrap();
        for parameter in stated["searchParam"].as_array().unwrap() {
            let name = parameter["name"].as_str().unwrap();
            let value = match name {
                "status" if kind == "Slot" => "free",
                "status" => "booked",
                _ => tried(parameter["type"].as_str().unwrap()),
            };
            let mut form = vec![(name, value)];
            if kind == "Slot" {
                form.extend(
                    [("schedule", "1-1"), ("service-type", "visit")]
                        .iter()
                        .filter(|(one, _)| *one != name),
                );
                form.extend([("start", "2027-01-01")].iter().filter(|(one, _)| *one != name));
            }
            let request = people.admin.fhir("POST", &format!("{kind}/_search")).form(&form);
            let answer = crate::support::Answer::of(request.header("prefer", "handling=strict")).await;
            assert_eq!(resource(&answer, 200)["resourceType"], "Bundle", "{kind} {name}");
        }
        for include in stated["searchInclude"].as_array().into_iter().flatten() {
            let path = format!(
                "{kind}?_include={}&start=2027-01-01&schedule=1-1",
                include.as_str().unwrap()
            );
            resource(&people.admin.read(&path).await, 200);
        }
        let interactions: Vec<&Value> = stated["interaction"].as_array().unwrap().iter().collect();
        assert!(interactions.iter().any(|one| one["code"] == "read"), "{stated}");
    }
}
