//! The notice of a conflict: somebody was faster, and these are the next steps.

use crate::booking::forms::{ForWhom, Hold, Submit, patient_of};
use crate::{
    account::guard,
    availability::page::times::TIMES_FORM,
    idempotency::page::{KeyField, sent_choice},
    server::AppState,
    ui::{Hidden, Tone, icon, isolate, message, notice, problem, texts},
    waitlist::way,
};
use engine::{
    account::{Caller, Role},
    appointment::{Item, Status, of_patients, path_of},
    availability::{Alternative, AnyDoctor, Asker, Except, Named, alternatives, doctor, place},
    booking::Wanted,
    error::{AppError, Refusal},
    i18n::Texts,
    text::isolated,
    time::{self, Range},
};
use jiff::{Timestamp, tz::TimeZone};
use leptos::{either::Either, prelude::*, server_fn::ServerFn};

/// The appointment or hold that a page with a conflict is about.
pub struct ConflictSubject {
    item_id: i64,
    reference: String,
    visit: Range,
    /// The page that moves the appointment, where it is not a new booking.
    moving: Option<String>,
    /// Who books or moves it.
    asker: Asker,
    /// Whether it is booked with others or not at all, so that none of them is swapped by itself.
    is_part: bool,
}

impl ConflictSubject {
    /// A hold that is being booked.
    pub fn of(item: &Item) -> Self {
        Self {
            item_id: item.id,
            reference: item.reference.clone(),
            visit: Range::new(item.starts_at, item.ends_at),
            moving: None,
            asker: Asker::PATIENT,
            is_part: false,
        }
    }

    /// A hold that is one of several for a visit.
    pub fn of_part(item: &Item) -> Self {
        Self {
            is_part: true,
            ..Self::of(item)
        }
    }

    /// An appointment that is being moved.
    pub fn moving(item: &Item) -> Self {
        Self {
            moving: Some(format!("/appointments/{}/reschedule", item.reference)),
            ..Self::of(item)
        }
    }

    /// An appointment that is being moved by staff.
    pub fn moved_by_staff(item: &Item, caller: &Caller) -> Self {
        Self {
            moving: Some(format!("{}/reschedule", path_of(caller.role(), &item.reference))),
            asker: caller.into(),
            ..Self::of(item)
        }
    }
}

/// Makes the notice for a time that could not be booked, with the next steps (EXPERIENCE, "When two people want
/// the same thing"), or the notice of any other error.
///
/// # Errors
/// Those of the database.
pub async fn conflict(
    error: Option<AppError>,
    moment: Option<ConflictSubject>,
) -> Result<Option<AnyView>, AppError> {
    let texts = texts();
    let Some(AppError::BookingFailed { reason, wanted }) = error else {
        return Ok(error.map(|error| match error.is_transient() {
            true => try_again(error, moment.as_ref(), texts).into_any(),
            false => problem(error, texts),
        }));
    };
    if reason == Refusal::TooManyOpen {
        // Another time is no help.
        return Ok(error.map(|error| problem(error, texts)));
    }
    let state = expect_context::<AppState>();
    let asker = moment
        .as_ref()
        .map_or(Asker::PATIENT, |moment| moment.asker.clone());
    let role = asker.role();
    if reason.is_limit_of_service() {
        let moving = moment.and_then(|moment| moment.moving);
        return limited(&state, reason, wanted, moving, role, texts)
            .await
            .map(Some);
    }
    let except = Except {
        appointment_id: moment.as_ref().map(|moment| moment.item_id),
        holds_of: guard::session().who_lets_go().await?,
    };
    let moving = moment.as_ref().and_then(|moment| moment.moving.clone());
    let offers = alternatives(&state.database, wanted, except, asker, state.now()).await?;
    let offers: Vec<Alternative> = offers
        .into_iter()
        // What is moved stays with its doctor.
        .filter(|offer| moving.is_none() || offer.offering.doctor_id == wanted.doctor_id)
        // Whoever else has it, the patient is somewhere else then.
        .filter(|offer| reason != Refusal::PatientOverlap || offer.starts_at != wanted.starts_at())
        .collect();
    let (title, text, busy) = match (reason, zone_of(&state, wanted).await?) {
        (Refusal::PatientOverlap, _) => overlap(&state, wanted, moment.as_ref(), texts).await?,
        (reason, Some(zone)) => {
            let clock = time::clock(wanted.starts_at(), &zone, texts.locale());
            let title = match reason {
                Refusal::SlotTaken => texts.with("conflict-taken", &[("time", clock.into())]),
                Refusal::HoldExpired => texts.text("conflict-hold-expired"),
                _ => texts.text("conflict-closed"),
            };
            (title, texts.text("conflict-nothing-lost"), None)
        }
        (_, None) => return Ok(error.map(|error| problem(error, texts))),
    };
    let waits = match (role, moment.as_ref()) {
        (Role::Patient, Some(moment)) if moving.is_some() => {
            Some(Either::Left(way::to_sooner(&moment.reference, texts)))
        }
        (Role::Patient, _) => {
            let named = |id: i64| (id != Wanted::ANY).then_some(id);
            let (doctor_id, clinic_id) = (named(wanted.doctor_id), named(wanted.clinic_id));
            Some(Either::Right(way::to_join(
                wanted.service_id,
                doctor_id,
                clinic_id,
                texts,
            )))
        }
        _ => None,
    };
    let all_times = all_times(wanted, moving.as_deref());
    let body = view! {
        <p>{text}</p>
        <ul class="offers">
            {offers.into_iter().map(|offer| offer_button(offer, moving.clone(), texts)).collect_view()}
        </ul>
        <div class="actions">
            {busy.map(|busy| busy_buttons(&busy, moment.as_ref(), texts))}
            <a class="btn quiet" href=all_times>{texts.text("all-times")}</a>
            {waits}
        </div>
    };
    Ok(Some(notice(Tone::Warn, title, body).into_any()))
}

/// The page with all the times.
fn all_times(wanted: Wanted, moving: Option<&str>) -> String {
    let service_id = wanted.service_id;
    match (moving, wanted.doctor_id, wanted.clinic_id) {
        (Some(path), ..) => path.to_owned(),
        (None, Wanted::ANY, Wanted::ANY) => format!("/services/{service_id}"),
        (None, Wanted::ANY, clinic_id) => format!("/services/{service_id}?clinic={clinic_id}"),
        (None, doctor_id, clinic_id) => {
            format!("/doctors/{doctor_id}?clinic={clinic_id}&service={service_id}")
        }
    }
}

/// The notice of a limit of the service: when there is room again, and the way to the times from then on.
async fn limited(
    state: &AppState,
    reason: Refusal,
    wanted: Wanted,
    moving: Option<String>,
    role: Role,
    texts: Texts,
) -> Result<AnyView, AppError> {
    let title = match (role.is_staff(), reason) {
        (true, Refusal::TooManyInWeek { .. }) => texts.text("desk-too-many-in-week"),
        (true, _) => texts.text("desk-too-many-of-service"),
        (false, _) => message(AppError::BookingFailed { reason, wanted }, texts),
    };
    let zone = zone_of(state, wanted).await?;
    let again = reason.again().zip(zone);
    let times = all_times(wanted, moving.as_deref());
    let times = match (&again, reason) {
        (Some((again, zone)), Refusal::TooManyInWeek { .. }) => {
            let sign = if times.contains('?') { '&' } else { '?' };
            format!("{times}{sign}from={}#times", time::local_date(*again, zone))
        }
        _ => times,
    };
    let again = again.map(|(again, zone)| view! { <p>{room_again(reason, again, &zone, texts)}</p> });
    let own = (!role.is_staff()).then(|| {
        view! { <a class="btn quiet" href="/appointments">{texts.text("limit-own-appointments")}</a> }
    });
    let body = view! {
        {again}
        <p>{texts.text("conflict-nothing-lost")}</p>
        <div class="actions">
            <a class="btn" href=times>{texts.text("all-times")}</a>
            {own}
        </div>
    };
    Ok(notice(Tone::Warn, title, body).into_any())
}

/// The sentence that says when a limit of the service has room again.
pub fn room_again(reason: Refusal, again: Timestamp, zone: &TimeZone, texts: Texts) -> String {
    match reason {
        Refusal::TooManyInWeek { .. } => {
            let day = time::long_date(time::local_date(again, zone), texts);
            texts.with("limit-again-in-week", &[("day", day.into())])
        }
        _ => texts.with(
            "limit-again-open",
            &[("when", time::moment(again, zone, texts).into())],
        ),
    }
}

/// The zone of what was wanted, where it is still offered.
async fn zone_of(state: &AppState, wanted: Wanted) -> Result<Option<TimeZone>, AppError> {
    let found = if wanted.doctor_id == Wanted::ANY {
        let any = AnyDoctor {
            service: Named::Id(wanted.service_id),
            clinic_id: (wanted.clinic_id != Wanted::ANY).then_some(wanted.clinic_id),
        };
        place(&state.database, any)
            .await
            .map(|offering| Some(offering.zone))
    } else {
        doctor(&state.database, wanted.doctor_id).await.map(|doctor| {
            let mut offerings = doctor.offerings.into_iter();
            offerings
                .find(|offering| offering.clinic_id == wanted.clinic_id)
                .map(|offering| offering.zone)
        })
    };
    match found {
        Err(AppError::NotFound) => Ok(None),
        found => found,
    }
}

/// The error of a hold at whose time the patient for whom it is has another appointment.
///
/// # Errors
/// Those of the database.
pub(super) async fn overlap_of(item: &Item) -> Result<Option<AppError>, AppError> {
    let state = expect_context::<AppState>();
    let patient_id = match guard::caller().await? {
        Some(caller) => overlapping_patient(&caller).await?,
        None => None,
    };
    let Some(patient_id) = patient_id else {
        return Ok(None);
    };
    let visit = Range::new(item.starts_at, item.ends_at);
    let now = state.now();
    let is_busy = of_patients(&state.database, vec![patient_id], None)
        .await?
        .iter()
        .any(|other| {
            other.id != item.id
                && other.status_at(now).occupies()
                && Range::new(other.starts_at, other.ends_at).overlaps(visit)
        });
    Ok(is_busy.then_some(AppError::BookingFailed {
        reason: Refusal::PatientOverlap,
        wanted: Wanted::from(item),
    }))
}

/// "You already have an appointment at 09:30 that day", with that appointment.
async fn overlap(
    state: &AppState,
    wanted: Wanted,
    moment: Option<&ConflictSubject>,
    texts: Texts,
) -> Result<(String, String, Option<Item>), AppError> {
    let length = moment.map_or(0, |moment| {
        moment.visit.end.as_second() - moment.visit.start.as_second()
    });
    let visit = Range::new(
        wanted.starts_at(),
        time::plus_minutes(wanted.starts_at(), (length / 60).max(1)),
    );
    let caller = guard::caller().await?;
    let since = caller.as_ref().and_then(Caller::opened_since);
    let patient_id = match &caller {
        Some(caller) => overlapping_patient(caller).await?,
        None => None,
    };
    let other = match patient_id {
        Some(patient_id) => of_patients(&state.database, vec![patient_id], since)
            .await?
            .into_iter()
            .find(|item| {
                item.status.occupies()
                    && moment.is_none_or(|moment| moment.item_id != item.id)
                    && Range::new(item.starts_at, item.ends_at).overlaps(visit)
            }),
        None => None,
    };
    let text = texts.text("conflict-nothing-lost");
    Ok(match other {
        Some(item) => {
            let clock = time::clock(item.starts_at, &item.zone, texts.locale());
            let title = texts.with("conflict-overlap", &[("time", clock.into())]);
            (title, text, Some(item))
        }
        None => (texts.text("error-patient-overlap"), text, None),
    })
}

/// The patient who is in two places: the one for whom the booking is.
async fn overlapping_patient(caller: &Caller) -> Result<Option<i64>, AppError> {
    let draft = guard::session().draft().await?;
    Ok(match patient_of(caller, &draft).await? {
        Some(ForWhom::Known(person)) => Some(person.id),
        Some(ForWhom::New(_)) => None,
        None => caller.patient_id(),
    })
}

/// The form of the page that books what is held.
pub(super) const BOOK_FORM: &str = "book-form";

/// The database was busy or away: the same request once more, under the same key.
fn try_again(error: AppError, moment: Option<&ConflictSubject>, texts: Texts) -> impl IntoView {
    let button = match moment {
        Some(moment) if moment.moving.is_none() => Some((BOOK_FORM, None)),
        _ => sent_choice().map(|choice| (TIMES_FORM, Some(choice))),
    };
    let button = button.map(|(form, choice)| {
        let name = choice.is_some().then_some("starts_at");
        view! {
            <div class="actions">
                <button class="btn primary" form=form name=name value=choice>
                    {icon("refresh")}
                    {texts.text("try-again")}
                </button>
            </div>
        }
    });
    notice(Tone::Bad, message(error, texts), button)
}

/// Buttons about the appointment that is in the way: view it, or take this time in its stead where the
/// patient may still cancel it.
fn busy_buttons(busy: &Item, moment: Option<&ConflictSubject>, texts: Texts) -> impl IntoView + use<> {
    let held = moment.filter(|moment| moment.moving.is_none() && !moment.is_part);
    let may_be_given_up = busy
        .steps(Role::Patient, crate::server::now())
        .contains(&Status::Cancelled);
    let swap = held.filter(|_| may_be_given_up).map(|held| {
        view! {
            <form method="post" action=Submit::url()>
                <KeyField />
                <Hidden name="reference" value=held.reference.clone() />
                <Hidden name="instead_of" value=busy.reference.clone() />
                <Hidden name="version" value=busy.version.to_string() />
                <button class="btn">{texts.text("move-it-here")}</button>
            </form>
        }
    });
    view! {
        {swap}
        <a class="btn quiet" href=format!("/appointments/{}", busy.reference)>{texts.text("view-it")}</a>
    }
}

/// A time that can be had instead: a button that holds it, or the way to move the appointment there.
pub fn offer_button(offer: Alternative, moving: Option<String>, texts: Texts) -> impl IntoView + use<> {
    let doctor = Some(offer.offering.doctor_name.clone());
    button_naming(doctor, offer, moving, texts)
}

/// [`offer_button`] for whoever found a message: with whom it is, is nobody's business.
pub fn nameless_offer_button(
    offer: Alternative,
    moving: Option<String>,
    texts: Texts,
) -> impl IntoView + use<> {
    button_naming(None, offer, moving, texts)
}

fn button_naming(
    doctor: Option<String>,
    offer: Alternative,
    moving: Option<String>,
    texts: Texts,
) -> impl IntoView + use<> {
    let wanted = offer.offering.at(offer.starts_at);
    let zone = &offer.offering.zone;
    let clock = time::clock(offer.starts_at, zone, texts.locale());
    let day = time::short_date(time::local_date(offer.starts_at, zone), texts);
    let place = format!(
        "{} ({})",
        isolated(&offer.offering.clinic_name),
        time::zone_name(&offer.offering.zone_name, zone, offer.starts_at)
    );
    let label = view! {
        <b>{clock}</b>
        <small>{day} {doctor.map(|name| view! { " · " {isolate(name)} })}</small>
        <small>{isolate(place)}</small>
    };
    let starts_at = wanted.starts_at.to_string();
    match moving {
        Some(path) => Either::Left(view! {
            <li>
                <a class="btn" href=format!("{path}?starts_at={starts_at}")>{label}</a>
            </li>
        }),
        None => Either::Right(view! {
            <li>
                <form method="post" action=Hold::url()>
                    <KeyField />
                    <Hidden name="doctor_id" value=wanted.doctor_id.to_string() />
                    <Hidden name="clinic_id" value=wanted.clinic_id.to_string() />
                    <Hidden name="service_id" value=wanted.service_id.to_string() />
                    <button class="btn" name="starts_at" value=starts_at>{label}</button>
                </form>
            </li>
        }),
    }
}
