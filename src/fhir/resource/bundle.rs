//! Pages of what a search found.

use serde::Serialize;

use super::Resource;

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bundle {
    pub resource_type: &'static str,
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Of all pages; none where there is more than can be counted.
    pub total: Option<i64>,
    pub link: Vec<Link>,
    pub entry: Vec<Entry>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Link {
    pub relation: &'static str,
    pub url: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    pub full_url: String,
    pub resource: Resource,
    pub search: SearchMode,
}

#[derive(Clone, Debug, Serialize)]
pub struct SearchMode {
    /// `match` or `include`.
    pub mode: &'static str,
}
