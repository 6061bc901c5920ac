//! Booking in a browser, from the list of times to the appointment.

use super::{PHONE, browser::Browser, site::Site};
use engine::booking::Wanted;

pub fn of_wanted(wanted: Wanted) -> Vec<(&'static str, String)> {
    vec![
        ("doctor_id", wanted.doctor_id.to_string()),
        ("clinic_id", wanted.clinic_id.to_string()),
        ("service_id", wanted.service_id.to_string()),
        ("starts_at", wanted.starts_at.to_string()),
    ]
}

pub fn borrowed<'a>(fields: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect()
}

/// Chooses a time in a browser; the reference of the hold.
pub async fn choose(browser: &Browser, wanted: Wanted) -> String {
    let page = format!("/doctors/{}", wanted.doctor_id);
    let answer = browser.submit(&page, "hold", &borrowed(&of_wanted(wanted))).await;
    let location = answer.location();
    let path = location
        .strip_prefix("/book/")
        .unwrap_or_else(|| panic!("{answer:?}"));
    path.split('/').next().unwrap().to_owned()
}

/// From choosing a time to the appointment, for somebody who comes for the first time.
pub async fn book(site: &Site<'_>, browser: &Browser, wanted: Wanted, name: &str, reason: &str) -> String {
    let reference = choose(browser, wanted).await;
    let (details, check) = (format!("/book/{reference}"), format!("/book/{reference}/check"));
    assert_eq!(browser.get(&details).await.status, 200);
    let fields = [
        ("reference", &*reference),
        ("phone", PHONE),
        ("name", name),
        ("reason", reason),
    ];
    let answer = browser.submit(&details, "details", &fields).await;
    assert_eq!(answer.location(), "/sign-in/code", "{answer:?}");
    let code = site.app.newest_code(PHONE).await;
    let answer = browser
        .submit("/sign-in/code", "verify-code", &[("code", &code)])
        .await;
    assert_eq!(answer.location(), check);
    assert_eq!(browser.get(&check).await.status, 200);
    let answer = browser
        .submit(&check, "submit", &[("reference", &reference)])
        .await;
    assert_eq!(
        answer.location(),
        format!("/appointments/{reference}/done"),
        "{answer:?}"
    );
    let done = browser.get(&answer.location()).await;
    assert_eq!(done.status, 200);
    assert!(done.body.contains(&reference));
    reference
}
