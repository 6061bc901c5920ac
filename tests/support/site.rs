//! A running server, and how people come to it.

use std::{net::SocketAddr, sync::Arc};

use super::{app::TestApp, browser::Browser, engine_support::PASSWORD};

/// A running server.
pub struct Site<'a> {
    pub app: &'a TestApp,
    pub(super) address: SocketAddr,
}

impl Site<'_> {
    /// Somebody with an empty cookie jar.
    pub fn visitor(&self) -> Browser {
        self.visitor_from("192.0.2.1")
    }

    pub fn visitor_from(&self, address: &str) -> Browser {
        let jar = Arc::new(reqwest::cookie::Jar::default());
        let mut headers = reqwest::header::HeaderMap::new();
        headers.insert("x-forwarded-for", address.parse().unwrap());
        let http = reqwest::Client::builder()
            .cookie_provider(jar.clone())
            .default_headers(headers)
            .redirect(reqwest::redirect::Policy::none())
            // Nothing here is encrypted, and the certificates of the world take longer to read than most tests.
            .tls_certs_only([])
            .build()
            .unwrap();
        Browser {
            http,
            jar,
            site: format!("http://{}", self.address),
        }
    }

    /// Somebody who has signed in with this phone number.
    pub async fn patient(&self, phone: &str) -> Browser {
        let browser = self.visitor();
        let answer = browser
            .submit("/sign-in", "request-code", &[("phone", phone), ("next", "")])
            .await;
        assert_eq!(answer.location(), "/sign-in/code");
        let code = self.app.newest_code(phone).await;
        let answer = browser
            .submit("/sign-in/code", "verify-code", &[("code", &code)])
            .await;
        assert_eq!(answer.location(), "/appointments");
        browser
    }

    /// Somebody of staff who has signed in.
    pub async fn staff(&self, email: &str) -> Browser {
        let browser = self.visitor();
        let fields = [("email", email), ("password", PASSWORD), ("next", "")];
        let answer = browser.submit("/staff/sign-in", "staff-sign-in", &fields).await;
        assert!(
            matches!(answer.location().as_str(), "/doctor" | "/admin" | "/admin/day"),
            "{}",
            answer.location()
        );
        browser
    }
}
