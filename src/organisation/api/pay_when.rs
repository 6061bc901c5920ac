//! When a service or a stay is paid, for programs.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::server::api::amount::Amount;
use engine::{money::Price, payment::terms::When};

/// When a service or a stay is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PayWhen {
    /// Nothing is said of it.
    None,
    /// At the desk of the clinic.
    Desk,
    /// All of it before it is booked.
    Before,
    /// A deposit before it is booked.
    Deposit,
}

impl PayWhen {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Desk => "desk",
            Self::Before => "before",
            Self::Deposit => "deposit",
        }
    }

    pub(crate) fn of(when: When) -> Self {
        match when {
            When::Unsaid => Self::None,
            When::Desk => Self::Desk,
            When::Before { deposit: None } => Self::Before,
            When::Before { deposit: Some(_) } => Self::Deposit,
        }
    }
}

/// What is paid before it is booked, where that is a deposit.
pub(crate) fn deposit_of(when: When, price: Option<&Price>) -> Option<Amount> {
    let When::Before { deposit: Some(minor) } = when else {
        return None;
    };
    let price = price?;
    Some(Amount::from(&Price {
        minor,
        currency: price.currency.clone(),
    }))
}
