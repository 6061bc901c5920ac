//! What staff note for themselves.

/// Words of staff that are for staff alone, such as why a doctor was overbooked (B13). It is no text that something could show
/// to everybody: who shows it asks for it with the caller who is to read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InternalNote(String);

impl InternalNote {
    /// Takes what somebody of staff typed.
    pub fn new(typed: String) -> Self {
        Self(typed)
    }

    /// Reads a column of the database, which is empty where there is none.
    pub(super) fn stored(text: String) -> Option<Self> {
        (!text.is_empty()).then_some(Self(text))
    }

    /// The text, to be written.
    pub(crate) fn to_store(&self) -> &str {
        &self.0
    }

    /// The text, for staff.
    pub fn for_staff(&self, role: crate::account::Role) -> Option<&str> {
        role.is_staff().then_some(self.0.as_str())
    }
}
