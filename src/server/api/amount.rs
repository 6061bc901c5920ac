//! Prices, as programs write and read them: exact, without floating point.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Fault;
use engine::money::Price;

/// A sum of money.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// A decimal number, with no more decimals than the currency has.
    #[schema(pattern = r"^[0-9]{1,15}(\.[0-9]{1,3})?$", example = "150000")]
    amount: String,
    /// The currency code (ISO 4217).
    #[schema(pattern = "^[A-Z]{3}$", example = "IDR")]
    currency: String,
}

impl From<&Price> for Amount {
    fn from(price: &Price) -> Self {
        Self {
            amount: price.amount(),
            currency: price.currency.clone(),
        }
    }
}

impl Amount {
    /// The price that is said in this input.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn read(&self, name: &str) -> Result<Price, Fault> {
        let is_currency =
            self.currency.len() == 3 && self.currency.bytes().all(|byte| byte.is_ascii_uppercase());
        if !is_currency {
            return Err(Fault::malformed(&format!("{name}.currency")));
        }
        Price::exact(&self.amount, &self.currency).ok_or_else(|| Fault::malformed(&format!("{name}.amount")))
    }
}
