//! Requests of browsers that are forged or broken.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Answer, PHONE, TestApp, VISIT, borrowed, of_wanted};

#[tokio::test]
async fn a_post_from_another_site_is_refused() {
    let app = TestApp::new().await;
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

#[tokio::test]
async fn a_get_changes_nothing() {
    let app = TestApp::new().await;
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

#[tokio::test]
async fn a_body_that_is_too_big_is_refused_with_or_without_a_length() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let big = "x".repeat(300 * 1024);
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

#[tokio::test]
async fn malformed_bodies_are_refused_in_words() {
    let app = TestApp::new().await;
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

#[tokio::test]
async fn a_form_that_does_not_exist_is_not_found() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let answer = site.visitor().call("nothing", &[]).await;
    assert_eq!((answer.status, answer.code().as_str()), (404, "NOT_FOUND"));
    assert!(!answer.body.contains("server function"));
}
