//! Parts of content security policies: which scripts a page may run, and where browsers report what they kept from being
//! loaded.

use std::net::Ipv4Addr;

use axum::http::{HeaderMap, HeaderName, header, uri::Authority};

use super::edge::REPORTS_PATH;

/// The header that names the endpoint [`REPORTS`] speaks of.
pub const REPORTING_ENDPOINTS: HeaderName = HeaderName::from_static("reporting-endpoints");

/// The value of [`REPORTING_ENDPOINTS`].
pub fn reporting_endpoints() -> String {
    format!("csp=\"{REPORTS_PATH}\"")
}

/// The directives by which browsers report.
pub fn reports() -> String {
    format!("report-uri {REPORTS_PATH}; report-to csp")
}

/// The source of the scripts below this folder of the site, such as `/pkg/`, and of no others: the scripts of the API's
/// description are not for other pages. A policy can name a folder only with its host, and no host that is a number; there
/// it is the whole site.
pub fn scripts_below(headers: &HeaderMap, folder: &str) -> String {
    named_host(headers).map_or_else(|| "'self'".to_owned(), |host| format!("{host}{folder}"))
}

fn named_host(headers: &HeaderMap) -> Option<String> {
    let host: Authority = headers.get(header::HOST)?.to_str().ok()?.parse().ok()?;
    let name = host.host();
    let is_a_name = !name.is_empty()
        && name.parse::<Ipv4Addr>().is_err()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
        && host.port_u16().is_some() == host.as_str().contains(':')
        && !host.as_str().contains('@');
    is_a_name.then(|| host.as_str().to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_page_runs_scripts_of_one_folder_where_a_policy_can_say_so() {
        for (host, expected) in [
            ("janji.example", "janji.example/pkg/"),
            ("Janji.Example:8443", "janji.example:8443/pkg/"),
            ("localhost:3000", "localhost:3000/pkg/"),
            ("127.0.0.1:3000", "'self'"),
            ("192.168.1.2", "'self'"),
            ("[::1]:3000", "'self'"),
            ("a.example; script-src *", "'self'"),
            ("*", "'self'"),
            ("", "'self'"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
            assert_eq!(scripts_below(&headers, "/pkg/"), expected, "{host}");
        }
    }
}
