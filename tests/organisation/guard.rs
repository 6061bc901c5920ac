//! Pages and forms that are for admins alone.

use crate::support::{TestApp, VISIT};

#[tokio::test]
async fn only_admins_find_the_pages_and_forms_of_the_organisation() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let (visitor, patient) = (site.visitor(), site.patient("+6281255500001").await);
    let (doctor, admin) = (
        site.staff("doctor1@test.example").await,
        site.staff("admin@test.example").await,
    );
    let (one, clinic, service) = (app.doctors[0].id, app.clinic, app.services[VISIT]);
    for path in [
        "/admin/services".to_owned(),
        "/admin/services/new".to_owned(),
        format!("/admin/services/{service}"),
        "/admin/clinics".to_owned(),
        "/admin/clinics/new".to_owned(),
        format!("/admin/clinics/{clinic}"),
        "/admin/doctors".to_owned(),
        "/admin/doctors/new".to_owned(),
        format!("/admin/doctors/{one}"),
    ] {
        assert!(visitor.get(&path).await.location().contains("sign-in"), "{path}");
        assert_eq!(patient.get(&path).await.status, 404, "{path}");
        assert_eq!(doctor.get(&path).await.status, 404, "{path}");
        assert_eq!(admin.get(&path).await.status, 200, "{path}");
    }
    for path in ["/admin/services/999", "/admin/clinics/x", "/admin/doctors/999"] {
        assert_eq!(admin.get(path).await.status, 404, "{path}");
    }
    let id = one.to_string();
    let fields = [("doctor_id", &*id), ("version", "1"), ("id", &*id)];
    for form in [
        "put-service",
        "put-clinic",
        "add-doctor",
        "edit-doctor",
        "put-offers",
    ] {
        assert_eq!(visitor.call(form, &fields).await.status, 401, "{form}");
        assert_eq!(patient.call(form, &fields).await.status, 404, "{form}");
        assert_eq!(doctor.call(form, &fields).await.status, 404, "{form}");
    }
    assert_eq!(app.count("select count(*) from organisation_changes").await, 0);
    assert_eq!(app.count("select count(*) from doctors").await, 4);
}
