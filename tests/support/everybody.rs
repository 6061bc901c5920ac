//! One browser of each kind of person.

use super::{PHONE, app::TestApp, browser::Browser, engine_support::VISIT, site::Site};

/// Everybody who could be at the door.
pub struct Everybody {
    pub visitor: Browser,
    pub patient: Browser,
    pub other_patient: Browser,
    pub doctor: Browser,
    pub other_doctor: Browser,
    pub admin: Browser,
    /// Of the clinic.
    pub reception: Browser,
    /// Of another one.
    pub other_reception: Browser,
}

impl Everybody {
    pub async fn of(site: &Site<'_>) -> Self {
        let app = site.app;
        let elsewhere = app.another_clinic().await;
        app.reception("reception@test.example", &[app.clinic]).await;
        app.reception("elsewhere@test.example", &[elsewhere]).await;
        Self {
            visitor: site.visitor(),
            patient: site.patient(PHONE).await,
            other_patient: site.patient("+6281255500778").await,
            doctor: site.staff("doctor1@test.example").await,
            other_doctor: site.staff("doctor2@test.example").await,
            admin: site.staff("admin@test.example").await,
            reception: site.staff("reception@test.example").await,
            other_reception: site.staff("elsewhere@test.example").await,
        }
    }

    pub fn all(&self) -> [(&'static str, &Browser); 8] {
        [
            ("visitor", &self.visitor),
            ("patient", &self.patient),
            ("other patient", &self.other_patient),
            ("doctor", &self.doctor),
            ("other doctor", &self.other_doctor),
            ("admin", &self.admin),
            ("reception", &self.reception),
            ("other reception", &self.other_reception),
        ]
    }
}

/// A request of the patient with the phone above, at the first doctor.
pub async fn request(app: &TestApp) -> String {
    let patient_id = app
        .count("select id from patients where phone = '+6281255500777'")
        .await;
    app.requested(patient_id, app.wanted(0, VISIT, app.slot(7 * 48)))
        .await
}
