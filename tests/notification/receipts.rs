//! Receipts of gateways: genuine ones count, others are refused, and where there is no secret there is nothing.

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use janji::notification::{options::Options, sender::twilio::signature, settings::Settings};
use sha2::Sha256;

use crate::support::{Answer, Setup, Site, TestApp};

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

async fn app(messages: Options) -> TestApp {
    let messages = Settings::of(messages).unwrap();
    let app = TestApp::with(Setup {
        messages,
        ..Setup::default()
    })
    .await;
    app.sql(
        "insert into messages (kind, channel, recipient, body, state, provider_id, sent_at, ended_at)
         values ('confirmed', 'sms', '+6281255500001', 'text', 'sent', 'SM1', now(), now())",
    )
    .await;
    app
}

async fn state(app: &TestApp) -> String {
    sqlx::query_scalar("select state from messages")
        .fetch_one(&mut *app.spare().await)
        .await
        .unwrap()
}

async fn post(site: &Site<'_>, path: &str, body: &str, headers: &[(&'static str, String)]) -> u16 {
    let visitor = site.visitor();
    let mut request = visitor.http.post(visitor.url(path)).body(body.to_owned());
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    Answer::of(request).await.status
}

#[tokio::test]
async fn twilio_reports_what_arrived() {
    let app = app(Options {
        public_url: some("https://clinic.example"),
        sms: some("twilio"),
        twilio_account: some("AC1"),
        twilio_token: some("12345"),
        twilio_from: some("+15005550006"),
        ..Options::default()
    })
    .await;
    let site = app.serve().await;
    let form = [("MessageSid", "SM1"), ("MessageStatus", "delivered")];
    let pairs = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let body = "MessageSid=SM1&MessageStatus=delivered";
    // By the public address, whatever the proxy made of it.
    let signed = signature("12345", "https://clinic.example/hooks/sms/twilio", &pairs).unwrap();
    let elsewhere = signature("12345", "https://evil.example/hooks/sms/twilio", &pairs).unwrap();
    let forged = BASE64_STANDARD.encode([0; 20]);
    for wrong in [elsewhere, forged, String::new()] {
        let headers = [("x-twilio-signature", wrong)];
        assert_eq!(post(&site, "/hooks/sms/twilio", body, &headers).await, 403);
    }
    assert_eq!(post(&site, "/hooks/sms/twilio", body, &[]).await, 403);
    assert_eq!(state(&app).await, "sent");
    let headers = [("x-twilio-signature", signed)];
    // Another body under the same signature.
    let other = "MessageSid=SM1&MessageStatus=failed";
    assert_eq!(post(&site, "/hooks/sms/twilio", other, &headers).await, 403);
    for _ in 0..2 {
        assert_eq!(post(&site, "/hooks/sms/twilio", body, &headers).await, 204);
        assert_eq!(state(&app).await, "delivered");
    }
    // Other gateways are not configured.
    assert_eq!(post(&site, "/hooks/sms/whatsapp", body, &headers).await, 404);
    assert_eq!(post(&site, "/hooks/sms/12345", body, &headers).await, 404);
}

#[tokio::test]
async fn whatsapp_reports_what_failed() {
    let app = app(Options {
        sms: some("whatsapp"),
        whatsapp_number: some("100"),
        whatsapp_token: some("token"),
        whatsapp_secret: some("secret"),
        whatsapp_verify: some("word"),
        ..Options::default()
    })
    .await;
    let site = app.serve().await;
    let greet = async |word: &str| {
        let path = format!("/hooks/sms/whatsapp?hub.mode=subscribe&hub.verify_token={word}&hub.challenge=42");
        let answer = site.visitor().get(&path).await;
        (answer.status, answer.body)
    };
    assert_eq!(greet("word").await, (200, "42".to_owned()));
    assert_eq!(greet("other").await.0, 403);
    let body = r#"{"entry": [{"changes": [{"value": {"statuses": [{"id": "SM1", "status": "failed", "errors": [{"code": 131050}]}]}}]}]}"#;
    let mut mac = Hmac::<Sha256>::new_from_slice(b"secret").unwrap();
    mac.update(body.as_bytes());
    let hex: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let headers = |signature: String| [("x-hub-signature-256", signature)];
    let forged = headers(format!("sha256={}", "0".repeat(64)));
    assert_eq!(post(&site, "/hooks/sms/whatsapp", body, &forged).await, 403);
    assert_eq!(state(&app).await, "sent");
    let genuine = headers(format!("sha256={hex}"));
    assert_eq!(post(&site, "/hooks/sms/whatsapp", body, &genuine).await, 204);
    assert_eq!(state(&app).await, "failed");
    assert_eq!(
        app.count("select count(*) from message_stops where reason = 'opted_out'")
            .await,
        1
    );
}

#[tokio::test]
async fn a_gateway_of_ones_own_reports_under_a_secret_address() {
    let app = app(Options {
        sms: some("http"),
        sms_url: some("http://127.0.0.1:1/send"),
        sms_receipt_secret: some("secret"),
        ..Options::default()
    })
    .await;
    let site = app.serve().await;
    let body = r#"{"id": "SM1", "status": "DELIVERED"}"#;
    assert_eq!(post(&site, "/hooks/sms/other", body, &[]).await, 404);
    assert_eq!(post(&site, "/hooks/sms/twilio", body, &[]).await, 404);
    assert_eq!(state(&app).await, "sent");
    assert_eq!(
        post(&site, "/hooks/sms/secret", "id=SM1&status=queued", &[]).await,
        204
    );
    assert_eq!(state(&app).await, "sent");
    assert_eq!(post(&site, "/hooks/sms/secret", body, &[]).await, 204);
    assert_eq!(state(&app).await, "delivered");
    let long = "x".repeat(2 * 1024 * 1024);
    assert_eq!(post(&site, "/hooks/sms/secret", &long, &[]).await, 413);
}

#[tokio::test]
async fn without_a_secret_there_are_no_receipts() {
    let app = app(Options::default()).await;
    let site = app.serve().await;
    for path in [
        "/hooks/sms/twilio",
        "/hooks/sms/whatsapp",
        "/hooks/sms/x",
        "/hooks/sms/",
    ] {
        let status = post(&site, path, "MessageSid=SM1&MessageStatus=delivered", &[]).await;
        assert!([404, 405].contains(&status), "{path}: {status}");
    }
    assert_eq!(state(&app).await, "sent");
}
