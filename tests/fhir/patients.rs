//! Patients: own records, those of staff, and no name in an address.

use super::{ids, issues, matches, resource};
use crate::support::{People, Program, TestApp};

#[tokio::test]
async fn patients_see_themselves_and_their_family() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let child = crate::support::data(
        &people
            .patient
            .post("family", &serde_json::json!({ "name": "Dewi" }))
            .await,
        201,
    );
    let (own, child) = (people.patient_id.to_string(), child["id"].to_string());
    let all = resource(&people.patient.read("Patient").await, 200);
    assert_eq!(ids(&all), [own.clone(), child.clone()]);
    assert_eq!(matches(&all)[1]["name"][0]["text"], "Dewi");
    for id in [&own, &child] {
        resource(&people.patient.read(&format!("Patient/{id}")).await, 200);
        assert_eq!(
            issues(&people.other.read(&format!("Patient/{id}")).await, 404),
            ["not-found"]
        );
    }
    let some = resource(
        &people
            .patient
            .search("Patient/_search", &[("name", "dewi")])
            .await,
        200,
    );
    assert_eq!(ids(&some), [child]);
    let strangers = format!("Patient?_id={own}");
    assert_eq!(resource(&people.other.read(&strangers).await, 200)["total"], 0);
    for path in ["Patient", &format!("Patient/{own}")] {
        assert_eq!(issues(&Program::new(&site).read(path).await, 401), ["login"]);
    }
}

#[tokio::test]
async fn staff_see_whom_they_have_to_do_with() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let path = format!("Patient/{}", people.patient_id);
    let seen = resource(&people.admin.read(&path).await, 200);
    assert_eq!(seen["telecom"][0]["value"], "+6281255500000");
    assert_eq!(issues(&people.doctor.read(&path).await, 404), ["not-found"]);
    app.given(0, people.patient_id).await;
    resource(&people.doctor.read(&path).await, 200);
    assert_eq!(issues(&people.other_doctor.read(&path).await, 404), ["not-found"]);
    assert_eq!(
        issues(&people.other_reception.read(&path).await, 404),
        ["not-found"]
    );
    assert_eq!(resource(&people.doctor.read("Patient").await, 200)["total"], 1);
    // What staff read of patients is recorded.
    assert!(app.count("select count(*) from patient_reads").await > 0);

    let found = resource(
        &people
            .admin
            .search("Patient/_search", &[("name", "patient 1")])
            .await,
        200,
    );
    assert_eq!(ids(&found), [people.other_id.to_string()]);
    let found = resource(
        &people
            .admin
            .search("Patient/_search", &[("phone", "55500001")])
            .await,
        200,
    );
    assert_eq!(ids(&found), [people.other_id.to_string()]);
    let form = [("name", "patient"), ("_count", "1")];
    let page = people.admin.search("Patient/_search", &form).await;
    let bundle = resource(&page, 200);
    assert_eq!((bundle["total"].as_i64(), ids(&bundle).len()), (Some(2), 1));
    // The address of the next page has no name; the same body is posted to it.
    let next = bundle["link"][1]["url"].as_str().unwrap();
    assert!(
        bundle["link"]
            .as_array()
            .unwrap()
            .iter()
            .all(|link| !link.to_string().contains("patient&"))
    );
    assert!(
        !next.contains("name") && next.contains("Patient/_search?_cursor="),
        "{next}"
    );
    let path = next.split("/fhir/r4/").nth(1).unwrap();
    let rest = resource(&people.admin.search(path, &form).await, 200);
    assert_eq!(ids(&rest), [people.other_id.to_string()]);
}

#[tokio::test]
async fn a_name_does_not_belong_into_an_address() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    for path in [
        "Patient?name=Dewi",
        "Patient?phone=0812555",
        "Patient?_count=1&name=Dewi",
    ] {
        let answer = people.admin.read(path).await;
        assert_eq!(issues(&answer, 400), ["suppressed"], "{path}");
        assert!(!answer.body.contains("Dewi"), "{answer:?}");
    }
    for path in [
        "Patient?name:exact=Dewi",
        "Appointment?patient.name=Dewi",
        "Patient?given:contains=Dewi",
    ] {
        assert_eq!(
            issues(&people.admin.read(path).await, 400),
            ["not-supported"],
            "{path}"
        );
    }
}
