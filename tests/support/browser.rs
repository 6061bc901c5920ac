//! A browser without JavaScript, and how it reads pages.

use std::sync::Arc;

use scraper::{Html, Selector};

use engine::error::AppError;

/// Somebody with a browser.
#[derive(Clone)]
pub struct Browser {
    pub http: reqwest::Client,
    pub(super) jar: Arc<reqwest::cookie::Jar>,
    pub site: String,
}

impl Browser {
    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.http.get(self.url(path)).header("accept", "text/html")).await
    }

    /// Submits a form of this page the way a browser does.
    pub async fn submit(&self, page: &str, form: &str, fields: &[(&str, &str)]) -> Answer {
        Answer::of(
            self.http
                .post(self.url(&format!("/form/{form}")))
                .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
                .header("referer", self.url(page))
                .header("origin", &self.site)
                .header("sec-fetch-site", "same-origin")
                .form(fields),
        )
        .await
    }

    /// Sends a form the way a program does, which is told by status and problem+json.
    pub async fn call(&self, form: &str, fields: &[(&str, &str)]) -> Answer {
        Answer::of(self.http.post(self.url(&format!("/form/{form}"))).form(fields)).await
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.site)
    }

    /// The cookies that the browser would send.
    pub fn cookies(&self) -> String {
        use reqwest::cookie::CookieStore;

        self.jar
            .cookies(&self.site.parse().unwrap())
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default()
    }

    pub fn set_cookie(&self, cookie: &str) {
        self.jar.add_cookie_str(cookie, &self.site.parse().unwrap());
    }
}

/// The answer of a server.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: String,
}

impl Answer {
    pub async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let answer = Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.text().await.unwrap(),
        };
        assert!(!answer.body.contains("Unknown localization"), "{}", answer.body);
        answer
    }

    pub fn header(&self, name: &str) -> String {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default()
    }

    pub fn location(&self) -> String {
        self.header("location")
    }

    /// The error that a page is told of in its URL.
    pub fn error(&self) -> Option<AppError> {
        use leptos::server_fn::error::ServerFnUrlError;

        let location = self.location();
        let encoded = location
            .split("__err=")
            .nth(1)?
            .split(['#', '&'])
            .next()?
            .replace("%3D", "=");
        Some(ServerFnUrlError::<AppError>::decode_err(&encoded))
    }

    /// The fields of a form of this page, as a browser would send them.
    pub fn form(&self, name: &str) -> Vec<(String, String)> {
        let page = Html::parse_document(&self.body);
        let selector = Selector::parse(&format!(
            "form[action='/form/{name}'] input, form[action='/form/{name}'] textarea"
        ));
        page.select(&selector.unwrap())
            .filter_map(|element| {
                let input = element.value();
                if input.attr("type") == Some("radio") && input.attr("checked").is_none() {
                    return None;
                }
                let value = match input.name() {
                    "textarea" => element.text().collect(),
                    _ => input.attr("value").unwrap_or_default().to_owned(),
                };
                Some((input.attr("name")?.to_owned(), value))
            })
            .collect()
    }

    /// The value of a field of a form of this page.
    pub fn field(&self, form: &str, name: &str) -> String {
        let fields = self.form(form);
        let field = fields.into_iter().find(|(field, _)| field == name);
        field
            .unwrap_or_else(|| panic!("no {name} in {form} of {}", self.body))
            .1
    }

    /// The targets of the links that a selector finds.
    pub fn links(&self, selector: &str) -> Vec<String> {
        let page = Html::parse_document(&self.body);
        page.select(&Selector::parse(selector).unwrap())
            .filter_map(|element| element.value().attr("href").map(str::to_owned))
            .collect()
    }

    /// The texts of the elements that a selector finds.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let page = Html::parse_document(&self.body);
        page.select(&Selector::parse(selector).unwrap())
            .map(|element| {
                element
                    .text()
                    .collect::<String>()
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The code of an error, as programs are told; checks that it is said the same way everywhere.
    pub fn code(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{self:?}"
        );
        let json = self.json();
        assert_eq!(json["status"], self.status);
        assert_eq!(json["success"], false);
        assert!(json["error"].as_str().is_some_and(|text| !text.is_empty()));
        json["code"].as_str().unwrap().to_owned()
    }
}
