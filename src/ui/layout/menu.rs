//! The menu of a page: where its reader can go, who is signed in, and the languages.

use http::request::Parts;
use leptos::{either::Either, prelude::*, server_fn::ServerFn};

use super::KeptForm;
use crate::{
    account::forms::{SetLanguage, SignOut},
    server::fields::LANGUAGE,
    ui::{icon::icon, isolate::isolate},
};
use engine::{
    account::{Caller, Role},
    i18n::{Locale, Texts},
};

/// Paths with the keys of their names.
type Links = &'static [(&'static str, &'static str)];

/// What an admin comes to when the clinic changes.
const SET_UP: Links = &[
    ("/admin/doctors", "nav-doctors"),
    ("/admin/staff", "staff-title"),
    ("/admin/services", "services-title"),
    ("/admin/clinics", "clinics-title"),
    ("/admin/closures", "nav-closures"),
    ("/admin/messages", "nav-messages"),
    ("/admin/webhooks", "webhooks-title"),
];

/// What an admin comes to when the installation has to be looked after.
const LOOK_AFTER: Links = &[
    ("/admin/locks", "nav-locks"),
    ("/admin/integrity", "nav-integrity"),
    ("/admin/privacy", "privacy-admin-title"),
    ("/admin/backups", "nav-backups"),
    ("/admin/security", "nav-security"),
    ("/tokens", "tokens-title"),
];

/// Links that are one click further away, by the key of what they are for.
fn further(caller: Option<&Caller>) -> &'static [(&'static str, Links)] {
    match caller {
        Some(caller @ (Caller::Admin { .. } | Caller::Reception { .. })) if caller.clinics().is_none() => {
            &[("nav-set-up", SET_UP), ("nav-look-after", LOOK_AFTER)]
        }
        _ => &[],
    }
}

pub(super) fn navigation(caller: Option<&Caller>, texts: Texts) -> impl IntoView + use<> {
    let links: Links = match caller {
        None => &[("/", "nav-find"), ("/find", "find-my-booking")],
        Some(Caller::Patient { .. }) => &[("/", "nav-find"), ("/appointments", "nav-appointments")],
        Some(Caller::Doctor { .. }) => &[
            ("/doctor", "nav-today"),
            ("/doctor/groups", "group-planned"),
            ("/doctor/plan", "nav-plan"),
            ("/doctor/waitlist", "waitlist-title"),
            ("/doctor/calendars", "calendars-title"),
            ("/doctor/report", "report-title"),
            ("/doctor/webhooks", "webhooks-title"),
            ("/tokens", "tokens-title"),
        ],
        // Whoever has the desk of named clinics has what is of them.
        Some(caller) if caller.clinics().is_some() && caller.role() == Role::Admin => &[
            ("/admin/day", "nav-day"),
            ("/admin", "nav-board"),
            ("/admin/groups", "group-planned"),
            ("/admin/book", "desk-book"),
            ("/admin/walk-in", "desk-walk-in"),
            ("/admin/stays", "stays-title"),
            ("/admin/waitlist", "waitlist-title"),
            ("/admin/phone-calls", "phone-calls-title"),
            ("/admin/takings", "takings-title"),
            ("/admin/payments", "payments-title"),
            ("/admin/report", "report-title"),
            ("/admin/plans", "plans-title"),
            ("/admin/closures", "nav-closures"),
            ("/tokens", "tokens-title"),
        ],
        Some(caller) if caller.clinics().is_some() => &[
            ("/admin/day", "nav-day"),
            ("/admin", "nav-board"),
            ("/admin/groups", "group-planned"),
            ("/admin/book", "desk-book"),
            ("/admin/walk-in", "desk-walk-in"),
            ("/admin/stays", "stays-title"),
            ("/admin/waitlist", "waitlist-title"),
            ("/admin/phone-calls", "phone-calls-title"),
            ("/admin/takings", "takings-title"),
            ("/admin/payments", "payments-title"),
            ("/tokens", "tokens-title"),
        ],
        Some(Caller::Admin { .. } | Caller::Reception { .. }) => &[
            ("/admin", "nav-board"),
            ("/admin/day", "nav-day"),
            ("/admin/groups", "group-planned"),
            ("/admin/stays", "stays-title"),
            ("/admin/waitlist", "waitlist-title"),
            ("/admin/phone-calls", "phone-calls-title"),
            ("/admin/takings", "takings-title"),
            ("/admin/payments", "payments-title"),
            ("/admin/report", "report-title"),
        ],
    };
    let here = use_context::<Parts>()
        .map(|parts| parts.uri.path().to_owned())
        .unwrap_or_default();
    view! {
        <nav class="nav" aria-label=texts.text("nav-main")>
            <ul>
                {items(links, &here, texts)}
                {further(caller)
                    .iter()
                    .map(|&(key, links)| {
                        let is_here = links.iter().any(|&(path, _)| here == path);
                        let class = if is_here { "is-here" } else { "" };
                        view! {
                            <li>
                                <details class="menu" name="menu">
                                    <summary class=class>{texts.text(key)} {icon("chevron-down")}</summary>
                                    <ul class="menu-body">{items(links, &here, texts)}</ul>
                                </details>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </nav>
    }
}

fn items(links: Links, here: &str, texts: Texts) -> impl IntoView + use<> {
    links
        .iter()
        .map(|&(path, key)| {
            let current = (here == path).then_some("page");
            view! { <li><a href=path aria-current=current>{texts.text(key)}</a></li> }
        })
        .collect_view()
}

pub(super) fn account(caller: Option<&Caller>, texts: Texts) -> impl IntoView + use<> {
    match caller {
        Some(caller) => {
            let name = caller
                .name()
                .map_or_else(|| texts.text("signed-in"), ToOwned::to_owned);
            Either::Left(view! {
                <div class="account">
                    <a class="who" href="/account">
                        {icon("user")}
                        <span class="hide">{texts.text("account-title")}": "</span>
                        {isolate(name)}
                    </a>
                    <form method="post" action=SignOut::url()>
                        <button class="btn quiet">{icon("log-out")}<span>{texts.text("sign-out")}</span></button>
                    </form>
                </div>
            })
        }
        None => Either::Right(view! {
            <div class="account">
                <a class="btn quiet" href="/sign-in">{icon("log-in")}<span>{texts.text("sign-in")}</span></a>
            </div>
        }),
    }
}

/// The button that Enter presses in a field of the form: the first one of a form, and those of the languages come before its
/// own.
pub(super) fn default_button(form: KeptForm, texts: Texts) -> impl IntoView {
    view! { <button class="hide" form=form.id tabindex="-1" aria-hidden="true">{texts.text("continue")}</button> }
}

pub(super) fn languages(form: Option<KeptForm>, texts: Texts) -> impl IntoView {
    view! {
        <details class="menu" name="menu">
            <summary class="btn quiet">
                {icon("languages")}
                <span><span class="hide">{texts.text("language")}": "</span>{texts.locale().own_name()}</span>
                {icon("chevron-down")}
            </summary>
            <form method="post" action=SetLanguage::url() class="menu-body">
                {Locale::ALL
                    .into_iter()
                    .map(|locale| {
                        let current = (locale == texts.locale()).then_some("true");
                        match form {
                            Some(form) => Either::Left(view! {
                                <button
                                    form=form.id
                                    formaction=format!("{}&{LANGUAGE}={}", form.left_by(SetLanguage::url()), locale.code())
                                    formmethod="post"
                                    formnovalidate
                                    lang=locale.code()
                                    aria-current=current
                                >
                                    {locale.own_name()}
                                </button>
                            }),
                            None => Either::Right(view! {
                                <button name="language" value=locale.code() lang=locale.code() aria-current=current>
                                    {locale.own_name()}
                                </button>
                            }),
                        }
                    })
                    .collect_view()}
            </form>
        </details>
    }
}
