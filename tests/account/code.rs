//! Signing in with a one-time code, in a browser.

use serde_json::json;

use crate::support::{PASSWORD, PHONE, Program, Setup, TestApp, VISIT, borrowed, of_wanted, refused};
use engine::{
    account::{Country, Limits},
    error::AppError,
};

#[tokio::test]
async fn a_code_signs_in_only_the_browser_that_asked_for_it_and_once() {
    let app = TestApp::new().await;
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

#[tokio::test]
async fn the_page_says_that_a_code_has_expired() {
    let app = TestApp::new().await;
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

#[tokio::test]
async fn known_and_unknown_phones_are_answered_alike() {
    let app = TestApp::new().await;
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

async fn limited(limits: Limits) -> TestApp {
    let setup = Setup {
        limits,
        ..Setup::default()
    };
    TestApp::with(setup).await
}

#[tokio::test]
async fn the_codes_of_a_phone_are_limited_whatever_the_address() {
    let app = limited(Limits {
        codes_per_phone: 2,
        ..Limits::default()
    })
    .await;
    let site = app.serve().await;
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
}

#[tokio::test]
async fn the_codes_of_an_address_are_limited_whatever_the_phone() {
    let app = limited(Limits {
        codes_per_address: 4,
        ..Limits::default()
    })
    .await;
    let site = app.serve().await;
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
}

#[tokio::test]
async fn wrong_passwords_from_one_address_do_not_lock_anybody_out_elsewhere() {
    let app = limited(Limits {
        sign_ins: 2,
        ..Limits::default()
    })
    .await;
    let site = app.serve().await;
    let sign_in = async |address: &str, password: &str| {
        let fields = [
            ("email", "admin@test.example"),
            ("password", password),
            ("next", ""),
        ];
        let answer = site.visitor_from(address).call("staff-sign-in", &fields).await;
        answer.status
    };
    let mut wrong = 0;
    for _ in 0..20 {
        wrong += usize::from(sign_in("203.0.113.1:4711", "wrong").await == 401);
    }
    // One more whenever the time for one has passed.
    assert!((2..=6).contains(&wrong), "{wrong}");
    for address in ["203.0.113.2", "2001:db8::1"] {
        assert!(sign_in(address, PASSWORD).await < 400, "{address}");
    }
}

#[tokio::test]
async fn the_port_of_a_caller_does_not_make_another_one() {
    let app = limited(Limits {
        codes_per_address: 2,
        ..Limits::default()
    })
    .await;
    let site = app.serve().await;
    for addresses in [
        ["198.51.100.9:1", "198.51.100.9:2", "198.51.100.9"],
        ["2001:db8:7:7::1", "[2001:db8:7:7::2]:443", "2001:db8:7:7:8:8:8:8"],
    ] {
        let mut refused = 0;
        for (number, address) in addresses.into_iter().enumerate() {
            let phone = format!("+62812555013{number:02}");
            let answer = site
                .visitor_from(address)
                .call("request-code", &[("phone", &phone)])
                .await;
            refused += usize::from(answer.status == 429);
        }
        assert_eq!(refused, 1, "{addresses:?}");
    }
}

#[tokio::test]
async fn codes_go_to_the_countries_of_the_clinic() {
    let setup = Setup {
        code_countries: Some(vec![Country::default(), Country::parse("SG").unwrap()]),
        ..Setup::default()
    };
    let app = TestApp::with(setup).await;
    let site = app.serve().await;
    for (phone, is_sent) in [
        ("0812 5550 0777", true),
        ("+65 8123 4567", true),
        ("+1 202 555 0123", false),
        ("+44 7400 123456", false),
        ("+7 912 345 67 89", false),
    ] {
        let answer = site.visitor().call("request-code", &[("phone", phone)]).await;
        let by_program = Program::new(&site)
            .post("auth/otp", &json!({ "phone": phone }))
            .await;
        if is_sent {
            assert_eq!(
                (answer.status < 400, by_program.status),
                (true, 202),
                "{phone}: {answer:?}"
            );
        } else {
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (422, "VALIDATION_FAILED"),
                "{phone}"
            );
            let details = refused(&by_program, 422, "VALIDATION_FAILED");
            assert_eq!(details["phone"], "abroad", "{phone}");
        }
    }
    assert_eq!(app.count("select count(*) from messages").await, 4);
}

#[tokio::test]
async fn the_holds_of_an_address_are_limited() {
    let app = limited(Limits {
        holds_per_address: 2,
        ..Limits::default()
    })
    .await;
    let site = app.serve().await;
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

#[tokio::test]
async fn what_cannot_be_a_code_costs_no_attempt() {
    let app = TestApp::new().await;
    let site = app.serve().await;
    let browser = site.visitor();
    browser
        .submit("/sign-in", "request-code", &[("phone", "001 62 0812-5550-0777")])
        .await;
    for typed in ["12345", "1234567", "12345a", "code", "+123456", "½23456", ""] {
        let answer = browser.call("verify-code", &[("code", typed)]).await;
        assert_eq!(
            (answer.status, answer.code()),
            (422, "VALIDATION_FAILED".to_owned()),
            "{typed}"
        );
    }
    let code = app.newest_code(PHONE).await;
    let arabic: String = code
        .chars()
        .map(|c| char::from_u32(u32::from(c) - u32::from('0') + 0x660).unwrap())
        .collect();
    let typed = format!("\u{202b}{}\u{a0}{}\u{202c}", &arabic[..6], &arabic[6..]);
    let answer = browser
        .submit("/sign-in/code", "verify-code", &[("code", &typed)])
        .await;
    assert_eq!(answer.location(), "/appointments");
}
