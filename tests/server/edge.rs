//! The edge: requests that are none, refusals in words of our own, cookies and headers by HTTPS, and what is the same for
//! everybody.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{Answer, PASSWORD, Setup, Site, TestApp};
use engine::account::Limits;

/// Sends these bytes, and answers with what the server says until it hangs up.
async fn raw(site: &Site<'_>, request: &str) -> String {
    let host = site.visitor().site;
    let mut stream = TcpStream::connect(host.strip_prefix("http://").unwrap())
        .await
        .unwrap();
    // Whoever is refused early cannot say it all.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said).await;
    String::from_utf8_lossy(&said).into_owned()
}

#[tokio::test]
async fn a_request_that_is_none_is_refused_without_a_panic() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let end = "connection: close\r\n\r\n";
    for (request, status) in [
        ("CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n", 405),
        (
            "CONNECT janji.example:443 HTTP/1.1\r\nhost: janji.example:443\r\n",
            405,
        ),
        ("TRACE / HTTP/1.1\r\nhost: a.example\r\n", 405),
        ("GET / HTTP/1.1\r\nhost: a.example\r\nhost: b.example\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: a.example\r\nhost: a.example\r\n", 400),
        (
            "GET /api/v1/doctors HTTP/1.1\r\nhost: a.example\r\nhost: b.example\r\n",
            400,
        ),
        ("GET / HTTP/1.1\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: me@a.example\r\n", 400),
        ("GET http://b.example/ HTTP/1.1\r\nhost: a.example\r\n", 400),
        (
            "GET http://a.example/healthz HTTP/1.1\r\nhost: a.example\r\n",
            200,
        ),
        ("GET /healthz HTTP/1.0\r\n", 200),
        ("CONNECT / HTTP/1.1\r\nhost: a.example\r\n", 405),
        ("CONNECT [::1]:443 HTTP/1.1\r\nhost: [::1]:443\r\n", 405),
        ("TRACE /api/v1/doctors HTTP/1.1\r\nhost: a.example\r\n", 405),
        ("PROPFIND / HTTP/1.1\r\nhost: a.example\r\n", 405),
        ("JANJI /api/v1/doctors HTTP/1.1\r\nhost: a.example\r\n", 405),
        ("get / HTTP/1.1\r\nhost: a.example\r\n", 405),
        ("GET * HTTP/1.1\r\nhost: a.example\r\n", 400),
        (
            "GET http://me@a.example/healthz HTTP/1.1\r\nhost: a.example\r\n",
            400,
        ),
        (
            "GET http://a.example:81/healthz HTTP/1.1\r\nhost: a.example\r\n",
            400,
        ),
        (
            "GET https://A.EXAMPLE/healthz HTTP/1.1\r\nhost: a.example\r\n",
            200,
        ),
        ("GET /healthz HTTP/1.1\r\nhost: [2001:db8::1]:3000\r\n", 200),
        ("GET /healthz HTTP/1.1\r\nhost: a.example b.example\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nhost : a.example\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nhost: a.example\r\n evil: b\r\n", 400),
        (
            "POST /form/language HTTP/1.1\r\nhost: a.example\r\ncontent-length: 3\r\ncontent-length: 4\r\n",
            400,
        ),
        (
            "POST /form/language HTTP/1.1\r\nhost: a.example\r\ncontent-length: -1\r\n",
            400,
        ),
        (
            "POST /form/language HTTP/1.1\r\nhost: a.example\r\ntransfer-encoding: gzip\r\n",
            400,
        ),
        (
            "PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\nGET / HTTP/1.1\r\nhost: a.example\r\n",
            400,
        ),
    ] {
        let said = raw(&site, &format!("{request}{end}")).await;
        assert!(said.contains(&format!(" {status} ")), "{request}: {said}");
        for word in ["panick", "Service", "axum", "leptos"] {
            assert!(!said.contains(word), "{request} says {word}: {said}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_in_our_own_words() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = site.visitor();
    for path in [
        "/live/times/x",
        "/live/times/99999999999999999999",
        "/live/times/1?moving=a&moving=b",
        "/live/times/%ff",
        "/calendars/%ff",
        "/appointments/%ff/calendar.ics",
        "/api/v1/doctors/x",
        "/api/v1/appointments/%ff",
    ] {
        let answer = visitor.get(path).await;
        assert!((400..500).contains(&answer.status), "{path}: {answer:?}");
        for word in [
            "Cannot parse",
            "Invalid URL",
            "Failed to",
            "Invalid UTF-8",
            "deserialize",
        ] {
            assert!(!answer.body.contains(word), "{path}: {answer:?}");
        }
    }
    let program = Answer::of(visitor.http.get(visitor.url("/live/times/x"))).await;
    assert_eq!((program.status, program.code().as_str()), (404, "NOT_FOUND"));
    let wrong = Answer::of(visitor.http.post(visitor.url("/live/times/1"))).await;
    assert_eq!(wrong.status, 405);
}

#[tokio::test]
async fn the_browsers_that_begin_at_one_address_are_limited() {
    let setup = Setup {
        limits: Limits {
            sessions_per_address: 5,
            ..Limits::default()
        },
        ..Setup::default()
    };
    let app = TestApp::with(setup).await;
    let site = app.serve().await;
    let fields = [("email", "nobody@test.example"), ("password", ""), ("next", "")];
    for number in 0..12 {
        let browser = site.visitor_from("203.0.113.40");
        let answer = browser.call("staff-sign-in", &fields).await;
        // What is wrong with the form is told while there is room, and that there is none afterwards.
        let expected = if number < 5 { 422 } else { 429 };
        assert_eq!(answer.status, expected, "{number}: {answer:?}");
        if number >= 5 {
            assert_eq!(answer.code(), "RATE_LIMITED");
        }
    }
    assert_eq!(app.count("select count(*) from sessions").await, 5);
    // A made-up cookie is a new browser, and a browser without JavaScript is told where it was.
    let browser = site.visitor_from("203.0.113.40");
    browser.set_cookie("janji=AAAAAAAAAAAAAAAAAAAAAA");
    let answer = browser.submit("/staff/sign-in", "staff-sign-in", &fields).await;
    assert!(answer.location().starts_with("/staff/sign-in?"), "{answer:?}");
    assert_eq!(app.count("select count(*) from sessions").await, 5);
    // Others begin, and whoever has begun goes on.
    let other = site.visitor_from("203.0.113.41");
    for _ in 0..8 {
        assert_eq!(other.call("staff-sign-in", &fields).await.status, 422);
    }
    assert_eq!(app.count("select count(*) from sessions").await, 6);
}

#[tokio::test]
async fn by_https_every_cookie_is_bound_to_the_host() {
    let mut app = TestApp::new().await;
    app.configure(|config| config.secure_cookies = true);
    let site = app.serve().await;
    let visitor = site.visitor();
    let fields = [
        ("email", "admin@test.example"),
        ("password", PASSWORD),
        ("next", ""),
    ];
    let mut cookies = Vec::new();
    for (form, fields) in [
        ("staff-sign-in", &fields[..]),
        ("language", &[("language", "de")]),
    ] {
        let answer = visitor.submit("/", form, fields).await;
        assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
        let set = answer.headers.get_all("set-cookie").iter();
        cookies.extend(set.map(|cookie| cookie.to_str().unwrap().to_owned()));
    }
    assert_eq!(cookies.len(), 2, "{cookies:?}");
    for cookie in &cookies {
        let parts: Vec<&str> = cookie.split(';').map(str::trim).collect();
        assert!(cookie.starts_with("__Host-janji"), "{cookie}");
        for part in ["Secure", "HttpOnly", "Path=/", "SameSite=Lax"] {
            assert!(parts.contains(&part), "{part}: {cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
    // Signing out takes the cookie back, in a way that a browser accepts, and what the browser has kept.
    let session = cookies[0].split(';').next().unwrap().to_owned();
    let sent = visitor
        .http
        .post(visitor.url("/form/sign-out"))
        .header("accept", "text/html")
        .header("cookie", &session);
    let out = Answer::of(sent).await;
    assert_eq!(out.header("clear-site-data"), r#""cache", "storage""#);
    let back = out.header("set-cookie");
    assert!(
        back.starts_with("__Host-janji=;") && back.contains("Max-Age=0") && back.contains("Secure"),
        "{back}"
    );
    // By HTTP there is neither.
    app.configure(|config| config.secure_cookies = false);
    let answer = app
        .serve()
        .await
        .visitor()
        .submit("/", "language", &[("language", "de")])
        .await;
    assert_eq!(answer.header("strict-transport-security"), "");
    assert!(answer.header("set-cookie").starts_with("janji-language=de;"));
}

#[tokio::test]
async fn by_https_a_cookie_without_its_prefix_opens_nothing() {
    let mut app = TestApp::new().await;
    app.configure(|config| config.secure_cookies = true);
    let site = app.serve().await;
    let visitor = site.visitor();
    let fields = [
        ("email", "admin@test.example"),
        ("password", PASSWORD),
        ("next", ""),
    ];
    let answer = visitor.submit("/", "staff-sign-in", &fields).await;
    let cookie = answer.header("set-cookie");
    let id = cookie
        .strip_prefix("__Host-janji=")
        .and_then(|rest| rest.split(';').next())
        .unwrap();
    for (sent, status) in [
        (format!("__Host-janji={id}"), 200),
        (format!("janji={id}"), 303),
        (format!("__Secure-janji={id}"), 303),
        (format!("__host-janji={id}"), 303),
        (format!("janji={id}; __Host-janji=AAAAAAAAAAAAAAAAAAAAAA"), 303),
    ] {
        let request = visitor
            .http
            .get(visitor.url("/admin"))
            .header("accept", "text/html")
            .header("cookie", &sent);
        assert_eq!(Answer::of(request).await.status, status, "{sent}");
    }
}

#[tokio::test]
async fn a_flood_of_headers_is_refused() {
    use std::fmt::Write;

    let app = TestApp::new().await;
    let site = app.serve().await;
    for (count, length) in [(500, 1), (3, 200_000)] {
        let mut request = "GET /healthz HTTP/1.1\r\nhost: a.example\r\n".to_owned();
        for number in 0..count {
            write!(request, "x-{number}: {}\r\n", "x".repeat(length)).unwrap();
        }
        let said = raw(&site, &format!("{request}connection: close\r\n\r\n")).await;
        // Whoever is still sending may not hear it.
        assert!(said.is_empty() || said.contains(" 431 "), "{count}: {said}");
    }
    assert_eq!(site.visitor().get("/healthz").await.status, 200);
}

#[tokio::test]
async fn browsers_report_what_a_policy_stopped_and_it_is_counted() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = site.visitor();
    for path in ["/", "/api/docs"] {
        let page = visitor.get(path).await;
        let policy = page.header("content-security-policy");
        assert!(policy.contains("report-uri /csp-report"), "{path}: {policy}");
        assert_eq!(page.header("reporting-endpoints"), "csp=\"/csp-report\"");
    }
    // The scripts of the description are for its page alone, where a host has a name.
    let named = |path: &str| {
        let request = visitor
            .http
            .get(visitor.url(path))
            .header("host", "janji.example");
        Answer::of(request)
    };
    let page = named("/").await.header("content-security-policy");
    assert!(page.contains("script-src janji.example/pkg/ 'nonce-"), "{page}");
    let docs = named("/api/docs").await.header("content-security-policy");
    assert!(docs.contains("script-src janji.example/swagger/;"), "{docs}");
    let report = r#"{"csp-report": {"effective-directive": "script-src-elem", "blocked-uri": "https://evil.example"}}"#;
    for (body, site, expected) in [
        (report.to_owned(), "same-origin", 204),
        (report.to_owned(), "cross-site", 204),
        ("nonsense".to_owned(), "same-origin", 400),
        (format!("\"{}\"", "x".repeat(20_000)), "same-origin", 413),
    ] {
        let sent = visitor
            .http
            .post(visitor.url("/csp-report"))
            .header("content-type", "application/csp-report")
            .header("sec-fetch-site", site)
            .body(body);
        let answer = Answer::of(sent).await;
        assert_eq!(answer.status, expected);
        assert_eq!(answer.header("set-cookie"), "");
    }
    let numbers = app.database.statistics().render();
    assert!(
        numbers.contains("janji_csp_reports_total{directive=\"script-src-elem\"} 2"),
        "{numbers}"
    );
    assert!(!numbers.contains("evil"));
    assert_eq!(app.count("select count(*) from sessions").await, 0);
}

#[tokio::test]
async fn the_description_of_the_api_is_made_once_and_told_by_its_tag() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let first = visitor.get("/api/v1/openapi.json").await;
    assert_eq!(first.status, 200);
    assert_eq!(first.header("content-type"), "application/json");
    assert_eq!(first.header("cache-control"), "no-cache");
    let tag = first.header("etag");
    assert!(tag.starts_with("W/\""), "{tag}");
    let asked = visitor.http.get(visitor.url("/api/v1/openapi.json"));
    let again = Answer::of(asked.header("if-none-match", &tag)).await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    assert_eq!(again.header("etag"), tag);
}

#[tokio::test]
async fn whom_to_tell_of_a_security_problem_is_in_a_file() {
    let mut app = TestApp::new().await;
    let path = "/.well-known/security.txt";
    assert_eq!(app.serve().await.visitor().get(path).await.status, 404);
    app.configure(|config| {
        config.operation.security_contact = Some("mailto:security@janji.example".to_owned())
    });
    let answer = app.serve().await.visitor().get(path).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert!(answer.body.contains("Contact: mailto:security@janji.example\n"));
    let expires = answer
        .body
        .lines()
        .find_map(|line| line.strip_prefix("Expires: "))
        .unwrap();
    assert!(expires.parse::<jiff::Timestamp>().unwrap() > app.now, "{expires}");
}
