//! The way to a video room. Its address stands on no page: whoever may enter is led there.

use leptos::prelude::*;

use crate::{
    account::guard,
    server::AppState,
    ui::{Page, icon, page, path_parameter, redirect, texts},
};
use engine::{
    account::Caller,
    appointment::{self, Status, path_of},
    consultation::{self, Door},
    error::AppError,
    time,
};

/// Leads a patient to the room.
#[component]
pub fn VideoPage() -> impl IntoView {
    page(async {
        guard::patient().await?;
        enter(guard::anyone().await?).await
    })
}

/// Leads a doctor to the room.
#[component]
pub fn DoctorVideoPage() -> impl IntoView {
    page(async {
        let (caller, _) = guard::doctor().await?;
        enter(caller).await
    })
}

async fn enter(caller: Caller) -> Result<Page, AppError> {
    let texts = texts();
    let state = expect_context::<AppState>();
    let now = state.now();
    let reference: String = path_parameter("reference")?;
    let door = consultation::door(
        &state.database,
        caller.clone(),
        reference.clone().into(),
        &state.config.rules.consultation,
        now,
    )
    .await?;
    let item = appointment::find(&state.database, Some(caller.clone()), None, reference).await?;
    let said = match door {
        Door::Open { address, .. } => {
            redirect(address.as_str());
            texts.text("video-join")
        }
        Door::NotYet { .. } if item.status == Status::Pending => texts.text("video-opens-confirmed"),
        Door::NotYet { opens_at } => {
            let when = time::moment(opens_at, &item.zone, texts);
            texts.with("video-opens", &[("when", when.into())])
        }
        Door::Over => texts.text("video-over"),
        Door::NotConfigured => {
            let phone = item.clinic_phone.clone();
            texts.with("video-not-configured", &[("phone", phone.into())])
        }
    };
    Ok(Page::new(
        texts.text("video-title"),
        view! {
            <div class="narrow stack">
                <a class="back" href=path_of(caller.role(), &item.reference)>
                    {icon("arrow-left")}{texts.text("view-appointment")}
                </a>
                <h1>{texts.text("video-title")}</h1>
                <p>{time::moment(item.starts_at, &item.zone, texts)}</p>
                <p>{said}</p>
            </div>
        },
    ))
}
