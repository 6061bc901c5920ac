//! Services and their prices.

use super::follow;
use crate::support::{TestApp, VISIT};
use engine::error::{AppError, Field, FieldProblem};

fn field<'a>(name: &'static str, value: &'a str) -> (&'static str, &'a str) {
    (name, value)
}

/// The fields of the form of a service, with these changes.
fn service_fields<'a>(changes: &[(&'static str, &'a str)]) -> Vec<(&'static str, &'a str)> {
    let mut fields = vec![
        field("filled[fields][title]", "Flu vaccination"),
        field("filled[fields][service_key]", ""),
        field("filled[fields][mode]", "in_person"),
        field("filled[fields][length]", "10"),
        field("filled[fields][interval]", "15"),
        field("filled[fields][buffer_before]", "0"),
        field("filled[fields][buffer_after]", "5"),
        field("filled[fields][notice_minutes]", "0"),
        field("filled[fields][horizon]", "30"),
        field("filled[fields][horizon_unit]", "calendar_days"),
        field("filled[fields][cutoff]", "60"),
        field("filled[fields][price]", "45,50"),
        field("filled[fields][currency]", "eur"),
        field("filled[fields][instant]", "true"),
        field("filled[fields][active]", "true"),
    ];
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    fields
}

#[tokio::test]
async fn services_are_described_without_javascript() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let new = "/admin/services/new";

    // Everything that is wrong is said at once, and what was typed is there.
    let wrong = service_fields(&[
        ("filled[fields][length]", "soon"),
        ("filled[fields][price]", "much"),
        ("filled[fields][title]", " <b>Flu</b> "),
    ]);
    let answer = admin.submit(new, "put-service", &wrong).await;
    let back = follow(&admin, &answer).await;
    assert_eq!(back.texts("#errors li").len(), 2, "{:?}", back.texts("#errors"));
    assert_eq!(back.texts(".field .error").len(), 2);
    let form = back.form("put-service");
    for typed in [
        ("filled[fields][length]", "soon"),
        ("filled[fields][price]", "much"),
        ("filled[fields][title]", "<b>Flu</b>"),
    ] {
        assert!(
            form.contains(&(typed.0.to_owned(), typed.1.to_owned())),
            "{form:?}"
        );
    }
    assert!(back.texts("title")[0].starts_with("Error: "));
    let again = admin.get(new).await;
    assert_eq!(again.texts("#errors").len(), 0, "who comes anew begins anew");

    // Sent twice, it is made once.
    let key = again.form("put-service")[0].1.clone();
    let fields = service_fields(&[("key", &key)]);
    let answer = admin.submit(new, "put-service", &fields).await;
    let saved = follow(&admin, &answer).await;
    assert_eq!(saved.texts("#errors-title"), ["Flu vaccination is saved."]);
    let twin = admin.submit(new, "put-service", &fields).await;
    assert_eq!(twin.location(), answer.location());
    let row = saved
        .texts("tbody tr")
        .into_iter()
        .find(|row| row.contains("flu_vaccination"))
        .unwrap();
    assert!(row.contains("€ 45.50") && row.contains("10 minutes"), "{row}");

    let answer = admin.submit(new, "put-service", &service_fields(&[])).await;
    let taken = AppError::invalid(Field::ServiceKey, FieldProblem::Taken);
    assert_eq!(answer.error(), Some(taken));
    let back = follow(&admin, &answer).await;
    assert_eq!(
        back.texts("#service_key-error"),
        ["Another service has this key."]
    );

    // Two editors: the second is told, sees what is there now, and loses nothing typed.
    let id = app
        .count("select id from services where key = 'flu_vaccination'")
        .await
        .to_string();
    let path = format!("/admin/services/{id}");
    let of = |version: &'static str, length: &'static str| {
        service_fields(&[("filled[fields][length]", length), ("version", version)])
    };
    let with_id = |mut fields: Vec<(&'static str, &'static str)>| {
        fields.push(("id", String::leak(id.clone())));
        fields
    };
    let answer = admin.submit(&path, "put-service", &with_id(of("1", "20"))).await;
    assert_eq!(answer.error(), None, "{answer:?}");
    let answer = admin.submit(&path, "put-service", &with_id(of("1", "25"))).await;
    assert_eq!(answer.error(), Some(AppError::StaleOrganisation));
    let told = follow(&admin, &answer).await;
    let said = told.texts("#errors").join(" ");
    assert!(said.contains("admin changed the service"), "{said}");
    assert_eq!(told.texts("#length-now"), ["It is now: 20"]);
    let form = told.form("put-service");
    assert!(form.contains(&("version".to_owned(), "2".to_owned())));
    assert!(form.contains(&("filled[fields][length]".to_owned(), "25".to_owned())));
    let answer = admin.submit(&path, "put-service", &with_id(of("2", "25"))).await;
    assert_eq!(answer.error(), None);
    assert_eq!(app.count("select count(*) from organisation_changes").await, 3);
}

#[tokio::test]
async fn a_patient_sees_the_price_that_applied_when_booking() {
    let app = TestApp::new().await;
    app.sql("update services set price_minor = 15000000, currency = 'IDR' where key = 'visit'")
        .await;
    let site = app.serve().await;
    let patient = site.patient("+6281255500001").await;
    let path = format!("/doctors/{}", app.doctors[0].id);
    let seen = patient.get(&path).await;
    let picks = seen.texts(".pick");
    assert!(picks[0].contains("Rp 150,000 ·"), "{picks:?}");
    assert!(!picks[1].contains("Rp"), "{picks:?}");
    let wanted = app.wanted(0, VISIT, app.slot(20));
    let (doctor, clinic, service, starts_at) = (
        wanted.doctor_id.to_string(),
        wanted.clinic_id.to_string(),
        wanted.service_id.to_string(),
        wanted.starts_at.to_string(),
    );
    let fields = [
        ("doctor_id", &*doctor),
        ("clinic_id", &*clinic),
        ("service_id", &*service),
        ("starts_at", &*starts_at),
    ];
    let held = patient.submit(&path, "hold", &fields).await;
    let reference = held.location().split('/').nth(2).unwrap().to_owned();
    let fields = [("reference", &*reference), ("name", "Maya"), ("reason", "")];
    patient.submit(&held.location(), "details", &fields).await;
    app.sql("update services set price_minor = 1, currency = 'EUR' where key = 'visit'")
        .await;
    let check = patient.get(&format!("/book/{reference}/check")).await;
    assert!(check.texts(".summary").join(" ").contains("Rp 150,000"));
    let booked = patient
        .submit(
            &format!("/book/{reference}/check"),
            "submit",
            &[("reference", &*reference)],
        )
        .await;
    assert!(booked.location().contains("/done"), "{booked:?}");
    let one = patient.get(&format!("/appointments/{reference}")).await;
    assert!(one.texts(".summary").join(" ").contains("Rp 150,000"));
}
