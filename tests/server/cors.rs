//! Pages of other sites that call the API.

use serde_json::json;

use crate::support::{Answer, PHONE, People, Program, Setup, TestApp, refused};
use janji::server::{Config, Flags, config::ConfigError};

const FRIEND: &str = "https://friend.example";

async fn preflight(visitor: &Program, path: &str, origin: &str) -> Answer {
    Answer::of(
        visitor
            .request("OPTIONS", path)
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization, content-type"),
    )
    .await
}

fn cors(answer: &Answer) -> Vec<&str> {
    answer
        .headers
        .keys()
        .map(reqwest::header::HeaderName::as_str)
        .filter(|name| name.starts_with("access-control-"))
        .collect()
}

#[tokio::test]
async fn a_page_of_an_allowed_site_may_call_the_api() {
    let setup = Setup {
        cors_origins: vec![FRIEND.parse().unwrap()],
        ..Setup::default()
    };
    let app = TestApp::with(setup).await;
    let site = app.serve().await;
    let people = People::of(&site).await;
    let visitor = Program::new(&site);

    let asked = preflight(&visitor, "appointments", FRIEND).await;
    assert_eq!((asked.status, asked.body.as_str()), (200, ""));
    assert_eq!(asked.header("access-control-allow-origin"), FRIEND);
    let listed = |name: &str| -> Vec<String> {
        let mut list: Vec<String> = asked
            .header(name)
            .split(',')
            .map(|item| item.trim().to_ascii_lowercase())
            .collect();
        list.sort_unstable();
        list
    };
    assert_eq!(
        listed("access-control-allow-methods"),
        ["delete", "get", "patch", "post", "put"]
    );
    assert_eq!(
        listed("access-control-allow-headers"),
        [
            "accept-language",
            "authorization",
            "content-type",
            "idempotency-key",
            "if-match",
            "if-none-exist",
            "if-none-match",
            "prefer"
        ]
    );
    assert_eq!(asked.header("access-control-max-age"), "7200");

    let from = async |program: &Program, path: &str, origin: &str| {
        Answer::of(program.request("GET", path).header("origin", origin)).await
    };
    for (path, status) in [
        ("me", 200),
        ("doctors", 200),
        ("nothing", 404),
        ("appointments/0", 404),
    ] {
        let answer = from(&people.patient, path, FRIEND).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), FRIEND);
        assert_eq!(answer.header("cross-origin-resource-policy"), "cross-origin");
        let exposed = answer
            .header("access-control-expose-headers")
            .to_ascii_lowercase();
        for name in ["etag", "location", "retry-after", "ratelimit", "ratelimit-policy"] {
            assert!(exposed.split(',').any(|one| one.trim() == name), "{exposed}");
        }
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
    for origin in [
        "https://friend.example.evil.example",
        "https://evil.example",
        "http://friend.example",
        "https://friend.example:8443",
        "null",
        "*",
    ] {
        let answer = from(&people.patient, "me", origin).await;
        assert_eq!((answer.status, cors(&answer)), (200, vec![]), "{origin}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        assert!(
            answer.headers.get_all("vary").iter().any(|vary| vary == "origin"),
            "a cache would give it to the friend"
        );
        let asked = preflight(&visitor, "appointments", origin).await;
        assert_eq!(
            (refused(&asked, 405, "NOT_FOUND"), cors(&asked)),
            (json!({}), vec![]),
            "{origin}"
        );
    }
    // A request that names no method is no preflight.
    let answer = Answer::of(
        visitor
            .request("OPTIONS", "appointments")
            .header("origin", FRIEND),
    )
    .await;
    refused(&answer, 405, "NOT_FOUND");
    // Pages and forms are not for other sites.
    let browser = site.visitor();
    for path in ["/", "/sign-in", "/healthz"] {
        let answer = Answer::of(browser.http.get(browser.url(path)).header("origin", FRIEND)).await;
        assert_eq!((answer.status, cors(&answer)), (200, vec![]), "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
    }
    let form = browser
        .http
        .post(browser.url("/form/request-code"))
        .header("origin", FRIEND);
    let answer = Answer::of(form.form(&[("phone", PHONE)])).await;
    assert_eq!((answer.status, cors(&answer)), (403, vec![]));
}

#[tokio::test]
async fn no_other_site_may_call_the_api_by_default() {
    let app = TestApp::new().await;
    let visitor = Program::new(&app.serve().await);
    let answer = Answer::of(visitor.request("GET", "doctors").header("origin", FRIEND)).await;
    assert_eq!((answer.status, cors(&answer)), (200, vec![]));
    assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
    let asked = preflight(&visitor, "doctors", FRIEND).await;
    refused(&asked, 405, "NOT_FOUND");
    assert_eq!(cors(&asked), [""; 0]);
}

#[test]
fn a_configured_origin_must_be_an_origin() {
    let load = |origins: &[&str]| {
        Config::load(Flags {
            cors_origins: origins.iter().map(|&origin| origin.to_owned()).collect(),
            ..Flags::default()
        })
    };
    let config = load(&["https://a.example", "http://localhost:5173", ""]).unwrap();
    assert_eq!(
        config.cors_origins,
        ["https://a.example", "http://localhost:5173"]
    );
    assert_eq!(config.requests_per_token, 12_000);
    assert!(load(&[]).unwrap().cors_origins.is_empty());
    for wrong in ["*", "https://a.example/", "a.example", "https://*.example"] {
        let error = load(&["https://a.example", wrong]).unwrap_err();
        assert!(
            matches!(&error, ConfigError::Origin(origin) if origin == wrong),
            "{error}"
        );
    }
}
