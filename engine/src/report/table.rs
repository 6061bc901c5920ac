//! The figures of a report while they are being counted.

use std::collections::BTreeMap;

use super::Figures;

/// The figures that are being counted.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub total: Figures,
    pub by_key: BTreeMap<String, Figures>,
    /// What has no part to belong to, such as of a channel that is unknown.
    rest: Figures,
}

impl Table {
    /// The figures that a row is about.
    pub fn figures(&mut self, is_total: bool, key: Option<String>) -> &mut Figures {
        match (is_total, key) {
            (true, _) => &mut self.total,
            (false, Some(key)) => self.by_key.entry(key).or_default(),
            (false, None) => &mut self.rest,
        }
    }
}
