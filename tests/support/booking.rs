//! Booking in a browser, from the list of times to the appointment.

use super::{PHONE, app::TestApp, browser::Browser, engine_support::VISIT, site::Site};
use engine::{
    booking::Wanted,
    group::{Details, Plan, plan},
};

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

impl TestApp {
    /// A group session of the first doctor with so many seats, on a day of its own.
    pub async fn group(&self, capacity: i32, publish: bool) -> i64 {
        let command = Plan {
            caller: self.admin_caller(),
            doctor_id: self.doctors[0].id,
            clinic_id: self.clinic,
            service_id: self.services[VISIT],
            details: Details {
                title: format!("Class {capacity}"),
                starts_at: self.slot(5 * 48 + 4 * i64::from(capacity)),
                minutes: 60,
                capacity,
                price: None,
            },
            weeks: 1,
            publish,
            key: None,
        };
        plan(&self.database, command, self.now).await.unwrap()[0].id
    }
}
