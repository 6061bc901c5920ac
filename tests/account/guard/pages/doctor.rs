//! The pages of doctors, below `/doctor`.

use super::{Known, Row};
use crate::support::TestApp;

pub(super) fn rows(app: &TestApp, known: &Known) -> Vec<Row> {
    let Known {
        theirs,
        by_text,
        by_video,
        patient_id,
        open,
        ..
    } = known;
    vec![
        (
            format!("/doctor/appointments/{by_text}/consultation"),
            [302, 404, 404, 200, 404, 404, 404, 404],
        ),
        (
            format!("/doctor/appointments/{by_video}/video"),
            [302, 404, 404, 200, 404, 404, 404, 404],
        ),
        ("/doctor".to_owned(), [302, 404, 404, 200, 200, 404, 404, 404]),
        (
            format!("/doctor/appointments/{theirs}"),
            [302, 404, 404, 200, 404, 404, 404, 404],
        ),
        (
            "/doctor/calendars/cal-com".to_owned(),
            [302, 404, 404, 200, 200, 404, 404, 404],
        ),
        (
            "/doctor/calendars".to_owned(),
            [302, 404, 404, 200, 200, 404, 404, 404],
        ),
        (
            "/doctor/webhooks".to_owned(),
            [302, 404, 404, 200, 200, 404, 404, 404],
        ),
        (
            "/doctor/webhooks/999".to_owned(),
            [302, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "/doctor/plan".to_owned(),
            [302, 404, 404, 200, 200, 404, 404, 404],
        ),
        (
            "/doctor/templates".to_owned(),
            [302, 404, 404, 200, 200, 404, 404, 404],
        ),
        (
            "/doctor/templates/new".to_owned(),
            [302, 404, 404, 200, 200, 404, 404, 404],
        ),
        // There is none.
        (
            "/doctor/templates/1".to_owned(),
            [302, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "/doctor/course".to_owned(),
            [302, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "/doctor/book".to_owned(),
            [302, 404, 404, 200, 200, 404, 404, 404],
        ),
        (
            "/doctor/walk-in".to_owned(),
            [302, 404, 404, 200, 200, 404, 404, 404],
        ),
        (
            "/doctor/block".to_owned(),
            [302, 404, 404, 200, 200, 404, 404, 404],
        ),
        (
            "/doctor/week".to_owned(),
            [302, 404, 404, 200, 200, 404, 404, 404],
        ),
        (
            "/doctor/groups".to_owned(),
            [302, 404, 404, 200, 200, 404, 404, 404],
        ),
        (
            "/doctor/groups/new".to_owned(),
            [302, 404, 404, 200, 200, 404, 404, 404],
        ),
        (
            format!("/doctor/groups/{open}"),
            [302, 404, 404, 200, 404, 404, 404, 404],
        ),
        (
            "/doctor/week.csv".to_owned(),
            [404, 404, 404, 200, 200, 200, 200, 200],
        ),
        (
            "/doctor/calls.csv?list=999".to_owned(),
            [404, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "/doctor/report".to_owned(),
            [302, 404, 404, 200, 200, 404, 404, 404],
        ),
        // Another doctor's.
        (
            format!("/doctor/report?doctor={}", app.doctors[3].id),
            [302, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "/doctor/waitlist".to_owned(),
            [302, 404, 404, 200, 200, 404, 404, 404],
        ),
        (
            format!("/doctor/waitlist/join?patient={patient_id}"),
            [302, 404, 404, 200, 404, 404, 404, 404],
        ),
        (
            "/doctor/waitlist/offers/1".to_owned(),
            [302, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "/doctor/calls".to_owned(),
            [302, 404, 404, 200, 200, 404, 404, 404],
        ),
        (
            "/doctor/calls/999".to_owned(),
            [302, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "/doctor/calls/999/move".to_owned(),
            [302, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            format!("/doctor/appointments/{theirs}/reschedule"),
            [302, 404, 404, 200, 404, 404, 404, 404],
        ),
    ]
}
