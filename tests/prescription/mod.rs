//! Prescriptions.

mod api;
mod form;
mod page;
mod template;
mod withdraw;

use crate::support::TestApp;
use engine::appointment::Status;

/// A visit of the first patient to the first doctor.
async fn visit(app: &TestApp, status: Status) -> (i64, String) {
    let patient_id = app.patient(1).await;
    (patient_id, app.visit(patient_id, 0, app.slot(18), status).await)
}
