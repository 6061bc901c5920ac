//! Somebody stands in front of the desk: the first time that is free today.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{DeskPage, Offer, book::person_fields, conflict::problem, offer_field};
use crate::{
    account::guard,
    desk::WALK_IN,
    desk::forms::DeskWalkIn,
    idempotency::page::KeyField,
    ui::{Page, TextArea, page},
};
use engine::{
    account::Caller,
    desk,
    error::{AppError, Field},
};

/// Walking in, for the desk.
#[component]
pub fn AdminWalkInPage() -> impl IntoView {
    page(async { walk_in_page(guard::desk().await?).await })
}

/// The page of a walk-in, for doctors in their own calendar.
#[component]
pub fn DoctorWalkInPage() -> impl IntoView {
    page(async { walk_in_page(guard::doctor().await?.0).await })
}

async fn walk_in_page(caller: Caller) -> Result<Page, AppError> {
    let desk = DeskPage::of(caller)?;
    let texts = desk.texts;
    let typed = desk.typed(WALK_IN).await?;
    let offers = desk.offers().await?;
    let chosen = Offer::parse(&typed.offer);
    let person = match typed.patient_id {
        Some(id) => desk::patient(&desk.state.database, &desk.caller, id, desk.now)
            .await
            .ok(),
        None => None,
    };
    let problem = problem(&desk, person.as_ref(), &typed).await?;
    let title = texts.text("desk-walk-in");
    Ok(Page::new(
        title.clone(),
        view! {
            <div class="narrow stack">
                {problem}
                {desk.back()}
                <div class="page-head">
                    <div><h1>{title}</h1><p>{texts.text("desk-walk-in-text")}</p></div>
                </div>
                <form method="post" action=DeskWalkIn::url() class="stack">
                    <KeyField />
                    {person_fields(&desk, &typed).await?}
                    {offer_field(&offers, chosen, false, texts)}
                    <TextArea
                        field=Field::Reason
                        label=texts.text("reason-label")
                        hint=texts.text("desk-reason-hint")
                        value=typed.reason.clone()
                    />
                    <div class="actions">
                        <button class="btn primary big">{texts.text("desk-walk-in-do")}</button>
                    </div>
                </form>
            </div>
        },
    )
    .shows_problem())
}
