//! Consultations by text and video.

mod api;
mod form;
mod live;
mod video;

use crate::support::TestApp;
use engine::appointment::Status;

/// The phone of the patient of [`by_text`].
const PHONE: &str = "+6281255500001";

/// A text consultation of the first doctor that has begun.
async fn by_text(app: &TestApp) -> String {
    let patient_id = app.patient(1).await;
    let reference = app.visit(patient_id, 0, app.slot(18), Status::InProgress).await;
    app.sql("update appointments set mode = 'text'").await;
    reference
}
