//! Mails, as a mail server gets them, and what its answers mean.

use std::sync::{Arc, Mutex};

use engine::{
    i18n::Locale,
    ical::ics::Method,
    notification::{CalendarPart, Channel, Kind, Letter, Link, Outcome, Sender, Trouble},
};
use janji::notification::{options::Options, sender::senders, settings::Settings};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// The answers of a mail server to a recipient and to a mail; `None`: it hangs up.
type Script = (Option<&'static str>, Option<&'static str>);

const TAKEN: Script = (Some("250 ok"), Some("250 ok"));

/// A mail server that answers so, and keeps what it gets.
async fn server(script: Script) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mails = Arc::new(Mutex::new(Vec::new()));
    let kept = mails.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(talk(stream, script, kept.clone()));
        }
    });
    (port, mails)
}

async fn talk(stream: TcpStream, (recipient, mail): Script, kept: Arc<Mutex<Vec<String>>>) {
    let (input, mut output) = stream.into_split();
    let mut lines = BufReader::new(input).lines();
    let mut from = String::new();
    output.write_all(b"220 test\r\n").await.unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = match line.split(' ').next().unwrap().to_ascii_uppercase().as_str() {
            "EHLO" => Some("250-test\r\n250 8BITMIME"),
            "MAIL" => {
                from = line;
                Some("250 ok")
            }
            "RCPT" => recipient,
            "DATA" => {
                output.write_all(b"354 go on\r\n").await.unwrap();
                // Its envelope comes first.
                let mut text = format!("{from}\r\n");
                loop {
                    match lines.next_line().await.unwrap().unwrap().as_str() {
                        "." => break,
                        line => {
                            text.push_str(line.strip_prefix('.').unwrap_or(line));
                            text.push_str("\r\n");
                        }
                    }
                }
                kept.lock().unwrap().push(text);
                mail
            }
            "QUIT" => return,
            _ => Some("250 ok"),
        };
        let Some(answer) = answer else { return };
        if output
            .write_all(format!("{answer}\r\n").as_bytes())
            .await
            .is_err()
        {
            return;
        }
    }
}

fn sender(port: u16) -> Arc<dyn Sender> {
    sender_with(port, Options::default())
}

fn sender_with(port: u16, options: Options) -> Arc<dyn Sender> {
    let options = Options {
        smtp_host: Some("127.0.0.1".to_owned()),
        smtp_port: Some(port),
        mail_from: Some("Clinic <hello@clinic.example>".to_owned()),
        mail_reply_to: Some("desk@clinic.example".to_owned()),
        ..options
    };
    senders(&Settings::of(options).unwrap(), false)
        .unwrap()
        .email
        .unwrap()
}

fn letter() -> Letter {
    Letter {
        name: "7.1700000000000000".to_owned(),
        kind: Kind::Confirmed,
        channel: Channel::Email,
        recipient: "maya@example.org".to_owned(),
        locale: Locale::En,
        subject: "Confirmed: Tuesday".to_owned(),
        paragraphs: vec!["Your appointment <b> is confirmed.".to_owned()],
        links: vec![Link {
            label: "To it".to_owned(),
            address: "https://clinic.example/a/secret".to_owned(),
        }],
        values: Vec::new(),
        calendars: Vec::new(),
        unsubscribe: None,
        minutes: 60,
    }
}

/// A mail as it was before its lines were folded and its signs encoded.
fn read(mail: &str) -> String {
    mail.replace("=\r\n", "")
        .replace("\r\n ", " ")
        .replace("\r\n\t", " ")
        .replace("=3D", "=")
}

#[tokio::test]
async fn a_mail_says_the_same_as_text_and_as_html() {
    let (port, mails) = server(TAKEN).await;
    let letter = letter();
    assert_eq!(
        sender(port).send(&letter).await,
        Outcome::Sent { provider_id: None }
    );
    let mail = read(&mails.lock().unwrap()[0]);
    for part in [
        "From: \"Clinic\" <hello@clinic.example>",
        "To: maya@example.org",
        "Reply-To: desk@clinic.example",
        "Subject: Confirmed: Tuesday",
        "Message-ID: <7.1700000000000000.janji@clinic.example>",
        "Auto-Submitted: auto-generated",
        "multipart/alternative",
        "Content-Type: text/plain; charset=utf-8",
        "Your appointment <b> is confirmed.",
        "Content-Type: text/html; charset=utf-8",
        "Your appointment &lt;b&gt; is confirmed.",
        "href=\"https://clinic.example/a/secret\"",
    ] {
        let found = mail.contains(part) || mail.replace('"', "").contains(&part.replace('"', ""));
        assert!(found, "no {part} in {mail}");
    }
    // Nothing is fetched, and what has to be known cannot be refused.
    for part in ["<img", "<script", "List-Unsubscribe", "text/calendar"] {
        assert!(!mail.contains(part), "{part} in {mail}");
    }
}

#[tokio::test]
async fn a_mail_says_to_a_calendar_what_it_is_to_do() {
    let (port, mails) = server(TAKEN).await;
    let letter = Letter {
        calendars: vec![CalendarPart {
            method: Method::Cancel,
            text: "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n".to_owned(),
        }],
        ..letter()
    };
    sender(port).send(&letter).await;
    let mail = read(&mails.lock().unwrap()[0]);
    for part in [
        "multipart/mixed",
        "Content-Type: text/calendar; charset=utf-8; method=CANCEL",
        "Content-Type: application/ics; name=",
        "appointment.ics",
        "METHOD:CANCEL",
        "X-Auto-Response-Suppress: OOF, AutoReply",
    ] {
        assert!(mail.contains(part), "no {part} in {mail}");
    }
    // Calendars leave mails alone that say so.
    assert!(!mail.contains("Auto-Submitted"), "{mail}");
}

#[tokio::test]
async fn what_is_optional_can_be_refused_with_one_click() {
    let (port, mails) = server(TAKEN).await;
    let letter = Letter {
        kind: Kind::ReminderDay,
        unsubscribe: Some("https://clinic.example/hooks/unsubscribe/secret".to_owned()),
        ..letter()
    };
    sender(port).send(&letter).await;
    let mail = read(&mails.lock().unwrap()[0]);
    assert!(
        mail.contains("List-Unsubscribe: <https://clinic.example/hooks/unsubscribe/secret>"),
        "{mail}"
    );
    assert!(
        mail.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"),
        "{mail}"
    );
}

#[tokio::test]
async fn the_answers_of_a_mail_server_are_understood() {
    for (script, expected) in [
        (TAKEN, Outcome::Sent { provider_id: None }),
        (
            (Some("451 4.3.0 later"), None),
            Outcome::Later(Trouble::RefusedForNow),
        ),
        (
            (Some("421 4.7.0 too many"), None),
            Outcome::Later(Trouble::RefusedForNow),
        ),
        (
            (Some("550 5.1.1 no such user"), None),
            Outcome::Refused(Trouble::NoSuchRecipient),
        ),
        (
            (Some("554 5.7.1 not from you"), None),
            Outcome::Refused(Trouble::Refused),
        ),
        (
            (Some("530 5.7.0 who are you"), None),
            Outcome::Later(Trouble::AccountRefused),
        ),
        // It may have arrived: it is sent again, under the same name.
        ((Some("250 ok"), None), Outcome::Later(Trouble::Unreachable)),
        (
            (Some("250 ok"), Some("452 4.2.2 full")),
            Outcome::Later(Trouble::RefusedForNow),
        ),
        ((None, None), Outcome::Later(Trouble::Unreachable)),
    ] {
        let (port, _) = server(script).await;
        assert_eq!(sender(port).send(&letter()).await, expected, "{script:?}");
    }
    // Nobody is there.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    assert_eq!(
        sender(port).send(&letter()).await,
        Outcome::Later(Trouble::Unreachable)
    );
}

#[tokio::test]
async fn a_mail_that_is_sent_again_has_the_same_name() {
    let (port, mails) = server((Some("250 ok"), None)).await;
    let sender = sender(port);
    for _ in 0..2 {
        sender.send(&letter()).await;
    }
    let mails = mails.lock().unwrap();
    assert_eq!(mails.len(), 2);
    for mail in mails.iter() {
        assert!(
            read(mail).contains("Message-ID: <7.1700000000000000.janji@clinic.example>"),
            "{mail}"
        );
    }
}

#[tokio::test]
async fn a_mail_comes_back_to_where_it_comes_from_or_to_an_address_of_its_own() {
    let (port, mails) = server(TAKEN).await;
    sender(port).send(&letter()).await;
    let options = Options {
        bounce_address: Some("bounces@clinic.example".to_owned()),
        bounce_secret: Some("a secret of some length".to_owned()),
        ..Options::default()
    };
    let settings = Settings::of(Options {
        smtp_host: Some("127.0.0.1".to_owned()),
        mail_from: Some("hello@clinic.example".to_owned()),
        ..options.clone()
    })
    .unwrap();
    let bounces = settings.mail.unwrap().bounces.unwrap();
    sender_with(port, options).send(&letter()).await;
    let mails = mails.lock().unwrap();
    assert!(
        mails[0].starts_with("MAIL FROM:<hello@clinic.example>"),
        "{}",
        mails[0]
    );
    let from = mails[1].lines().next().unwrap();
    let address = from.split(['<', '>']).nth(1).unwrap();
    assert_eq!(bounces.name_in(address).as_deref(), Some("7.1700000000000000"));
    // People see, and answer to, the clinic.
    assert!(mails[1].contains("hello@clinic.example"));
    assert!(mails[1].contains("Reply-To: desk@clinic.example"));
}
