//! The page of the accounts of staff.

use jiff::tz::TimeZone;
use leptos::{prelude::*, server_fn::ServerFn};

use super::forms::{
    INVITED, InviteAdmin, InviteStaff, Invited, ResetFactors, StaffAccess, StaffClinics, StaffRole,
};
use crate::{
    account::guard,
    idempotency::page::KeyField,
    server::AppState,
    ui::{Hidden, Page, TextField, Tone, icon, isolate, notice, page, query, request_error, texts},
};
use engine::{
    account::{
        Role,
        roster::{Member, members},
    },
    appointment::choices,
    error::Field,
    i18n::Texts,
    time,
};

/// Everybody who works here and signs in.
#[component]
pub fn StaffPage() -> impl IntoView {
    page(async {
        let caller = guard::admin().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let clinics = choices(&state.database, &caller).await?.clinics;
        let members = members(&state.database, &caller, state.now()).await?;
        let wanted: Invited = match request_error() {
            Some(_) => guard::session().typed(INVITED, "").await?,
            None => Invited::default(),
        };
        let has_links = state.config.public_url().is_some();
        let own_id = caller.staff_id();
        let list = members
            .into_iter()
            .map(|member| {
                let is_own = own_id == Some(member.id);
                one(member, &clinics, is_own, has_links, texts)
            })
            .collect_view();
        let invite = match has_links {
            true => invite(wanted, &clinics, texts).into_any(),
            false => {
                let body = view! { <p>{texts.text("staff-no-links-text")}</p> };
                notice(Tone::Warn, texts.text("staff-no-links"), body).into_any()
            }
        };
        Ok(Page::new(
            texts.text("staff-title"),
            view! {
                {said(texts)}
                <div class="page-head">
                    <div><h1>{texts.text("staff-title")}</h1><p>{texts.text("staff-intro")}</p></div>
                    <a class="btn" href="/admin/doctors/new">{icon("plus")}{texts.text("doctor-new")}</a>
                </div>
                <ul class="stack">{list}</ul>
                {invite}
            },
        ))
    })
}

/// What the form that led here has done.
fn said(texts: Texts) -> Option<AnyView> {
    if request_error().is_some() {
        return None;
    }
    let key = match query("done")?.as_str() {
        "invited" => "staff-invited",
        "opened" => "staff-opened",
        "closed" => "staff-closed",
        "role" => "staff-role-changed",
        "clinics" => "staff-clinics-changed",
        "factors" => "staff-factors-reset",
        _ => return None,
    };
    Some(notice(Tone::Good, texts.text(key), ()).into_any())
}

/// The clinics to choose from, with those that are chosen.
fn clinic_boxes(
    clinics: &[(i64, String)],
    chosen: impl Fn(i64) -> bool,
    hint: String,
    texts: Texts,
) -> AnyView {
    let boxes = clinics
        .iter()
        .enumerate()
        .map(|(index, (id, name))| {
            view! {
                <label class="choice">
                    <input
                        type="checkbox"
                        name=format!("clinics[{index}]")
                        value=id.to_string()
                        checked=chosen(*id)
                    />
                    <span>{isolate(name.clone())}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <fieldset class="choices">
            <legend>{texts.text("staff-clinics")}</legend>
            <p class="hint">{hint}</p>
            {boxes}
        </fieldset>
    }
    .into_any()
}

/// A form to invite somebody to the desk. Doctors are described first, on a page of their own.
fn invite(wanted: Invited, clinics: &[(i64, String)], texts: Texts) -> impl IntoView + use<> {
    let is_reception = wanted.role == Role::Reception.as_str();
    let role = |role: Role, key: &str, text: &str, checked: bool| {
        view! {
            <label class="choice">
                <input type="radio" name="role" value=role.as_str() checked=checked />
                <span>{texts.text(key)} " " <small>{texts.text(text)}</small></span>
            </label>
        }
    };
    let boxes = clinic_boxes(
        clinics,
        |id| wanted.clinics.contains(&id),
        texts.text("staff-clinics-hint"),
        texts,
    );
    view! {
        <section class="stack narrow" aria-labelledby="staff-invite">
            <h2 id="staff-invite">{texts.text("staff-invite")}</h2>
            <p class="soft">{texts.text("staff-invite-text")}</p>
            <form method="post" action=InviteAdmin::url() class="stack">
                <KeyField />
                <TextField field=Field::Name label=texts.text("column-name") value=wanted.name />
                <TextField field=Field::Email label=texts.text("email-label") value=wanted.email kind="email" />
                <fieldset class="choices">
                    <legend>{texts.text("staff-role")}</legend>
                    {role(Role::Admin, "staff-admin", "staff-admin-text", !is_reception)}
                    {role(Role::Reception, "staff-reception", "staff-reception-text", is_reception)}
                </fieldset>
                {boxes}
                <div class="actions">
                    <button class="btn primary">{icon("mail")}{texts.text("staff-invite-send")}</button>
                </div>
            </form>
        </section>
    }
}

fn one(
    member: Member,
    clinics: &[(i64, String)],
    is_own: bool,
    has_links: bool,
    texts: Texts,
) -> impl IntoView + use<> {
    let role = texts.text(match member.role {
        Role::Admin => "staff-admin",
        Role::Reception => "staff-reception",
        _ => "staff-doctor",
    });
    let state = match (member.is_invited, member.active) {
        (true, _) => {
            view! { <span class="tag">{icon("mail")} " " {texts.text("staff-waits")}</span> }.into_any()
        }
        (false, true) => {
            view! { <span class="tag">{icon("circle-check")} " " {texts.text("staff-active")}</span> }
                .into_any()
        }
        (false, false) => {
            view! { <span class="tag">{icon("ban")} " " {texts.text("staff-inactive")}</span> }.into_any()
        }
    };
    let factor = member.has_factor.then(
        || view! { " " <span class="tag">{icon("shield-check")} " " {texts.text("staff-has-factor")}</span> },
    );
    let until = member.invited_until.map(|at| {
        let utc = TimeZone::UTC;
        let day = time::short_date(time::local_date(at, &utc), texts);
        view! { <p class="hint">{texts.with("staff-link-until", &[("day", day.into())])}</p> }
    });
    let link = member.doctor_id.map(|id| {
        view! { <a class="btn" href=format!("/admin/doctors/{id}")>{icon("stethoscope")}{texts.text("staff-as-doctor")}</a> }
    });
    view! {
        <li class="card stack-s">
            <h2>{isolate(member.name.clone())}</h2>
            <p>{isolate(member.email.clone())} " · " {role} " " {state} {factor}</p>
            {of_clinics(&member, clinics, is_own, texts)}
            {until}
            <div class="actions">{link}{actions(&member, is_own, has_links, texts)}</div>
        </li>
    }
}

/// Of which clinics somebody at the desk is, and the form that changes it.
fn of_clinics(
    member: &Member,
    clinics: &[(i64, String)],
    is_own: bool,
    texts: Texts,
) -> Option<impl IntoView + use<>> {
    if !member.role.is_at_desk() {
        return None;
    }
    let names: Vec<&str> = clinics
        .iter()
        .filter(|(id, _)| member.clinics.contains(id))
        .map(|(_, name)| name.as_str())
        .collect();
    let said = match names.is_empty() {
        true => texts.text("staff-clinics-all"),
        false => names.join(", "),
    };
    let form = (!is_own && !member.is_last_admin).then(|| {
        let hint = match member.role {
            Role::Reception => texts.text("staff-clinics-hint-reception"),
            _ => texts.text("staff-clinics-hint"),
        };
        let boxes = clinic_boxes(clinics, |id| member.clinics.contains(&id), hint, texts);
        view! {
            <details>
                <summary>
                    {texts.text("staff-clinics-change")}
                    <span class="hide">": " {isolate(member.name.clone())}</span>
                </summary>
                <form method="post" action=StaffClinics::url() class="stack-s">
                    <KeyField />
                    <Hidden name="staff_id" value=member.id.to_string() />
                    {boxes}
                    <div class="actions">
                        <button class="btn">{texts.text("staff-clinics-save")}</button>
                    </div>
                </form>
            </details>
        }
    });
    Some(view! { <p>{icon("building")} " " {isolate(said)}</p> {form} })
}

/// What can be done about an account: nothing that would leave nobody to administer.
fn actions(member: &Member, is_own: bool, has_links: bool, texts: Texts) -> impl IntoView + use<> {
    let id = member.id.to_string();
    let who = |key: &str| {
        let name = member.name.clone();
        view! { {texts.text(key)}<span class="hide">": " {isolate(name)}</span> }
    };
    let invite = (has_links && !is_own && (member.active || member.is_invited)).then(|| {
        view! {
            <form method="post" action=InviteStaff::url()>
                <Hidden name="staff_id" value=id.clone() />
                <button class="btn">{icon("mail")}{who("staff-send-link")}</button>
            </form>
        }
    });
    let access = (!is_own && !member.is_last_admin && !member.is_invited).then(|| {
        let (key, class) = match member.active {
            true => ("staff-close", "btn danger"),
            false => ("staff-open", "btn"),
        };
        view! {
            <form method="post" action=StaffAccess::url()>
                <Hidden name="staff_id" value=id.clone() />
                <Hidden name="active" value=(!member.active).to_string() />
                <button class=class>{who(key)}</button>
            </form>
        }
    });
    let role = match (member.role, member.doctor_id) {
        (Role::Doctor | Role::Reception, _) if member.active => Some((Role::Admin, "staff-make-admin")),
        (Role::Admin, Some(_)) if !member.is_last_admin => Some((Role::Doctor, "staff-make-doctor")),
        // Of its clinics, which are chosen before.
        (Role::Admin, None) if !member.is_last_admin && !member.clinics.is_empty() => {
            Some((Role::Reception, "staff-make-reception"))
        }
        _ => None,
    };
    let role = role.map(|(role, key)| {
        view! {
            <form method="post" action=StaffRole::url()>
                <Hidden name="staff_id" value=id.clone() />
                <Hidden name="role" value=role.as_str() />
                <button class="btn">{icon("users")}{who(key)}</button>
            </form>
        }
    });
    let factors = (member.has_factor && !is_own).then(|| {
        view! {
            <form method="post" action=ResetFactors::url()>
                <Hidden name="staff_id" value=id.clone() />
                <button class="btn danger">{icon("lock")}{who("staff-reset-factors")}</button>
            </form>
        }
    });
    view! { {invite}{role}{factors}{access} }
}
