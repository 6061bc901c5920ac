//! The data of a patient, for admins: a copy, a legal hold, and erasing; and breaking the glass, for all of staff.

use engine::{
    error::Field,
    i18n::Texts,
    privacy::{self, Hold, Obstacle, export},
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{copy_state, done, erase_form, moment, preview_section};
use crate::{
    account::guard,
    privacy::forms::{
        BreakGlass, CopyForPatient, ErasePatient, GLASS, HoldPatient, ReleasePatient, TypedGlass,
    },
    server::AppState,
    ui::{Hidden, Page, TextField, icon, isolate, page, path_parameter, request_error, texts},
};

/// The data of a patient, for admins of all clinics.
#[component]
pub fn PatientDataPage() -> impl IntoView {
    page(async {
        let caller = guard::admin().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let now = state.now();
        let id: i64 = path_parameter("patient")?;
        let called = privacy::called(&state.database, &caller, id, now).await?;
        let preview = privacy::preview(&state.database, &caller, id, now).await?;
        let copy = export::state(&state.database, &caller, id, now).await?;
        let hold = privacy::hold_of(&state.database, &caller, id).await?;
        let can_copy = preview.obstacle != Some(Obstacle::UnderWay);
        // The page of a patient is gone with the closing of the record.
        let back = match can_copy {
            true => format!("/admin/patients/{id}"),
            false => "/staff/find".to_owned(),
        };
        let ask = can_copy.then(|| {
            view! {
                <form method="post" action=CopyForPatient::url() class="actions">
                    <Hidden name="patient" value=id.to_string() />
                    <button class="btn">{texts.text("privacy-copy-ask")}</button>
                </form>
            }
        });
        let erase = erase_form(ErasePatient::url(), id, texts);
        Ok(Page::new(
            texts.text("privacy-patient-title"),
            view! {
                {done(texts)}
                <div class="stack">
                    <a class="back" href=back>{icon("arrow-left")}{isolate(called)}</a>
                    <div class="page-head"><div><h1>{texts.text("privacy-patient-title")}</h1></div></div>
                </div>
                <section class="stack-s" aria-labelledby="copy-title">
                    <h2 id="copy-title">{texts.text("privacy-copy-title")}</h2>
                    <p class="soft">{texts.text("privacy-copy-staff-text")}</p>
                    {copy_state(copy, &format!("/admin/patients/{id}/data/janji.zip"), texts)}
                    {ask}
                </section>
                {hold_section(id, hold, texts)}
                <section class="stack-s" aria-labelledby="erase-title">
                    <h2 id="erase-title">{texts.text("privacy-erase-title")}</h2>
                    {preview_section(&preview, erase, texts)}
                </section>
            },
        ))
    })
}

fn hold_section(id: i64, hold: Option<Hold>, texts: Texts) -> impl IntoView + use<> {
    let form = match hold {
        Some(hold) => {
            let since = texts.with(
                "privacy-hold-since",
                &[
                    ("name", hold.by.into()),
                    ("when", moment(hold.held_at, texts).into()),
                ],
            );
            view! {
                <p><b>{since}</b></p>
                <p>{isolate(hold.why)}</p>
                <form method="post" action=ReleasePatient::url() class="actions">
                    <Hidden name="patient" value=id.to_string() />
                    <button class="btn">{texts.text("privacy-hold-end")}</button>
                </form>
            }
            .into_any()
        }
        None => view! {
            <form method="post" action=HoldPatient::url() class="stack">
                <Hidden name="patient" value=id.to_string() />
                <TextField field=Field::Reason label=texts.text("privacy-hold-why") />
                <div class="actions"><button class="btn">{texts.text("privacy-hold-set")}</button></div>
            </form>
        }
        .into_any(),
    };
    view! {
        <section class="stack-s narrow" aria-labelledby="hold-title">
            <h2 id="hold-title">{texts.text("privacy-hold-title")}</h2>
            <p class="soft">{texts.text("privacy-hold-text")}</p>
            {form}
        </section>
    }
}

/// Looking at a patient whom one has nothing to do with, and why.
#[component]
pub fn GlassPage() -> impl IntoView {
    page(async {
        guard::staff().await?;
        let texts = texts();
        let typed: TypedGlass = match request_error() {
            Some(_) => guard::session().typed(GLASS, "").await?,
            None => TypedGlass::default(),
        };
        Ok(Page::new(
            texts.text("glass-title"),
            view! {
                <div class="narrow stack">
                    <a class="back" href="/staff/find">{icon("arrow-left")}{texts.text("find")}</a>
                    <div class="page-head">
                        <div><h1>{texts.text("glass-title")}</h1><p>{texts.text("glass-intro")}</p></div>
                    </div>
                    <form method="post" action=BreakGlass::url() class="stack">
                        <TextField
                            field=Field::Phone
                            label=texts.text("phone-label")
                            kind="tel"
                            value=typed.phone
                        />
                        <TextField
                            field=Field::Reason
                            label=texts.text("glass-why")
                            hint=texts.text("glass-why-hint")
                            value=typed.reason
                        />
                        <div class="actions">
                            <button class="btn primary danger">{texts.text("glass-break")}</button>
                        </div>
                    </form>
                </div>
            },
        ))
    })
}
