//! The forms of the desk. What was typed into one that could not be done is kept in the session.

use jiff::Timestamp;
use leptos::prelude::*;

use super::{FORM, NOBODY_YET, Typed, WALK_IN, base_of};
use crate::{
    account::guard, appointment::forms::MAX_REASON, booking::forms::MAX_NAME, idempotency::forms::of_form,
    server::AppState, ui::redirect,
};
use engine::{
    account::{
        Caller, Phone,
        acquaintance::{self, Gift},
        family::Whose,
        number, required, storable, typed,
    },
    appointment::{InternalNote, Summary},
    availability::offered,
    booking::{self, Book, WalkIn, WalksIn},
    desk::{self, Offer},
    error::{AppError, Field, FieldProblem},
    idempotency::KeyOwner,
    schedule::{clock, week::date},
    time,
};

/// Finds a patient by phone, or makes one; and goes on with the offer that is wanted, and the time of an overbooking.
#[server(prefix = "/form", endpoint = "desk-patient")]
pub async fn desk_patient(
    #[server(default)] phone: String,
    #[server(default)] name: String,
    #[server(default)] whose: String,
    #[server(default)] offer: String,
    #[server(default)] overbook: Option<i64>,
    /// The time that was chosen before the patient, in seconds since 1970.
    #[server(default)]
    at: Option<i64>,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let base = base_of(&caller)?;
    // Before anything is kept: what is shown of a number that was typed has been counted.
    count(&caller).await?;
    let sent = Typed {
        phone: storable(&phone),
        name: storable(&name),
        whose: storable(&whose),
        ..Typed::default()
    };
    let state = expect_context::<AppState>();
    let session = guard::session();
    // Who walked in said why already. Finding the patient settles the form.
    let walked_in: Typed = session.typed(FORM, WALK_IN).await?;
    let found = async {
        let typed = typed_phone(&caller, &phone, &name, &whose)?;
        desk::patient_by_phone(&state.database, typed, state.now()).await
    };
    let found = found.await;
    let id = kept(NOBODY_YET, sent, found).await?;
    let Some(offer) = Offer::parse(&offer) else {
        redirect(&format!("{base}/book?patient={id}"));
        return Ok(());
    };
    if let Some(at) = at {
        redirect(&format!("{base}/book?patient={id}&offer={offer}&at={at}"));
        return Ok(());
    }
    let walked_in = Typed {
        patient_id: Some(id),
        ..walked_in
    };
    session.keep_typed(FORM, WALK_IN.to_owned(), walked_in).await?;
    let overbook = overbook.map(|at| format!("&overbook={at}#overbook"));
    redirect(&format!(
        "{base}/book?patient={id}&offer={offer}{}",
        overbook.unwrap_or_default()
    ));
    Ok(())
}

/// Chooses a time for a patient; nothing is held or booked by it.
#[server(prefix = "/form", endpoint = "desk-choose")]
pub async fn desk_choose(patient: i64, offer: String, starts_at: i64) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let base = base_of(&caller)?;
    let offer = read(&offer)?;
    redirect(&format!(
        "{base}/book?patient={patient}&offer={offer}&at={starts_at}"
    ));
    Ok(())
}

/// Books a time for a patient.
#[server(prefix = "/form", endpoint = "desk-book")]
pub async fn desk_book(
    patient: i64,
    offer: String,
    starts_at: i64,
    #[server(default)] reason: String,
    /// Whether the patient may have more of the service than its limits allow.
    #[server(default)]
    over_limit: bool,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let base = base_of(&caller)?;
    let sent = Typed {
        reason: storable(&reason),
        ..Typed::default()
    };
    let attempt = async {
        let offer = read(&offer)?;
        let reason = typed(Field::Reason, &reason, MAX_REASON)?;
        let starts_at = Timestamp::from_second(starts_at)
            .map_err(|_| AppError::invalid(Field::StartsAt, FieldProblem::Malformed))?;
        let subject = format!("{patient} {offer} {starts_at}");
        let wish = Wish {
            key: of_form(
                KeyOwner::Caller(&caller),
                &key,
                None,
                "desk-book",
                &subject,
                &reason,
            )?,
            patient,
            offer,
            starts_at,
            reason,
            overbook: None,
            over_limit,
        };
        book(&caller, wish).await
    };
    let booked = kept(&patient.to_string(), sent, attempt.await).await?;
    redirect(&shown(base, &booked));
    Ok(())
}

/// Books a time for a patient although the doctor has none then (B13).
#[server(prefix = "/form", endpoint = "desk-overbook")]
pub async fn desk_overbook(
    patient: i64,
    offer: String,
    #[server(default)] day: String,
    /// The time of the day.
    #[server(default)]
    hours: String,
    /// Why it cannot wait.
    #[server(default)]
    reason: String,
    /// Why the patient comes.
    #[server(default)]
    visit: String,
    /// Whether the patient may have more of the service than its limits allow.
    #[server(default)]
    over_limit: bool,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let base = base_of(&caller)?;
    let sent = Typed {
        day: storable(&day),
        hours: storable(&hours),
        because: storable(&reason),
        reason: storable(&visit),
        ..Typed::default()
    };
    let attempt = async {
        let offer = read(&offer)?;
        let because = required(Field::Reason, &reason, MAX_REASON)?;
        let visit = typed(Field::Reason, &visit, MAX_REASON)?;
        let starts_at = moment(offer, &day, &hours).await?;
        let subject = format!("{patient} {offer} {starts_at}");
        let request = (&because, &visit);
        let wish = Wish {
            key: of_form(
                KeyOwner::Caller(&caller),
                &key,
                None,
                "desk-overbook",
                &subject,
                &request,
            )?,
            patient,
            offer,
            starts_at,
            reason: visit,
            overbook: Some(InternalNote::new(because)),
            over_limit,
        };
        book(&caller, wish).await
    };
    let booked = kept(&patient.to_string(), sent, attempt.await).await?;
    redirect(&shown(base, &booked));
    Ok(())
}

/// Books the first time that is free today, for who stands in front of the desk.
#[server(prefix = "/form", endpoint = "desk-walk-in")]
pub async fn desk_walk_in(
    #[server(default)] phone: String,
    #[server(default)] name: String,
    #[server(default)] whose: String,
    #[server(default)] offer: String,
    #[server(default)] reason: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let base = base_of(&caller)?;
    // Before anything is kept: what is shown of a number that was typed has been counted.
    count(&caller).await?;
    let mut sent = Typed {
        phone: storable(&phone),
        name: storable(&name),
        whose: storable(&whose),
        offer: storable(&offer),
        reason: storable(&reason),
        ..Typed::default()
    };
    let attempt = async {
        let reason = typed(Field::Reason, &reason, MAX_REASON)?;
        let offer = read(&offer)?;
        let typed = typed_phone(&caller, &phone, &name, &whose)?;
        let patient = WalksIn::Newcomer(typed.clone().newcomer());
        let state = expect_context::<AppState>();
        let (subject, now) = (offer.to_string(), state.now());
        let request = (patient.subject(), &reason);
        let command = WalkIn {
            key: of_form(
                KeyOwner::Caller(&caller),
                &key,
                None,
                "desk-walk-in",
                &subject,
                &request,
            )?,
            caller: caller.clone(),
            doctor_id: offer.doctor_id,
            clinic_id: offer.clinic_id,
            service_id: offer.service_id,
            patient,
            reason,
            rules: state.config.rules.booking,
        };
        let booked = booking::walk_in(&state.database, command, now).await;
        if let Err(AppError::BookingFailed { .. }) = booked {
            // For somebody who is known the page goes on with another time.
            sent.patient_id = desk::known_by_phone(&state.database, typed, now).await?;
        }
        booked
    };
    let result = attempt.await;
    let booked = kept(WALK_IN, sent, result).await?;
    redirect(&shown(base, &booked));
    Ok(())
}

/// Gives a patient to a doctor, who may book and read them from now on.
#[server(prefix = "/form", endpoint = "give-patient")]
pub async fn give_patient(patient: i64, #[server(default)] doctor_id: Option<i64>) -> Result<(), AppError> {
    let admin = guard::admin().await?;
    let state = expect_context::<AppState>();
    let gift = gift(&admin, patient, doctor_id)?;
    acquaintance::give(&state.database, gift, state.now()).await?;
    redirect(&format!("/admin/patients/{patient}?saved=1"));
    Ok(())
}

/// Confirms that the phone number of a patient is still theirs: a code opens everything again.
#[server(prefix = "/form", endpoint = "confirm-number")]
pub async fn confirm_number(patient: i64) -> Result<(), AppError> {
    let admin = guard::admin().await?;
    let state = expect_context::<AppState>();
    number::confirm_number(&state.database, &admin, patient, state.now()).await?;
    tracing::info!(
        staff.id = admin.staff_id(),
        patient.id = patient,
        "an admin confirmed the number of a patient"
    );
    redirect(&format!("/admin/patients/{patient}?saved=number"));
    Ok(())
}

/// Takes a patient back from a doctor to whom an admin gave them, or who typed the phone.
#[server(prefix = "/form", endpoint = "take-patient-back")]
pub async fn take_patient_back(
    patient: i64,
    #[server(default)] doctor_id: Option<i64>,
) -> Result<(), AppError> {
    let admin = guard::admin().await?;
    let state = expect_context::<AppState>();
    let gift = gift(&admin, patient, doctor_id)?;
    acquaintance::take_back(&state.database, gift).await?;
    redirect(&format!("/admin/patients/{patient}?saved=1"));
    Ok(())
}

fn gift(admin: &Caller, patient_id: i64, doctor_id: Option<i64>) -> Result<Gift, AppError> {
    Ok(Gift {
        staff_id: admin.staff_id().ok_or(AppError::NotFound)?,
        patient_id,
        doctor_id: doctor_id.ok_or(AppError::invalid(Field::Body, FieldProblem::Missing))?,
    })
}

/// A booking as the desk asked for it.
struct Wish {
    patient: i64,
    offer: Offer,
    starts_at: Timestamp,
    reason: String,
    overbook: Option<InternalNote>,
    over_limit: bool,
    key: Option<engine::idempotency::Key>,
}

async fn book(caller: &Caller, wish: Wish) -> Result<Summary, AppError> {
    let state = expect_context::<AppState>();
    let command = Book {
        caller: caller.clone(),
        wanted: wish.offer.at(wish.starts_at),
        patient_id: wish.patient,
        reason: wish.reason,
        overbook: wish.overbook,
        rules: state.config.rules.booking.with_limit_exceeded(wish.over_limit),
        key: wish.key,
    };
    booking::book(&state.database, command, state.now()).await
}

/// The page that shows what was booked, and says so.
fn shown(base: &str, booked: &Summary) -> String {
    format!("{base}/appointments/{0}?changed={0}", booked.reference)
}

fn read(offer: &str) -> Result<Offer, AppError> {
    match offer {
        "" => Err(AppError::invalid(Field::Body, FieldProblem::Missing)),
        offer => Offer::parse(offer).ok_or(AppError::NotFound),
    }
}

/// Counts a phone number that is typed.
///
/// # Errors
/// `RATE_LIMITED`.
async fn count(caller: &Caller) -> Result<(), AppError> {
    let state = expect_context::<AppState>();
    let most = state.config.limits.phones_per_staff;
    desk::count_typed(&state.database, caller, most, state.now()).await
}

/// Reads a phone number with the name of its patient.
///
/// # Errors
/// `VALIDATION_FAILED`.
fn typed_phone(caller: &Caller, phone: &str, name: &str, whose: &str) -> Result<desk::Typed, AppError> {
    let state = expect_context::<AppState>();
    Ok(desk::Typed {
        caller: caller.clone(),
        whose: Whose::parse(whose)?,
        name: typed(Field::Name, name, MAX_NAME)?,
        phone: Phone::parse(phone, state.config.rules.country)?,
        // Number and name are the key: whoever sends them again finds the same patient.
        key: None,
    })
}

/// The moment that a date and a time of the day are at the clinic.
async fn moment(offer: Offer, day: &str, hours: &str) -> Result<Timestamp, AppError> {
    let (day, minute) = (date(day)?, clock(hours)?);
    let state = expect_context::<AppState>();
    let offering = offered(&state.database, Some(offer.doctor_id))
        .await?
        .into_iter()
        .find(|offering| Offer::from(offering) == offer)
        .ok_or(AppError::NotFound)?;
    time::instants(day, minute, &offering.zone)
        .first()
        .copied()
        .ok_or(AppError::invalid(Field::Hours, FieldProblem::Malformed))
}

/// Keeps what was typed about somebody where it is still needed.
async fn kept<T>(about: &str, sent: Typed, result: Result<T, AppError>) -> Result<T, AppError> {
    let session = guard::session();
    session
        .settle_typed(FORM, about.to_owned(), sent, &result)
        .await?;
    result
}

/// Shows the day of a clinic, or the week of a doctor, and remembers the clinic.
#[server(prefix = "/form", endpoint = "show-sheet")]
pub async fn show_sheet(
    #[server(default)] kind: String,
    #[server(default)] clinic: Option<i64>,
    #[server(default)] doctor: Option<i64>,
    #[server(default)] date: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let base = base_of(&caller)?;
    let page = match (kind.as_str(), &caller) {
        ("day", Caller::Admin { .. } | Caller::Reception { .. }) => "day",
        _ => "week",
    };
    if let Some(clinic) = clinic {
        guard::session().remember_clinic(clinic).await?;
    }
    let parts = [
        clinic.map(|clinic| format!("clinic={clinic}")),
        doctor.map(|doctor| format!("doctor={doctor}")),
        time::date(&date).map(|date| format!("date={date}")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    redirect(&format!("{base}/{page}?{}", parts.join("&")));
    Ok(())
}
