//! Accounts: codes, sign-ins, limits, and tokens for programs.

mod access;
mod authenticator;
mod codes;
mod factor;
mod family;
mod guesses;
mod limits;
mod links;
mod new_phone;
mod number;
mod own_sessions;
mod passkeys;
mod roles;
mod sign_in;
mod tokens;

use jiff::Timestamp;

use crate::support::TestApp;
use engine::{
    account::{Country, Limits, Phone, otp},
    error::AppError,
    i18n::{Locale, Texts},
};

const PHONE: &str = "+6281255500777";

const OTHER: &str = "+6281255500778";

async fn request(
    app: &TestApp,
    limits: Limits,
    phone: &str,
    address: &str,
    now: Timestamp,
) -> Result<String, AppError> {
    otp::request(
        &app.database,
        limits,
        Phone::parse(phone, Country::default()).unwrap(),
        address.to_owned(),
        Texts::of(Locale::En),
        now,
    )
    .await
}
