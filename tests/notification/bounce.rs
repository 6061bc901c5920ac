//! Reports of mail servers, as they are, and the program that reads them.

use std::process::Stdio;

use engine::notification::{BounceClass, BounceReport};
use janji::notification::{
    bounce::{Bounces, NoBounce, read},
    secret::Secret,
};
use sqlx::ConnectOptions;
use tokio::{io::AsyncWriteExt, process::Command};

use crate::support::TestApp;

const SECRET: &str = "a secret of some length";
const NAME: &str = "7.1700000000000000";

const REPORTS: [(&str, &str); 5] = [
    ("postfix", include_str!("reports/postfix.eml")),
    ("postfix, delayed", include_str!("reports/postfix-delayed.eml")),
    ("exim", include_str!("reports/exim.eml")),
    ("Google", include_str!("reports/google.eml")),
    ("Exchange, full", include_str!("reports/exchange-full.eml")),
];

fn bounces(secret: &str) -> Bounces {
    Bounces::new(&"bounces@clinic.example".parse().unwrap(), Secret::new(secret)).unwrap()
}

fn address(name: &str) -> String {
    bounces(SECRET).return_path(name).unwrap().to_string()
}

fn sent_to(report: &str, address: &str) -> String {
    report.replace("{to}", address).replace('\n', "\r\n")
}

#[test]
fn reports_of_mail_servers_are_understood() {
    let expected = [
        ("5.1.1", BounceClass::Gone),
        ("4.4.1", BounceClass::Delayed),
        ("5.0.0", BounceClass::Refused),
        ("5.1.1", BounceClass::Gone),
        ("5.2.2", BounceClass::Undelivered),
    ];
    for ((server, report), (status, class)) in REPORTS.into_iter().zip(expected) {
        let mail = sent_to(report, &address(NAME));
        let own = bounces(SECRET);
        // By its headers, or by what the mail server says.
        for to in [None, Some(address(NAME))] {
            let (name, report): (String, BounceReport) = read(&own, to.as_deref(), mail.as_bytes()).unwrap();
            assert_eq!(name, NAME, "{server}");
            assert_eq!(
                (report.status.to_string().as_str(), report.class()),
                (status, class),
                "{server}"
            );
        }
        // The lines may end as on this machine.
        let mail = mail.replace("\r\n", "\n");
        let (_, report) = read(&own, None, mail.as_bytes()).unwrap();
        assert_eq!(report.class(), class, "{server}");
    }
}

#[test]
fn a_report_to_an_address_that_janji_did_not_make_says_nothing() {
    let own = bounces(SECRET);
    let forged = bounces("another secret of some length")
        .return_path(NAME)
        .unwrap()
        .to_string();
    for (server, report) in REPORTS {
        for to in [forged.as_str(), "bounces@clinic.example", "somebody@evil.example"] {
            let mail = sent_to(report, to);
            assert_eq!(
                read(&own, None, mail.as_bytes()),
                Err(NoBounce::NoToken),
                "{server}"
            );
            assert_eq!(
                read(&own, Some(to), mail.as_bytes()),
                Err(NoBounce::NoToken),
                "{server}"
            );
        }
    }
}

#[test]
fn a_mail_that_is_no_report_of_a_failure_says_nothing() {
    let own = bounces(SECRET);
    let said = |mail: &str| read(&own, None, sent_to(mail, &address(NAME)).as_bytes());
    assert_eq!(said(include_str!("reports/holiday.eml")), Err(NoBounce::NoReport));
    assert_eq!(
        said(include_str!("reports/delivered.eml")),
        Err(NoBounce::NoFailure)
    );
    for nonsense in [
        &b""[..],
        b"\xff\xfe\x00",
        b"Content-Type: multipart/report; boundary=b\r\n\r\n--b",
    ] {
        assert!(read(&own, None, nonsense).is_err());
        assert!(read(&own, Some(&address(NAME)), nonsense).is_err());
    }
}

/// Gives the program a mail, as a mail server does. Its exit code and what it says.
async fn bounce(url: &str, secret: &str, to: &str, mail: &str) -> (Option<i32>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_janji"))
        .args(["bounce", "--to", to])
        .env_clear()
        .env("RUST_LOG", "off")
        .env("DATABASE_URL", url)
        .env("JANJI_SMTP_HOST", "127.0.0.1")
        .env("JANJI_MAIL_FROM", "hello@clinic.example")
        .env("JANJI_BOUNCE_ADDRESS", "bounces@clinic.example")
        .env("JANJI_BOUNCE_SECRET", secret)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(mail.as_bytes())
        .await
        .unwrap();
    let output = child.wait_with_output().await.unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap(),
    )
}

#[tokio::test]
async fn the_program_notes_a_report_once_and_nothing_that_is_forged() {
    let app = TestApp::new().await;
    let url = app.options.to_url_lossy().to_string();
    app.sql(
        "insert into messages (id, kind, channel, recipient, body, state, created_at, sent_at, ended_at)
         overriding system value
         values (7, 'confirmed', 'email', 'maya@patient.example', 'text', 'sent', to_timestamp(1700000000), now(), now())",
    )
    .await;
    const FAILED: &str = "select count(*) from messages where state = 'failed' and last_error = 'bounced' and bounce_status = '5.1.1'";
    let to = address(NAME);
    let mail = sent_to(include_str!("reports/postfix.eml"), &to);
    let (code, said) = bounce(&url, "another secret of some length", &to, &mail).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("no address of a mail that Janji sent"), "{said}");
    assert_eq!(app.count(FAILED).await, 0);
    for expected in ["The address is gone", "As much was known before"] {
        // However long what came back is, it is read to its end.
        let long = format!("{mail}{}", "x".repeat(3 * 1024 * 1024));
        let (code, said) = bounce(&url, SECRET, &to, &long).await;
        assert_eq!(code, Some(0), "{said}");
        assert!(said.starts_with(expected), "{said}");
        assert_eq!(app.count(FAILED).await, 1);
    }
    assert_eq!(app.count("select sum(count) from message_stops").await, 1);
    // Where nothing can be noted, the mail server is to try again.
    let (code, said) = bounce("postgres://nobody@127.0.0.1:1/none", SECRET, &to, &mail).await;
    assert_eq!(code, Some(75), "{said}");
}
