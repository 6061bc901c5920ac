//! One's own data without JavaScript, and what admins do for a patient.

use engine::{
    account::Limits,
    error::{AppError, Field, FieldProblem},
    privacy::{self, QUIET_MINUTES, export},
    time::plus_minutes,
};

use super::PHONE;
use crate::support::{Setup, TestApp};

#[tokio::test]
async fn a_patient_takes_a_copy_along_and_is_forgotten() {
    let app = TestApp::new().await;
    let patient_id = app.patient(1).await;
    let id = patient_id.to_string();
    let site = app.serve().await;
    let patient = site.patient(PHONE).await;
    let own = [("patient", id.as_str())];
    let answer = patient.submit("/account/data", "copy-data", &own).await;
    assert_eq!(answer.location(), "/account/data?done=copy");
    assert_eq!(export::make(&app.database, app.now).await, Ok(1));
    let page = patient.get("/account/data").await;
    let file = format!("/account/data/{patient_id}/janji.zip");
    assert!(page.links("main a").contains(&file), "{}", page.body);
    let copy = patient.get(&file).await;
    assert_eq!(
        (copy.status, copy.header("content-type").as_str()),
        (200, "application/zip")
    );
    // Nobody else has it, by whatever address.
    app.patient(2).await;
    let other = site.patient("+6281255500002").await;
    assert_eq!(other.get(&file).await.status, 404);
    let theirs = other.submit("/account/data", "copy-data", &own).await;
    assert!(theirs.error().is_some());
    // Whoever is not sure is not erased.
    let unsure = patient.submit("/account/data", "erase-data", &own).await;
    assert!(unsure.error().is_some());
    let sure = [("patient", id.as_str()), ("sure", "true")];
    let erased = patient.submit("/account/data", "erase-data", &sure).await;
    let certificate = erased.location();
    assert!(certificate.starts_with("/erased/"), "{certificate}");
    let out = patient.get("/account").await.location();
    assert!(out.contains("sign-in"), "{out}");
    // The clock of the program goes on.
    let quiet = plus_minutes(app.now, QUIET_MINUTES + 1);
    assert_eq!(privacy::work(&app.database, quiet).await, Ok(1));
    let page = site.visitor().get(&certificate).await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("Patient 1") && !page.body.contains("81255500001"));
    app.assert_whole().await;
}

#[tokio::test]
async fn who_signed_in_long_ago_proves_who_they_are_by_a_code() {
    let app = TestApp::new().await;
    let patient_id = app.patient(1).await.to_string();
    let site = app.serve().await;
    let patient = site.patient(PHONE).await;
    app.sql("update sessions set data = data - 'proved_at'").await;
    let own = [("patient", patient_id.as_str())];
    let refused = patient.submit("/account/data", "copy-data", &own).await;
    assert!(refused.error().is_some());
    let sent = patient.submit("/account/data", "privacy-code", &[]).await;
    assert_eq!(sent.location(), "/account/data?sent=1");
    let wrong = patient
        .submit("/account/data", "privacy-prove", &[("code", "000000")])
        .await;
    assert!(wrong.error().is_some());
    let code = app.newest_code(PHONE).await;
    let proved = patient
        .submit("/account/data", "privacy-prove", &[("code", &code)])
        .await;
    assert_eq!(proved.location(), "/account/data");
    let done = patient.submit("/account/data", "copy-data", &own).await;
    assert_eq!(done.location(), "/account/data?done=copy");
}

#[tokio::test]
async fn an_admin_keeps_everything_for_now_and_erases_later() {
    let app = TestApp::new().await;
    let patient_id = app.patient(1).await;
    let (id, page) = (
        patient_id.to_string(),
        format!("/admin/patients/{patient_id}/data"),
    );
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let fields = [("patient", id.as_str()), ("reason", "A dispute")];
    let held = admin.submit(&page, "hold-patient", &fields).await;
    assert_eq!(held.location(), format!("{page}?done=hold"));
    assert!(admin.get(&page).await.body.contains("A dispute"));
    let sure = [("patient", id.as_str()), ("sure", "true")];
    assert!(
        admin
            .submit(&page, "erase-patient", &sure)
            .await
            .error()
            .is_some()
    );
    admin.submit(&page, "release-patient", &[("patient", &id)]).await;
    let erased = admin.submit(&page, "erase-patient", &sure).await;
    assert!(erased.location().starts_with("/erased/"));
    // It says that it is under way, and can still be held.
    let under_way = admin.get(&page).await;
    assert_eq!(under_way.status, 200);
    assert!(under_way.body.contains("being erased"), "{}", under_way.body);
    let held = admin.submit(&page, "hold-patient", &fields).await;
    assert_eq!(held.location(), format!("{page}?done=hold"));
    let doctor = site.staff("doctor1@test.example").await;
    assert!(
        doctor
            .submit(&page, "erase-patient", &sure)
            .await
            .error()
            .is_some()
    );
}

#[tokio::test]
async fn a_patient_sees_who_read_their_data_and_takes_a_consent_back() {
    let app = TestApp::new().await;
    let patient_id = app.patient(1).await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    admin.get(&format!("/admin/patients/{patient_id}")).await;
    let patient = site.patient(PHONE).await;
    let page = patient.get("/account/data").await;
    assert!(page.body.contains("admin"), "{}", page.body);
    let id = patient_id.to_string();
    let fields = [
        ("patient", id.as_str()),
        ("purpose", "reminders_sms"),
        ("given", "false"),
    ];
    let answer = patient.submit("/account/data", "set-consent", &fields).await;
    assert_eq!(answer.location(), "/account/data?done=consent#consent");
    assert_eq!(
        app.count("select count(*) from consents where not is_given")
            .await,
        1
    );
}

#[tokio::test]
async fn who_breaks_the_glass_types_few_numbers_and_types_nothing_twice() {
    const WHY: &str = "Brought in unconscious";
    let limits = Limits {
        phones_per_staff: 2,
        ..Limits::default()
    };
    let setup = Setup {
        limits,
        ..Setup::default()
    };
    let app = TestApp::with(setup).await;
    app.patient(1).await;
    let site = app.serve().await;
    let doctor = site.staff("doctor1@test.example").await;
    let fields = |phone: &'static str| [("phone", phone), ("reason", WHY)];
    let malformed = doctor.submit("/staff/glass", "break-glass", &fields("12")).await;
    assert!(malformed.error().is_some());
    let back = doctor.get(&malformed.location()).await;
    assert!(back.body.contains(WHY), "{}", back.body);
    let unknown = doctor
        .submit("/staff/glass", "break-glass", &fields("+6281255599999"))
        .await;
    assert_eq!(
        unknown.error(),
        Some(AppError::invalid(Field::Phone, FieldProblem::Unknown))
    );
    // The third of them, although somebody has it.
    let third = doctor.submit("/staff/glass", "break-glass", &fields(PHONE)).await;
    assert_eq!(third.error(), Some(AppError::RateLimited));
    assert_eq!(app.count("select count(*) from broken_glass").await, 0);
}

#[tokio::test]
async fn periods_that_were_refused_are_not_typed_twice() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let fields = [
        ("preset", "custom"),
        ("years", "thirty-one"),
        ("months", "17"),
        ("version", "1"),
    ];
    let refused = admin.submit("/admin/privacy", "keep-for", &fields).await;
    assert!(refused.error().is_some());
    let back = admin.get(&refused.location()).await;
    for typed in ["thirty-one", "17"] {
        assert!(back.body.contains(&format!("value=\"{typed}\"")), "{}", back.body);
    }
}
