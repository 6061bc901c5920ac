//! What comes in by HTTP, from people with browsers, from programs, and from those who mean no good.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{
    app::{Answer, Browser, PASSWORD, Setup, Site, TestApp, VISIT},
    engine::Heard,
};
use crate::{account::Limits, booking::Wanted, error::AppError};

const PHONE: &str = "+6281255500777";

fn of_wanted(wanted: Wanted) -> Vec<(&'static str, String)> {
    vec![
        ("doctor_id", wanted.doctor_id.to_string()),
        ("clinic_id", wanted.clinic_id.to_string()),
        ("service_id", wanted.service_id.to_string()),
        ("starts_at", wanted.starts_at.to_string()),
    ]
}

fn borrowed<'a>(fields: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect()
}

/// Chooses a time in a browser; the reference of the hold.
async fn hold(browser: &Browser, wanted: Wanted) -> String {
    let page = format!("/doctors/{}", wanted.doctor_id);
    let answer = browser.submit(&page, "hold", &borrowed(&of_wanted(wanted))).await;
    let location = answer.location();
    let path = location
        .strip_prefix("/book/")
        .unwrap_or_else(|| panic!("{answer:?}"));
    path.split('/').next().unwrap().to_owned()
}

/// From choosing a time to the appointment, for somebody who comes for the first time.
async fn book(site: &Site<'_>, browser: &Browser, wanted: Wanted, name: &str, reason: &str) -> String {
    let reference = hold(browser, wanted).await;
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

// Booking.

#[sqlx::test]
async fn somebody_without_javascript_books_from_the_first_page_to_the_last(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let browser = site.visitor();
    let reference = book(
        &site,
        &browser,
        app.wanted(0, VISIT, app.slot(20)),
        "Dewi",
        "A cough",
    )
    .await;
    assert_eq!(app.appointment(&reference).await.0, "pending");
    let mine = browser.get("/appointments").await;
    assert!(
        mine.body.contains(&reference) || mine.body.contains("Dr 1"),
        "{}",
        mine.body
    );
    // A second click, and Back, change nothing.
    let check = format!("/book/{reference}/check");
    let again = browser
        .submit(&check, "submit", &[("reference", &reference)])
        .await;
    assert_eq!(again.location(), format!("/appointments/{reference}/done"));
    assert_eq!(browser.get(&check).await.status / 100, 3);
    assert_eq!(app.count("select count(*) from appointments").await, 1);
    assert_eq!(
        app.count("select count(*) from patients where name = 'Dewi'")
            .await,
        1
    );
    app.assert_sound().await;
}

#[sqlx::test]
async fn who_comes_too_late_is_told_so_and_keeps_what_was_typed(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let wanted = app.wanted(0, VISIT, app.slot(20));
    hold(&site.visitor(), wanted).await;
    let late = site.visitor();
    let page = format!(
        "/doctors/{}?clinic={}&service={}",
        wanted.doctor_id, wanted.clinic_id, wanted.service_id
    );
    let answer = late.submit(&page, "hold", &borrowed(&of_wanted(wanted))).await;
    assert!(
        matches!(answer.error(), Some(AppError::BookingFailed { .. })),
        "{answer:?}"
    );
    let path = answer.location().split('#').next().unwrap().to_owned();
    assert!(path.starts_with(&page));
    let told = late.get(&path).await;
    assert_eq!(told.status, 200);
    // The alternatives are buttons that work.
    let as_program = late.call("hold", &borrowed(&of_wanted(wanted))).await;
    assert_eq!(
        (as_program.status, as_program.code().as_str()),
        (409, "BOOKING_FAILED")
    );
    assert_eq!(as_program.json()["details"]["reason"], "slot_taken");
}

#[sqlx::test]
async fn what_is_no_time_is_refused_over_http_and_nothing_is_written(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let good = of_wanted(app.wanted(0, VISIT, app.slot(20)));
    for (field, value, status, code) in [
        ("starts_at", "1700000000", 409, "BOOKING_FAILED"),
        ("starts_at", "9223372036854775807", 409, "BOOKING_FAILED"),
        ("starts_at", "-9223372036854775808", 409, "BOOKING_FAILED"),
        ("starts_at", "9223372036854775808", 422, "VALIDATION_FAILED"),
        ("starts_at", "tomorrow", 422, "VALIDATION_FAILED"),
        ("starts_at", "", 422, "VALIDATION_FAILED"),
        ("doctor_id", "999", 404, "NOT_FOUND"),
        ("doctor_id", "1 or 1=1", 422, "VALIDATION_FAILED"),
        ("clinic_id", "-1", 404, "NOT_FOUND"),
        ("service_id", "0", 404, "NOT_FOUND"),
    ] {
        let mut fields = good.clone();
        fields.iter_mut().find(|(name, _)| *name == field).unwrap().1 = value.to_owned();
        let answer = visitor.call("hold", &borrowed(&fields)).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{field}={value}"
        );
    }
    let missing = visitor.call("hold", &borrowed(&good[..3])).await;
    assert_eq!(
        (missing.status, missing.code().as_str()),
        (422, "VALIDATION_FAILED")
    );
    assert_eq!(app.count("select count(*) from appointments").await, 0);
}

#[sqlx::test]
async fn sql_and_html_in_every_field_are_text(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let name = "<script>alert(1)</script>'; drop table patients; --";
    let reason = "\"><img src=x onerror=alert(1)>{{7*7}} $1 %s \\";
    let browser = site.visitor();
    let reference = book(&site, &browser, app.wanted(0, VISIT, app.slot(20)), name, reason).await;
    let (stored_name, stored_reason): (String, String) =
        sqlx::query_as("select name, reason from patients join appointments on patient_id = patients.id")
            .fetch_one(&mut app.connection().await)
            .await
            .unwrap();
    assert_eq!((stored_name.as_str(), stored_reason.as_str()), (name, reason));
    let (doctor, admin) = (
        site.staff("doctor1@test.example").await,
        site.staff("admin@test.example").await,
    );
    // What staff write is shown to the patient.
    let fields = [
        ("reference", &*reference),
        ("to", "rejected"),
        ("version", "2"),
        ("reason", reason),
    ];
    let answer = doctor.submit("/doctor", "change-status", &fields).await;
    assert_eq!(answer.error(), None, "{answer:?}");
    let attack = "%3Cscript%3Ealert(1)%3C/script%3E";
    for (who, path) in [
        (&browser, "/appointments".to_owned()),
        (&browser, format!("/appointments/{reference}")),
        (&doctor, "/doctor".to_owned()),
        (&doctor, format!("/doctor?q={attack}")),
        (&doctor, format!("/doctor/appointments/{reference}")),
        (&admin, format!("/admin?q={attack}&status={attack}")),
        (
            &admin,
            format!("/admin/appointments/{reference}?changed={attack}"),
        ),
        (
            &browser,
            format!("/?q={attack}&speciality={attack}&language={attack}&clinic={attack}"),
        ),
        (
            &browser,
            format!("/doctors/1?from={attack}&service={attack}&__err={attack}"),
        ),
        (&browser, format!("/{attack}")),
        (&site.visitor(), format!("/sign-in?next=/{attack}")),
    ] {
        let page = who.get(&path).await;
        assert!(matches!(page.status, 200 | 404), "{path}: {}", page.status);
        assert!(
            !page.body.contains("<script>alert(1)") && !page.body.contains("<img src=x"),
            "{path}"
        );
    }
    let page = browser.get(&format!("/appointments/{reference}")).await;
    assert!(page.body.contains("&lt;img src=x"), "{}", page.body);
    app.assert_sound().await;
}

#[sqlx::test]
async fn texts_that_are_too_long_or_empty_are_refused_and_nothing_is_sent(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let browser = site.visitor();
    let reference = hold(&browser, app.wanted(0, VISIT, app.slot(20))).await;
    let (long_name, long_reason) = ("n".repeat(121), "ä".repeat(501));
    for (phone, name, reason, field, problem) in [
        (PHONE, "", "", "name", "missing"),
        (PHONE, "\u{0}\u{7}", "", "name", "missing"),
        (PHONE, &*long_name, "", "name", "too-long"),
        (PHONE, "Dewi", &*long_reason, "reason", "too-long"),
        ("", "Dewi", "", "phone", "missing"),
        ("12", "Dewi", "", "phone", "malformed"),
        ("+62 812'; --", "Dewi", "", "phone", "malformed"),
    ] {
        let fields = [
            ("reference", &*reference),
            ("phone", phone),
            ("name", name),
            ("reason", reason),
        ];
        let answer = browser.call("details", &fields).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (422, "VALIDATION_FAILED")
        );
        assert_eq!(answer.json()["details"][field], problem, "{}", answer.body);
    }
    assert_eq!(app.count("select count(*) from messages").await, 0);
}

// Codes.

#[sqlx::test]
async fn a_code_signs_in_the_browser_that_asked_for_it_and_once(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let (browser, thief) = (site.visitor(), site.visitor());
    browser
        .submit("/sign-in", "request-code", &[("phone", PHONE)])
        .await;
    let code = app.newest_code(PHONE).await;
    // Somebody else has read it, and has a challenge of their own, or none.
    for ask in [false, true] {
        if ask {
            thief
                .submit("/sign-in", "request-code", &[("phone", "+6281255500111")])
                .await;
        }
        let answer = thief.call("verify-code", &[("code", &code)]).await;
        assert_eq!((answer.status, answer.code().as_str()), (401, "UNAUTHENTICATED"));
    }
    for wrong in ["", "abc", "12345", "1234567", "'; drop table login_codes; --"] {
        let answer = browser.call("verify-code", &[("code", wrong)]).await;
        assert!(matches!(answer.status, 401 | 422), "{wrong}: {}", answer.status);
    }
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);
    let answer = browser
        .submit("/sign-in/code", "verify-code", &[("code", &spaced)])
        .await;
    assert_eq!(answer.location(), "/appointments");
    let again = browser.call("verify-code", &[("code", &code)]).await;
    assert_eq!(again.status, 401);
}

#[sqlx::test]
async fn a_code_that_ran_out_is_refused_and_the_page_says_so(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let browser = site.visitor();
    browser
        .submit("/sign-in", "request-code", &[("phone", PHONE)])
        .await;
    let code = app.newest_code(PHONE).await;
    app.sql("update login_codes set expires_at = now() - interval '1 second'")
        .await;
    let answer = browser
        .submit("/sign-in/code", "verify-code", &[("code", &code)])
        .await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.error(), Some(AppError::WrongCode));
    let page = browser.get(answer.location().split('#').next().unwrap()).await;
    assert_eq!(page.status, 200);
    let document = scraper::Html::parse_document(&page.body);
    let summary = scraper::Selector::parse("#errors a[href='#code']").unwrap();
    assert!(document.select(&summary).next().is_some(), "{}", page.body);
}

#[sqlx::test]
async fn known_and_unknown_phones_are_answered_alike(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    app.sql("insert into patients (phone, name) values ('+6281255500777', 'Dewi')")
        .await;
    let ask = async |phone: &'static str| {
        let browser = site.visitor();
        let answer = browser
            .submit("/sign-in", "request-code", &[("phone", phone)])
            .await;
        let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort();
        let page = browser.get("/sign-in/code").await;
        let text: String = scraper::Html::parse_document(&page.body)
            .select(&scraper::Selector::parse("main").unwrap())
            .flat_map(|main| main.text())
            .collect();
        (
            answer.status,
            answer.location(),
            answer.body,
            names,
            text.replace(phone, "…"),
        )
    };
    assert_eq!(ask("+6281255500777").await, ask("+6281255500778").await);
}

#[sqlx::test]
async fn too_many_requests_are_told_when_to_come_back(_: PgPoolOptions, options: PgConnectOptions) {
    let limits = Limits {
        codes_per_phone: 2,
        codes_per_address: 4,
        sign_ins: 2,
        holds_per_address: 2,
        ..Limits::default()
    };
    let app = TestApp::with(
        options,
        Setup {
            limits,
            ..Setup::default()
        },
    )
    .await;
    let site = app.serve().await;
    // One phone, from several addresses.
    for (number, expected) in [302, 302, 429].into_iter().enumerate() {
        let browser = site.visitor_from(&format!("192.0.2.{number}"));
        let answer = browser.call("request-code", &[("phone", PHONE)]).await;
        assert_eq!(
            if answer.status == 429 { 429 } else { 302 },
            expected,
            "{answer:?}"
        );
        if expected == 429 {
            let seconds: u32 = answer.header("retry-after").parse().unwrap();
            assert_eq!(answer.code(), "RATE_LIMITED");
            assert!((800..=900).contains(&seconds), "{seconds}");
        }
    }
    // One address, for several phones.
    let mut refused = 0;
    for number in 0..6 {
        let phone = format!("+6281255501{number:03}");
        let answer = site
            .visitor_from("198.51.100.1")
            .call("request-code", &[("phone", &phone)])
            .await;
        refused += usize::from(answer.status == 429);
    }
    assert_eq!(refused, 2);
    // Staff: the right password, too.
    for (number, password, expected) in [(0, "wrong", 401), (1, "wrong", 401), (2, PASSWORD, 429)] {
        let fields = [
            ("email", "admin@test.example"),
            ("password", password),
            ("next", ""),
        ];
        let answer = site
            .visitor_from(&format!("203.0.113.{number}"))
            .call("staff-sign-in", &fields)
            .await;
        assert_eq!(answer.status, expected);
    }
    // Times; those who have signed in are not counted.
    for (slot, expected) in [(10, false), (12, false), (14, true)] {
        let fields = of_wanted(app.wanted(0, VISIT, app.slot(slot)));
        let answer = site
            .visitor_from("192.0.2.200")
            .call("hold", &borrowed(&fields))
            .await;
        assert_eq!(answer.status == 429, expected, "{answer:?}");
    }
    assert_eq!(app.count("select count(*) from appointments").await, 2);
}

// Sessions.

#[sqlx::test]
async fn a_session_that_somebody_planted_is_worth_nothing_after_signing_in(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    for staff in [false, true] {
        let browser = site.visitor();
        browser
            .submit("/sign-in", "request-code", &[("phone", PHONE)])
            .await;
        let planted = browser.cookies();
        assert!(planted.starts_with("janji="), "{planted}");
        let page = if staff {
            let fields = [
                ("email", "doctor1@test.example"),
                ("password", PASSWORD),
                ("next", ""),
            ];
            browser
                .submit("/staff/sign-in", "staff-sign-in", &fields)
                .await
                .location()
        } else {
            let code = app.newest_code(PHONE).await;
            browser
                .submit("/sign-in/code", "verify-code", &[("code", &code)])
                .await
                .location()
        };
        assert_ne!(browser.cookies(), planted);
        assert_eq!(browser.get(&page).await.status, 200);
        let attacker = site.visitor();
        attacker.set_cookie(&planted);
        assert!(attacker.get(&page).await.location().contains("sign-in"));
        // And signing out ends it for whoever has a copy.
        let copy = site.visitor();
        copy.set_cookie(&browser.cookies());
        assert_eq!(copy.get(&page).await.status, 200);
        browser.submit(&page, "sign-out", &[]).await;
        assert!(copy.get(&page).await.location().contains("sign-in"));
    }
}

#[sqlx::test]
async fn the_session_cookie_is_for_this_site_and_not_for_scripts(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let answer = site
        .visitor()
        .submit("/sign-in", "request-code", &[("phone", PHONE)])
        .await;
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"),
        "{cookie}"
    );
    // Who only looks around is given none.
    for page in ["/", "/doctors/1", "/sign-in", "/staff/sign-in"] {
        assert_eq!(site.visitor().get(page).await.header("set-cookie"), "", "{page}");
    }
    // What is in the table is no key to it.
    let id = cookie.split(['=', ';']).nth(1).unwrap();
    let stored: Vec<Vec<u8>> = sqlx::query_scalar("select id from sessions")
        .fetch_all(&mut app.connection().await)
        .await
        .unwrap();
    assert!(
        stored
            .iter()
            .all(|stored| stored.len() == 32 && stored != id.as_bytes())
    );
}

#[sqlx::test]
async fn a_wrong_password_and_an_unknown_account_look_alike(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let ask = async |email: &'static str, password: &'static str| {
        let fields = [("email", email), ("password", password), ("next", "")];
        let answer = site.visitor().call("staff-sign-in", &fields).await;
        (answer.status, answer.body)
    };
    let wrong = ask("admin@test.example", "wrong").await;
    assert_eq!(wrong.0, 401);
    assert_eq!(wrong, ask("nobody@test.example", PASSWORD).await);
    assert_eq!(wrong, ask("' or 1=1 --", "x").await);
}

// Requests that mean no good, or are broken.

#[sqlx::test]
async fn what_another_site_makes_a_browser_post_is_refused_and_writes_nothing(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let browser = site.patient(PHONE).await;
    let sessions = app.count("select count(*) from sessions").await;
    let fields = of_wanted(app.wanted(0, VISIT, app.slot(20)));
    for headers in [
        vec![("origin", "http://evil.example")],
        vec![("origin", "null")],
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site")],
        vec![("sec-fetch-site", "cross-site"), ("origin", &*browser.site)],
        vec![("origin", "http://evil.example"), ("referer", &*browser.site)],
    ] {
        for form in [
            "hold",
            "request-code",
            "staff-sign-in",
            "sign-out",
            "change-status",
            "nothing",
        ] {
            let mut request = browser
                .http
                .post(browser.url(&format!("/form/{form}")))
                .form(&borrowed(&fields));
            for (name, value) in &headers {
                request = request.header(*name, *value);
            }
            assert_eq!(Answer::of(request).await.status, 403, "{form} {headers:?}");
        }
    }
    assert_eq!(app.count("select count(*) from appointments").await, 0);
    assert_eq!(app.count("select count(*) from sessions").await, sessions);
    assert_eq!(browser.get("/appointments").await.status, 200);
}

#[sqlx::test]
async fn nothing_is_changed_by_a_get(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let browser = site.patient(PHONE).await;
    let query = of_wanted(app.wanted(0, VISIT, app.slot(20)))
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("&");
    for form in ["hold", "sign-out", "language", "nothing"] {
        let answer = browser.get(&format!("/form/{form}?{query}")).await;
        assert!(matches!(answer.status, 404 | 405), "{form}: {}", answer.status);
    }
    assert_eq!(app.count("select count(*) from appointments").await, 0);
    assert_eq!(browser.get("/appointments").await.status, 200);
}

#[sqlx::test]
async fn a_body_that_is_too_big_is_refused_whether_or_not_it_says_so(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let big = "x".repeat(70 * 1024);
    for form in ["request-code", "staff-sign-in", "hold", "language"] {
        let request = visitor.http.post(visitor.url(&format!("/form/{form}")));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(
            Answer::of(request.body(format!("phone={big}"))).await.status,
            413,
            "{form}"
        );
    }
    // In pieces, without a length.
    let host = visitor.site.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    let head = format!(
        "POST /form/request-code HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    let piece = format!("{:x}\r\nphone={big}\r\n0\r\n\r\n", big.len() + 6);
    stream.write_all(head.as_bytes()).await.unwrap();
    // The server may hang up before it has heard all of it.
    let _ = stream.write_all(piece.as_bytes()).await;
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    let status: u16 = answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    assert!(matches!(status, 413 | 422), "{answer}");
    assert_eq!(app.count("select count(*) from login_codes").await, 0);
}

#[sqlx::test]
async fn broken_bodies_are_refused_in_words(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let visitor = site.visitor();
    const FORM: &str = "application/x-www-form-urlencoded";
    let bodies: &[(&str, &[u8])] = &[
        (FORM, b""),
        (FORM, b"\xff\xfe=\xff"),
        (FORM, b"phone=\xff\xfe"),
        (FORM, b"phone[]=1&phone[x]=2"),
        (FORM, b"&&&=&="),
        (FORM, b"phone=%00"),
        (FORM, b"phone=%ZZ%"),
        ("application/json", b"{\"phone\": \"+6281255500777\""),
        ("text/plain", b"phone"),
        ("multipart/form-data; boundary=x", b"--x\r\n"),
        ("", b"phone=1"),
    ];
    for form in [
        "request-code",
        "verify-code",
        "staff-sign-in",
        "hold",
        "details",
        "change-status",
        "submit",
    ] {
        for (content_type, body) in bodies {
            for accept in ["*/*", "text/html"] {
                let mut request = visitor
                    .http
                    .post(visitor.url(&format!("/form/{form}")))
                    .header("accept", accept);
                if !content_type.is_empty() {
                    request = request.header("content-type", *content_type);
                }
                let answer = Answer::of(request.body(body.to_vec())).await;
                let what = format!(
                    "{form} {content_type} {:?} {accept}: {answer:?}",
                    String::from_utf8_lossy(body)
                );
                if accept == "text/html" {
                    assert!(answer.error().is_some(), "{what}");
                } else {
                    assert!((400..500).contains(&answer.status), "{what}");
                    answer.code();
                }
            }
        }
    }
    assert_eq!(app.count("select count(*) from messages").await, 0);
}

#[sqlx::test]
async fn a_form_that_does_not_exist_is_not_found(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let answer = site.visitor().call("nothing", &[]).await;
    assert_eq!((answer.status, answer.code().as_str()), (404, "NOT_FOUND"));
    assert!(!answer.body.contains("server function"));
}

// Headers, languages, the demo.

#[sqlx::test]
async fn every_answer_is_safe_by_default_and_every_script_has_the_nonce(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let mut nonces = std::collections::HashSet::new();
    let doctor = format!("/doctors/{}", app.doctors[0].id);
    for page in [
        "/",
        &*doctor,
        "/sign-in",
        "/staff/sign-in",
        "/demo/messages",
        "/nowhere",
        "/doctors/999",
    ] {
        let answer = visitor.get(page).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{page}: {policy}"
        );
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .and_then(|rest| rest.split('\'').next())
            .expect(page)
            .to_owned();
        let document = scraper::Html::parse_document(&answer.body);
        for script in document.select(&scraper::Selector::parse("script").unwrap()) {
            assert_eq!(script.attr("nonce"), Some(&*nonce), "{page}: {}", script.html());
        }
        for link in document.select(&scraper::Selector::parse("[src], link[href]").unwrap()) {
            let address = link.attr("src").or(link.attr("href")).unwrap();
            assert!(
                address.starts_with('/') && !address.starts_with("//"),
                "{page} asks {address}"
            );
        }
        let handlers =
            scraper::Selector::parse("[onclick], [onload], [style], [href^='javascript']").unwrap();
        assert!(
            document.select(&handlers).next().is_none(),
            "{page} has what the policy forbids"
        );
        assert!(nonces.insert(nonce), "{page} repeats a nonce");
    }
    for path in [
        "/",
        "/nowhere",
        "/healthz",
        "/readyz",
        "/demo/messages.json",
        "/robots.txt",
        "/form/nothing",
    ] {
        let answer = visitor.get(path).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{path} {name}");
        }
        assert!(
            answer
                .header("content-security-policy")
                .contains("default-src 'none'"),
            "{path}"
        );
        assert_ne!(answer.header("cache-control"), "", "{path}");
    }
}

#[sqlx::test]
async fn pages_and_errors_speak_the_language_that_was_chosen(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let browser = site.visitor();
    let mut errors = std::collections::HashSet::new();
    for language in ["en", "id", "de"] {
        let answer = browser
            .submit("/sign-in", "language", &[("language", language)])
            .await;
        assert!(
            answer.location().trim_end_matches('?').ends_with("/sign-in"),
            "{answer:?}"
        );
        let page = browser.get("/sign-in").await;
        assert!(
            page.body.contains(&format!("<html lang=\"{language}\"")),
            "{language}"
        );
        errors.insert(browser.call("request-code", &[("phone", "12")]).await.json()["error"].to_string());
    }
    assert_eq!(errors.len(), 3, "{errors:?}");
    assert_eq!(browser.call("language", &[("language", "xx")]).await.status, 422);
}

#[sqlx::test]
async fn messages_are_listed_in_the_demo(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let visitor = site.visitor();
    for phone in ["+6281255500001", "+6281255500002"] {
        visitor
            .submit("/sign-in", "request-code", &[("phone", phone)])
            .await;
    }
    let messages = visitor.get("/demo/messages.json").await.json();
    assert_eq!(messages[0]["to"], "+6281255500002");
    assert_eq!(messages[1]["to"], "+6281255500001");
    assert_eq!(messages[0]["channel"], "sms");
    let code = app.newest_code("+6281255500002").await;
    assert!(messages[0]["body"].as_str().unwrap().contains(&code));
    assert!(
        messages[0]["sent_at"]
            .as_str()
            .unwrap()
            .parse::<jiff::Timestamp>()
            .is_ok()
    );
    assert!(visitor.get("/demo/messages").await.body.contains(&code));
}

#[sqlx::test]
async fn outside_of_the_demo_there_are_no_messages_to_read(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::with(
        options,
        Setup {
            demo: false,
            ..Setup::default()
        },
    )
    .await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    site.visitor()
        .submit("/sign-in", "request-code", &[("phone", PHONE)])
        .await;
    let code = app.newest_code(PHONE).await;
    for browser in [&site.visitor(), &admin] {
        for path in ["/demo/messages", "/demo/messages.json"] {
            let answer = browser.get(path).await;
            assert_eq!(answer.status, 404, "{path}");
            assert!(!answer.body.contains(&code));
        }
    }
}

#[sqlx::test]
async fn neither_phone_nor_code_nor_name_is_logged(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let heard = Heard::default();
    let guard = tracing::subscriber::set_default(heard.clone());
    let browser = site.visitor();
    book(
        &site,
        &browser,
        app.wanted(0, VISIT, app.slot(20)),
        "Dewi Lestari",
        "Itchy rash",
    )
    .await;
    browser.call("request-code", &[("phone", "0812 abc 99")]).await;
    site.visitor()
        .call(
            "staff-sign-in",
            &[
                ("email", "admin@test.example"),
                ("password", "wr0ng"),
                ("next", ""),
            ],
        )
        .await;
    drop(guard);
    let code = app.newest_code(PHONE).await;
    for secret in [
        &PHONE[3..],
        &*code,
        "Dewi",
        "Itchy",
        "812 abc",
        "wr0ng",
        "admin@test.example",
    ] {
        assert_eq!(heard.containing(secret), Vec::<String>::new(), "{secret}");
    }
}

// What is alive.

#[sqlx::test]
async fn an_open_page_hears_that_a_time_has_gone(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let wanted = app.wanted(0, VISIT, app.slot(20));
    let visitor = site.visitor();
    let mut stream = visitor
        .http
        .get(visitor.url(&format!("/live/times/{}", wanted.doctor_id)))
        .send()
        .await
        .unwrap();
    let mut told = String::new();
    let mut is_chosen = false;
    let expected = format!("[[{},{}]]", wanted.starts_at, wanted.starts_at + 1800);
    let listen = async {
        while !told.contains(&expected) {
            told += std::str::from_utf8(&stream.chunk().await.unwrap().expect("hung up")).unwrap();
            // First it says that nothing is busy; then somebody chooses a time.
            if !is_chosen && told.contains("data: []") {
                is_chosen = true;
                hold(&site.visitor(), wanted).await;
            }
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(20), listen).await;
    assert!(in_time.is_ok(), "{told}");
}

#[sqlx::test]
async fn one_address_cannot_listen_without_end_and_who_leaves_makes_room(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let listen = || visitor.http.get(visitor.url("/live/times/1")).send();
    let mut open = Vec::new();
    let refused = loop {
        let answer = listen().await.unwrap();
        if answer.status() != 200 {
            break answer.status();
        }
        open.push(answer);
        assert!(open.len() < 1000, "nobody was refused");
    };
    assert_eq!(refused, 429);
    // Its times can be read and booked all the same.
    assert_eq!(visitor.get("/").await.status, 200);
    open.truncate(open.len() / 2);
    let room = async {
        while listen().await.unwrap().status() != 200 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), room).await.unwrap();
}

#[sqlx::test]
async fn a_session_that_cannot_be_written_is_said_so_in_our_words(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let site = app.serve().await;
    let visitor = site.visitor();
    app.sql("alter table sessions rename to gone").await;
    let wanted = app.wanted(0, VISIT, app.slot(20));
    let fields = [
        ("doctor_id", wanted.doctor_id.to_string()),
        ("clinic_id", wanted.clinic_id.to_string()),
        ("service_id", wanted.service_id.to_string()),
        ("starts_at", wanted.starts_at.to_string()),
    ];
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let form = visitor.submit("/doctors/1", "hold", &fields).await;
    assert_eq!((form.status, form.error()), (303, Some(AppError::Unavailable)));
    let program = site.visitor().call("sign-out", &[]).await;
    assert!(program.status < 500, "{program:?}");
    let program = site
        .visitor()
        .call("request-code", &[("phone", "+6281255500777")])
        .await;
    assert_eq!((program.status, program.code().as_str()), (503, "UNAVAILABLE"));
}

#[sqlx::test]
async fn a_reason_that_was_typed_is_there_for_the_next_try_and_for_no_other_appointment(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::new(options).await;
    let id = app.patient(1).await;
    let reference = app.confirmed(id, 0, app.slot(20)).await;
    let other = app.confirmed(id, 0, app.slot(24)).await;
    let site = app.serve().await;
    let patient = site.patient("+6281255500001").await;
    let doctor = site.staff("doctor1@test.example").await;
    let cancel = |version: &'static str, reason: &'static str| {
        [
            ("reference", reference.clone()),
            ("to", "cancelled".to_owned()),
            ("version", version.to_owned()),
            ("reason", reason.to_owned()),
        ]
    };
    for (browser, page, reason) in [
        (
            &patient,
            format!("/appointments/{reference}/cancel"),
            "I have a fever <b>",
        ),
        (
            &doctor,
            format!("/doctor/appointments/{reference}"),
            "The heating is broken",
        ),
    ] {
        let fields = cancel("2", reason);
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let stale = browser.submit(&page, "change-status", &fields).await;
        assert!(
            matches!(stale.error(), Some(AppError::StaleVersion { .. })),
            "{stale:?}"
        );
        let told = browser.get(stale.location().split('#').next().unwrap()).await;
        // In the form that tries again, and in the page's own.
        let reasons: Vec<String> = told
            .form("change-status")
            .into_iter()
            .filter(|(name, value)| name == "reason" && value == reason)
            .map(|(_, value)| value)
            .collect();
        assert!(reasons.len() >= 2, "{:?}", told.form("change-status"));
    }
    let others = doctor.get(&format!("/doctor/appointments/{other}")).await;
    assert!(!others.body.contains("The heating is broken"));

    // Once it is done, nothing is left of it.
    let page = format!("/appointments/{reference}/cancel");
    let fields = cancel("3", "I have a fever <b>");
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    assert_eq!(
        patient.submit(&page, "change-status", &fields).await.error(),
        None
    );
    assert_eq!(app.appointment(&reference).await.0, "cancelled");
}
