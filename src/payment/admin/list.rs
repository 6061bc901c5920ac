//! The list of payments, and what it is cut down to.

use engine::{
    error::Field,
    i18n::Texts,
    payment::{PaymentState, Provider, board::Entry},
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{forms::FindPayment, moment, provider_text};
use crate::{
    payment::page::state_text,
    ui::{Hidden, TextField, icon, isolate},
};

/// What the list is cut down to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Filter {
    pub state: Option<PaymentState>,
    pub provider: Option<Provider>,
    /// By what the session keeps.
    pub is_found: bool,
}

impl Filter {
    pub fn path(self, before: Option<i64>) -> String {
        let pairs: Vec<String> = [
            self.is_found.then(|| "found=1".to_owned()),
            self.state.map(|state| format!("state={}", state.as_str())),
            self.provider
                .map(|provider| format!("means={}", provider.as_str())),
            before.map(|id| format!("before={id}")),
        ]
        .into_iter()
        .flatten()
        .collect();
        match pairs.is_empty() {
            true => "/admin/payments".to_owned(),
            false => format!("/admin/payments?{}", pairs.join("&")),
        }
    }
}

/// The form that finds payments. What is looked for is sent in the body.
pub(super) fn search_form(about: String, texts: Texts) -> impl IntoView {
    let all = (!about.is_empty()).then(|| {
        view! { <a class="btn quiet" href="/admin/payments">{icon("x")}{texts.text("payments-all")}</a> }
    });
    view! {
        <form method="post" action=FindPayment::url() class="card stack-s" role="search" aria-label=texts.text("payments-find")>
            <TextField
                field=Field::Reference
                label=texts.text("payments-find")
                hint=texts.text("payments-find-hint")
                value=about
            />
            <div class="actions">
                <button class="btn">{icon("search")}{texts.text("payments-do-find")}</button>
                {all}
            </div>
        </form>
    }
}

pub(super) fn filters(filter: Filter, texts: Texts) -> impl IntoView {
    let states = PaymentState::ALL
        .into_iter()
        .map(|state| {
            view! {
                <option value=state.as_str() selected=filter.state == Some(state)>{state_text(state, texts)}</option>
            }
        })
        .collect_view();
    let means = Provider::ALL
        .into_iter()
        .map(|provider| {
            view! {
                <option value=provider.as_str() selected=filter.provider == Some(provider)>
                    {provider_text(provider, texts)}
                </option>
            }
        })
        .collect_view();
    let found = filter
        .is_found
        .then(|| view! { <Hidden name="found" value="1" /> });
    view! {
        <form class="filters" method="get" action="/admin/payments" aria-label=texts.text("payments-list")>
            <div class="fields">
                {found}
                <div class="field">
                    <label for="state">{texts.text("payments-state")}</label>
                    <select id="state" name="state"><option value="">{texts.text("payments-any")}</option>{states}</select>
                </div>
                <div class="field">
                    <label for="means">{texts.text("payments-means")}</label>
                    <select id="means" name="means"><option value="">{texts.text("payments-any")}</option>{means}</select>
                </div>
                <button class="btn">{icon("filter")}{texts.text("board-do-filter")}</button>
            </div>
        </form>
    }
}

pub(super) fn table(entries: &[Entry], texts: Texts) -> impl IntoView + use<> {
    let rows = entries.iter().map(|entry| row(entry, texts)).collect_view();
    let head = [
        "column-time",
        "fact-reference",
        "payments-amount",
        "payments-means",
        "payments-state",
        "payments-clinic",
    ]
    .map(|key| view! { <th scope="col">{texts.text(key)}</th> });
    view! {
        <div class="table-wrap" role="region" aria-labelledby="payments-list" tabindex="0">
            <table class="cards">
                <caption class="hide">{texts.text("payments-list")}</caption>
                <thead><tr>{head}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn row(entry: &Entry, texts: Texts) -> impl IntoView + use<> {
    let locale = texts.locale();
    // When it was paid, or else when somebody went to pay.
    let at = entry.paid_at.unwrap_or(entry.created_at);
    let href = crate::payment::desk_path_of(entry.subject, &entry.reference);
    let back = (entry.paid_back.minor > 0).then(|| {
        let back = texts.with(
            "payments-went-back",
            &[("amount", entry.paid_back.text(locale).into())],
        );
        view! { <p class="soft">{back}</p> }
    });
    let receipt = entry.receipt_number.map(|number| {
        let receipt = texts.with("payments-receipt", &[("number", number.to_string().into())]);
        view! { <p class="soft">{receipt}</p> }
    });
    let by = entry
        .taken_by
        .clone()
        .map(|name| view! { <p class="soft">{isolate(name)}</p> });
    let theirs = entry
        .provider_payment
        .clone()
        .map(|id| view! { <p class="soft"><code>{id}</code></p> });
    view! {
        <tr>
            <th scope="row"><time datetime=at.to_string()>{moment(at, texts)}</time></th>
            <td data-label=texts.text("fact-reference")><a href=href>{entry.reference.clone()}</a></td>
            <td data-label=texts.text("payments-amount")>{entry.price.text(locale)}{back}</td>
            <td data-label=texts.text("payments-means")>{provider_text(entry.provider, texts)}{by}{theirs}</td>
            <td data-label=texts.text("payments-state")>{state_text(entry.state, texts)}{receipt}</td>
            <td data-label=texts.text("payments-clinic")>{isolate(entry.clinic.clone())}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_has_what_the_list_is_cut_down_to_and_not_what_was_typed() {
        assert_eq!(Filter::default().path(None), "/admin/payments");
        let filter = Filter {
            state: Some(PaymentState::RefundFailed),
            provider: Some(Provider::Midtrans),
            is_found: true,
        };
        assert_eq!(
            filter.path(Some(17)),
            "/admin/payments?found=1&state=refund_failed&means=midtrans&before=17"
        );
    }
}
