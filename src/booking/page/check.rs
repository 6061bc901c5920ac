//! *Check*: a summary with one button that books.

use super::{
    conflict::{BOOK_FORM, ConflictSubject, conflict, overlap_of},
    hold::{hold_line, in_short},
};
use super::{elsewhere, held_or_gone, holder, place, steps, times_of};
use crate::booking::forms::{AddPart, DropPart, Pay, PayVisit, Submit, SubmitVisit, is_bookable, patient_of};
use crate::{
    account::{guard, session::Draft},
    idempotency::page::KeyField,
    payment::page::{how, rule},
    server::AppState,
    ui::{Hidden, Page, Tone, icon, isolate, notice, page, query, request_error, texts},
};
use engine::{
    appointment::{Item, Status, find},
    availability::{Except, is_free},
    booking::Wanted,
    error::{AppError, Refusal},
    i18n::Texts,
    money::Price,
    time::{self},
};
use leptos::{prelude::*, server_fn::ServerFn};

/// Everything once more, and one button.
#[component]
pub fn CheckPage() -> impl IntoView {
    page(async {
        let texts = texts();
        let state = expect_context::<AppState>();
        let item = match held_or_gone().await? {
            Ok(item) => item,
            Err(gone) => return Ok(gone),
        };
        if let Some(page) = elsewhere(&item).await? {
            return Ok(page);
        }
        let details = format!("/book/{}", item.reference);
        let caller = guard::caller().await?;
        let draft = guard::session().draft().await?;
        let whom = match &caller {
            Some(caller) => patient_of(caller, &draft).await?,
            None => None,
        };
        if whom.is_none() {
            crate::ui::redirect(&details);
        }
        let name = whom.map(|whom| whom.name().to_owned()).unwrap_or_default();
        let mut error = request_error();
        if error.is_none() && item.status_at(state.now()) == Status::Expired {
            let except = Except {
                appointment_id: Some(item.id),
                holds_of: item.held_by.clone(),
            };
            if !is_free(&state.database, Wanted::from(&item), except, state.now()).await? {
                error = Some(AppError::BookingFailed {
                    reason: Refusal::HoldExpired,
                    wanted: Wanted::from(&item),
                });
            }
        }
        if error.is_none() {
            error = overlap_of(&item).await?;
        }
        let reason = match error {
            Some(AppError::BookingFailed { reason, .. }) => Some(reason),
            _ => None,
        };
        let lost = reason.is_some_and(|reason| reason != Refusal::PatientOverlap);
        let along = along(&draft).await?;
        let parts = parts_of(&item, draft.parts).await?;
        if parts.len() > 1 {
            let problem = conflict(error, Some(ConflictSubject::of_part(&item))).await?;
            return Ok(check_visit(parts, problem, along, texts));
        }
        let problem = conflict(error, Some(ConflictSubject::of(&item))).await?;
        let summary = check_summary(&item, &name, &draft.reason, &details, texts);
        let hold = (!lost).then(|| hold_line(&item, None, texts));
        // What cannot be booked has no button that says so.
        let button = reason.is_none().then(|| match item.paid_first {
            Some(_) => pay_form(&item, along, texts),
            None => book_form(&item, along, texts),
        });
        Ok(Page::new(
            texts.text("check-title"),
            view! {
                <div class="narrow stack">
                    {steps(2, texts)}
                    {problem}
                    <h1>{texts.text("check-title")}</h1>
                    {hold}
                    {summary}
                    {button}
                </div>
            },
        )
        .shows_problem())
    })
}

/// The button that books.
fn book_form(item: &Item, along: AnyView, texts: Texts) -> AnyView {
    view! {
        <form method="post" action=Submit::url() id=BOOK_FORM>
            <KeyField />
            {along}
            <Hidden name="reference" value=item.reference.clone() />
            <div class="actions">
                <button class="btn primary big">{texts.text("book-now")}</button>
            </div>
        </form>
        {add_another(item, texts)}
    }
    .into_any()
}

/// The button that goes to pay, by which it is booked; and that it cannot be paid at the moment, where that was so.
fn pay_form(item: &Item, along: AnyView, texts: Texts) -> AnyView {
    view! {
        {not_now(item, texts)}
        {rule(item, texts)}
        <p class="soft">{texts.text("pay-text")}</p>
        <form method="post" action=Pay::url() id=BOOK_FORM>
            <KeyField />
            {along}
            <Hidden name="reference" value=item.reference.clone() />
            <div class="actions">
                <button class="btn primary big">{texts.text("pay-and-book")}</button>
            </div>
        </form>
        {add_another(item, texts)}
    }
    .into_any()
}

/// Says that nothing can be paid at the moment, where that was so.
fn not_now(item: &Item, texts: Texts) -> impl IntoView + use<> {
    query("pay").filter(|pay| pay == "not-now").map(|_| {
        let text = texts.with("pay-not-now-text", &[("phone", item.clinic_phone.clone().into())]);
        notice(Tone::Bad, texts.text("pay-not-now"), view! { <p>{text}</p> })
    })
}

/// Finds the holds of the visit that this one belongs to, itself included. Holds that ran out are included as well, and what is
/// booked by now is not.
async fn parts_of(item: &Item, references: Vec<String>) -> Result<Vec<Item>, AppError> {
    if !references.contains(&item.reference) {
        return Ok(Vec::new());
    }
    let state = expect_context::<AppState>();
    let caller = guard::caller().await?;
    let visitor = guard::session().visitor().await?;
    let mut parts = Vec::new();
    for reference in references {
        match find(&state.database, caller.clone(), visitor.clone(), reference).await {
            Ok(part) if is_bookable(part.status) => parts.push(part),
            Ok(_) | Err(AppError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(parts)
}

/// What the last step needs where the session ends before it: whose hold it is, and what was typed.
async fn along(draft: &Draft) -> Result<AnyView, AppError> {
    let typed = [
        ("name", &draft.name),
        ("whose", &draft.whose),
        ("reason", &draft.reason),
    ]
    .map(|(name, value)| view! { <Hidden name=name value=value.clone() /> })
    .collect_view();
    let holder = holder().await?;
    Ok(view! {
        {holder}
        {typed}
    }
    .into_any())
}

/// *Add another appointment*, to be booked together with this one.
fn add_another(item: &Item, texts: Texts) -> impl IntoView + use<> {
    view! {
        <form method="post" action=AddPart::url() class="stack-s">
            <p class="soft">{texts.text("add-part-text")}</p>
            <Hidden name="reference" value=item.reference.clone() />
            <button class="btn quiet">{icon("plus")}{texts.text("add-part")}</button>
        </form>
    }
}

/// All parts of a visit, and one button that books them all or none (B7).
fn check_visit(parts: Vec<Item>, problem: Option<AnyView>, along: AnyView, texts: Texts) -> Page {
    let button = visit_form(&parts, along, texts);
    let another = parts.last().map(|last| add_another(last, texts));
    let all = parts
        .into_iter()
        .map(|part| {
            let id = format!("part-{}", part.reference);
            let labelled_by = id.clone();
            let ended = (part.status != Status::Held).then(|| {
                view! { <p><b>{texts.text("part-ended")}</b></p> }
            });
            let name = in_short(&part, texts);
            view! {
                <section class="card stack-s" aria-labelledby=labelled_by>
                    <h2 id=id>{name.clone()}</h2>
                    <p>{isolate(part.service(texts.locale()).to_owned())} " · " {isolate(place(&part, texts))}</p>
                    {hold_line(&part, None, texts)}
                    {ended}
                    {paid_how(&part, texts)}
                    <form method="post" action=DropPart::url()>
                        <Hidden name="reference" value=part.reference.clone() />
                        <button class="btn quiet">{texts.text("drop-part")}<span class="hide">": " {isolate(name)}</span></button>
                    </form>
                </section>
            }
        })
        .collect_view();
    Page::new(
        texts.text("check-title"),
        view! {
            <div class="narrow stack">
                {steps(2, texts)}
                {problem}
                <h1>{texts.text("check-title")}</h1>
                <p>{texts.text("check-visit-text")}</p>
                {all}
                {button}
                {another}
            </div>
        },
    )
    .shows_problem()
}

/// How a part is paid, and what goes back of what is paid first for it.
fn paid_how(part: &Item, texts: Texts) -> impl IntoView + use<> {
    let how = how(part, texts);
    let how = (!how.is_empty()).then(|| view! { <p>{texts.text("pay-how")} ": " {how}</p> });
    view! {
        {how}
        {rule(part, texts)}
    }
}

/// What is paid first for all parts of a visit.
enum PaidFirst {
    Nothing,
    /// So much together.
    Sum(Price),
    /// No one payment can be that.
    InSeveralCurrencies,
}

impl PaidFirst {
    fn of(parts: &[Item]) -> Self {
        let shares: Vec<&Price> = parts.iter().filter_map(|part| part.paid_first.as_ref()).collect();
        let Some(first) = shares.first() else {
            return Self::Nothing;
        };
        match shares.iter().all(|share| share.currency == first.currency) {
            true => Self::Sum(Price {
                minor: shares.iter().map(|share| share.minor).sum(),
                currency: first.currency.clone(),
            }),
            false => Self::InSeveralCurrencies,
        }
    }
}

/// The button that books all parts of a visit, or that goes to pay for what is paid first of it.
fn visit_form(parts: &[Item], along: AnyView, texts: Texts) -> AnyView {
    let references: Vec<String> = parts.iter().map(|part| part.reference.clone()).collect();
    let count = i64::try_from(parts.len()).unwrap_or(i64::MAX);
    let (action, label, before) = match PaidFirst::of(parts) {
        PaidFirst::Nothing => {
            let label = texts.with("book-visit", &[("count", count.into())]);
            (SubmitVisit::url(), label, None)
        }
        PaidFirst::InSeveralCurrencies => {
            return view! { <p><b>{texts.text("pay-visit-currencies")}</b></p> }.into_any();
        }
        PaidFirst::Sum(sum) => {
            let now = texts.with("pay-visit-now", &[("amount", sum.text(texts.locale()).into())]);
            let before = view! {
                {parts.first().map(|part| not_now(part, texts))}
                <p><b>{now}</b></p>
                <p class="soft">{texts.text("pay-visit-text")}</p>
            };
            (PayVisit::url(), texts.text("pay-and-book"), Some(before))
        }
    };
    view! {
        {before}
        <form method="post" action=action id=BOOK_FORM>
            <KeyField />
            {along}
            <Hidden name="parts" value=references.join(",") />
            <div class="actions">
                <button class="btn primary big">{label}</button>
            </div>
        </form>
    }
    .into_any()
}

fn check_summary(
    item: &Item,
    name: &str,
    reason: &str,
    details: &str,
    texts: Texts,
) -> impl IntoView + use<> {
    let change = |href: String, what: &str| {
        let what = texts.text(what);
        view! { <dd><a href=href>{texts.text("change")}<span class="hide">" " {what}</span></a></dd> }
    };
    let rows = [
        (
            "doctor",
            item.doctor_name.clone(),
            Some(change("/".to_owned(), "doctor")),
        ),
        (
            "service",
            item.service(texts.locale()).to_owned(),
            Some(change(times_of(item), "service")),
        ),
        (
            "when",
            format!(
                "{} ({})",
                time::moment(item.starts_at, &item.zone, texts),
                time::zone_name(&item.zone_name, &item.zone, item.starts_at)
            ),
            Some(change(times_of(item), "when")),
        ),
        ("where", place(item, texts), None),
        (
            "price",
            item.price
                .as_ref()
                .map(|price| price.text(texts.locale()))
                .unwrap_or_default(),
            None,
        ),
        ("pay-how", how(item, texts), None),
        (
            "whose-label",
            name.to_owned(),
            Some(change(details.to_owned(), "whose-label")),
        ),
        (
            "reason-label",
            if reason.is_empty() {
                texts.text("no-reason")
            } else {
                reason.to_owned()
            },
            Some(change(details.to_owned(), "reason-label")),
        ),
    ];
    view! {
        <dl class="summary">
            {rows
                .into_iter()
                .filter(|(_, value, _)| !value.is_empty())
                .map(|(key, value, change)| view! { <div><dt>{texts.text(key)}</dt><dd>{isolate(value)}</dd>{change}</div> })
                .collect_view()}
        </dl>
    }
}
