//! Linking an account by its page.

use super::{CalComHere, EMAIL, KEY, clinic, round::HOOK_SECRET};

const PAGE: &str = "/doctor/calendars/cal-com";
const FORM: &str = "link-cal-com";

#[tokio::test]
async fn a_doctor_links_an_account_by_its_key_and_event_type() {
    let app = clinic().await;
    let site = app.serve().await;
    let here = CalComHere::open().await;
    let doctor = site.staff("doctor1@test.example").await;
    let url = here.url();
    let fields = [
        ("server", url.as_str()),
        ("app_password", KEY),
        ("event_type", "50"),
        ("email", EMAIL),
        ("hook_secret", HOOK_SECRET),
    ];
    // What is wrong is said at its field, and what was typed is still there.
    for (name, wrong, expected) in [
        ("app_password", "cal_other", "app_password-error"),
        ("event_type", "51", "event_type-error"),
        ("event_type", "visit", "event_type-error"),
        ("hook_secret", "short", "hook_secret-error"),
        ("email", "sari", "email-error"),
    ] {
        let fields = fields.map(|(field, value)| (field, if field == name { wrong } else { value }));
        let answer = doctor.submit(PAGE, FORM, &fields).await;
        let shown = doctor.get(&answer.location()).await;
        assert!(
            shown.body.contains(&format!("id=\"{expected}\"")),
            "{name} {wrong}"
        );
        assert!(shown.body.contains(&url), "{name} {wrong}");
        assert!(!shown.body.contains(KEY) && !shown.body.contains(HOOK_SECRET));
    }
    assert_eq!(app.count("select count(*) from calendar_accounts").await, 0);
    let answer = doctor.submit(PAGE, FORM, &fields).await;
    assert_eq!(answer.location(), "/doctor/calendars?done=choose");
    assert_eq!(
        app.count(
            "select count(*) from calendar_accounts
             join calendar_collections on account_id = calendar_accounts.id
             where kind = 'calcom' and state = 'active' and is_written and reads_busy
               and secret not like '%cal_test%'"
        )
        .await,
        1
    );
    assert_eq!(
        app.count("select count(*) from calendar_hooks where secret not like '%hook_%'")
            .await,
        1
    );
    // Linked again, it is brought up to date.
    doctor.submit(PAGE, FORM, &fields).await;
    assert_eq!(app.count("select count(*) from calendar_accounts").await, 1);
}
