//! *Your details*: who comes, and why.

use super::conflict::{ConflictSubject, conflict};
use super::{
    elsewhere, held_or_gone,
    hold::{hold_line, in_short},
    holder, steps, times_of,
};
use crate::booking::forms::{Details, asks_whose};
use crate::{
    account::{guard, page::WhoseField, session::Draft},
    server::AppState,
    ui::{Hidden, KeptForm, Page, TextArea, TextField, icon, page, request_error, texts},
};
use engine::{
    account::family::{self, Relative},
    appointment::Item,
    error::Field,
    i18n::Texts,
};
use leptos::{prelude::*, server_fn::ServerFn};

/// The page that asks who comes, and why.
#[component]
pub fn DetailsPage() -> impl IntoView {
    page(async {
        let texts = texts();
        let item = match held_or_gone().await? {
            Ok(item) => item,
            Err(gone) => return Ok(gone),
        };
        if let Some(page) = elsewhere(&item).await? {
            return Ok(page);
        }
        let caller = guard::caller().await?;
        let draft = guard::session().draft().await?;
        let asks_phone = caller.is_none();
        let hold = hold_line(&item, Some(FORM), texts);
        let people = match caller.as_ref().filter(|caller| asks_whose(caller)) {
            Some(caller) => {
                let state = expect_context::<AppState>();
                family::of_holder(&state.database, caller.patient_id().unwrap_or_default()).await?
            }
            None => Vec::new(),
        };
        let form = details_form(&item, draft, asks_phone, &people, holder().await?, texts);
        let back = times_of(&item);
        let problem = conflict(request_error(), Some(ConflictSubject::of(&item))).await?;
        Ok(Page::new(
            texts.text("details-title"),
            view! {
                <div class="narrow stack">
                    {steps(1, texts)}
                    {problem}
                    <a class="back" href=back>{icon("arrow-left")}{texts.text("other-time")}</a>
                    <div class="page-head">
                        <div><h1>{texts.text("details-title")}</h1><p>{in_short(&item, texts)}</p></div>
                    </div>
                    {hold}
                    {form}
                </div>
            },
        )
        .keeps(FORM)
        .shows_problem())
    })
}

/// The form of this page.
const FORM: KeptForm = KeptForm {
    id: "details",
    action: "/form/details",
};

fn details_form(
    item: &Item,
    draft: Draft,
    asks_phone: bool,
    people: &[Relative],
    holder: Option<AnyView>,
    texts: Texts,
) -> impl IntoView + use<> {
    let asks_name = people.is_empty();
    let whose = (!asks_name).then(|| {
        view! {
            <WhoseField people=people.to_vec() whose=draft.whose.clone() name=draft.name.clone() />
            <TextField
                field=Field::Name
                label=texts.text("whose-name")
                hint=texts.text("whose-name-hint")
                value=draft.name.clone()
                required=false
            />
        }
    });
    let action = if asks_phone { "send-code" } else { "continue" };
    view! {
        <form method="post" action=Details::url() id=FORM.id class="stack" novalidate>
            {holder}
            <Hidden name="reference" value=item.reference.clone() />
            {whose}
            {asks_name.then(|| view! {
                <TextField
                    field=Field::Name
                    label=texts.text("name-label")
                    hint=texts.text("name-hint")
                    value=draft.name
                    autocomplete="name"
                />
            })}
            {asks_phone.then(|| view! {
                <TextField
                    field=Field::Phone
                    label=texts.text("phone-label")
                    hint=texts.text("phone-hint")
                    value=draft.phone
                    kind="tel"
                    autocomplete="tel"
                />
            })}
            <TextArea
                field=Field::Reason
                label=texts.text("reason-label")
                hint=texts.text("reason-hint")
                value=draft.reason
            />
            <div class="actions">
                <button class="btn primary big">{texts.text(action)}</button>
            </div>
        </form>
    }
}
