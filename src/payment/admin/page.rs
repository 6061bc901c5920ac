//! The page of all payments, and the one on which an amount is said to be paid back by hand.

use engine::{
    error::{AppError, Field},
    i18n::Texts,
    payment::{
        PaymentState, Provider, Subject,
        board::{self, OpenRefund, OpenTrouble, Search, ToDo},
    },
    time::local_date,
};
use jiff::{ToSpan, tz::TimeZone};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    DAYS,
    forms::{FOUND, PAID_BACK, PayBackByHand, SeeToPayment},
    list::{Filter, filters, search_form, table},
    moment,
    money::revenue,
    provider_text, why_text, word,
};
use crate::{
    account::guard,
    idempotency::page::KeyField,
    server::AppState,
    ui::{Hidden, Page, TextField, Tone, csv_link, icon, notice, page, pager, path_parameter, query, texts},
};

/// The number of payments on a page.
const PER_PAGE: usize = 50;

/// All payments: first what needs a hand, then the list, newest first, then what each day brought.
#[component]
pub fn AdminPaymentsPage() -> impl IntoView {
    page(async {
        let caller = guard::desk().await?;
        let (texts, state) = (texts(), expect_context::<AppState>());
        let now = state.now();
        let about: String = match query("found") {
            Some(_) => guard::session().typed(FOUND, "").await?,
            None => String::new(),
        };
        let filter = Filter {
            state: query("state").as_deref().and_then(PaymentState::parse),
            provider: query("means").as_deref().and_then(Provider::parse),
            is_found: !about.is_empty(),
        };
        let before: Option<i64> = query("before").and_then(|id| id.parse().ok());
        let search = Search {
            state: filter.state,
            provider: filter.provider,
            about: filter.is_found.then(|| about.clone()),
            before,
            limit: i64::try_from(PER_PAGE + 1).unwrap_or(i64::MAX),
        };
        let to_do = board::to_do(&state.database, &caller, now).await?;
        let mut entries = board::entries(&state.database, &caller, search).await?;
        let is_more = entries.len() > PER_PAGE;
        entries.truncate(PER_PAGE);
        let older = (entries.last().filter(|_| is_more)).map(|last| filter.path(Some(last.id)));
        let newest = before.map(|_| filter.path(None));
        let csv = filter
            .path(None)
            .replacen("/admin/payments", "/admin/payments.csv", 1);
        let since = local_date(now, &TimeZone::UTC).saturating_sub(DAYS.days());
        let days = board::revenue(&state.database, &caller, since).await?;
        let list = match entries.is_empty() {
            true => view! { <div class="empty">{icon("list")}<h2>{texts.text("payments-none")}</h2></div> }
                .into_any(),
            false => table(&entries, texts).into_any(),
        };
        Ok(Page::new(
            texts.text("payments-title"),
            view! {
                <div class="page-head">
                    <div><h1>{texts.text("payments-title")}</h1><p>{texts.text("payments-intro")}</p></div>
                </div>
                {said(texts)}
                {worklist(&to_do, texts)}
                <section class="stack">
                    <h2 id="payments-list">{texts.text("payments-list")}</h2>
                    {search_form(about, texts)}
                    {filters(filter, texts)}
                    {list}
                    {csv_link(csv, texts)}
                    {pager((newest, "pages-newest"), (older, "pages-older"), texts)}
                </section>
                {revenue(&days, texts)}
            },
        ))
    })
}

/// What became of a form of this page.
fn said(texts: Texts) -> Option<AnyView> {
    let key = match query("done")?.as_str() {
        "paid-back" => "payments-paid-back-done",
        "seen" => "payments-seen-done",
        _ => return None,
    };
    Some(notice(Tone::Good, texts.text(key), ()).into_any())
}

/// What waits for a person; nothing where nothing does.
fn worklist(to_do: &ToDo, texts: Texts) -> Option<impl IntoView + use<>> {
    if to_do.refunds.is_empty() && to_do.troubles.is_empty() {
        return None;
    }
    let troubles = to_do
        .troubles
        .iter()
        .map(|trouble| trouble_row(trouble, texts))
        .collect_view();
    let refunds = to_do
        .refunds
        .iter()
        .map(|refund| refund_row(refund, texts))
        .collect_view();
    let head = [
        "column-time",
        "payments-what",
        "payments-amount",
        "payments-means",
        "payments-do",
    ]
    .map(|key| view! { <th scope="col">{texts.text(key)}</th> });
    Some(view! {
        <section class="stack">
            <h2 id="payments-to-do">{texts.text("payments-to-do")}</h2>
            <p>{texts.text("payments-to-do-intro")}</p>
            <div class="table-wrap" role="region" aria-label=texts.text("payments-to-do") tabindex="0">
                <table class="cards">
                    <caption class="hide">{texts.text("payments-to-do")}</caption>
                    <thead><tr>{head}</tr></thead>
                    <tbody>{troubles}{refunds}</tbody>
                </table>
            </div>
        </section>
    })
}

fn about(subject: Subject, reference: &str) -> impl IntoView + use<> {
    let (href, reference) = (
        crate::payment::desk_path_of(subject, reference),
        reference.to_owned(),
    );
    view! { <a href=href>{reference}</a> }
}

fn trouble_row(trouble: &OpenTrouble, texts: Texts) -> impl IntoView + use<> {
    let locale = texts.locale();
    let said = trouble.said.as_ref().map(|said| {
        let said = texts.with("payments-said", &[("amount", said.text(locale).into())]);
        view! { <p class="soft">{said}</p> }
    });
    view! {
        <tr>
            <th scope="row">
                <time datetime=trouble.noticed_at.to_string()>{moment(trouble.noticed_at, texts)}</time>
            </th>
            <td data-label=texts.text("payments-what")>
                {word("payment-trouble", trouble.kind.as_str(), texts)} " " {about(trouble.subject, &trouble.reference)}
            </td>
            <td data-label=texts.text("payments-amount")>{trouble.asked.text(locale)}{said}</td>
            <td data-label=texts.text("payments-means")>{provider_text(trouble.provider, texts)}</td>
            <td data-label=texts.text("payments-do")>
                <form method="post" action=SeeToPayment::url()>
                    <Hidden name="trouble" value=trouble.id.to_string() />
                    <button class="btn">{icon("check")}{texts.text("payments-seen")}</button>
                </form>
            </td>
        </tr>
    }
}

fn refund_row(refund: &OpenRefund, texts: Texts) -> impl IntoView + use<> {
    let act = match refund.is_by_hand {
        true => {
            let href = format!("/admin/payments/refunds/{}", refund.id);
            view! { <a class="btn" href=href>{icon("check")}{texts.text("payments-by-hand")}</a> }.into_any()
        }
        false => view! { <span class="soft">{texts.text("payments-provider-slow")}</span> }.into_any(),
    };
    view! {
        <tr>
            <th scope="row">
                <time datetime=refund.created_at.to_string()>{moment(refund.created_at, texts)}</time>
            </th>
            <td data-label=texts.text("payments-what")>{why_text(refund.why, texts)} " " {about(refund.subject, &refund.reference)}</td>
            <td data-label=texts.text("payments-amount")>{refund.amount.text(texts.locale())}</td>
            <td data-label=texts.text("payments-means")>{provider_text(refund.provider, texts)}</td>
            <td data-label=texts.text("payments-do")>{act}</td>
        </tr>
    }
}

/// An amount that somebody pays back by hand.
#[component]
pub fn PaidBackPage() -> impl IntoView {
    page(async {
        let caller = guard::desk().await?;
        let (texts, state) = (texts(), expect_context::<AppState>());
        let id: i64 = path_parameter("refund")?;
        let refund = board::open_refund(&state.database, &caller, id)
            .await?
            .filter(|refund| refund.is_by_hand)
            .ok_or(AppError::NotFound)?;
        let typed: String = guard::session().typed(PAID_BACK, &id.to_string()).await?;
        let what = texts.with(
            "payments-pay-back",
            &[
                ("amount", refund.amount.text(texts.locale()).into()),
                ("reference", refund.reference.clone().into()),
            ],
        );
        let why = match refund.provider.is_desk() {
            true => "payments-pay-back-desk",
            false => "payments-pay-back-provider",
        };
        Ok(Page::new(
            texts.text("payments-by-hand"),
            view! {
                <div class="stack">
                    <a class="back" href="/admin/payments">{icon("arrow-left")}{texts.text("payments-title")}</a>
                    <h1>{texts.text("payments-by-hand")}</h1>
                    <p><b>{what}</b></p>
                    <p>{why_text(refund.why, texts)} ". " {texts.text(why)}</p>
                    <p>{about(refund.subject, &refund.reference)}</p>
                    <form method="post" action=PayBackByHand::url() class="card stack-s">
                        <KeyField />
                        <Hidden name="refund" value=id.to_string() />
                        <TextField
                            field=Field::PaidBackReference
                            label=texts.text("payments-where")
                            hint=texts.text("payments-where-hint")
                            value=typed
                        />
                        <div class="actions">
                            <button class="btn primary">{icon("check")}{texts.text("payments-is-paid-back")}</button>
                        </div>
                    </form>
                </div>
            },
        ))
    })
}
