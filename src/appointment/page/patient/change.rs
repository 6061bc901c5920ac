//! The pages on which a patient cancels or moves an appointment.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    super::{
        moving::{MoveForm, chosen_time, move_check, moving_page},
        visit::{is_left, part_of, rest},
    },
    may, may_move, own, said, summary,
};
use crate::{
    account::guard,
    appointment::forms::{CancelVisit, ChangeStatus, FORM},
    availability::page::times::TimesForm,
    booking::forms::Reschedule,
    course::forms::CancelRest,
    idempotency::page::KeyField,
    ui::{Hidden, KeptForm, Page, TextArea, icon, page, request_error, texts},
};
use engine::{appointment::Status, error::Field};

/// Really cancel?
#[component]
pub fn CancelPage() -> impl IntoView {
    page(async {
        let texts = texts();
        let (caller, item) = own().await?;
        let href = format!("/appointments/{}", item.reference);
        if !may(&item, Status::Cancelled, crate::server::now()) && request_error().is_none() {
            crate::ui::redirect(&href);
        }
        let problem = said(request_error(), &caller, &item).await?;
        let typed: String = guard::session().typed(FORM, &item.reference).await?;
        let rest = rest(&item).await?;
        let whole = item
            .visit_id
            .filter(|_| rest.iter().any(|part| is_left(part, crate::server::now())))
            .map(|visit_id| {
                view! {
                    <div class="stack-s">
                        <p class="soft">{texts.text("cancel-visit-intro")}</p>
                        <button class="btn danger" formaction=CancelVisit::url() name="visit_id" value=visit_id.to_string()>
                            {texts.text("cancel-visit")}
                        </button>
                    </div>
                }
            });
        let now = crate::server::now();
        let later = rest
            .iter()
            .any(|part| part.starts_at > item.starts_at && is_left(part, now))
            .then(|| {
                view! {
                    <div class="stack-s">
                        <p class="soft">{texts.text("cancel-rest-intro")}</p>
                        <button class="btn danger" formaction=CancelRest::url()>{texts.text("cancel-rest")}</button>
                    </div>
                }
            });
        let visit = part_of(&item, &rest, texts);
        Ok(Page::new(
            texts.text("cancel-title"),
            view! {
                <div class="narrow stack">
                    <a class="back" href=href.clone()>{icon("arrow-left")}{texts.text("view-appointment")}</a>
                    {problem}
                    <h1>{texts.text("cancel-title")}</h1>
                    <p>{texts.text("cancel-intro")}</p>
                    {summary(&item, texts)}
                    {visit}
                    <form method="post" action=ChangeStatus::url() id=CANCEL_FORM.id class="stack" novalidate>
                        <KeyField />
                        <Hidden name="reference" value=item.reference.clone() />
                        <Hidden name="to" value="cancelled" />
                        <Hidden name="version" value=item.version.to_string() />
                        <TextArea
                            field=Field::Reason
                            label=texts.text("cancel-reason")
                            value=typed
                        />
                        <div class="actions">
                            <button class="btn danger primary big">{texts.text("cancel-now")}</button>
                            <a class="btn big" href=href>{texts.text("keep-it")}</a>
                        </div>
                        {later}
                        {whole}
                    </form>
                </div>
            },
        )
        .keeps(CANCEL_FORM)
        .shows_problem())
    })
}

/// The form that cancels.
const CANCEL_FORM: KeptForm = KeptForm {
    id: "cancel-form",
    action: "/form/change-status",
};

/// Another time for an appointment; it keeps the one it has until then.
#[component]
pub fn ReschedulePage() -> impl IntoView {
    page(async {
        let (caller, item) = own().await?;
        let now = crate::server::now();
        let href = format!("/appointments/{}", item.reference);
        if !may_move(&item, now) && request_error().is_none() {
            crate::ui::redirect(&href);
        }
        let problem = said(request_error(), &caller, &item).await?;
        let path = format!("{href}/reschedule");
        if let Some(chosen) = chosen_time(&item) {
            let form = MoveForm {
                action: Reschedule::url(),
                hidden: vec![
                    ("reference", item.reference.clone()),
                    ("version", item.version.to_string()),
                ],
                with: Some(item.doctor_name.clone()),
                whose: None,
                other_times: path,
            };
            return Ok(move_check(&item, chosen, form, problem).shows_problem());
        }
        let form = TimesForm {
            action: path.clone(),
            is_link: true,
            hidden: Vec::new(),
            base: format!("{path}?"),
            moving: Some(item.reference.clone()),
            with: item.doctor_name.clone(),
            ..TimesForm::default()
        };
        let moving = moving_page(&item, caller, href, form, problem).await?;
        Ok(moving.shows_problem())
    })
}
