//! Putting a visit together without JavaScript.

use crate::support::{TestApp, VISIT};

fn pairs(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

#[tokio::test]
async fn a_patient_books_and_cancels_a_visit_without_javascript() {
    let app = TestApp::new().await;
    app.patient(1).await;
    let site = app.serve().await;
    let browser = site.patient("+6281255500001").await;
    let choose = async |doctor: usize, slot: i64| {
        let path = format!(
            "/doctors/{}?service={}",
            app.doctors[doctor].id, app.services[VISIT]
        );
        let mut fields = browser.get(&path).await.form("hold");
        fields.push(("starts_at".to_owned(), app.slot(slot).as_second().to_string()));
        browser.submit(&path, "hold", &pairs(&fields)).await.location()
    };
    let first = choose(1, 24).await;
    assert!(first.ends_with("/check"), "{first}");
    let check = browser.get(&first).await;
    let added = browser
        .submit(&first, "add-part", &pairs(&check.form("add-part")))
        .await;
    assert_eq!(added.location(), "/");
    let start = browser.get("/").await;
    assert_eq!(start.texts(".notice.good h2").len(), 1);
    assert!(start.body.contains(&format!("href=\"{first}\"")));
    let second = choose(0, 21).await;
    let check = browser.get(&second).await;
    assert_eq!(check.texts("main section.card h2").len(), 2, "{}", check.body);
    assert_eq!(
        check.texts("form[action='/form/submit-visit'] button"),
        ["Book these 2 appointments"]
    );

    let fields = check.form("submit-visit");
    let done = browser.submit(&second, "submit-visit", &pairs(&fields)).await;
    assert!(done.location().ends_with("/done"), "{done:?}");
    let again = browser.submit(&second, "submit-visit", &pairs(&fields)).await;
    assert_eq!(again.location(), done.location(), "a double click");
    assert_eq!(
        app.count("select count(*) from appointments where visit_id is not null")
            .await,
        2
    );
    let page = browser.get(&done.location()).await;
    assert_eq!(page.texts("#visit"), ["Part of a visit"]);
    assert!(browser.get("/").await.texts(".notice.good h2").is_empty());

    let cancel = done.location().replace("/done", "/cancel");
    let page = browser.get(&cancel).await;
    assert_eq!(
        page.texts("button[formaction='/form/cancel-visit']"),
        ["Cancel the whole visit"]
    );
    let visit: i64 = app.count("select max(id) from visits").await;
    let mut fields = page.form("change-status");
    fields.push(("visit_id".to_owned(), visit.to_string()));
    let cancelled = browser.submit(&cancel, "cancel-visit", &pairs(&fields)).await;
    assert_eq!(cancelled.location(), "/appointments?cancelled=1");
    let mine = browser.get(&cancelled.location()).await;
    assert_eq!(
        mine.texts("#errors-title"),
        ["Your visit is cancelled: all that was left of it."]
    );
    assert_eq!(
        app.count("select count(*) from appointments where status = 'cancelled'")
            .await,
        2
    );
    app.assert_whole().await;
}
