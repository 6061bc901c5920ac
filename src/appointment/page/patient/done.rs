//! The page after a booking: the reference, and what happens next.

use leptos::prelude::*;

use super::{
    super::visit::{part_of, rest},
    answered_by, own, summary,
};
use crate::{
    booking::page::steps,
    ui::{Page, icon, island::PrintButton, page, texts},
};
use engine::appointment::Status;

/// Booked: the reference, and what happens next.
#[component]
pub fn DonePage() -> impl IntoView {
    page(async {
        let texts = texts();
        let (_, item) = own().await?;
        if !matches!(item.status, Status::Pending | Status::Confirmed) {
            crate::ui::redirect(&format!("/appointments/{}", item.reference));
        }
        let requested = item.status == Status::Pending;
        let title = texts.text(if requested {
            "done-requested"
        } else {
            "done-confirmed"
        });
        let answer = answered_by(&item, texts);
        let arrive = texts.text(match item.mode.as_str() {
            "video" => "done-video",
            "text" => "done-text",
            _ => "done-in-person",
        });
        let href = format!("/appointments/{}", item.reference);
        let visit = part_of(&item, &rest(&item).await?, texts);
        Ok(Page::new(
            title.clone(),
            view! {
                <div class="narrow stack">
                    {steps(3, texts)}
                    <span class="tick">{icon("check")}</span>
                    <h1>{title}</h1>
                    <article class="slip">
                        <header>
                            <p>{texts.text("your-reference")}</p>
                            <p class="reference">{item.reference.clone()}</p>
                        </header>
                        {summary(&item, texts)}
                    </article>
                    {visit}
                    <section class="stack-s" aria-labelledby="next">
                        <h2 id="next">{texts.text("what-happens-next")}</h2>
                        <ol class="next">
                            {answer.map(|answer| view! { <li><span>{answer}</span></li> })}
                            <li><span>{arrive}</span></li>
                            <li><span>{texts.with("done-call", &[("phone", item.clinic_phone.clone().into())])}</span></li>
                        </ol>
                    </section>
                    <div class="actions">
                        {crate::ical::page::file_link(&item, "btn", texts)}
                        <a class="btn" href=href.clone()>{texts.text("view-appointment")}</a>
                        <PrintButton text=texts.text("print") />
                        {item.group.is_none().then(|| view! { <a class="btn quiet" href=format!("{href}/reschedule")>{texts.text("reschedule")}</a> })}
                        <a class="btn quiet" href=format!("{href}/cancel")>{texts.text("cancel")}</a>
                    </div>
                </div>
            },
        ))
    })
}
