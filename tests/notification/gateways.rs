//! The gateways to phones: what they are sent, and what their answers mean.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
};
use engine::{
    i18n::Locale,
    notification::{Channel, Kind, Letter, Link, Outcome, Sender, Trouble},
};
use janji::notification::{options::Options, sender::senders, settings::Settings};
use tokio::net::TcpListener;

/// A request as a gateway gets it.
#[derive(Clone, Debug)]
struct Posted {
    path: String,
    headers: HeaderMap,
    body: String,
}

#[derive(Clone)]
struct Gateway {
    answer: (u16, &'static str),
    posted: Arc<Mutex<Vec<Posted>>>,
}

async fn post(
    State(gateway): State<Gateway>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, &'static str) {
    gateway.posted.lock().unwrap().push(Posted {
        path: uri.path().to_owned(),
        headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    let (status, text) = gateway.answer;
    (StatusCode::from_u16(status).unwrap(), text)
}

/// A gateway that answers so. Answers with its address.
async fn gateway(answer: (u16, &'static str)) -> (String, Arc<Mutex<Vec<Posted>>>) {
    let posted = Arc::new(Mutex::new(Vec::new()));
    let state = Gateway {
        answer,
        posted: posted.clone(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(post).with_state(state);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, posted)
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn sender(options: Options) -> Arc<dyn Sender> {
    senders(&Settings::of(options).unwrap(), false)
        .unwrap()
        .sms
        .unwrap()
}

fn letter() -> Letter {
    Letter {
        name: "7.1".to_owned(),
        kind: Kind::Code,
        channel: Channel::Sms,
        recipient: "+6281255500001".to_owned(),
        locale: Locale::Id,
        subject: String::new(),
        paragraphs: vec!["123456 \"Kode\" & Anda".to_owned()],
        links: Vec::new(),
        values: vec!["123456".to_owned()],
        calendars: Vec::new(),
        unsubscribe: None,
        minutes: 10,
    }
}

fn header(posted: &Posted, name: &str) -> String {
    posted
        .headers
        .get(name)
        .map(|value| value.to_str().unwrap().to_owned())
        .unwrap_or_default()
}

fn sent(id: &str) -> Outcome {
    Outcome::Sent {
        provider_id: some(id),
    }
}

#[tokio::test]
async fn a_gateway_of_ones_own_gets_json_or_a_form() {
    let (url, posted) = gateway((202, r#"{"data": {"id": 17}}"#)).await;
    let json = Options {
        sms: some("http"),
        sms_url: Some(format!("{url}/send")),
        sms_id: some("/data/id"),
        sms_header: some("Authorization: Bearer key"),
        sms_signing_secret: some("secret"),
        ..Options::default()
    };
    assert_eq!(sender(json.clone()).send(&letter()).await, sent("17"));
    let got = posted.lock().unwrap()[0].clone();
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&got.body).unwrap(),
        serde_json::json!({"to": "+6281255500001", "text": "123456 \"Kode\" & Anda", "id": "7.1"})
    );
    assert_eq!(got.path, "/send");
    assert_eq!(header(&got, "authorization"), "Bearer key");
    assert_eq!(header(&got, "content-type"), "application/json");
    assert_eq!(header(&got, "idempotency-key"), "7.1");
    assert_eq!(header(&got, "x-janji-signature").len(), 64);

    let form = Options {
        sms_body: some("number={to}&message={text}"),
        ..json
    };
    sender(form).send(&letter()).await;
    let got = posted.lock().unwrap()[1].clone();
    assert_eq!(
        got.body,
        "number=%2B6281255500001&message=123456%20%22Kode%22%20%26%20Anda"
    );
}

#[tokio::test]
async fn the_status_of_a_gateway_is_understood() {
    for (status, expected) in [
        (200, Outcome::Sent { provider_id: None }),
        (400, Outcome::Refused(Trouble::Refused)),
        (401, Outcome::Later(Trouble::AccountRefused)),
        (429, Outcome::Later(Trouble::RefusedForNow)),
        (503, Outcome::Later(Trouble::RefusedForNow)),
        // Nobody knows.
        (504, Outcome::Unsure),
        // What is posted goes nowhere else.
        (307, Outcome::Refused(Trouble::Refused)),
    ] {
        let (url, _) = gateway((status, "")).await;
        let options = Options {
            sms: some("http"),
            sms_url: Some(url),
            ..Options::default()
        };
        assert_eq!(sender(options).send(&letter()).await, expected, "{status}");
    }
    let nobody = Options {
        sms: some("http"),
        sms_url: some("http://127.0.0.1:1"),
        ..Options::default()
    };
    assert_eq!(
        sender(nobody).send(&letter()).await,
        Outcome::Later(Trouble::Unreachable)
    );
}

#[tokio::test]
async fn a_gateway_that_hangs_up_on_a_message_may_have_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            use tokio::io::AsyncReadExt;
            let mut bytes = [0; 4096];
            let _ = stream.read(&mut bytes).await;
        }
    });
    let options = Options {
        sms: some("http"),
        sms_url: Some(url),
        ..Options::default()
    };
    assert_eq!(sender(options).send(&letter()).await, Outcome::Unsure);
}

#[tokio::test]
async fn twilio_is_spoken_to_as_its_api_has_it() {
    let options = |url: String| Options {
        public_url: some("https://clinic.example"),
        sms: some("twilio"),
        sms_url: Some(url),
        twilio_account: some("AC1"),
        twilio_token: some("token"),
        twilio_from: some("+15005550006"),
        ..Options::default()
    };
    let (url, posted) = gateway((201, r#"{"sid": "SM1", "status": "queued"}"#)).await;
    assert_eq!(sender(options(url)).send(&letter()).await, sent("SM1"));
    let got = posted.lock().unwrap()[0].clone();
    assert_eq!(got.path, "/2010-04-01/Accounts/AC1/Messages.json");
    // AC1:token
    assert_eq!(header(&got, "authorization"), "Basic QUMxOnRva2Vu");
    for part in [
        "To=%2B6281255500001",
        "From=%2B15005550006",
        "Body=123456+%22Kode%22+%26+Anda",
        "ValidityPeriod=600",
        "StatusCallback=https%3A%2F%2Fclinic.example%2Fhooks%2Fsms%2Ftwilio",
    ] {
        assert!(got.body.contains(part), "no {part} in {}", got.body);
    }
    for (answer, expected) in [
        ((400, r#"{"code": 21610}"#), Outcome::Refused(Trouble::OptedOut)),
        (
            (400, r#"{"code": 21211}"#),
            Outcome::Refused(Trouble::NoSuchRecipient),
        ),
        (
            (401, r#"{"code": 20003}"#),
            Outcome::Later(Trouble::AccountRefused),
        ),
        (
            (429, r#"{"code": 20429}"#),
            Outcome::Later(Trouble::RefusedForNow),
        ),
        ((400, r#"{"code": 99999}"#), Outcome::Refused(Trouble::Refused)),
        ((500, "oops"), Outcome::Later(Trouble::RefusedForNow)),
    ] {
        let (url, _) = gateway(answer).await;
        assert_eq!(sender(options(url)).send(&letter()).await, expected, "{answer:?}");
    }
}

#[tokio::test]
async fn zenziva_says_in_the_body_whether_it_took_a_message() {
    let options = |url: String, gateway: &str| Options {
        sms: some(gateway),
        sms_url: Some(url),
        zenziva_userkey: some("user"),
        zenziva_passkey: some("pass"),
        ..Options::default()
    };
    let (url, posted) = gateway((200, r#"{"messageId": 12, "status": "1", "text": "Success"}"#)).await;
    assert_eq!(
        sender(options(url.clone(), "zenziva")).send(&letter()).await,
        sent("12")
    );
    sender(options(url, "zenziva-whatsapp")).send(&letter()).await;
    let posted = posted.lock().unwrap().clone();
    assert_eq!(posted[0].path, "/reguler/api/sendsms/");
    assert_eq!(posted[1].path, "/wareguler/api/sendWA/");
    for part in [
        "userkey=user",
        "passkey=pass",
        "to=%2B6281255500001",
        "message=123456+",
    ] {
        assert!(posted[0].body.contains(part), "no {part} in {}", posted[0].body);
    }
    for (answer, expected) in [
        (
            r#"{"status": "5", "text": "Userkey / Passkey Salah"}"#,
            Outcome::Later(Trouble::AccountRefused),
        ),
        (
            r#"{"status": "99", "text": "Nomor salah"}"#,
            Outcome::Refused(Trouble::Refused),
        ),
        ("<html>", Outcome::Unsure),
    ] {
        let (url, _) = gateway((200, answer)).await;
        assert_eq!(
            sender(options(url, "zenziva")).send(&letter()).await,
            expected,
            "{answer}"
        );
    }
}

#[tokio::test]
async fn whatsapp_gets_a_template_and_its_values() {
    let options = |url: String| Options {
        sms: some("whatsapp"),
        sms_url: Some(url),
        whatsapp_number: some("100"),
        whatsapp_token: some("token"),
        ..Options::default()
    };
    let (url, posted) = gateway((200, r#"{"messages": [{"id": "wamid.1"}]}"#)).await;
    assert_eq!(
        sender(options(url.clone())).send(&letter()).await,
        sent("wamid.1")
    );
    let reminder = Letter {
        kind: Kind::ReminderDay,
        values: vec!["Sel 24 Nov, 09.20 WIB".to_owned(), "Jl. Kenanga 12".to_owned()],
        links: vec![Link {
            label: String::new(),
            address: "https://clinic.example/a/secret".to_owned(),
        }],
        ..letter()
    };
    sender(options(url)).send(&reminder).await;
    let posted = posted.lock().unwrap().clone();
    assert_eq!(posted[0].path, "/100/messages");
    assert_eq!(header(&posted[0], "authorization"), "Bearer token");
    let bodies: Vec<serde_json::Value> = posted
        .iter()
        .map(|posted| serde_json::from_str(&posted.body).unwrap())
        .collect();
    assert_eq!(bodies[0]["to"], "6281255500001");
    assert_eq!(bodies[0]["template"]["name"], "janji_code");
    assert_eq!(bodies[0]["template"]["language"]["code"], "id");
    assert_eq!(
        bodies[0]["template"]["components"][1]["parameters"][0]["text"],
        "123456"
    );
    assert_eq!(bodies[1]["template"]["name"], "janji_reminder_day");
    let values = bodies[1]["template"]["components"][0]["parameters"]
        .as_array()
        .unwrap();
    assert_eq!(values.last().unwrap()["text"], "https://clinic.example/a/secret");
    // The text itself is the template's.
    assert!(!posted[1].body.contains("Kode"));
    for (answer, expected) in [
        (
            (400, r#"{"error": {"code": 132001}}"#),
            Outcome::Refused(Trouble::NoTemplate),
        ),
        (
            (401, r#"{"error": {"code": 190}}"#),
            Outcome::Later(Trouble::AccountRefused),
        ),
        (
            (400, r#"{"error": {"code": 131026}}"#),
            Outcome::Refused(Trouble::NoSuchRecipient),
        ),
        (
            (400, r#"{"error": {"code": 130429}}"#),
            Outcome::Later(Trouble::RefusedForNow),
        ),
    ] {
        let (url, _) = gateway(answer).await;
        assert_eq!(sender(options(url)).send(&letter()).await, expected, "{answer:?}");
    }
}

#[tokio::test]
async fn no_gateway_is_asked_for_another_country_whatever_is_said() {
    for gateway_name in ["http", "twilio", "zenziva", "zenziva-whatsapp", "whatsapp"] {
        let (url, posted) = gateway((200, "{}")).await;
        let sender = sender(Options {
            sms: some(gateway_name),
            sms_url: Some(url),
            twilio_account: some("AC1"),
            twilio_token: some("token"),
            twilio_from: some("+15005550006"),
            zenziva_userkey: some("key"),
            zenziva_passkey: some("pass"),
            whatsapp_number: some("100"),
            whatsapp_token: some("token"),
            sms_countries: some("ID, SG"),
            ..Options::default()
        });
        for kind in [Kind::Code, Kind::Confirmed, Kind::ReminderDay, Kind::Test] {
            // America and Canada share a code; this number is of an island that costs ten times as much.
            for abroad in ["+15005550006", "+4915112345678", "+18765550100", "8", ""] {
                let letter = Letter {
                    kind,
                    recipient: abroad.to_owned(),
                    ..letter()
                };
                let refused = Outcome::Refused(Trouble::Country);
                assert_eq!(sender.send(&letter).await, refused, "{gateway_name} {abroad}");
            }
        }
        assert_eq!(posted.lock().unwrap().len(), 0, "{gateway_name}");
        for at_home in ["+6281255500001", "+6581234567"] {
            let letter = Letter {
                recipient: at_home.to_owned(),
                ..letter()
            };
            sender.send(&letter).await;
        }
        assert_eq!(posted.lock().unwrap().len(), 2, "{gateway_name}");
    }
}
