//! Lists in the order that was asked for.

use crate::support::{People, TestApp, data, refused};

#[tokio::test]
async fn a_list_is_sorted_as_requested() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let mut made = Vec::new();
    for (patient, doctor, slot) in [
        (people.patient_id, 0, 30),
        (people.other_id, 1, 20),
        (people.patient_id, 1, 40),
        (people.other_id, 0, 10),
    ] {
        made.push(
            app.requested(patient, app.wanted(doctor, 0, app.slot(slot)))
                .await,
        );
    }
    let order =
        |numbers: [usize; 4]| -> Vec<String> { numbers.iter().map(|number| made[*number].clone()).collect() };
    for (sort, expected) in [
        ("", order([3, 1, 0, 2])),
        ("&sort=starts_at", order([3, 1, 0, 2])),
        ("&sort=-starts_at", order([2, 0, 1, 3])),
        ("&sort=id", order([0, 1, 2, 3])),
        ("&sort=-id", order([3, 2, 1, 0])),
    ] {
        let (mut read, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = people
                .admin
                .get(&format!("appointments?limit=3{sort}{cursor}"))
                .await;
            let page = {
                data(&page, 200);
                page.json()
            };
            let references = page["data"].as_array().unwrap().iter();
            read.extend(references.map(|one| one["reference"].as_str().unwrap().to_owned()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(read, expected, "{sort}");
    }
    let page = people.admin.get("appointments?limit=1&sort=id").await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    for query in [
        format!("sort=-id&cursor={cursor}"),
        format!("cursor={cursor}"),
        "sort=name".to_owned(),
    ] {
        refused(
            &people.admin.get(&format!("appointments?{query}")).await,
            422,
            "VALIDATION_FAILED",
        );
    }
    for (query, expected) in [
        (format!("patient={}", people.patient_id), 2),
        (format!("clinic={}", app.clinic), 4),
        ("clinic=999".to_owned(), 0),
        ("type=visit".to_owned(), 4),
        ("type=long".to_owned(), 0),
        ("q=patient%201".to_owned(), 2),
        (format!("q={}", made[2]), 1),
        (
            format!("doctor={}&patient={}", app.doctors[0].id, people.other_id),
            1,
        ),
    ] {
        let list = data(&people.admin.get(&format!("appointments?{query}")).await, 200);
        assert_eq!(list.as_array().unwrap().len(), expected, "{query}");
        // A patient gets only their own, whatever is asked for.
        let own = data(&people.patient.get(&format!("appointments?{query}")).await, 200);
        let own = own.as_array().unwrap();
        assert!(
            own.iter().all(|one| one["patient_id"] == people.patient_id),
            "{query}"
        );
    }
}
