//! Names of services and specialities in other languages: on pages, by the API, in search, and in what is booked.

use serde_json::json;

use crate::support::{People, TestApp, data, refused, wish};

#[tokio::test]
async fn readers_see_the_names_of_their_language_and_what_is_booked_keeps_them() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let id = app.services[0];
    let path = format!("services/{id}");
    let read = data(&people.admin.get(&path).await, 200);
    let describe = |names: serde_json::Value, version: i64| {
        let mut body = read.clone();
        for name in ["id", "version", "doctors", "last_change", "shown_name"] {
            body.as_object_mut().unwrap().remove(name);
        }
        body["names"] = names;
        body["version"] = json!(version);
        body
    };
    let wrong = people.admin.put(&path, &describe(json!({ "xx": "?" }), 1)).await;
    assert_eq!(refused(&wrong, 422, "VALIDATION_FAILED")["names"], "malformed");
    let named = describe(json!({ "de": "Sprechstunde", "id": " Kunjungan " }), 1);
    data(&people.admin.put(&path, &named).await, 200);
    let booked = data(
        &people
            .patient
            .post("appointments", &wish(&app, 0, app.slot(20)))
            .await,
        201,
    );

    let in_language = async |path: &str, language: &str| {
        let request = people
            .patient
            .request("GET", path)
            .header("accept-language", language);
        data(&crate::support::Answer::of(request).await, 200)
    };
    for (language, name) in [("de", "Sprechstunde"), ("id", "Kunjungan"), ("en", "Visit")] {
        let service = in_language(&path, language).await;
        assert_eq!(
            (&service["shown_name"], &service["name"]),
            (&json!(name), &json!("Visit"))
        );
        let appointment = in_language(&format!("appointments/{}", booked["id"]), language).await;
        assert_eq!(appointment["service_name"], name, "{language}");
        let doctor = in_language(&format!("doctors/{}", app.doctors[0].id), language).await;
        assert_eq!(doctor["services"][0]["name"], name, "{language}");
    }
    let browser = site.visitor();
    browser.submit("/", "language?of=/&to=de", &[]).await;
    let page = browser.get(&format!("/doctors/{}", app.doctors[0].id)).await;
    assert!(page.body.contains("Sprechstunde"), "{}", page.body);

    // Another name does not reach what is booked.
    data(
        &people
            .admin
            .put(&path, &describe(json!({ "de": "Termin" }), 2))
            .await,
        200,
    );
    let appointment = in_language(&format!("appointments/{}", booked["id"]), "de").await;
    assert_eq!(appointment["service_name"], "Sprechstunde");
    assert_eq!(in_language(&path, "de").await["shown_name"], "Termin");

    // It is found by any of its names.
    for words in ["termin", "VISIT"] {
        let found = people.patient.get(&format!("doctors?q={words}")).await;
        assert_eq!(data(&found, 200).as_array().unwrap().len(), 4, "{words}");
    }
}

#[tokio::test]
async fn specialities_are_named_once_for_all_doctors() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    app.sql("update doctors set speciality = 'Dermatology' where id = (select min(id) from doctors)")
        .await;
    let name = |names: serde_json::Value, version: i32| json!({ "speciality": "Dermatology", "names": names, "version": version });
    let first = name(json!({ "de": "Hautkrankheiten" }), 0);
    refused(&people.doctor.put("specialities", &first).await, 404, "NOT_FOUND");
    assert_eq!(
        data(&people.admin.put("specialities", &first).await, 200)["version"],
        1
    );
    let late = name(json!({ "de": "Haut" }), 0);
    refused(
        &people.admin.put("specialities", &late).await,
        409,
        "STALE_VERSION",
    );
    let long = name(json!({ "de": "x".repeat(121) }), 1);
    let answer = people.admin.put("specialities", &long).await;
    assert_eq!(refused(&answer, 422, "VALIDATION_FAILED")["names.de"], "too-long");
    let unknown = json!({ "speciality": "Astrology", "names": {}, "version": 0 });
    refused(
        &people.admin.put("specialities", &unknown).await,
        404,
        "NOT_FOUND",
    );

    let all = data(&people.patient.get("specialities").await, 200);
    assert_eq!(all[0]["speciality"], "Dermatology");
    assert_eq!(
        (&all[0]["shown_name"], &all[0]["doctors"]),
        (&json!("Dermatology"), &json!(1))
    );
    for query in ["q=hautk", "speciality=Hautkrankheiten", "speciality=Dermatology"] {
        let found = data(&people.patient.get(&format!("doctors?{query}")).await, 200);
        assert_eq!(found.as_array().unwrap().len(), 1, "{query}");
    }
    let request = people
        .patient
        .request("GET", &format!("doctors/{}", app.doctors[0].id))
        .header("accept-language", "de");
    let doctor = data(&crate::support::Answer::of(request).await, 200);
    assert_eq!(doctor["speciality"], "Hautkrankheiten");

    // On the page of admins, without JavaScript.
    let admin = site.staff("admin@test.example").await;
    let fields = [
        ("speciality", "Dermatology"),
        ("version", "1"),
        ("name_id", "Kulit <dan> kelamin"),
    ];
    let saved = admin
        .submit("/admin/specialities", "name-speciality", &fields)
        .await;
    assert_eq!(saved.error(), None, "{saved:?}");
    let page = admin.get("/admin/specialities").await;
    assert!(page.body.contains("Kulit &lt;dan&gt; kelamin"), "{}", page.body);
    let stale = admin
        .submit("/admin/specialities", "name-speciality", &fields)
        .await;
    assert!(stale.error().is_some());
}
