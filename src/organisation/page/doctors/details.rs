//! The page of one doctor: what is so, what is offered next, the offers and the profile.

use jiff::tz::TimeZone;
use leptos::{prelude::*, server_fn::ServerFn};

use super::{KNOWN_LANGUAGES, email, languages, who};
use crate::{
    account::{
        forms::{DoctorAccess, SetDoctorActive},
        guard,
    },
    idempotency::page::KeyField,
    organisation::{
        forms::{EditDoctor, PutOffers},
        page::{Form, Input, back, one_of},
    },
    server::AppState,
    ui::{
        Hidden, Page, Tone, icon, isolate, notice, page, path_parameter, problem, query, request_error, texts,
    },
};
use engine::{
    account::access,
    error::Field,
    i18n::Texts,
    organisation::{
        self, Clinic, DoctorDetails, Next, Offer, Profile, Service, Versioned,
        form::{Filled, LANGUAGES, MORE_LANGUAGES, OFFERS},
    },
    time,
};

/// Everything about a doctor who is there.
#[component]
pub fn AdminDoctorPage() -> impl IntoView {
    page(async {
        guard::admin().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let desk =
            organisation::doctor_details(&state.database, path_parameter("doctor")?, state.now()).await?;
        let has_access = access::has_access(&state.database, desk.id).await?;
        let clinics = organisation::clinics(&state.database).await?;
        let services = organisation::services(&state.database).await?;
        let check = |filled: &Filled| filled.profile().err().unwrap_or_default();
        let profile = Form::of("doctor", Some(desk.id), filled_of(&desk.profile), check, texts).await?;
        let there = Filled::default().tick(OFFERS, desk.offers.iter().map(|&offer| value_of(offer)));
        let offers = Form::of("offers", Some(desk.id), there, |_| Vec::new(), texts).await?;
        let title = desk.profile.name.clone();
        let said = said(&desk, &profile, &offers, texts);
        Ok(Page::new(
            title,
            view! {
                {said}
                {head(&desk, has_access, texts)}
                {next_times(&desk, texts)}
                {offers_form(&desk, &offers, &clinics, &services)}
                {profile_form(&desk, &profile)}
            },
        )
        .shows_problem())
    })
}

/// A profile as it is filled in, with the languages that cannot be ticked typed.
fn filled_of(profile: &Profile) -> Filled {
    let (known, more): (Vec<String>, Vec<String>) = profile
        .languages
        .iter()
        .cloned()
        .partition(|code| KNOWN_LANGUAGES.contains(&code.as_str()));
    Filled::from(profile)
        .with(MORE_LANGUAGES, more.join(", "))
        .tick(LANGUAGES, known)
}

fn value_of(offer: Offer) -> String {
    format!("{}-{}", offer.clinic_id, offer.service_id)
}

/// Shows the outcome of the form that led here.
fn said(desk: &DoctorDetails, profile: &Form, offers: &Form, texts: Texts) -> Option<AnyView> {
    let place = desk.next.first();
    let utc = TimeZone::UTC;
    let zone = place.map_or(("UTC", &utc), |next| {
        (next.offering.zone_name.as_str(), &next.offering.zone)
    });
    let last = desk
        .last_change
        .as_ref()
        .filter(|last| last.version == desk.version);
    if let Some(error) = request_error() {
        return profile
            .problem(last, zone)
            .or_else(|| offers.problem(last, zone))
            .or_else(|| Some(problem(error, texts)));
    }
    let name = || [("name", desk.profile.name.clone().into())];
    let title = match query("saved")?.as_str() {
        "added" => texts.with("doctor-added", &name()),
        "doctor" => texts.with("org-saved", &name()),
        "offers" => texts.text("offers-saved"),
        "access" => texts.text("doctor-access-changed"),
        _ => return None,
    };
    Some(notice(Tone::Good, title, ()).into_any())
}

fn head(desk: &DoctorDetails, has_access: bool, texts: Texts) -> impl IntoView + use<> {
    let (state, state_icon, action, class) = match desk.active {
        true => ("doctor-active", "circle-check", "doctor-deactivate", "btn danger"),
        false => ("doctor-inactive", "ban", "doctor-activate", "btn"),
    };
    let (access_action, access_class) = match has_access {
        true => ("doctor-access-close", "btn danger"),
        false => ("doctor-access-open", "btn"),
    };
    let public = (desk.active && !desk.offers.is_empty()).then(|| {
        view! {
            <a class="btn" href=format!("/doctors/{}", desk.id)>{icon("user")}{texts.text("doctor-public")}</a>
        }
    });
    view! {
        <div class="stack">
            {back("/admin/doctors", "doctors-title", texts)}
            <div class="page-head">
                <div>
                    <h1>{isolate(desk.profile.name.clone())}</h1>
                    <p>{isolate(desk.profile.speciality.clone())}</p>
                </div>
                <span class="tag">{icon(state_icon)} " " {texts.text(state)}</span>
            </div>
            <div class="actions">
                <a class="btn" href=format!("/admin/doctors/{}/plan", desk.id)>
                    {icon("calendar")}
                    {texts.text("nav-plan")}
                </a>
                {public}
                <form method="post" action=SetDoctorActive::url()>
                    <Hidden name="doctor_id" value=desk.id.to_string() />
                    <Hidden name="active" value=(!desk.active).to_string() />
                    <Hidden name="version" value=desk.version.to_string() />
                    <button class=class>{texts.text(action)}</button>
                </form>
                <form method="post" action=DoctorAccess::url()>
                    <Hidden name="doctor_id" value=desk.id.to_string() />
                    <Hidden name="active" value=(!has_access).to_string() />
                    <button class=access_class>{texts.text(access_action)}</button>
                </form>
            </div>
            {(!has_access).then(|| notice(Tone::Warn, texts.text("doctor-access-closed"), ()))}
        </div>
    }
}

/// The times that patients are offered next: the proof that somebody can be booked.
fn next_times(desk: &DoctorDetails, texts: Texts) -> impl IntoView + use<> {
    let rows = desk
        .next
        .iter()
        .map(|next| {
            let Next { offering, times } = next;
            let clocks: Vec<String> = times
                .iter()
                .map(|&at| {
                    let day = time::short_date(time::local_date(at, &offering.zone), texts);
                    format!("{day}, {}", time::clock(at, &offering.zone, texts.locale()))
                })
                .collect();
            let clocks = match clocks.is_empty() {
                true => texts.text("nothing-free-soon"),
                false => clocks.join(" · "),
            };
            view! {
                <div>
                    <dt>{isolate(offering.service(texts.locale()).to_owned())} <br /> <small>{isolate(offering.clinic_name.clone())}</small></dt>
                    <dd>{clocks}</dd>
                </div>
            }
        })
        .collect_view();
    let none = desk
        .next
        .is_empty()
        .then(|| view! { <p class="soft">{texts.text("offers-none")}</p> });
    view! {
        <section class="card stack" aria-labelledby="next-title">
            <h2 id="next-title">{texts.text("doctor-next")}</h2>
            {none}
            <dl class="summary">{rows}</dl>
        </section>
    }
}

fn of(desk: &DoctorDetails) -> impl IntoView + use<> {
    view! {
        <KeyField />
        <Hidden name="doctor_id" value=desk.id.to_string() />
        <Hidden name="version" value=desk.version.to_string() />
    }
}

/// Every service at every clinic, to be ticked.
fn offers_form(
    desk: &DoctorDetails,
    form: &Form,
    clinics: &[Versioned<Clinic>],
    services: &[Versioned<Service>],
) -> impl IntoView + use<> {
    let texts = form.texts;
    let rows = clinics
        .iter()
        .enumerate()
        .map(|(row, clinic)| {
            let boxes = services
                .iter()
                .enumerate()
                .map(|(column, service)| {
                    let offer = Offer {
                        clinic_id: clinic.id,
                        service_id: service.id,
                    };
                    let name = match service.what.active {
                        true => service.what.name.clone(),
                        false => format!("{} ({})", service.what.name, texts.text("service-inactive")),
                    };
                    one_of(form, OFFERS, row * services.len() + column, value_of(offer), name)
                })
                .collect_view();
            view! {
                <fieldset class="fields">
                    <legend>{isolate(clinic.what.name.clone())}</legend>
                    <div class="checks">{boxes}</div>
                </fieldset>
            }
        })
        .collect_view();
    view! {
        <section class="stack" id="offers" aria-labelledby="offers-title">
            <h2 id="offers-title">{texts.text("offers-title")}</h2>
            <p class="soft">{texts.text("offers-text")}</p>
            <form method="post" action=PutOffers::url() class="stack">
                {of(desk)}
                {rows}
                <div class="actions">
                    <button class="btn primary">{icon("check")}{texts.text("offers-save")}</button>
                </div>
            </form>
        </section>
    }
}

fn profile_form(desk: &DoctorDetails, form: &Form) -> impl IntoView + use<> {
    let texts = form.texts;
    let password = Input {
        kind: "password",
        ..Input::text(Field::NewPassword, "doctor-new-password")
            .optional()
            .hint("doctor-new-password-hint")
    };
    let own_password = Input {
        kind: "password",
        ..Input::text(Field::OwnPassword, "doctor-own-password")
            .optional()
            .hint("doctor-own-password-hint")
    };
    view! {
        <section class="stack narrow" id="profile" aria-labelledby="profile-title">
            <h2 id="profile-title">{texts.text("doctor-profile")}</h2>
            <form method="post" action=EditDoctor::url() class="stack">
                {of(desk)}
                {who(form)}
                {languages(form)}
                {email(form)}
                {password.view(form)}
                {own_password.view(form)}
                <div class="actions">
                    <button class="btn primary">{icon("check")}{texts.text("doctor-save")}</button>
                </div>
            </form>
        </section>
    }
}
