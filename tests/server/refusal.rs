//! Refusals of requests as such: a page for people, problem+json for programs, in their language.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{Answer, PHONE, Site, TestApp};

/// Sends bytes as they are, and reads the answer to its end.
async fn raw(site: &Site<'_>, request: &str) -> String {
    let visitor = site.visitor();
    let host = visitor.site.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    // The server may hang up before it has heard all of it.
    let _ = stream.write_all(request.replace("HOST", host).as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_person_reads_every_refusal_on_a_page_in_their_language() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let browser = site.patient(PHONE).await;
    let long_query = format!("/?q={}", "x".repeat(20_000));
    let long_body = "x".repeat(300_000);
    let http = &browser.http;
    let url = |path: &str| browser.url(path);
    for (language, titles) in [
        (
            "en",
            [
                "That does not work this way",
                "This address is too long",
                "That is too much at once",
                "Your browser sends too much",
                "This came from another site",
            ],
        ),
        (
            "de",
            [
                "So geht das nicht",
                "Diese Adresse ist zu lang",
                "Das ist zu viel auf einmal",
                "Ihr Browser sendet zu viel",
                "Das kam von einer anderen Website",
            ],
        ),
    ] {
        let requests = [
            (405, http.get(url("/form/hold"))),
            (414, http.get(url(&long_query))),
            (413, http.post(url("/form/details")).body(long_body.clone())),
            (431, http.get(url("/")).header("x-long", "x".repeat(70_000))),
            (
                403,
                http.post(url("/form/hold"))
                    .header("origin", "http://evil.example"),
            ),
        ];
        for ((status, request), title) in requests.into_iter().zip(titles) {
            let request = request
                .header("accept", "text/html")
                .header("accept-language", language);
            let answer = Answer::of(request).await;
            assert_eq!(answer.status, status, "{title}");
            assert!(answer.header("content-type").starts_with("text/html"), "{title}");
            assert_eq!(answer.texts("h1"), [title]);
            assert!(
                answer.body.contains(&format!("<html lang=\"{language}\"")),
                "{title}"
            );
        }
    }
    let answer = Answer::of(http.delete(url("/")).header("accept", "text/html")).await;
    assert_eq!(answer.status, 405);
    assert!(answer.header("allow").contains("GET"));
}

#[tokio::test]
async fn a_program_reads_every_refusal_as_a_problem() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let visitor = site.visitor();
    let http = &visitor.http;
    let long = format!("?q={}", "x".repeat(20_000));
    for start in ["/", "/api/v1/doctors"] {
        let url = |path: &str| visitor.url(path);
        for (status, request) in [
            (414, http.get(url(&format!("{start}{long}")))),
            (405, http.delete(url(start))),
            (431, http.get(url(start)).header("x-long", "x".repeat(70_000))),
            (413, http.post(url(start)).body("x".repeat(300_000))),
        ] {
            let answer = Answer::of(request.header("accept-language", "de")).await;
            assert_eq!(answer.status, status, "{start}");
            assert_eq!(answer.header("content-type"), "application/problem+json");
            let problem = answer.json();
            assert_eq!(problem["status"], status);
            assert_eq!(problem["success"], false);
            assert!(problem["error"].as_str().unwrap().len() > 10, "{problem}");
        }
    }
}

#[tokio::test]
async fn what_the_http_library_refuses_has_words_too() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let long = "x".repeat(70_000);
    let many: String = (0..150).map(|number| format!("x-{number}: y\r\n")).collect();
    let head = "host: HOST\r\naccept: text/html\r\naccept-language: de\r\n";
    for (request, status, said) in [
        (
            format!("GET /?q={long} HTTP/1.1\r\n{head}\r\n"),
            "414",
            "Diese Adresse ist zu lang",
        ),
        (
            format!("GET / HTTP/1.1\r\n{head}{many}\r\n"),
            "431",
            "Ihr Browser sendet zu viel",
        ),
        (
            format!("GET /api/v1/doctors?q={long} HTTP/1.1\r\n{head}\r\n"),
            "414",
            "\"status\":414",
        ),
        (
            format!("GET /api/v1/doctors HTTP/1.1\r\n{head}{many}\r\n"),
            "431",
            "application/problem+json",
        ),
    ] {
        let answer = raw(&site, &request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(answer.contains(said), "{answer}");
    }
}

#[tokio::test]
async fn text_within_its_limit_fits_in_any_script() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    // A hundred lines of Thai, with names and specialities as long as they may be.
    let line = format!(
        "{},{},,a@test.example,a long password,,,,,,,\n",
        "ก".repeat(120),
        "ข".repeat(120)
    );
    let lines =
        "name,speciality,languages,email,password,clinic,services,days,from,until,break_from,break_until\n"
            .to_owned()
            + &line.repeat(200);
    let answer = admin
        .submit(
            "/admin/import",
            "import-doctors",
            &[("lines", &lines), ("act", "check")],
        )
        .await;
    assert_eq!(answer.location(), "/admin/import?report=check");
    let report = admin.get(&answer.location()).await;
    assert_eq!(report.texts("tbody tr").len(), 200);
}

#[tokio::test]
async fn what_is_too_long_is_counted_and_kept() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let admin = site.staff("admin@test.example").await;
    let page = "/admin/clinics/new";
    let name = "ก".repeat(123);
    assert!(!admin.get(page).await.body.contains("maxlength"));
    let answer = admin
        .submit(page, "put-clinic", &[("filled[fields][title]", &name)])
        .await;
    let back = admin.get(&answer.location()).await;
    assert!(
        back.body.contains("That is 3 characters too many."),
        "{}",
        back.body
    );
    let form = back.form("put-clinic");
    assert!(form.iter().any(|(_, value)| *value == name));
}
