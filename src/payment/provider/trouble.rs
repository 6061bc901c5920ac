//! Why a provider did not do what it was asked for.

/// Why a provider did not do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It cannot be reached: nothing was done.
    Unreachable,
    /// There was no answer, or one that says nothing: it may have been done.
    Unsure,
    /// It says that it cannot do it now.
    Busy,
    /// It refuses the key.
    Account,
    /// It will never do it.
    Refused,
}

impl Trouble {
    pub const ALL: [Self; 5] = [
        Self::Unreachable,
        Self::Unsure,
        Self::Busy,
        Self::Account,
        Self::Refused,
    ];

    /// The name in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Unsure => "unsure",
            Self::Busy => "busy",
            Self::Account => "account",
            Self::Refused => "refused",
        }
    }

    /// Whether it is the provider, and not this one thing that was asked of it.
    pub fn is_of_provider(self) -> bool {
        self != Self::Refused
    }
}
