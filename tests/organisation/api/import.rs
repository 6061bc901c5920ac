//! Importing doctors.

use serde_json::{Value, json};

use crate::support::{People, TestApp, data, refused};

#[tokio::test]
async fn doctors_are_checked_and_imported_once_by_the_api() {
    let app = TestApp::new().await;
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
