//! Where the link in a message about a stay leads. Looking at it changes nothing: programs that check links look at it, too.

use engine::{
    i18n::Texts,
    notification::{LinkedStay, open_stay},
    stay::{Item, Status},
    time::long_date,
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::parts::{amount, badge};
use crate::{
    server::AppState,
    stay::forms::LinkCancelStay,
    ui::{
        Hidden, Page, Tone, icon, isolate, notice, page, path_parameter, problem, query, request_error, texts,
    },
};

/// The nights and how many rooms. In which room, and whose it is, is nobody's business who found the message.
fn facts(item: &Item, texts: Texts) -> impl IntoView + use<> {
    let wanted = item.stay.wanted();
    let rows = [
        ("stay-arrival", long_date(wanted.arrival, texts)),
        ("stay-departure", long_date(wanted.departure, texts)),
        ("stay-amount", amount(wanted, texts)),
    ];
    view! {
        <article class="slip">
            <header>
                <p>{texts.text("your-reference")}</p>
                <p class="reference">{item.stay.reference.clone()}</p>
            </header>
            <dl class="summary">
                {rows
                    .into_iter()
                    .map(|(key, value)| view! { <div><dt>{texts.text(key)}</dt><dd class="said">{isolate(value)}</dd></div> })
                    .collect_view()}
            </dl>
        </article>
    }
}

/// The form that cancels the stay of a link.
fn cancel(item: &Item, secret: String, texts: Texts) -> impl IntoView + use<> {
    view! {
        <form method="post" action=LinkCancelStay::url() class="stack-s">
            <Hidden name="secret" value=secret />
            <Hidden name="version" value=item.stay.version.to_string() />
            <p class="soft">{texts.text("stay-cancel-text")}</p>
            <button class="btn danger">{texts.text("stay-cancel")}</button>
        </form>
    }
}

/// The stay of a link.
#[component]
pub fn LinkedStayPage() -> impl IntoView {
    page(async {
        let (texts, state) = (texts(), expect_context::<AppState>());
        let now = state.now();
        let secret: String = path_parameter("secret")?;
        let LinkedStay { item, .. } = open_stay(&state.database, secret.clone(), now).await?;
        let problem = request_error().map(|error| problem(error, texts));
        let is_done = query("done").is_some() && item.stay.status == Status::Cancelled;
        let done = is_done.then(|| {
            let key = [("reference", item.stay.reference.clone().into())];
            notice(Tone::Good, texts.with("stay-cancelled-now", &key), ())
        });
        let title = texts.with("stay-title", &[("reference", item.stay.reference.clone().into())]);
        let cancel = item.can_be_cancelled(now).then(|| cancel(&item, secret, texts));
        let more = format!("/stays/{}", item.stay.reference);
        Ok(Page::new(
            title.clone(),
            view! {
                <div class="narrow stack">
                    {done}
                    {problem}
                    <div class="page-head">
                        <div><h1>{title}</h1><p>{badge(&item, now, texts)}</p></div>
                    </div>
                    {facts(&item, texts)}
                    <div class="actions">
                        <a class="btn" href=more>{icon("user")}{texts.text("stay-sign-in")}</a>
                    </div>
                    {cancel}
                </div>
            },
        )
        .shows_problem())
    })
}
