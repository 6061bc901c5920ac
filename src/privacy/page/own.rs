//! One's own data: who read it, what one agrees to, a copy of it, and being forgotten.

use engine::{
    account::{
        Caller, family,
        reads::{self, Read},
    },
    error::Field,
    i18n::Texts,
    privacy::{
        self,
        consent::{self, Consent},
        export,
    },
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{copy_state, done, erase_form, moment, preview_section};
use crate::{
    account::guard,
    privacy::forms::{CopyData, EraseData, PROOF, PrivacyCode, PrivacyProve, SetConsent},
    server::AppState,
    ui::{Hidden, Page, TextField, icon, isolate, page, query, texts},
};

/// The newest reads that the page shows; the copy has all.
const MOST_READS: i64 = 50;

/// What the clinic has of the caller, and of those who share their phone.
#[component]
pub fn OwnDataPage() -> impl IntoView {
    page(async {
        let own = guard::patient().await?;
        let caller = guard::anyone().await?;
        caller.must_be_confirmed()?;
        let texts = texts();
        let people = family::of_holder(&expect_context::<AppState>().database, own).await?;
        let chosen = query("patient")
            .and_then(|id| id.parse().ok())
            .filter(|id| caller.acts_for(Some(*id)))
            .unwrap_or(own);
        let others = (people.len() > 1).then(|| {
            let links = people
                .iter()
                .map(|person| {
                    let name = person
                        .name
                        .clone()
                        .unwrap_or_else(|| texts.text("account-own-name"));
                    let current = (person.id == chosen).then_some("true");
                    let href = format!("/account/data?patient={}", person.id);
                    view! { <li><a href=href aria-current=current>{isolate(name)}</a></li> }
                })
                .collect_view();
            view! { <nav aria-label=texts.text("whose-label")><ul class="rows">{links}</ul></nav> }
        });
        let sections = sections(&caller, chosen, texts).await?;
        Ok(Page::new(
            texts.text("privacy-own-title"),
            view! {
                {done(texts)}
                <div class="stack">
                    <a class="back" href="/account">{icon("arrow-left")}{texts.text("account-title")}</a>
                    <div class="page-head">
                        <div><h1>{texts.text("privacy-own-title")}</h1><p>{texts.text("privacy-own-intro")}</p></div>
                    </div>
                </div>
                {others}
                {sections}
            },
        ))
    })
}

async fn sections(
    caller: &Caller,
    patient: i64,
    texts: Texts,
) -> Result<impl IntoView + use<>, engine::error::AppError> {
    let state = expect_context::<AppState>();
    let now = state.now();
    let copy = export::state(&state.database, caller, patient, now).await?;
    let preview = privacy::preview(&state.database, caller, patient, now).await?;
    let consents = consent::consents(&state.database, caller, patient).await?;
    let read = reads::of_patient(&state.database, patient, None, MOST_READS).await?;
    let is_fresh = guard::is_fresh().await?;
    let ask = match is_fresh {
        true => view! {
            <form method="post" action=CopyData::url() class="actions">
                <Hidden name="patient" value=patient.to_string() />
                <button class="btn">{texts.text("privacy-copy-ask")}</button>
            </form>
        }
        .into_any(),
        false => ().into_any(),
    };
    let erase = match is_fresh {
        true => erase_form(EraseData::url(), patient, texts),
        false => view! { <p class="soft">{texts.text("privacy-prove-first")}</p> }.into_any(),
    };
    let proof = match is_fresh {
        true => None,
        false => Some(proof(texts).await?),
    };
    Ok(view! {
        {proof}
        <section class="stack-s" aria-labelledby="copy-title">
            <h2 id="copy-title">{texts.text("privacy-copy-title")}</h2>
            <p class="soft">{texts.text("privacy-copy-text")}</p>
            {copy_state(copy, &format!("/account/data/{patient}/janji.zip"), texts)}
            {ask}
        </section>
        {consent_section(patient, &consents, texts)}
        <section class="stack" aria-labelledby="reads-title">
            <h2 id="reads-title">{texts.text("privacy-reads-title")}</h2>
            <p class="soft">{texts.text("privacy-reads-text")}</p>
            {readers(&read, texts)}
        </section>
        <section class="stack-s" aria-labelledby="erase-title">
            <h2 id="erase-title">{texts.text("privacy-erase-title")}</h2>
            {preview_section(&preview, erase, texts)}
        </section>
    })
}

/// The way to prove who one is: a code to one's own phone.
async fn proof(texts: Texts) -> Result<impl IntoView + use<>, engine::error::AppError> {
    let challenge: String = guard::session().typed(PROOF, "").await?;
    let code = (!challenge.is_empty()).then(|| {
        view! {
            <form method="post" action=PrivacyProve::url() class="stack">
                <TextField
                    field=Field::Code
                    label=texts.text("code-label")
                    autocomplete="one-time-code"
                    inputmode="numeric"
                    class="code"
                />
                <div class="actions"><button class="btn primary">{texts.text("continue")}</button></div>
            </form>
        }
    });
    let send = match challenge.is_empty() {
        true => texts.text("send-code"),
        false => texts.text("send-again"),
    };
    Ok(view! {
        <section class="card stack narrow" aria-labelledby="proof-title">
            <h2 id="proof-title">{texts.text("privacy-prove-title")}</h2>
            <p class="soft">{texts.text("privacy-prove-text")}</p>
            {code}
            <form method="post" action=PrivacyCode::url() class="actions">
                <button class="btn">{send}</button>
            </form>
        </section>
    })
}

fn consent_section(patient: i64, consents: &[Consent], texts: Texts) -> impl IntoView + use<> {
    let rows = consents
        .iter()
        .map(|consent| consent_row(patient, consent, texts))
        .collect_view();
    view! {
        <section class="stack-s" id="consent" aria-labelledby="consent-title">
            <h2 id="consent-title">{texts.text("consent-title")}</h2>
            <p class="soft">{texts.text("consent-intro")}</p>
            <ul class="stack">{rows}</ul>
        </section>
    }
}

fn consent_row(patient: i64, consent: &Consent, texts: Texts) -> impl IntoView + use<> {
    let purpose = consent.purpose.as_str();
    let key = purpose.replace('_', "-");
    let title = texts.text(&format!("consent-{key}"));
    let now = match (consent.said, consent.is_given) {
        (None, _) => texts.text("consent-unsaid"),
        (Some((at, version)), is_given) => texts.with(
            if is_given {
                "consent-given"
            } else {
                "consent-withdrawn"
            },
            &[("when", moment(at, texts).into()), ("version", version.into())],
        ),
    };
    let button = |given: bool, word: &str| {
        let said = texts.text(word);
        let label = format!("{said}: {title}");
        view! {
            <form method="post" action=SetConsent::url()>
                <Hidden name="patient" value=patient.to_string() />
                <Hidden name="purpose" value=purpose />
                <Hidden name="given" value=given.to_string() />
                <button class="btn" aria-label=label>{said}</button>
            </form>
        }
    };
    // Taken back as easily as given: one button each.
    let give = (consent.said.is_none() || !consent.is_given).then(|| button(true, "consent-give"));
    let take_back = consent.is_given.then(|| button(false, "consent-withdraw"));
    view! {
        <li class="card stack-s">
            <h3>{title.clone()}</h3>
            <p>{texts.text(&format!("consent-{key}-text"))}</p>
            <p class="soft">{now}</p>
            <div class="actions">{give}{take_back}</div>
        </li>
    }
}

/// Who of the staff has read data of the patient, the latest first.
fn readers(read: &[Read], texts: Texts) -> AnyView {
    if read.is_empty() {
        return view! { <p>{texts.text("privacy-reads-none")}</p> }.into_any();
    }
    let rows = read
        .iter()
        .map(|read| {
            let what = texts.text(&format!("read-{}", read.what));
            view! {
                <li>
                    <p><b>{isolate(read.staff_name.clone())}</b> " " {what}</p>
                    <time datetime=read.read_at.to_string()>{moment(read.read_at, texts)}</time>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="timeline">{rows}</ol> }.into_any()
}
