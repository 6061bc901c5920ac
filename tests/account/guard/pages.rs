//! The guard of the pages.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{Everybody, PASSWORD, PHONE, TestApp, VISIT, request};

#[sqlx::test]
async fn every_page_is_shown_only_to_people_whom_it_is_for(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    let theirs = request(&app).await;
    let patient_id = app
        .count("select id from patients where phone = '+6281255500777'")
        .await;
    let mut remote = Vec::new();
    for (slot, mode) in [(7 * 48 + 2, "text"), (7 * 48 + 4, "video")] {
        let reference = app.confirmed(patient_id, 0, app.slot(slot)).await;
        sqlx::query("update appointments set mode = $2 where reference = $1")
            .bind(&reference)
            .bind(mode)
            .execute(&mut app.connection().await)
            .await
            .unwrap();
        remote.push(reference);
    }
    let (by_text, by_video) = (&remote[0], &remote[1]);
    let held = app
        .hold(1, app.wanted(0, VISIT, app.slot(50)), app.now)
        .await
        .unwrap();
    let doctor = app.doctors[0].id;
    let patient = app.patient(77).await;
    let (draft, open) = (app.group(1, false).await, app.group(3, true).await);
    // In the order of `all`. Who has not signed in is sent to do so.
    let table = [
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
            format!("/doctor/appointments/{by_text}/consultation"),
            [302, 404, 404, 200, 404, 404, 404, 404],
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
            format!("/doctor/appointments/{by_video}/video"),
            [302, 404, 404, 200, 404, 404, 404, 404],
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
        ("/doctor".to_owned(), [302, 404, 404, 200, 200, 404, 404, 404]),
        (
            format!("/doctor/appointments/{theirs}"),
            [302, 404, 404, 200, 404, 404, 404, 404],
        ),
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
            "/admin/specialities".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/doctors".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
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
        // Nobody says with whom and what for.
        ("/course".to_owned(), [302, 404, 404, 403, 403, 403, 403, 403]),
        (
            "/doctor/course".to_owned(),
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
        (
            "/doctor/week.csv".to_owned(),
            [404, 404, 404, 200, 200, 200, 200, 200],
        ),
        // There is no such list.
        (
            "/admin/calls.csv?list=999".to_owned(),
            [404, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "/doctor/calls.csv?list=999".to_owned(),
            [404, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "/staff/patients.csv".to_owned(),
            [404, 404, 404, 200, 200, 200, 200, 200],
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
            "/staff/report.csv".to_owned(),
            [404, 404, 404, 200, 200, 200, 404, 404],
        ),
        (
            "/staff/report.csv?rows=appointments&separator=semicolon".to_owned(),
            [404, 404, 404, 200, 200, 200, 404, 404],
        ),
        (
            "/admin/report".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
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
        ("/admin/book".to_owned(), [302, 404, 404, 404, 404, 200, 200, 200]),
        (
            "/admin/walk-in".to_owned(),
            [302, 404, 404, 404, 404, 200, 200, 200],
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
        (
            "/admin/phone-calls".to_owned(),
            [302, 404, 404, 404, 404, 200, 200, 200],
        ),
        (
            "/admin/phone-lines".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        // Without a key there is nobody to call.
        ("/demo/call".to_owned(), [404, 404, 404, 404, 404, 404, 404, 404]),
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
        // Nobody has paid here: `tests/payment` has payments.
        ("/payments/1".to_owned(), [302, 404, 404, 403, 403, 403, 403, 403]),
        (
            "/payments/1/receipt".to_owned(),
            [302, 404, 404, 403, 403, 403, 403, 403],
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
            format!("/admin/block?doctor={doctor}"),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/closures".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        ("/staff/find".to_owned(), [302, 404, 404, 200, 200, 200, 200, 200]),
        ("/admin/stop".to_owned(), [302, 404, 404, 404, 404, 200, 200, 200]),
        (
            "/admin/calls".to_owned(),
            [302, 404, 404, 404, 404, 200, 200, 200],
        ),
        (
            "/doctor/calls".to_owned(),
            [302, 404, 404, 200, 200, 404, 404, 404],
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
            "/doctor/calls/999".to_owned(),
            [302, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "/doctor/calls/999/move".to_owned(),
            [302, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            format!("/admin/appointments/{theirs}/reschedule"),
            [302, 404, 404, 404, 404, 200, 200, 404],
        ),
        (
            format!("/doctor/appointments/{theirs}/reschedule"),
            [302, 404, 404, 200, 404, 404, 404, 404],
        ),
        ("/calendar".to_owned(), [302, 200, 200, 200, 200, 404, 404, 404]),
        (
            format!("/appointments/{theirs}/calendar.ics"),
            [404, 200, 404, 200, 404, 200, 200, 404],
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
        ("/privacy".to_owned(), [200, 200, 200, 200, 200, 200, 200, 200]),
        // Nobody has written one.
        ("/imprint".to_owned(), [404, 404, 404, 404, 404, 404, 404, 404]),
        (
            "/admin/overdue".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
        (
            "/admin/locks".to_owned(),
            [302, 404, 404, 404, 404, 200, 404, 404],
        ),
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
            "/demo/messages".to_owned(),
            [200, 200, 200, 200, 200, 200, 200, 200],
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
    ];
    let mut wrong = Vec::new();
    for (path, expected) in table {
        for ((who, browser), expected) in everybody.all().into_iter().zip(expected) {
            if expected == 0 {
                continue;
            }
            let answer = browser.get(&path).await;
            // 302 and 303 are the same to a browser here.
            let status = if answer.status == 303 { 302 } else { answer.status };
            if status != expected {
                wrong.push(format!(
                    "{path} for {who}: {} instead of {expected}",
                    answer.status
                ));
            }
            let body = answer.body.as_str();
            // Patients may see their own name at the head of the page.
            if expected >= 400
                && who != "patient"
                && (body.contains(PHONE) || body.contains("A cough") || body.contains("Somebody"))
            {
                wrong.push(format!("{path} tells {who} about the patient"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[sqlx::test]
async fn signing_in_leads_back_to_the_page_that_asked_for_it(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let visitor = site.visitor();
    for (page, door) in [
        (
            "/appointments/AAAA-AAAA?x=1",
            "/sign-in?next=/appointments/AAAA-AAAA%3Fx%3D1",
        ),
        ("/doctor", "/staff/sign-in?next=/doctor"),
        ("/admin/doctors", "/staff/sign-in?next=/admin/doctors"),
    ] {
        let answer = visitor.get(page).await;
        assert_eq!(answer.location(), door);
    }
    let fields = [
        ("email", "admin@test.example"),
        ("password", PASSWORD),
        ("next", "/admin/doctors"),
    ];
    let answer = visitor.submit("/staff/sign-in", "staff-sign-in", &fields).await;
    assert_eq!(answer.location(), "/admin/doctors");
}

#[sqlx::test]
async fn the_other_door_leads_to_the_same_page(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let visitor = site.visitor();
    for (page, first, other) in [
        ("/tokens", "/sign-in?next=/tokens", "/staff/sign-in?next=/tokens"),
        (
            "/doctor?date=2026-11-24",
            "/staff/sign-in?next=/doctor%3Fdate%3D2026-11-24",
            "/sign-in?next=/doctor%3Fdate%3D2026-11-24",
        ),
        ("/sign-in?next=//evil.example", "", "/staff/sign-in"),
    ] {
        let door = match visitor.get(page).await {
            answer if answer.status == 200 => page.to_owned(),
            answer => answer.location(),
        };
        assert!(first.is_empty() || door == first, "{page}: {door}");
        let links = visitor.get(&door).await.links("main a");
        assert!(links.iter().any(|link| link == other), "{page}: {links:?}");
    }
    let fields = [
        ("email", "doctor1@test.example"),
        ("password", PASSWORD),
        ("next", "/tokens"),
    ];
    let answer = visitor.submit("/staff/sign-in", "staff-sign-in", &fields).await;
    assert_eq!(answer.location(), "/tokens");
}

#[sqlx::test]
async fn signing_in_never_leads_to_another_site(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    for next in ["//evil.example", "https://evil.example/", "/\\evil.example"] {
        let visitor = site.visitor();
        let fields = [
            ("email", "admin@test.example"),
            ("password", PASSWORD),
            ("next", next),
        ];
        let answer = visitor.submit("/staff/sign-in", "staff-sign-in", &fields).await;
        assert_eq!(answer.location(), "/admin", "{next}");
    }
}

#[sqlx::test]
async fn a_deactivated_person_is_signed_out_at_the_next_request(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    app.sql("update staff set active = false; update patients set active = false;")
        .await;
    for (browser, page) in [
        (&everybody.patient, "/appointments"),
        (&everybody.doctor, "/doctor"),
        (&everybody.admin, "/admin"),
    ] {
        let answer = browser.get(page).await;
        assert!(answer.location().contains("sign-in"), "{page}: {}", answer.status);
    }
}
