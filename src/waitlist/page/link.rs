//! Where the link of an offer leads. Looking at it changes nothing: programs that check links look at it, too.

use engine::{
    availability::{Asker, Except, alternatives, is_free},
    error::AppError,
    i18n::Texts,
    notification::{LinkedOffer, open_offer},
    text::isolated,
    time,
    waitlist::{self, OfferState, OfferView, Which},
};
use jiff::Timestamp;
use leptos::{prelude::*, server_fn::ServerFn};

use super::{done, facts, seats_text};
use crate::{
    account::guard,
    booking::{
        forms::Hold,
        page::conflict::{conflict, nameless_offer_button, offer_button},
    },
    idempotency::page::KeyField,
    server::AppState,
    ui::{Hidden, Page, Tone, icon, notice, page, path_parameter, problem, request_error, texts},
    waitlist::forms::{LinkAccept, LinkDecline, LinkLeave},
};

/// The secret in the path, and the offer that it leads to.
async fn linked(now: Timestamp) -> Result<(String, OfferView), AppError> {
    let state = expect_context::<AppState>();
    let secret: String = path_parameter("secret")?;
    let LinkedOffer { offer_id, caller } = open_offer(&state.database, secret.clone(), now).await?;
    let offer = waitlist::offer_of(&state.database, &caller, Which::Offer(offer_id)).await?;
    Ok((secret, offer))
}

/// Whether whoever looks at it has signed in as its patient, or as who shares the phone: with whom and what for it is, is
/// shown to them alone.
async fn is_theirs(offer: &OfferView) -> Result<bool, AppError> {
    let caller = guard::caller().await?;
    Ok(caller.is_some_and(|caller| caller.acts_for(Some(offer.patient_id))))
}

/// When and where. With whom and what for is nobody's business who found the message.
fn when_and_where(offer: &OfferView, texts: Texts) -> impl IntoView + use<> {
    let when = format!(
        "{} ({})",
        time::moment(offer.starts_at, &offer.zone, texts),
        time::zone_name(&offer.zone_name, &offer.zone, offer.starts_at)
    );
    let mut rows = vec![
        ("when", when),
        ("where", isolated(&offer.clinic_address).into_owned()),
    ];
    if let Some((_, seats)) = offer.session {
        rows.push(("group-seats", seats_text(seats, texts)));
    }
    if let Some((reference, starts_at)) = &offer.instead_of {
        let moves = texts.with(
            "waitlist-moves",
            &[
                ("reference", reference.clone().into()),
                ("when", time::moment(*starts_at, &offer.zone, texts).into()),
            ],
        );
        rows.push(("waitlist-instead", moves));
    }
    facts(rows, texts)
}

/// A time that is offered: until when it is kept, and the buttons that answer.
#[component]
pub fn OfferPage() -> impl IntoView {
    page(async {
        let (texts, state) = (texts(), expect_context::<AppState>());
        let now = state.now();
        let (secret, offer) = linked(now).await?;
        // What was refused is said by the state, where the time has gone.
        let problem = match request_error() {
            Some(AppError::BookingFailed { .. }) if offer.state_at(now) == OfferState::Lapsed => None,
            // The next steps name doctors, and are other times, which are no seats.
            Some(error @ AppError::BookingFailed { .. })
                if offer.session.is_some() || !is_theirs(&offer).await? =>
            {
                Some(problem(error, texts))
            }
            error => conflict(error, None).await?,
        };
        let said = said(&offer, now, texts);
        let body = match offer.state_at(now) {
            OfferState::Offered => answers(&offer, &secret, texts).into_any(),
            OfferState::Accepted => accepted(&offer, texts).into_any(),
            OfferState::Skipped => to_own("/appointments", "nav-appointments", texts).into_any(),
            _ if offer.session.is_some() => to_session(&offer, texts).await?.into_any(),
            OfferState::Told if is_free(&state.database, offer.wanted(), Except::default(), now).await? => {
                match moving(&offer) {
                    Some(path) => move_there(&offer, &path, texts).into_any(),
                    None => book(&offer, texts).into_any(),
                }
            }
            _ => others(&state, &offer, now, texts).await?.into_any(),
        };
        let leave = stays(&offer).then(|| {
            view! {
                <form method="post" action=LinkLeave::url() class="stack-s">
                    <Hidden name="secret" value=secret />
                    <p class="soft">{texts.text("waitlist-stay")}</p>
                    <button class="btn quiet">{texts.text("waitlist-leave")}</button>
                </form>
            }
        });
        Ok(Page::new(
            texts.text("waitlist-offer-title"),
            view! {
                <div class="narrow stack">
                    {done(texts)}
                    {problem}
                    <h1>{texts.text("waitlist-offer-title")}</h1>
                    {said}
                    {when_and_where(&offer, texts)}
                    {body}
                    {leave}
                </div>
            },
        )
        .shows_problem())
    })
}

/// Whether whoever has the link may be on the list still.
fn stays(offer: &OfferView) -> bool {
    match offer.state {
        OfferState::Accepted | OfferState::CalledOff => false,
        OfferState::Declined => offer.session.is_none(),
        _ => true,
    }
}

/// The way to a page of the patient's own.
fn to_own(path: &'static str, label: &'static str, texts: Texts) -> impl IntoView + use<> {
    view! { <p><a class="btn primary" href=path>{texts.text(label)}</a></p> }
}

/// The way to a session that has other seats, or will have some. Which one it is, is nobody's business who found the message.
async fn to_session(offer: &OfferView, texts: Texts) -> Result<impl IntoView + use<>, AppError> {
    let known = match offer.session {
        Some((group_id, _)) if is_theirs(offer).await? => Some(group_id),
        _ => None,
    };
    let (href, label) = match (known, offer.state) {
        (_, OfferState::CalledOff) => ("/groups".to_owned(), "group-all"),
        (Some(group_id), _) => (format!("/groups/{group_id}"), "waitlist-look-at-session"),
        (None, _) => ("/waitlist".to_owned(), "waitlist-title"),
    };
    Ok(view! { <p><a class="btn primary" href=href>{texts.text(label)}</a></p> })
}

/// What has become of the offer.
fn said(offer: &OfferView, now: Timestamp, texts: Texts) -> impl IntoView + use<> {
    let until = offer.kept_until.map_or_else(String::new, |until| {
        time::clock(until, &offer.zone, texts.locale())
    });
    let with_until = |key: &str| texts.with(key, &[("until", until.clone().into())]);
    let is_of_seats = offer.session.is_some();
    let (tone, text) = match offer.state_at(now) {
        OfferState::Offered if is_of_seats => (Tone::Good, with_until("waitlist-seats-kept")),
        OfferState::Told if is_of_seats => (Tone::Good, texts.text("waitlist-seats-told")),
        OfferState::Declined if is_of_seats => (Tone::Good, texts.text("waitlist-done-decline-seats")),
        OfferState::Offered => (Tone::Good, with_until("waitlist-kept")),
        OfferState::Accepted => (Tone::Good, texts.text("waitlist-accepted")),
        OfferState::Told => (Tone::Good, texts.text("waitlist-told")),
        OfferState::Declined => (Tone::Good, texts.text("waitlist-declined")),
        OfferState::Withdrawn => (Tone::Good, texts.text("waitlist-withdrawn")),
        OfferState::Lapsed => (Tone::Warn, with_until("waitlist-gone")),
        OfferState::Skipped => (Tone::Warn, texts.text("waitlist-skipped")),
        OfferState::Moved => (Tone::Good, texts.text("waitlist-session-moved")),
        OfferState::CalledOff => (Tone::Warn, texts.text("waitlist-session-called-off")),
    };
    notice(tone, text, ())
}

fn answers(offer: &OfferView, secret: &str, texts: Texts) -> impl IntoView + use<> {
    let (accept, decline) = super::answers(offer);
    view! {
        <div class="actions">
            <form method="post" action=LinkAccept::url()>
                <Hidden name="secret" value=secret.to_owned() />
                <button class="btn primary big">{icon("check")}{texts.text(accept)}</button>
            </form>
            <form method="post" action=LinkDecline::url()>
                <Hidden name="secret" value=secret.to_owned() />
                <button class="btn">{texts.text(decline)}</button>
            </form>
        </div>
    }
}

fn accepted(offer: &OfferView, texts: Texts) -> impl IntoView + use<> {
    offer.booked.clone().map(|reference| {
        view! {
            <p>{texts.text("your-reference")} ": " <b class="reference">{reference.clone()}</b></p>
            <a class="btn primary" href=format!("/appointments/{reference}")>{texts.text("message-link-page")}</a>
        }
    })
}

/// The page that moves the appointment for which a sooner time is wished.
fn moving(offer: &OfferView) -> Option<String> {
    offer
        .instead_of
        .as_ref()
        .map(|(reference, _)| format!("/appointments/{reference}/reschedule"))
}

/// The way to move the appointment to a time that is everybody's.
fn move_there(offer: &OfferView, path: &str, texts: Texts) -> impl IntoView + use<> {
    let href = format!("{path}?starts_at={}", offer.starts_at.as_second());
    view! { <p><a class="btn primary big" href=href>{texts.text("waitlist-accept-move")}</a></p> }
}

/// The form that holds a time that is everybody's.
fn book(offer: &OfferView, texts: Texts) -> impl IntoView + use<> {
    view! {
        <form method="post" action=Hold::url()>
            <KeyField />
            <Hidden name="doctor_id" value=offer.doctor_id.to_string() />
            <Hidden name="clinic_id" value=offer.clinic_id.to_string() />
            <Hidden name="service_id" value=offer.service_id.to_string() />
            <button class="btn primary big" name="starts_at" value=offer.starts_at.as_second().to_string()>{texts.text("waitlist-book")}</button>
        </form>
    }
}

/// The nearest times that are free now, where this one is not theirs: it may be among them.
async fn others(
    state: &AppState,
    offer: &OfferView,
    now: Timestamp,
    texts: Texts,
) -> Result<impl IntoView + use<>, AppError> {
    let found = alternatives(
        &state.database,
        offer.wanted(),
        Except::default(),
        Asker::PATIENT,
        now,
    )
    .await?;
    let moving = moving(offer);
    let is_theirs = is_theirs(offer).await?;
    let buttons = found
        .into_iter()
        // What is moved stays where it is.
        .filter(|one| {
            let place = (one.offering.doctor_id, one.offering.clinic_id);
            moving.is_none() || place == (offer.doctor_id, offer.clinic_id)
        })
        .map(|one| match is_theirs {
            true => offer_button(one, moving.clone(), texts).into_any(),
            false => nameless_offer_button(one, moving.clone(), texts).into_any(),
        })
        .collect_view();
    let all = is_theirs.then(|| {
        let href = moving.clone().unwrap_or_else(|| {
            format!(
                "/doctors/{}?clinic={}&service={}",
                offer.doctor_id, offer.clinic_id, offer.service_id
            )
        });
        view! { <div class="actions"><a class="btn quiet" href=href>{texts.text("all-times")}</a></div> }
    });
    Ok(view! {
        <section class="stack-s" aria-labelledby="others">
            <h2 id="others">{texts.text("waitlist-others")}</h2>
            <ul class="offers">{buttons}</ul>
            {all}
        </section>
    })
}
