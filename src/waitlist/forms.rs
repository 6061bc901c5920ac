//! The forms of the waitlist.

use jiff::{Timestamp, ToSpan, civil, tz::TimeZone};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    account::guard, appointment::forms::MAX_REASON, idempotency::forms::of_form, server::AppState,
    ui::redirect,
};
use engine::{
    account::{Caller, storable, typed},
    availability::names,
    error::{AppError, Field, FieldProblem},
    idempotency::KeyOwner,
    notification::{offer_path, open_offer},
    schedule::{clock, week::date},
    time::{self, local_date},
    waitlist::{self, Accept, DayParts, Decline, Join, Leave, Weekdays, Which, Wishes},
};

/// Under which name a session keeps what was typed.
pub(super) const FORM: &str = "waitlist";

/// Under which name a session keeps what was typed to offer a time by hand.
pub(super) const OFFER_FORM: &str = "waitlist-offer";

/// The days for which somebody waits who names no last one.
pub(super) const USUAL_DAYS: i32 = 60;
/// The notice that the form begins with, in minutes.
pub(super) const USUAL_NOTICE: i32 = 24 * 60;

/// Between which dates, on which days, at which parts of them, and how soon.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Days {
    pub first_day: String,
    pub last_day: String,
    pub monday: bool,
    pub tuesday: bool,
    pub wednesday: bool,
    pub thursday: bool,
    pub friday: bool,
    pub saturday: bool,
    pub sunday: bool,
    pub morning: bool,
    pub afternoon: bool,
    pub evening: bool,
    /// In minutes.
    pub notice: Option<i32>,
}

impl Days {
    /// In the order of the week.
    pub(super) fn weekdays(&self) -> [bool; 7] {
        [
            self.monday,
            self.tuesday,
            self.wednesday,
            self.thursday,
            self.friday,
            self.saturday,
            self.sunday,
        ]
    }

    /// In the order of the day.
    pub(super) fn parts(&self) -> [bool; 3] {
        [self.morning, self.afternoon, self.evening]
    }
}

/// The form as somebody filled it in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    pub days: Option<Days>,
    pub reason: String,
    pub service: i64,
    pub doctor: String,
    pub clinic: String,
    pub patient: Option<i64>,
}

/// The form that offers a time by hand, as somebody filled it in.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct TypedOffer {
    pub entry: i64,
    pub offer: String,
    pub day: String,
    pub hours: String,
}

/// What the form is about, under which a session keeps it: the appointment that is to move, or the patient whom the staff
/// put on the list; for patients it is one form, whomever of the family they choose.
pub(super) fn about(caller: &Caller, instead_of: &str, patient_id: i64) -> String {
    match (instead_of, caller.role().is_staff()) {
        ("", true) => patient_id.to_string(),
        ("", false) => "new".to_owned(),
        (reference, _) => reference.to_owned(),
    }
}

/// The page of the list for this caller.
pub(super) fn base_of(caller: &Caller) -> &'static str {
    match caller {
        Caller::Patient { .. } => "/waitlist",
        Caller::Doctor { .. } => "/doctor/waitlist",
        Caller::Admin { .. } | Caller::Reception { .. } => "/admin/waitlist",
    }
}

/// Bits that are added up, where they are checked; all of them where none is.
fn bits(checked: &[bool], all: i16) -> i16 {
    let checked = checked.iter().enumerate().filter(|(_, is_checked)| **is_checked);
    match checked.fold(0, |bits, (place, _)| bits | 1 << place) {
        0 => all,
        bits => bits,
    }
}

/// A date that was typed, or else this one.
fn day(text: &str, usual: civil::Date) -> Result<civil::Date, AppError> {
    match text.trim() {
        "" => Ok(usual),
        text => date(text),
    }
}

/// A number that was chosen; none for any.
fn chosen(typed: &str, field: Field) -> Result<Option<i64>, AppError> {
    match typed {
        "" => Ok(None),
        typed => typed
            .parse()
            .map(Some)
            .map_err(|_| AppError::invalid(field, FieldProblem::Malformed)),
    }
}

/// Puts a patient on the waitlist.
#[server(prefix = "/form", endpoint = "join-waitlist")]
pub async fn join_waitlist(
    #[server(default)] service: i64,
    #[server(default)] doctor: String,
    #[server(default)] clinic: String,
    /// The reference of the appointment that is to move.
    #[server(default)]
    instead_of: String,
    /// For whom it is; the patient who has signed in, where it is not said.
    #[server(default)]
    patient: Option<i64>,
    #[server(default)] days: Days,
    #[server(default)] reason: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let base = base_of(&caller);
    let state = expect_context::<AppState>();
    let now = state.now();
    let patient_id = patient.or(caller.patient_id()).ok_or(AppError::NotFound)?;
    let sent = Typed {
        days: Some(Days {
            first_day: storable(&days.first_day),
            last_day: storable(&days.last_day),
            ..days.clone()
        }),
        reason: storable(&reason),
        service,
        doctor: storable(&doctor),
        clinic: storable(&clinic),
        patient,
    };
    let subject = format!("{patient_id} {service} {doctor} {clinic} {instead_of}");
    let attempt = async {
        let today = local_date(now, &TimeZone::UTC);
        let reason = typed(Field::Reason, &reason, MAX_REASON)?;
        let command = Join {
            key: of_form(
                KeyOwner::Caller(&caller),
                &key,
                None,
                "join-waitlist",
                &subject,
                &(&days, &reason),
            )?,
            caller: caller.clone(),
            patient_id,
            wishes: Wishes {
                service_id: service,
                doctor_id: chosen(&doctor, Field::Body)?,
                clinic_id: chosen(&clinic, Field::Clinic)?,
                first_day: day(&days.first_day, today)?,
                last_day: day(&days.last_day, today.saturating_add(USUAL_DAYS.days()))?,
                weekdays: Weekdays(bits(&days.weekdays(), Weekdays::ALL.0)),
                day_parts: DayParts(bits(&days.parts(), DayParts::ALL.0)),
                notice_minutes: days.notice.unwrap_or(USUAL_NOTICE),
            },
            instead_of: (!instead_of.is_empty()).then(|| instead_of.as_str().into()),
            reason,
        };
        waitlist::join(&state.database, command, now).await
    };
    let joined = attempt.await;
    // Nothing is kept under the name of somebody who is not theirs.
    if joined != Err(AppError::NotFound) {
        guard::session()
            .settle_typed(
                FORM,
                about(&caller, &storable(&instead_of), patient_id),
                sent,
                &joined,
            )
            .await?;
    }
    joined?;
    redirect(&format!("{base}?done=join"));
    Ok(())
}

/// Takes an entry off the waitlist.
#[server(prefix = "/form", endpoint = "leave-waitlist")]
pub async fn leave_waitlist(entry: i64) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let base = base_of(&caller);
    let state = expect_context::<AppState>();
    let command = Leave {
        caller,
        entry_id: entry,
    };
    waitlist::leave(&state.database, command, state.now()).await?;
    redirect(&format!("{base}?done=leave"));
    Ok(())
}

/// Accepts the time that is kept for a patient.
#[server(prefix = "/form", endpoint = "accept-offer")]
pub async fn accept_offer(offer: i64, #[server(default)] key: String) -> Result<(), AppError> {
    guard::patient().await?;
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let command = Accept {
        key: of_form(
            KeyOwner::Caller(&caller),
            &key,
            None,
            "accept-offer",
            &offer.to_string(),
            &(),
        )?,
        caller,
        which: Which::Offer(offer),
        rules: state.config.rules.booking,
    };
    let booked = waitlist::accept(&state.database, command, state.now()).await?;
    redirect(&format!("/appointments/{}/done", booked.reference));
    Ok(())
}

/// Declines the time that is kept for a patient.
#[server(prefix = "/form", endpoint = "decline-offer")]
pub async fn decline_offer(offer: i64) -> Result<(), AppError> {
    guard::patient().await?;
    let command = Decline {
        caller: guard::anyone().await?,
        which: Which::Offer(offer),
    };
    let state = expect_context::<AppState>();
    waitlist::decline(&state.database, command, state.now()).await?;
    redirect("/waitlist?done=decline");
    Ok(())
}

/// Accepts the time of a link.
#[server(prefix = "/form", endpoint = "link-accept")]
pub async fn link_accept(secret: String) -> Result<(), AppError> {
    // public: whoever has the link answers for its patient, and about this time alone.
    let state = expect_context::<AppState>();
    let now = state.now();
    let linked = open_offer(&state.database, secret.clone(), now).await?;
    let command = Accept {
        key: None,
        caller: linked.caller,
        which: Which::Offer(linked.offer_id),
        rules: state.config.rules.booking,
    };
    waitlist::accept(&state.database, command, now).await?;
    redirect(&format!("{}?done=accept", offer_path(&secret)));
    Ok(())
}

/// Declines the time of a link.
#[server(prefix = "/form", endpoint = "link-decline")]
pub async fn link_decline(secret: String) -> Result<(), AppError> {
    // public: whoever has the link answers for its patient, and about this time alone.
    let state = expect_context::<AppState>();
    let now = state.now();
    let linked = open_offer(&state.database, secret.clone(), now).await?;
    let command = Decline {
        caller: linked.caller,
        which: Which::Offer(linked.offer_id),
    };
    waitlist::decline(&state.database, command, now).await?;
    redirect(&format!("{}?done=decline", offer_path(&secret)));
    Ok(())
}

/// Leaves the list by a link, which is the link of one of its offers.
#[server(prefix = "/form", endpoint = "link-leave")]
pub async fn link_leave(secret: String) -> Result<(), AppError> {
    // public: whoever has the link answers for its patient, and about this entry alone.
    let state = expect_context::<AppState>();
    let now = state.now();
    let linked = open_offer(&state.database, secret.clone(), now).await?;
    let offer = waitlist::offer_of(&state.database, &linked.caller, Which::Offer(linked.offer_id)).await?;
    let command = Leave {
        caller: linked.caller,
        entry_id: offer.entry_id,
    };
    waitlist::leave(&state.database, command, now).await?;
    redirect(&format!("{}?done=leave", offer_path(&secret)));
    Ok(())
}

/// Offers a free time to somebody whom the staff choose.
#[server(prefix = "/form", endpoint = "offer-by-hand")]
pub async fn offer_by_hand(
    entry: i64,
    /// The doctor and the clinic, with a dash between them.
    #[server(default)]
    offer: String,
    #[server(default)] day: String,
    /// The time of the day.
    #[server(default)]
    hours: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let base = base_of(&caller);
    let state = expect_context::<AppState>();
    let now = state.now();
    let malformed = |field| AppError::invalid(field, FieldProblem::Malformed);
    let sent = TypedOffer {
        entry,
        offer: storable(&offer),
        day: storable(&day),
        hours: storable(&hours),
    };
    let attempt = async {
        let place = offer
            .split_once('-')
            .and_then(|(doctor, clinic)| Some((doctor.parse::<i64>().ok()?, clinic.parse::<i64>().ok()?)));
        let (doctor_id, clinic_id) = place.ok_or(malformed(Field::Clinic))?;
        let view = waitlist::entry(&state.database, &caller, entry, now).await?;
        let (_, zone) = names(&state.database, clinic_id, view.service_id).await?;
        let zone = time::stored_zone(&zone).ok_or(AppError::Internal)?;
        let starts_at = first_of(&day, &hours, &zone)?;
        let command = waitlist::OfferByHand {
            key: of_form(
                KeyOwner::Caller(&caller),
                &key,
                None,
                "offer-by-hand",
                &entry.to_string(),
                &(&offer, starts_at),
            )?,
            caller: caller.clone(),
            entry_id: entry,
            doctor_id,
            clinic_id,
            starts_at,
        };
        waitlist::offer_by_hand(&state.database, command, now).await
    };
    let offered = attempt.await;
    // Nothing is kept under the name of somebody who is not theirs.
    if offered != Err(AppError::NotFound) {
        guard::session()
            .settle_typed(OFFER_FORM, base.to_owned(), sent, &offered)
            .await?;
    }
    offered?;
    redirect(&format!("{base}?done=offer"));
    Ok(())
}

/// The first moment at which the clock of a place shows this.
fn first_of(day: &str, hours: &str, zone: &TimeZone) -> Result<Timestamp, AppError> {
    let minute = clock(hours)?;
    let first = time::first_instant(date(day)?, minute, zone);
    first.ok_or(AppError::invalid(Field::Hours, FieldProblem::Malformed))
}
