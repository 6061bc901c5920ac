//! The first steps of a new installation: what is done, and what comes next.

use crate::ui::icon;
use engine::{i18n::Texts, organisation::Setup};
use leptos::{either::Either, prelude::*};

/// The first steps, with a link to the next one. Without a way to phones nobody can sign in by a code; it is configured where
/// the program is started, so that its step leads to what was tried and what is missing.
pub fn first_steps(setup: Setup, has_sender: bool, texts: Texts) -> impl IntoView + use<> {
    let steps = [
        (setup.has_clinic, "first-clinic", "/admin/clinics/new"),
        (setup.has_service, "first-service", "/admin/services/new"),
        (setup.has_doctor, "first-doctor", "/admin/doctors/new"),
        (has_sender, "first-sender", "/admin/messages"),
        (setup.has_name, "first-name", "/admin/organisation"),
    ];
    let next = steps.iter().position(|(is_done, ..)| !is_done);
    let step = |(index, (is_done, key, path)): (usize, (bool, &'static str, &'static str))| {
        let name = texts.text(key);
        let state = match (is_done, next == Some(index)) {
            (true, _) => Either::Left(view! { {icon("check")}<span>{texts.text("first-done")}</span> }),
            (false, is_next) => Either::Right(
                is_next.then(|| view! { <a class="btn primary" href=path>{texts.text("first-go")}</a> }),
            ),
        };
        view! {
            <li class="card">
                <div>
                    <h3>{name}</h3>
                    <p>{texts.text(&format!("{key}-text"))}</p>
                </div>
                <p>{state}</p>
            </li>
        }
    };
    view! {
        <section class="stack" aria-labelledby="first-steps">
            <h2 id="first-steps">{texts.text("first-title")}</h2>
            <p>{texts.text("first-text")}</p>
            <ol class="stack">{steps.into_iter().enumerate().map(step).collect_view()}</ol>
        </section>
    }
}
