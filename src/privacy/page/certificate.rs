//! What became of an erasure.

use engine::privacy::{self, Certificate};
use leptos::prelude::*;

use super::moment;
use crate::{
    server::AppState,
    ui::{Page, page, path_parameter, texts},
};
use engine::{i18n::Texts, time};

/// What became of an erasure, for whoever has its certificate: it says nothing of the person.
#[component]
pub fn ErasedPage() -> impl IntoView {
    page(async {
        let texts = texts();
        let state = expect_context::<AppState>();
        let known: String = path_parameter("certificate")?;
        let found = privacy::certificate(&state.database, known).await?;
        Ok(Page::new(texts.text("erased-title"), shown(&found, texts)))
    })
}

fn shown(found: &Certificate, texts: Texts) -> impl IntoView + use<> {
    let said = match found.erased_at {
        Some(_) => texts.text("erased-done"),
        None => texts.text("erased-under-way"),
    };
    let erased = found.erased_at.map(|at| {
        view! { <div><dt>{texts.text("erased-at")}</dt><dd>{moment(at, texts)}</dd></div> }
    });
    let kept = found.kept_until.map(|until| {
        let kept = texts.with(
            "erased-kept",
            &[
                ("count", found.kept.into()),
                ("until", time::long_date(until, texts).into()),
            ],
        );
        view! { <p>{kept}</p> }
    });
    view! {
        <div class="narrow stack">
            <div class="page-head"><div><h1>{texts.text("erased-title")}</h1><p>{said}</p></div></div>
            <dl class="facts">
                <div><dt>{texts.text("erased-certificate")}</dt><dd class="num">{found.certificate.clone()}</dd></div>
                <div><dt>{texts.text("erased-requested")}</dt><dd>{moment(found.requested_at, texts)}</dd></div>
                {erased}
            </dl>
            {kept}
            <p class="soft">{texts.text("erased-keep-it")}</p>
        </div>
    }
}
