//! The guard of the forms.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{Everybody, TestApp, VISIT, request};

#[sqlx::test]
async fn no_form_works_for_people_whom_it_is_not_for(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let everybody = Everybody::of(&site).await;
    let theirs = request(&app).await;
    let held = app
        .hold(1, app.wanted(0, VISIT, app.slot(50)), app.now)
        .await
        .unwrap();
    let doctor = app.doctors[0].id.to_string();
    let starts_at = app.slot(9 * 48).as_second().to_string();
    let wanted = app.wanted(0, VISIT, app.slot(60));
    let wanted = [wanted.clinic_id, wanted.service_id, wanted.starts_at].map(|number| number.to_string());

    let cancel = [
        ("reference", &*theirs),
        ("to", "cancelled"),
        ("version", "2"),
        ("reason", "x"),
    ];
    // There is none of this number.
    let calendar = [
        ("account", "999"),
        ("busy[0]", "999"),
        ("question", "999"),
        ("answer", "keep"),
    ];
    let confirm = [
        ("reference", &*theirs),
        ("to", "confirmed"),
        ("version", "2"),
        ("reason", ""),
    ];
    let found = [
        ("reference", "17"),
        ("refund", "1"),
        ("paid_back_reference", "17"),
        ("trouble", "1"),
    ];
    let reschedule = [
        ("reference", &*theirs),
        ("version", "2"),
        ("starts_at", &starts_at),
    ];
    let hold = [
        ("doctor_id", &*doctor),
        ("clinic_id", &wanted[0]),
        ("service_id", &wanted[1]),
        ("starts_at", &wanted[2]),
    ];
    let of_held = [
        ("reference", &*held),
        ("name", "X"),
        ("phone", "+6281255500001"),
        ("reason", "x"),
    ];
    let active = [("doctor_id", &*doctor), ("version", "1"), ("active", "false")];
    let clinic = app.clinic.to_string();
    let plan = [
        ("doctor_id", &*doctor),
        ("clinic_id", &*clinic),
        ("version", "1"),
        ("day", "2030-01-01"),
        ("first_day", "2030-01-01"),
        ("reason", "x"),
        ("id", "1"),
        ("doing", "cancel"),
    ];
    let card = [("patient", "1"), ("version", "0"), ("name", "X")];
    let merging = [("stays", "1"), ("goes", "2"), ("merge", "999")];
    let call = [
        ("list", "999"),
        ("appointment", "1"),
        ("done", "true"),
        ("reason", "x"),
    ];
    let patient = [("patient", "1"), ("phone", "+6281255500001")];
    let given = [("patient", "1"), ("doctor_id", &*doctor)];
    let staff_id = app.doctors[0].staff_id.to_string();
    let account = [
        ("staff_id", &*staff_id),
        ("active", "false"),
        ("role", "admin"),
        ("id", "x"),
    ];
    let speciality = [("speciality", "Astrology"), ("name_de", "Sterndeutung")];
    let code = [("code", "271828")];
    let number = [("id", "1")];
    let invited = [("name", "Ayu"), ("email", "ayu@test.example")];
    let choice = [("key", "x"), ("new_password", "tulips on a barge")];
    let close = [("phone", "+6281255500001"), ("act", "close")];
    let days = [("days", "90")];
    let decision = [("decision", "expire")];
    let link = [
        ("secret", "nowhere"),
        ("version", "1"),
        ("starts_at", &*starts_at),
    ];
    let later = app.slot(62).as_second().to_string();
    let course = [
        ("doctor_id", &*doctor),
        ("clinic_id", &*wanted[0]),
        ("service_id", &*wanted[1]),
        // Nobody has this number.
        ("patient", "1"),
        ("times[0]", &*wanted[2]),
        ("times[1]", &*later),
    ];
    // Nobody has this number, and no stay this reference.
    let rooms = [
        ("room_type_id", "999"),
        ("patient", "1"),
        ("arrival", "2030-01-01"),
        ("departure", "2030-01-02"),
        ("rooms", "1"),
    ];
    let stay = [
        ("reference", "AAAA-AAAA"),
        ("presence", "arrived"),
        ("arrival", "2030-01-01"),
        ("departure", "2030-01-02"),
        ("rooms", "1"),
    ];
    let nights = [
        ("room_type_id", "999"),
        ("from", "2030-01-01"),
        ("to", "2030-01-02"),
        ("total", "1"),
    ];
    let session = app.group(1, false).await.to_string();
    let session = [
        ("group", &*session),
        ("version", "9"),
        ("reason", "x"),
        ("seats", "1"),
    ];
    let one = format!("{theirs}:2");
    let chosen = [("chosen[0]", &*one)];
    let written = [("reference", &*theirs), ("message", "x")];
    let shown = [("reference", &*theirs), ("position", "1")];
    let message = [("id", "1"), ("phone", "+6281255500001")];
    let text = [("wording", "confirmed"), ("language", "en"), ("version", "0")];
    let waits = [
        ("service", &*wanted[1]),
        ("doctor", &*doctor),
        ("clinic", &*wanted[0]),
        // Nobody has this number.
        ("patient", "999999"),
    ];
    // No call and no patient have these numbers.
    let ring = [
        ("call", "999"),
        ("patient", "999999"),
        ("number", "+62215550101"),
        ("part", "begin"),
    ];
    let offered = [("entry", "999"), ("offer", "999")];
    // Nobody has paid here.
    let payment = [("payment", "999")];
    let taken = [("reference", &*theirs), ("means", "cash")];
    let by_hand = [
        ("entry", "999"),
        ("offer", "1-1"),
        ("day", "2030-01-01"),
        ("hours", "09:00"),
    ];
    // There is none of this number.
    let hook = [
        ("id", "999"),
        ("act", "pause"),
        ("hours", "1"),
        ("seen[id]", "999"),
        ("seen[version]", "1"),
        ("url", "https://hooks.example.com/"),
        ("description", "x"),
        ("events[0]", "appointment.confirmed"),
    ];
    // 0 is where it would do something that is allowed; that is tested elsewhere.
    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], [u16; 8]);
    let table: &[Row<'_>] = &[
        ("hold", &hold, [0, 0, 0, 403, 403, 403, 403, 403]),
        ("details", &of_held, [404, 404, 404, 404, 404, 0, 0, 404]),
        ("extend", &of_held[..1], [404, 404, 404, 404, 404, 404, 404, 404]),
        ("submit", &of_held[..1], [401, 404, 422, 403, 403, 403, 403, 403]),
        // There is no provider here.
        ("pay", &of_held[..1], [401, 0, 0, 403, 403, 403, 403, 403]),
        ("go-on-paying", &payment, [401, 404, 404, 403, 403, 403, 403, 403]),
        ("find-payment", &found, [401, 404, 404, 404, 404, 0, 0, 0]),
        // There is none of this number.
        (
            "pay-back-by-hand",
            &found,
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("see-to-payment", &found, [401, 404, 404, 404, 404, 404, 404, 404]),
        ("take-payment", &taken, [401, 404, 404, 404, 404, 0, 0, 404]),
        ("reschedule", &reschedule, [401, 0, 404, 0, 404, 0, 0, 404]),
        ("change-status", &cancel, [401, 0, 404, 422, 404, 0, 0, 404]),
        ("change-status", &confirm, [401, 422, 404, 0, 404, 0, 0, 404]),
        // It takes place at the clinic, so that nobody writes; for those whose it is, that is tested elsewhere.
        (
            "write-message",
            &written,
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("see-messages", &shown, [401, 404, 404, 404, 404, 404, 404, 404]),
        ("take-seats", &session, [401, 404, 404, 403, 403, 403, 403, 403]),
        // There is no provider here.
        ("pay-for-seats", &session, [401, 0, 0, 403, 403, 403, 403, 403]),
        // Nobody has this number; the session is a draft.
        ("seat-patient", &session, [401, 404, 404, 404, 404, 404, 404, 404]),
        ("plan-group", &session, [401, 404, 404, 422, 422, 422, 404, 404]),
        ("change-group", &session, [401, 404, 404, 422, 404, 422, 404, 404]),
        (
            "publish-group",
            &session,
            [401, 404, 404, 409, 404, 409, 404, 404],
        ),
        ("cancel-group", &session, [401, 404, 404, 409, 404, 409, 404, 404]),
        ("book-course", &course, [401, 404, 404, 404, 404, 404, 404, 404]),
        ("take-rooms", &rooms, [401, 404, 404, 404, 404, 404, 404, 404]),
        (
            "book-held-rooms",
            &stay[..1],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "pay-for-rooms",
            &stay[..1],
            [401, 404, 404, 403, 403, 403, 403, 403],
        ),
        (
            "cancel-stay",
            &stay[..1],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("change-stay", &stay, [401, 404, 404, 404, 404, 404, 404, 404]),
        (
            "set-stay-presence",
            &stay[..2],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("put-room-type", &[], [401, 404, 404, 404, 404, 422, 404, 404]),
        (
            "set-room-nights",
            &nights,
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "cancel-rest",
            &cancel[..1],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("clinical-note", &written, [401, 404, 404, 0, 404, 404, 404, 404]),
        ("confirm-several", &chosen, [401, 404, 404, 0, 0, 404, 404, 404]),
        ("put-template", &number, [401, 404, 404, 422, 422, 404, 404, 404]),
        // Nothing was prescribed.
        (
            "save-template",
            &written,
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("delete-template", &number, [401, 404, 404, 0, 0, 404, 404, 404]),
        ("arrive", &cancel[..1], [401, 422, 404, 422, 404, 422, 422, 404]),
        (
            "take-back-arrival",
            &cancel[..1],
            [401, 422, 404, 422, 404, 422, 422, 404],
        ),
        ("show-sheet", &[], [401, 404, 404, 0, 0, 0, 0, 0]),
        (
            "set-doctor-active",
            &active,
            [401, 404, 404, 404, 404, 0, 404, 404],
        ),
        ("plan-week", &plan, [401, 404, 404, 0, 404, 0, 404, 404]),
        ("plan-exception", &plan, [401, 404, 404, 0, 404, 0, 404, 404]),
        ("remove-exception", &plan, [401, 404, 404, 0, 404, 0, 404, 404]),
        ("plan-absence", &plan, [401, 404, 404, 0, 404, 0, 404, 404]),
        ("remove-absence", &plan, [401, 404, 404, 0, 404, 0, 404, 404]),
        ("stop-day", &plan, [401, 404, 404, 0, 404, 0, 0, 404]),
        ("open-day", &plan, [401, 404, 404, 0, 404, 0, 0, 404]),
        ("cancel-day", &plan, [401, 404, 404, 0, 404, 0, 0, 404]),
        ("block-time", &plan, [401, 404, 404, 0, 404, 0, 404, 404]),
        ("share-phone", &patient, [401, 404, 404, 404, 404, 0, 404, 404]),
        ("correct-phone", &patient, [401, 404, 404, 404, 404, 0, 404, 404]),
        ("give-patient", &given, [401, 404, 404, 404, 404, 0, 404, 404]),
        (
            "take-patient-back",
            &given,
            [401, 404, 404, 404, 404, 0, 404, 404],
        ),
        ("confirm-number", &patient, [401, 404, 404, 404, 404, 0, 404, 404]),
        ("number-days", &days, [401, 404, 404, 404, 404, 0, 404, 404]),
        ("phone-access", &close, [401, 404, 404, 404, 404, 0, 404, 404]),
        ("doctor-access", &active, [401, 404, 404, 404, 404, 0, 404, 404]),
        ("phone-call-done", &ring, [401, 404, 404, 404, 404, 404, 404, 404]),
        (
            "check-heard-name",
            &ring,
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("put-phone-line", &ring, [401, 404, 404, 404, 404, 422, 404, 404]),
        ("remove-phone-line", &ring, [401, 404, 404, 404, 404, 0, 404, 404]),
        // Without a key there is nobody to call.
        ("play-call", &ring, [404, 404, 404, 404, 404, 404, 404, 404]),
        ("join-waitlist", &waits, [401, 404, 404, 404, 404, 404, 404, 404]),
        (
            "leave-waitlist",
            &offered[..1],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "accept-offer",
            &offered[1..],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "decline-offer",
            &offered[1..],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "offer-by-hand",
            &by_hand,
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "offer-seats-by-hand",
            &offered[..1],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("link-accept", &link, [404, 404, 404, 404, 404, 404, 404, 404]),
        ("link-decline", &link, [404, 404, 404, 404, 404, 404, 404, 404]),
        ("link-leave", &link, [404, 404, 404, 404, 404, 404, 404, 404]),
        ("link-come", &link, [404, 404, 404, 404, 404, 404, 404, 404]),
        ("link-arrive", &link, [404, 404, 404, 404, 404, 404, 404, 404]),
        (
            "link-cancel-stay",
            &link,
            [404, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("link-cancel", &link, [404, 404, 404, 404, 404, 404, 404, 404]),
        ("link-move", &link, [404, 404, 404, 404, 404, 404, 404, 404]),
        (
            "link-unsubscribe",
            &link,
            [404, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("link-email", &link, [404, 404, 404, 404, 404, 404, 404, 404]),
        ("save-contact", &[], [401, 0, 0, 403, 403, 403, 403, 403]),
        (
            "send-message-again",
            &message,
            [401, 404, 404, 404, 404, 0, 404, 404],
        ),
        (
            "send-test-message",
            &message,
            [401, 404, 404, 404, 404, 0, 404, 404],
        ),
        ("put-message-text", &text, [401, 404, 404, 404, 404, 0, 404, 404]),
        (
            "restore-message-text",
            &text,
            [401, 404, 404, 404, 404, 0, 404, 404],
        ),
        ("invite-admin", &invited, [401, 404, 404, 404, 404, 404, 404, 404]),
        ("invite-staff", &account, [401, 404, 404, 404, 404, 404, 404, 404]),
        ("staff-access", &account, [401, 404, 404, 404, 404, 0, 404, 404]),
        ("staff-clinics", &account, [401, 404, 404, 404, 404, 0, 404, 404]),
        ("staff-role", &account, [401, 404, 404, 404, 404, 0, 404, 404]),
        ("reset-factors", &account, [401, 404, 404, 404, 404, 0, 404, 404]),
        ("answer-factor", &code, [401, 401, 401, 401, 401, 401, 401, 401]),
        ("begin-totp", &[], [401, 403, 403, 0, 0, 0, 0, 0]),
        // Nothing is being set up.
        ("finish-totp", &code, [401, 403, 403, 401, 401, 401, 401, 401]),
        ("remove-totp", &[], [401, 403, 403, 404, 404, 404, 404, 404]),
        ("renew-codes", &[], [401, 403, 403, 404, 404, 404, 404, 404]),
        // Without an address of the site there are no passkeys.
        ("passkey-options", &code, [404, 404, 404, 404, 404, 404, 404, 404]),
        ("add-passkey", &code, [401, 403, 403, 404, 404, 404, 404, 404]),
        (
            "remove-passkey",
            &number,
            [401, 403, 403, 404, 404, 404, 404, 404],
        ),
        ("answer-passkey", &code, [401, 401, 401, 401, 401, 401, 401, 401]),
        ("confirm-passkey", &code, [401, 403, 403, 404, 404, 404, 404, 404]),
        ("codes-kept", &[], [401, 0, 0, 0, 0, 0, 0, 0]),
        ("confirm-self", &[], [401, 403, 403, 422, 422, 422, 422, 422]),
        ("new-phone", &invited, [401, 422, 422, 403, 403, 403, 403, 403]),
        // Nobody has asked for a code.
        ("confirm-phone", &code, [401, 401, 401, 403, 403, 403, 403, 403]),
        ("own-password", &[], [401, 403, 403, 422, 422, 422, 422, 422]),
        ("end-session", &account, [401, 404, 404, 404, 404, 404, 404, 404]),
        ("end-other-sessions", &[], [401, 0, 0, 0, 0, 0, 0, 0]),
        (
            "choose-password",
            &choice,
            [404, 404, 404, 404, 404, 404, 404, 404],
        ),
        // Without an address of the site, nobody is sent a link.
        (
            "forgotten-password",
            &invited,
            [404, 404, 404, 404, 404, 404, 404, 404],
        ),
        // Nobody has it.
        (
            "name-speciality",
            &speciality,
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("find-anybody", &[], [401, 404, 404, 0, 0, 0, 0, 0]),
        ("search-board", &[], [401, 404, 404, 404, 404, 0, 0, 0]),
        ("search-day", &[], [401, 404, 404, 0, 0, 404, 404, 404]),
        (
            "put-identity",
            &active[1..2],
            [401, 404, 404, 404, 404, 0, 404, 404],
        ),
        ("put-logo", &active[1..2], [401, 404, 404, 404, 404, 0, 404, 404]),
        (
            "remove-logo",
            &active[1..2],
            [401, 404, 404, 404, 404, 0, 404, 404],
        ),
        (
            "decide-overdue",
            &decision,
            [401, 404, 404, 404, 404, 0, 404, 404],
        ),
        ("close-clinic", &plan, [401, 404, 404, 404, 404, 0, 404, 404]),
        ("reopen-clinic", &plan, [401, 404, 404, 404, 404, 0, 404, 404]),
        ("save-card", &card, [401, 404, 404, 404, 404, 404, 404, 404]),
        ("change-name", &card, [401, 404, 404, 403, 403, 403, 403, 403]),
        ("find-same", &card[..1], [401, 404, 404, 404, 404, 0, 404, 404]),
        (
            "merge-patients",
            &merging,
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "undo-merge",
            &merging[2..],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("make-webhook", &[], [401, 404, 404, 422, 422, 422, 404, 404]),
        ("change-webhook", &hook, [401, 404, 404, 404, 404, 404, 404, 404]),
        (
            "webhook-state",
            &hook[..2],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "rotate-webhook-secret",
            &hook[..1],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "test-webhook",
            &hook[..1],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "replay-webhook",
            &hook[..3],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("link-calendar", &[], [401, 404, 404, 422, 422, 404, 404, 404]),
        (
            "choose-calendars",
            &calendar[..2],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "sync-calendar",
            &calendar[..1],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "unlink-calendar",
            &calendar[..1],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        (
            "answer-calendar",
            &calendar[2..],
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("tick-call", &call, [401, 404, 404, 404, 404, 404, 404, 404]),
        (
            "cancel-all-calls",
            &call,
            [401, 404, 404, 404, 404, 404, 404, 404],
        ),
        ("move-all-calls", &call[..1], [401, 404, 404, 0, 0, 0, 0, 0]),
    ];
    let mut wrong = Vec::new();
    for (form, fields, expected) in table {
        for ((who, browser), expected) in everybody.all().into_iter().zip(expected) {
            if *expected == 0 {
                continue;
            }
            let answer = browser.call(form, fields).await;
            if answer.status != *expected {
                wrong.push(format!(
                    "{form} by {who}: {} instead of {expected}: {}",
                    answer.status, answer.body
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(app.appointment(&theirs).await.1, 2);
    assert_eq!(app.appointment(&held).await.1, 1);
    assert_eq!(app.count("select count(*) from appointments").await, 2);
    assert_eq!(
        app.count("select count(*) from doctors where not active").await,
        0
    );
    assert_eq!(app.count("select count(*) from schedule_changes").await, 0);
    app.assert_sound().await;
}
