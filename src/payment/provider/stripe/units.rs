//! Money in Stripe's smallest units.

use engine::money::Price;
use serde_json::Value;

use crate::payment::provider::client::text;

/// An amount of an object, in its currency.
pub(super) fn amount_of(object: &Value, pointer: &str) -> Option<Price> {
    let units = object.pointer(pointer)?.as_i64()?;
    price(units, &text(object, "/currency")?.to_ascii_uppercase())
}

/// The decimals by which Stripe's smallest unit differs from ours (ISO 4217): the króna and the Ugandan shilling have two there
/// and none here.
fn more_decimals(currency: &str) -> i64 {
    match currency {
        "ISK" | "UGX" => 100,
        _ => 1,
    }
}

/// An amount in Stripe's smallest unit. Of currencies with three decimals the last one is a nought there.
pub(super) fn units(price: &Price) -> Option<i64> {
    let has_three = matches!(price.currency.as_str(), "BHD" | "JOD" | "KWD" | "OMR" | "TND");
    if has_three && price.minor % 10 != 0 {
        return None;
    }
    price.minor.checked_mul(more_decimals(&price.currency))
}

pub(in crate::payment) fn price(units: i64, currency: &str) -> Option<Price> {
    let more = more_decimals(currency);
    (units % more == 0).then(|| Price {
        minor: units / more,
        currency: currency.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rupiah_has_a_hundred_units_and_others_what_stripe_says() {
        let typed = Price::parse("150.000", "IDR").unwrap();
        assert_eq!(units(&typed), Some(15_000_000));
        for (minor, currency, expected) in [
            (4550, "EUR", Some(4550)),
            (1500, "JPY", Some(1500)),
            (1500, "ISK", Some(150_000)),
            (1500, "UGX", Some(150_000)),
            (1250, "KWD", Some(1250)),
            (1255, "KWD", None),
        ] {
            let price = Price {
                minor,
                currency: currency.to_owned(),
            };
            assert_eq!(units(&price), expected, "{currency}");
            if let Some(units) = expected {
                assert_eq!(super::price(units, currency), Some(price), "{currency}");
            }
        }
        assert_eq!(price(150, "UGX"), None);
    }
}
