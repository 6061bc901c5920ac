//! The pages of everybody, of patients and of all staff.

use super::{Known, Row};

pub(super) fn rows(known: &Known) -> Vec<Row> {
    let Known {
        theirs,
        by_text,
        by_video,
        held,
        doctor,
        patient,
        draft,
        open,
        ..
    } = known;
    vec![
        ("/".to_owned(), [200, 200, 200, 200, 200, 200, 200, 200]),
        (
            format!("/doctors/{doctor}"),
            [200, 200, 200, 200, 200, 200, 200, 200],
        ),
        (
            "/doctors/999".to_owned(),
            [404, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("/find".to_owned(), [200, 200, 200, 200, 200, 200, 200, 200]),
        ("/sign-in".to_owned(), [200, 302, 302, 302, 302, 302, 302, 302]),
        (
            "/staff/sign-in".to_owned(),
            [200, 302, 302, 302, 302, 302, 302, 302],
        ),
        (
            "/sign-in/code".to_owned(),
            [302, 302, 302, 302, 302, 302, 302, 302],
        ),
        (
            "/appointments".to_owned(),
            [302, 200, 200, 403, 403, 403, 403, 403],
        ),
        (
            format!("/appointments/{theirs}"),
            [302, 200, 404, 403, 403, 403, 403, 403],
        ),
        (
            format!("/appointments/{theirs}/done"),
            [302, 200, 404, 403, 403, 403, 403, 403],
        ),
        (
            format!("/appointments/{theirs}/cancel"),
            [302, 200, 404, 403, 403, 403, 403, 403],
        ),
        (
            format!("/appointments/{theirs}/reschedule"),
            [302, 200, 404, 403, 403, 403, 403, 403],
        ),
        (
            format!("/appointments/{by_text}/consultation"),
            [302, 200, 404, 403, 403, 403, 403, 403],
        ),
        (
            format!("/live/consultations/{by_text}"),
            // Those whose it is would listen for ever.
            [401, 0, 404, 0, 404, 404, 404, 404],
        ),
        (
            format!("/appointments/{by_video}/video"),
            [302, 200, 404, 403, 403, 403, 403, 403],
        ),
        (
            "/appointments/AAAA-AAAA".to_owned(),
            [302, 404, 404, 403, 403, 403, 403, 403],
        ),
        // The hold of somebody else's browser.
        (format!("/book/{held}"), [404, 404, 404, 404, 404, 200, 200, 404]),
        // Whose own browser it is, but who is no patient: asked first for whom it is.
        (
            format!("/book/{held}/check"),
            [404, 404, 404, 404, 404, 302, 302, 404],
        ),
        ("/rooms".to_owned(), [200, 200, 200, 200, 200, 200, 200, 200]),
        // There is none of this number.
        ("/rooms/999".to_owned(), [404, 404, 404, 404, 404, 404, 404, 404]),
        (
            "/stays/AAAA-AAAA".to_owned(),
            [302, 404, 404, 403, 403, 403, 403, 403],
        ),
        (
            "/stays/AAAA-AAAA/change".to_owned(),
            [302, 404, 404, 403, 403, 403, 403, 403],
        ),
        // Nobody says with whom and what for.
        ("/course".to_owned(), [302, 404, 404, 403, 403, 403, 403, 403]),
        ("/groups".to_owned(), [200, 200, 200, 200, 200, 200, 200, 200]),
        (
            format!("/groups/{open}"),
            [200, 200, 200, 200, 200, 200, 200, 200],
        ),
        (
            format!("/groups/{draft}"),
            [404, 404, 404, 200, 404, 200, 200, 404],
        ),
        (
            "/staff/patients.csv".to_owned(),
            [404, 404, 404, 200, 200, 200, 200, 200],
        ),
        (
            "/staff/report.csv".to_owned(),
            [404, 404, 404, 200, 200, 200, 404, 404],
        ),
        (
            "/staff/report.csv?rows=appointments&separator=semicolon".to_owned(),
            [404, 404, 404, 200, 200, 200, 404, 404],
        ),
        ("/waitlist".to_owned(), [302, 200, 200, 403, 403, 403, 403, 403]),
        (
            "/waitlist/join?service=1".to_owned(),
            [302, 200, 200, 403, 403, 403, 403, 403],
        ),
        (
            format!("/waitlist/join?instead_of={theirs}"),
            [302, 200, 404, 403, 403, 403, 403, 403],
        ),
        ("/w/nobody".to_owned(), [404, 404, 404, 404, 404, 404, 404, 404]),
        ("/s/nobody".to_owned(), [404, 404, 404, 404, 404, 404, 404, 404]),
        // Without a key there is nobody to call.
        ("/demo/call".to_owned(), [404, 404, 404, 404, 404, 404, 404, 404]),
        // Nobody has paid here: `tests/payment` has payments.
        ("/payments/1".to_owned(), [302, 404, 404, 403, 403, 403, 403, 403]),
        (
            "/payments/1/receipt".to_owned(),
            [302, 404, 404, 403, 403, 403, 403, 403],
        ),
        ("/staff/find".to_owned(), [302, 404, 404, 200, 200, 200, 200, 200]),
        ("/calendar".to_owned(), [302, 200, 200, 200, 200, 404, 404, 404]),
        (
            format!("/appointments/{theirs}/calendar.ics"),
            [404, 200, 404, 200, 404, 200, 200, 404],
        ),
        (
            "/staff/forgotten".to_owned(),
            [200, 200, 200, 200, 200, 200, 200, 200],
        ),
        ("/link?key=x".to_owned(), [200, 200, 200, 200, 200, 200, 200, 200]),
        ("/account".to_owned(), [302, 200, 200, 200, 200, 200, 200, 200]),
        (
            "/staff/sign-in/factor".to_owned(),
            [302, 302, 302, 302, 302, 302, 302, 302],
        ),
        (
            "/account/factors".to_owned(),
            [302, 403, 403, 200, 200, 200, 200, 200],
        ),
        // Nothing is being set up.
        (
            "/account/factors/app".to_owned(),
            [302, 403, 403, 302, 302, 302, 302, 302],
        ),
        (
            "/account/phone".to_owned(),
            [302, 302, 302, 403, 403, 403, 403, 403],
        ),
        (
            "/account/codes".to_owned(),
            [302, 302, 302, 302, 302, 302, 302, 302],
        ),
        (
            "/account/confirm".to_owned(),
            [302, 403, 403, 200, 200, 200, 200, 200],
        ),
        ("/privacy".to_owned(), [200, 200, 200, 200, 200, 200, 200, 200]),
        // Nobody has written one.
        ("/imprint".to_owned(), [404, 404, 404, 404, 404, 404, 404, 404]),
        (
            "/account/data".to_owned(),
            [302, 200, 200, 403, 403, 403, 403, 403],
        ),
        (
            format!("/account/data/{patient}/janji.zip"),
            [404, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "/erased/nobody".to_owned(),
            [404, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "/staff/glass".to_owned(),
            [302, 404, 404, 200, 200, 200, 200, 200],
        ),
        (
            "/demo/messages".to_owned(),
            [200, 200, 200, 200, 200, 200, 200, 200],
        ),
        // A link that was never made.
        ("/a/nowhere".to_owned(), [404, 404, 404, 404, 404, 404, 404, 404]),
        (
            "/a/nowhere/move".to_owned(),
            [404, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("/contact".to_owned(), [302, 200, 200, 403, 403, 403, 403, 403]),
        // They only have a button.
        ("/e/nowhere".to_owned(), [200, 200, 200, 200, 200, 200, 200, 200]),
        ("/u/nowhere".to_owned(), [200, 200, 200, 200, 200, 200, 200, 200]),
        ("/nowhere".to_owned(), [404, 404, 404, 404, 404, 404, 404, 404]),
        (
            "/appointments/'%20or%20true--".to_owned(),
            [302, 404, 404, 403, 403, 403, 403, 403],
        ),
    ]
}
