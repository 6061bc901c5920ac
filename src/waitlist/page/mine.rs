//! What a patient waits for.

use engine::{
    i18n::Texts,
    time,
    waitlist::{self, EntryState, OfferView, View, range_of_place},
};
use jiff::Timestamp;
use leptos::{prelude::*, server_fn::ServerFn};

use super::{answers, done, facts, offer_text, refused, state_text, wishes};
use crate::{
    account::guard,
    idempotency::page::KeyField,
    server::AppState,
    ui::{Hidden, Page, icon, isolate, page, request_error, texts},
    waitlist::forms::{AcceptOffer, DeclineOffer, LeaveWaitlist},
};

/// What the patient and those who share the phone wait for: offers that stand first.
#[component]
pub fn WaitlistPage() -> impl IntoView {
    page(async {
        guard::patient().await?;
        let caller = guard::anyone().await?;
        let (texts, state) = (texts(), expect_context::<AppState>());
        let now = state.now();
        let is_family = caller.patient_ids().len() > 1;
        let mut entries = waitlist::of_patients(&state.database, &caller).await?;
        entries.sort_by_key(|entry| (!entry.state.is_open(), entry.state != EntryState::Offered));
        let problem = refused(request_error(), &entries, texts).await?;
        let list = match entries.is_empty() {
            true => view! {
                <div class="empty">
                    {icon("clock")}
                    <h2>{texts.text("waitlist-empty-title")}</h2>
                    <p>{texts.text("waitlist-empty-text")}</p>
                    <a class="btn primary" href="/">{texts.text("nav-find")}</a>
                </div>
            }
            .into_any(),
            false => {
                let entries = entries
                    .into_iter()
                    .map(|entry| own_entry(&entry, is_family, now, texts))
                    .collect_view();
                view! { <ul class="stack">{entries}</ul> }.into_any()
            }
        };
        Ok(Page::new(
            texts.text("waitlist-title"),
            view! {
                {done(texts)}
                {problem}
                <div class="stack">
                    <a class="back" href="/appointments">{icon("arrow-left")}{texts.text("nav-appointments")}</a>
                    <div class="page-head">
                        <div>
                            <h1>{texts.text("waitlist-title")}</h1>
                            <p class="soft">{texts.text("waitlist-intro")}</p>
                        </div>
                    </div>
                </div>
                {list}
            },
        )
        .shows_problem())
    })
}

fn own_entry(entry: &View, is_family: bool, now: Timestamp, texts: Texts) -> impl IntoView + use<> {
    let whose = entry
        .patient_name
        .clone()
        .filter(|_| is_family)
        .map(|name| view! { <p class="soft">{texts.text("whose-label")} ": " <bdi>{name}</bdi></p> });
    let place = (entry.state == EntryState::Waiting).then(|| {
        let (from, to) = range_of_place(entry.place);
        let place = match to {
            Some(to) => texts.with("waitlist-place", &[("from", from.into()), ("to", to.into())]),
            None => texts.with("waitlist-place-beyond", &[("from", from.into())]),
        };
        view! { <p class="soft">{place}</p> }
    });
    let open = entry.open_offer().map(|offer| open_offer(offer, now, texts));
    let earlier: Vec<String> = entry
        .offers
        .iter()
        .filter(|offer| entry.open_offer().is_none_or(|open| open.id != offer.id))
        .map(|offer| offer_text(offer, now, texts))
        .collect();
    let earlier = (!earlier.is_empty()).then(|| {
        let lines = earlier
            .into_iter()
            .map(|line| view! { <li>{line}</li> })
            .collect_view();
        view! { <ul class="soft">{lines}</ul> }
    });
    let title = match &entry.session {
        Some(session) => session.title.clone(),
        None => entry.service(texts.locale()).to_owned(),
    };
    let leave = entry.state.is_open().then(|| {
        let said = format!("{}: {title}", texts.text("waitlist-leave"));
        view! {
            <form method="post" action=LeaveWaitlist::url()>
                <Hidden name="entry" value=entry.id.to_string() />
                <button class="btn quiet" aria-label=said>{texts.text("waitlist-leave")}</button>
            </form>
        }
    });
    view! {
        <li class="card stack">
            <div class="spread">
                <h2>{isolate(title.clone())}</h2>
                <span class="tag">{state_text(entry, now, texts)}</span>
            </div>
            {whose}
            {open}
            {facts(wishes(entry, texts), texts)}
            {place}
            {earlier}
            {leave.map(|leave| view! { <div class="actions">{leave}</div> })}
        </li>
    }
}

/// An offer with its end, and what can be answered.
fn open_offer(offer: &OfferView, now: Timestamp, texts: Texts) -> impl IntoView + use<> {
    let title = offer_text(offer, now, texts);
    let with = texts.with(
        "waitlist-offer-with",
        &[
            ("doctor", offer.doctor(texts).into()),
            ("place", offer.clinic_address.clone().into()),
            (
                "zone",
                time::zone_name(&offer.zone_name, &offer.zone, offer.starts_at).into(),
            ),
        ],
    );
    let moves = offer.instead_of.as_ref().map(|(reference, starts_at)| {
        let moves = texts.with(
            "waitlist-offer-moves",
            &[
                ("reference", reference.clone().into()),
                ("when", time::moment(*starts_at, &offer.zone, texts).into()),
            ],
        );
        view! { <p>{moves}</p> }
    });
    let (accept, decline) = answers(offer);
    view! {
        <section class="stack-s">
            <h3>{title}</h3>
            <p>{with}</p>
            {moves}
            <div class="actions">
                <form method="post" action=AcceptOffer::url()>
                    <KeyField />
                    <Hidden name="offer" value=offer.id.to_string() />
                    <button class="btn primary big">{icon("check")}{texts.text(accept)}</button>
                </form>
                <form method="post" action=DeclineOffer::url()>
                    <Hidden name="offer" value=offer.id.to_string() />
                    <button class="btn">{texts.text(decline)}</button>
                </form>
            </div>
        </section>
    }
}
