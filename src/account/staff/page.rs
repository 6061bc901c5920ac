//! The page of the accounts of staff.

use jiff::tz::TimeZone;
use leptos::{prelude::*, server_fn::ServerFn};

use super::forms::{INVITED, InviteAdmin, InviteStaff, Invited, ResetFactors, StaffAccess, StaffRole};
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
                one(member, is_own, has_links, texts)
            })
            .collect_view();
        let invite = match has_links {
            true => invite(wanted, texts).into_any(),
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
        "factors" => "staff-factors-reset",
        _ => return None,
    };
    Some(notice(Tone::Good, texts.text(key), ()).into_any())
}

/// A form to invite an admin. Doctors are described first, on a page of their own.
fn invite(wanted: Invited, texts: Texts) -> impl IntoView {
    view! {
        <section class="stack narrow" aria-labelledby="staff-invite">
            <h2 id="staff-invite">{texts.text("staff-invite")}</h2>
            <p class="soft">{texts.text("staff-invite-text")}</p>
            <form method="post" action=InviteAdmin::url() class="stack">
                <KeyField />
                <TextField field=Field::Name label=texts.text("column-name") value=wanted.name />
                <TextField field=Field::Email label=texts.text("email-label") value=wanted.email kind="email" />
                <div class="actions">
                    <button class="btn primary">{icon("mail")}{texts.text("staff-invite-send")}</button>
                </div>
            </form>
        </section>
    }
}

fn one(member: Member, is_own: bool, has_links: bool, texts: Texts) -> impl IntoView {
    let role = texts.text(match member.role {
        Role::Admin => "staff-admin",
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
            {until}
            <div class="actions">{link}{actions(&member, is_own, has_links, texts)}</div>
        </li>
    }
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
        (Role::Doctor, _) if member.active => Some((Role::Admin, "staff-make-admin")),
        (Role::Admin, Some(_)) if !member.is_last_admin => Some((Role::Doctor, "staff-make-doctor")),
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
