//! The pages of admins and the desk, below `/admin`.

use super::{Known, Row};

pub(super) fn rows(known: &Known) -> Vec<Row> {
    let Known {
        theirs,
        doctor,
        patient,
        patient_id,
        open,
        ..
    } = known;
    vec![
        ("/admin".to_owned(), [302, 404, 404, 404, 404, 200, 200, 200]),
        (
            "/admin/webhooks".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        // There is none of this number.
        (
            "/admin/webhooks/999".to_owned(),
            [302, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "/admin/specialities".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/doctors".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/stays".to_owned(),
            [302, 404, 404, 404, 404, 200, 200, 200],
        ),
        (
            "/admin/stays/AAAA-AAAA".to_owned(),
            [302, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "/admin/stays/AAAA-AAAA/change".to_owned(),
            [302, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "/admin/rooms".to_owned(),
            [302, 404, 404, 404, 404, 200, 200, 200],
        ),
        (
            "/admin/rooms/999".to_owned(),
            [302, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "/admin/room-types".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/room-types/new".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/room-types/999".to_owned(),
            [302, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "/admin/course".to_owned(),
            [302, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            format!("/admin/doctors/{doctor}/plan"),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/doctors/999/plan".to_owned(),
            [302, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "/admin/groups".to_owned(),
            [302, 404, 404, 404, 404, 200, 200, 200],
        ),
        (
            "/admin/groups/new".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            format!("/admin/groups/{open}"),
            [302, 404, 404, 404, 404, 200, 200, 404],
        ),
        ("/admin/day".to_owned(), [302, 404, 404, 404, 404, 200, 200, 200]),
        ("/admin/week".to_owned(), [302, 404, 404, 404, 404, 200, 200, 200]),
        (
            "/admin/day.csv".to_owned(),
            [404, 404, 404, 404, 404, 200, 200, 200],
        ),
        (
            "/admin/board.csv".to_owned(),
            [404, 404, 404, 404, 404, 200, 200, 200],
        ),
        // There is no such list.
        (
            "/admin/calls.csv?list=999".to_owned(),
            [404, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "/admin/messages.csv".to_owned(),
            [404, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/security.csv".to_owned(),
            [404, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/changes.csv".to_owned(),
            [404, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/report".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        ("/admin/book".to_owned(), [302, 404, 404, 404, 404, 200, 200, 200]),
        (
            "/admin/walk-in".to_owned(),
            [302, 404, 404, 404, 404, 200, 200, 200],
        ),
        (
            "/admin/phone-calls".to_owned(),
            [302, 404, 404, 404, 404, 200, 200, 200],
        ),
        (
            "/admin/phone-lines".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/payments".to_owned(),
            [302, 404, 404, 404, 404, 200, 200, 200],
        ),
        // There is none.
        (
            "/admin/payments/refunds/1".to_owned(),
            [302, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "/admin/waitlist".to_owned(),
            [302, 404, 404, 404, 404, 200, 200, 200],
        ),
        (
            "/admin/takings".to_owned(),
            [302, 404, 404, 404, 404, 200, 200, 200],
        ),
        (
            "/admin/payments/1/receipt".to_owned(),
            [302, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            format!("/admin/waitlist/join?patient={patient_id}"),
            [302, 404, 404, 404, 404, 200, 200, 404],
        ),
        (
            "/admin/waitlist/offers/1".to_owned(),
            [302, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            format!("/admin/block?doctor={doctor}"),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/closures".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        ("/admin/stop".to_owned(), [302, 404, 404, 404, 404, 200, 200, 200]),
        (
            "/admin/calls".to_owned(),
            [302, 404, 404, 404, 404, 200, 200, 200],
        ),
        (
            "/admin/calls/999".to_owned(),
            [302, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "/admin/calls/999/move".to_owned(),
            [302, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            format!("/admin/appointments/{theirs}/reschedule"),
            [302, 404, 404, 404, 404, 200, 200, 404],
        ),
        (
            format!("/admin/patients/{patient}"),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/patients/1".to_owned(),
            [302, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            format!("/admin/patients/{patient}/merge"),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            format!("/admin/patients/{patient}/merge?with={patient_id}"),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/patients/1/merge".to_owned(),
            [302, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "/admin/staff".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/phones".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/organisation".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/overdue".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/locks".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            format!("/admin/patients/{patient}/data"),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/privacy".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/security".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/backups".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/integrity".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            format!("/admin/appointments/{theirs}"),
            [302, 404, 404, 404, 404, 200, 200, 404],
        ),
        (
            "/admin/messages".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/messages/texts".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/messages/texts/confirmed/en".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/messages/texts/confirmed/xx".to_owned(),
            [302, 404, 404, 404, 404, 404, 404, 404],
        ),
    ]
}
