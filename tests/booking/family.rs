//! Booking for somebody who shares the phone, without JavaScript.

use crate::support::{PHONE, TestApp, VISIT, choose};
use engine::error::{AppError, Field, FieldProblem};

#[tokio::test]
async fn another_name_than_the_phones_is_asked_about() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    app.sql("insert into patients (phone, name) values ('+6281255500777', 'Ibu Sari')")
        .await;
    let browser = site.visitor();
    let reference = choose(&browser, app.wanted(0, VISIT, app.slot(20))).await;
    let (details, check) = (format!("/book/{reference}"), format!("/book/{reference}/check"));
    let fields = [
        ("reference", &*reference),
        ("phone", "+62 (0)812 5550 0777"),
        ("name", "Anak Dewi"),
        ("reason", "A cough"),
    ];
    browser.submit(&details, "details", &fields).await;
    let code = site.app.newest_code(PHONE).await;
    let code: String = code
        .chars()
        .map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap())
        .collect();
    let answer = browser
        .submit("/sign-in/code", "verify-code", &[("code", &code)])
        .await;
    assert_eq!(answer.location(), check);
    // It is asked for whom.
    assert_eq!(browser.get(&check).await.location(), details);
    let page = browser.get(&details).await;
    assert!(
        page.texts("fieldset").join(" ").contains("Ibu Sari"),
        "{}",
        page.body
    );
    assert!(
        page.form("details")
            .contains(&("name".to_owned(), "Anak Dewi".to_owned()))
    );
    let unsaid = [("reference", &*reference), ("name", "Anak Dewi")];
    let answer = browser.submit(&details, "details", &unsaid).await;
    assert_eq!(
        answer.error(),
        Some(AppError::invalid(Field::Whose, FieldProblem::Missing))
    );
    let said = [
        ("reference", &*reference),
        ("name", "Anak Dewi"),
        ("whose", "somebody-else"),
        ("reason", "A cough"),
    ];
    assert_eq!(browser.submit(&details, "details", &said).await.location(), check);
    assert!(browser.get(&check).await.body.contains("Anak Dewi"));
    let submit = [("reference", &*reference)];
    let done = browser.submit(&check, "submit", &submit).await.location();
    assert_eq!(done, format!("/appointments/{reference}/done"));
    // The second click.
    assert_eq!(browser.submit(&check, "submit", &submit).await.location(), done);
    assert_eq!(
        app.count("select count(*) from patients join appointments on patient_id = patients.id where name = 'Anak Dewi' and holder_id is not null and reason = 'A cough'").await,
        1
    );
    assert!(browser.get("/appointments").await.body.contains("Anak Dewi"));
    let said = reference.to_lowercase().replace('-', "%20");
    assert_eq!(browser.get(&format!("/appointments/{said}")).await.status, 200);
    assert_eq!(site.patient("+6281255500778").await.get(&done).await.status, 404);
    // From now on it is always said for whom.
    let next = choose(&browser, app.wanted(1, VISIT, app.slot(30))).await;
    let path = format!("/book/{next}/check");
    assert_eq!(browser.get(&path).await.location(), format!("/book/{next}"));
    app.assert_sound().await;
}
