//! Keys in the forms of pages.

use std::time::Duration;

use sqlx::Connection;

use crate::support::{Answer, Setup, TestApp, VISIT};
use engine::{database::Settings, error::AppError};

#[tokio::test]
async fn a_form_keeps_its_key_only_for_a_retry() {
    let setup = Setup {
        settings: Settings {
            lock_timeout: Duration::from_millis(50),
            ..Setup::default().settings
        },
        ..Setup::default()
    };
    let app = TestApp::with(setup).await;
    app.open_hours().await;
    let site = app.serve().await;
    let browser = site.visitor();
    let wanted = app.wanted(0, VISIT, app.slot(0));
    let list = format!(
        "/doctors/{}?clinic={}&service={}",
        wanted.doctor_id, wanted.clinic_id, wanted.service_id
    );
    let key_of = |page: &Answer| {
        let form = page.form("hold");
        form.into_iter().find(|(name, _)| name == "key").unwrap().1
    };
    let key = key_of(&browser.get(&list).await);
    assert_ne!(
        key,
        key_of(&browser.get(&list).await),
        "a form has a key of its own"
    );
    let fields = [
        ("doctor_id", wanted.doctor_id.to_string()),
        ("clinic_id", wanted.clinic_id.to_string()),
        ("service_id", wanted.service_id.to_string()),
        ("starts_at", wanted.starts_at.to_string()),
        ("key", key.clone()),
    ];
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();

    let mut other = app.connection().await;
    let mut holder = other.begin().await.unwrap();
    sqlx::query("select from calendar_hours for update")
        .execute(&mut *holder)
        .await
        .unwrap();
    let busy = browser.submit(&list, "hold", &fields).await;
    assert_eq!(busy.error(), Some(AppError::InventoryLocked), "{busy:?}");
    let told = browser.get(busy.location().split('#').next().unwrap()).await;
    assert_eq!(key_of(&told), key);
    holder.rollback().await.unwrap();

    let first = browser.submit(&list, "hold", &fields).await;
    assert!(first.location().starts_with("/book/"), "{first:?}");
    let again = browser.submit(&list, "hold", &fields).await;
    assert_eq!(again.location(), first.location());
    assert_eq!(app.count("select count(*) from appointments").await, 1);

    // A key that somebody else wrote into the URL is not used.
    for planted in ["x", "%22%3E%3Cscript%3E", &"0".repeat(33)] {
        let page = browser.get(&format!("{list}&__key={planted}")).await;
        assert_ne!(key_of(&page), planted);
        assert!(!page.body.contains("\"><script>"));
    }
}
