//! The hosted page of the provider: plain HTML, as if it were somebody else's.

use axum::{
    Form, Router,
    extract::{Path, State},
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use engine::{
    i18n::{Locale, Texts},
    money::Price,
};
use serde::Deserialize;

use super::{Dialect, Hosted, StandIn, Standing};
use crate::payment::provider::stripe;

pub(super) fn routes() -> Router<StandIn> {
    Router::new().route("/pay/{page}", get(show).post(act))
}

/// A page loads one style sheet, and leads back to whoever sent people here.
const POLICY: (HeaderName, &str) = (
    header::CONTENT_SECURITY_POLICY,
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none'; frame-ancestors 'none'",
);

fn find(provider: &StandIn, page: &str) -> Option<Hosted> {
    let now = provider.seconds();
    let mut inner = provider.inner();
    inner.end_old(now);
    inner.pages.iter().find(|known| known.id == page).cloned()
}

async fn show(State(provider): State<StandIn>, Path(page): Path<String>) -> Response {
    let Some(page) = find(&provider, &page) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let html = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), POLICY];
    let back = provider.in_browser(&page.to_not_paid);
    (html, render(&page, &back, &provider.inner().account.style)).into_response()
}

fn render(page: &Hosted, back: &str, style: &str) -> String {
    let texts = Texts::of(Locale::parse(&page.locale).unwrap_or_default());
    let say = |key: &str| escape(&texts.text(key));
    let inner = match page.standing {
        Standing::Open => {
            let buttons = [
                ("pay", "btn primary", "demo-pay"),
                ("fail", "btn", "demo-pay-fail"),
                ("later", "btn", "demo-pay-later"),
                ("never", "btn quiet", "demo-pay-never"),
            ]
            .map(|(act, class, key)| {
                format!(
                    r#"<button class="{class}" name="act" value="{act}">{}</button>"#,
                    say(key)
                )
            });
            format!(
                r#"<form method="post" class="actions">{}</form><p class="soft">{}</p>"#,
                buttons.join("\n"),
                say("demo-pay-hint")
            )
        }
        _ => format!(
            r#"<p>{}</p><p><a class="btn" href="{}">{}</a></p>"#,
            say("demo-pay-over"),
            escape(back),
            say("demo-pay-back")
        ),
    };
    format!(
        r#"<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="{style}">
</head>
<body>
<main class="wrap">
<div class="narrow stack">
<h1>{title}</h1>
<p>{intro}</p>
<div class="card stack-s"><p><b>{what}</b></p><p>{amount}</p></div>
{inner}
</div>
</main>
</body>
</html>
"#,
        lang = texts.locale().code(),
        title = say("demo-pay-title"),
        style = escape(style),
        intro = say("demo-pay-intro"),
        what = escape(&page.description),
        amount = escape(&price(page).text(texts.locale())),
    )
}

fn price(page: &Hosted) -> Price {
    let (minor, currency) = match page.dialect {
        Dialect::Midtrans => (page.amount * 100, page.currency.clone()),
        Dialect::Stripe => {
            let currency = page.currency.to_ascii_uppercase();
            (
                stripe::price(page.amount, &currency).map_or(page.amount, |price| price.minor),
                currency,
            )
        }
    };
    Price { minor, currency }
}

fn escape(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, c| {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
        escaped
    })
}

/// The button that was pressed.
#[derive(Deserialize)]
struct Pressed {
    #[serde(default)]
    act: String,
}

/// Does what the button says, and leads back. What became of it is told by an event, and not by this.
async fn act(
    State(provider): State<StandIn>,
    Path(id): Path<String>,
    Form(pressed): Form<Pressed>,
) -> Response {
    let Some(page) = find(&provider, &id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let was_done = match pressed.act.as_str() {
        "pay" => provider.pay(&id),
        "later" => provider.pay_later(&id),
        // A card that is declined leaves the page open, and nothing is told of it: so the page is ended.
        "fail" => {
            provider.expire(&id);
            false
        }
        _ => false,
    };
    let back = match was_done {
        true => &page.to_paid,
        false => &page.to_not_paid,
    };
    Redirect::to(&provider.in_browser(back)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_stays_text() {
        assert_eq!(escape("<b a=\"'\">&"), "&lt;b a=&quot;&#39;&quot;&gt;&amp;");
    }
}
