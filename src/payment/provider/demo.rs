//! The provider of the demo: a hosted page of our own, which speaks as Stripe does. No money moves.

use engine::payment::Provider as Name;
use reqwest::Url;

use super::stripe::Checkout;
use crate::{
    notification::secret::Secret,
    payment::settings::{SettingsError, Stripe},
};

/// Sets up the provider of the demo, whose calls are answered below this address.
///
/// # Errors
/// Where the client cannot be set up.
pub fn provider(url: Url, secret: &str) -> Result<Checkout, SettingsError> {
    let settings = Stripe {
        url,
        key: Secret::new("sk_test_demo"),
        webhook_secrets: vec![Secret::new(secret)],
    };
    Checkout::new(Name::Demo, &settings)
}
