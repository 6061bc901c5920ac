use axum::http::HeaderMap;
use engine::{i18n::Locale, money::Price};

use super::{said::written, *};
use crate::notification::secret::Secret;

fn account(merchant: Option<&str>) -> Snap {
    let url: Url = "http://127.0.0.1:1".parse().unwrap();
    let settings = Midtrans {
        pages: url.clone(),
        api: url,
        keys: vec![Secret::new("SB-Mid-server-new"), Secret::new("SB-Mid-server-old")],
        merchant: merchant.map(str::to_owned),
    };
    Snap::new(&settings).unwrap()
}

fn read(account: &Snap, said: &Value) -> Result<Reading, NotTaken> {
    let body = said.to_string();
    let call = Incoming {
        headers: &HeaderMap::new(),
        body: body.as_bytes(),
    };
    account.read(call, Timestamp::UNIX_EPOCH)
}

fn notification(key: &str) -> Value {
    let signed = ["K7QM-4D2P-7", "200", "150000.00"];
    json!({
        "order_id": signed[0], "status_code": signed[1], "gross_amount": signed[2], "signature_key": sign(signed, key),
        "merchant_id": "G1", "transaction_status": "settlement", "transaction_id": "t-1", "currency": "IDR",
    })
}

fn rupiah(whole: i64) -> Price {
    Price {
        minor: whole * 100,
        currency: "IDR".to_owned(),
    }
}

#[test]
fn a_notification_is_a_reason_to_ask_whichever_key_has_signed_it() {
    for key in ["SB-Mid-server-new", "SB-Mid-server-old"] {
        let asks = Reading::Ask {
            session: "K7QM-4D2P-7".to_owned(),
        };
        assert_eq!(read(&account(Some("G1")), &notification(key)), Ok(asks));
    }
}

#[test]
fn the_amount_is_signed_as_it_is_written() {
    // By the vendor's example: the digits, the point and the noughts.
    let digest = Sha512::digest("K7QM-4D2P-7200150000.00SB-Mid-server-new");
    assert_eq!(
        sign(["K7QM-4D2P-7", "200", "150000.00"], "SB-Mid-server-new"),
        hex(&digest)
    );
    let mut other = notification("SB-Mid-server-new");
    other["gross_amount"] = json!("150000");
    assert_eq!(read(&account(None), &other), Err(NotTaken::Forged));
}

#[test]
fn what_is_forged_malformed_or_of_others_is_not_taken() {
    let own = account(Some("G1"));
    assert_eq!(read(&own, &notification("other")), Err(NotTaken::Forged));
    let mut stranger = notification("SB-Mid-server-new");
    stranger["merchant_id"] = json!("G2");
    assert_eq!(read(&own, &stranger), Err(NotTaken::Stranger));
    for malformed in [json!({}), json!([]), json!("x"), json!({"order_id": 7})] {
        assert_eq!(read(&own, &malformed), Err(NotTaken::Malformed), "{malformed}");
    }
    let signed = ["payment_notif_test_G1", "200", "150000.00"];
    let mut test = notification("SB-Mid-server-new");
    test["order_id"] = json!(signed[0]);
    test["signature_key"] = json!(sign(signed, "SB-Mid-server-new"));
    assert_eq!(read(&own, &test), Ok(Reading::Nothing));
}

#[test]
fn rupiah_are_whole_there_and_have_two_decimals_in_notifications() {
    assert_eq!(whole(&Price::parse("150.000", "IDR").unwrap()), Some(150_000));
    assert_eq!(whole(&Price::parse("150000,50", "IDR").unwrap()), None);
    assert_eq!(whole(&Price::parse("10", "EUR").unwrap()), None);
    assert_eq!(written("150000.00"), Some(rupiah(150_000)));
}

#[test]
fn a_page_ends_when_the_hold_does_whatever_was_chosen_there() {
    let now = Timestamp::from_second(1_700_000_000).unwrap();
    let page = NewSession {
        payment_id: 7,
        provider: Name::Midtrans,
        price: rupiah(150_000),
        reference: "K7QM-4D2P".to_owned(),
        locale: Locale::Id,
        ends_at: Timestamp::from_second(1_700_002_100).unwrap(),
    };
    let back = Back {
        paid: "https://clinic.example/a?back=paid".to_owned(),
        not_paid: "https://clinic.example/a".to_owned(),
        notify: "https://clinic.example/hooks/midtrans".to_owned(),
    };
    let body = body_of(&page, &back, &order_of(&page), now).unwrap();
    assert_eq!(
        body["transaction_details"],
        json!({"order_id": "K7QM-4D2P-7", "gross_amount": 150_000})
    );
    assert_eq!(
        body["expiry"],
        json!({"start_time": "2023-11-14 22:13:20 +0000", "unit": "minute", "duration": 35})
    );
    assert_eq!(body["page_expiry"]["duration"], 35);
}

#[test]
fn each_status_says_what_it_says() {
    let paid = FactKind::Paid {
        amount: rupiah(150_000),
    };
    let refunded = |refund: &str, key: Option<&str>, whole| FactKind::Refunded {
        refund: refund.to_owned(),
        key: key.map(str::to_owned),
        amount: rupiah(whole),
    };
    let disputed = FactKind::Disputed {
        dispute: "t-1".to_owned(),
    };
    for (status, more, expected) in [
        ("pending", json!({}), vec![]),
        ("settlement", json!({}), vec![paid.clone()]),
        ("capture", json!({"fraud_status": "accept"}), vec![paid.clone()]),
        ("capture", json!({"fraud_status": "challenge"}), vec![]),
        ("deny", json!({"fraud_status": "deny"}), vec![]),
        ("expire", json!({}), vec![FactKind::Expired]),
        ("cancel", json!({}), vec![FactKind::Expired]),
        (
            "cancel",
            json!({"approval_code": "1"}),
            vec![paid.clone(), refunded("t-1", Some("refund-7"), 150_000)],
        ),
        (
            "partial_refund",
            json!({"refunds": [{"refund_key": "refund-7", "refund_amount": "50000.00"}]}),
            vec![paid.clone(), refunded("refund-7", Some("refund-7"), 50_000)],
        ),
        (
            "refund",
            json!({"refund_amount": "150000.00"}),
            vec![paid.clone(), refunded("t-1", None, 150_000)],
        ),
        ("chargeback", json!({}), vec![paid, disputed]),
    ] {
        let mut transaction = json!({
            "order_id": "K7QM-4D2P-7", "transaction_id": "t-1", "transaction_status": status,
            "gross_amount": "150000.00", "currency": "IDR",
        });
        for (name, value) in more.as_object().unwrap() {
            transaction[name] = value.clone();
        }
        let told = facts(&transaction, false).unwrap();
        let kinds: Vec<_> = told.iter().map(|fact| fact.kind.clone()).collect();
        assert_eq!(kinds, expected, "{transaction}");
        assert!(told.iter().all(|fact| fact.payment_id == Some(7)));
    }
    let denied = json!({"order_id": "K7QM-4D2P-7", "transaction_id": "t-1", "transaction_status": "deny"});
    assert_eq!(facts(&denied, true).unwrap()[0].kind, FactKind::Failed);
    assert_eq!(facts(&json!({}), true), None);
}
