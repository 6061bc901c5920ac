//! The public scheme and host of a request, for absolute links.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::{header::HOST, request::Parts, uri::Authority};

use super::{AppState, Config};

/// The scheme and host that a request came to, such as `https://clinic.example`. The caller has chosen the host, so it is
/// shown to nobody else. `None` if it is malformed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(pub Option<String>);

impl Origin {
    pub fn of(parts: &Parts, config: &Config) -> Self {
        let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let host = text(HOST.as_str())
            .and_then(|host| host.parse::<Authority>().ok())
            .or_else(|| parts.uri.authority().cloned())
            .filter(|host| !host.as_str().contains('@'));
        // Cookies are for HTTPS only where Janji is reached by HTTPS.
        let is_secure = config.secure_cookies
            || config.trust_proxy && text("x-forwarded-proto").is_some_and(|proto| proto == "https");
        let scheme = if is_secure { "https" } else { "http" };
        Self(host.map(|host| format!("{scheme}://{host}")))
    }
}

impl FromRequestParts<AppState> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Self::of(parts, &state.config))
    }
}
