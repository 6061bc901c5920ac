//! Requests that were held back, since more of them fell due at once than expire without an admin; and what becomes of them.

use crate::{
    account::guard,
    appointment::forms::{DecideOverdue, GIVEN_HOURS},
    server::AppState,
    ui::{Hidden, Page, Tone, icon, notice, page, query, texts},
};
use jiff::tz::TimeZone;
use leptos::{prelude::*, server_fn::ServerFn};

use engine::{
    appointment::{HeldBack, held_back},
    i18n::Texts,
    time,
};

/// The hours that are chosen at first.
const USUAL_HOURS: i64 = 24;

/// How many are held back and since when, with a form for each decision.
#[component]
pub fn OverduePage() -> impl IntoView {
    page(async {
        guard::admin().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let body = match held_back(&state.database, state.now()).await? {
            Some(held_back) => decisions(held_back, texts).into_any(),
            None => view! {
                <div class="empty">
                    {icon("circle-check")}
                    <h2>{texts.text("overdue-none-title")}</h2>
                    <p>{texts.text("overdue-none-text")}</p>
                </div>
            }
            .into_any(),
        };
        Ok(Page::new(
            texts.text("overdue-title"),
            view! {
                {done(texts)}
                <div class="page-head">
                    <div><h1>{texts.text("overdue-title")}</h1><p>{texts.text("overdue-intro")}</p></div>
                </div>
                {body}
            },
        ))
    })
}

/// Says what the form did that led here.
fn done(texts: Texts) -> Option<AnyView> {
    let (tone, key) = match query("done")?.as_str() {
        "expire" => (Tone::Good, "overdue-done-expire"),
        "wait" => (Tone::Good, "overdue-done-wait"),
        // Somebody else has decided meanwhile.
        "late" => (Tone::Warn, "overdue-done-late"),
        _ => return None,
    };
    Some(notice(tone, texts.text(key), ()).into_any())
}

fn decisions(held_back: HeldBack, texts: Texts) -> impl IntoView + use<> {
    let hours = GIVEN_HOURS.map(|hours| {
        let selected = hours == USUAL_HOURS;
        let text = texts.with("overdue-hours", &[("count", hours.into())]);
        view! { <option value=hours selected=selected>{text}</option> }
    });
    view! {
        {notice(Tone::Warn, how_many(held_back, texts), view! { <p>{since(held_back, texts)}</p> })}
        <section class="card stack-s" aria-labelledby="overdue-wait">
            <h2 id="overdue-wait">{texts.text("overdue-wait-title")}</h2>
            <p>{texts.text("overdue-wait-text")}</p>
            <form method="post" action=DecideOverdue::url() class="fields">
                <Hidden name="decision" value="wait" />
                <div class="field">
                    <label for="hours">{texts.text("overdue-wait-hours")}</label>
                    <select id="hours" name="hours">{hours}</select>
                </div>
                <button class="btn primary">{icon("hourglass")}{texts.text("overdue-wait-do")}</button>
            </form>
        </section>
        <section class="card stack-s" aria-labelledby="overdue-expire">
            <h2 id="overdue-expire">{texts.text("overdue-expire-title")}</h2>
            <p>{texts.text("overdue-expire-text")}</p>
            <form method="post" action=DecideOverdue::url()>
                <Hidden name="decision" value="expire" />
                <button class="btn danger">{icon("x")}{texts.text("overdue-expire-do")}</button>
            </form>
        </section>
    }
}

fn how_many(held_back: HeldBack, texts: Texts) -> String {
    texts.with("overdue-held", &[("count", held_back.requests.into())])
}

fn since(held_back: HeldBack, texts: Texts) -> String {
    let moment = time::moment(held_back.since, &TimeZone::UTC, texts);
    texts.with("overdue-since", &[("moment", moment.into())])
}

/// The notice that leads here, where requests are held back.
pub(super) fn overdue_notice(held_back: Option<HeldBack>, texts: Texts) -> Option<AnyView> {
    let held_back = held_back?;
    let body = view! {
        <p>{since(held_back, texts)}</p>
        <p><a href="/admin/overdue">{texts.text("overdue-decide")}</a></p>
    };
    Some(notice(Tone::Warn, how_many(held_back, texts), body).into_any())
}
