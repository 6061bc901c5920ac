//! The forms of the waitlist: joining and leaving it, answering an offer, and offering by hand.

mod answer;
mod offer;

use jiff::{ToSpan, civil, tz::TimeZone};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    account::guard, appointment::forms::MAX_REASON, idempotency::forms::of_form, server::AppState,
    ui::redirect,
};
use engine::{
    account::{Caller, storable, typed},
    error::{AppError, Field, FieldProblem},
    idempotency::KeyOwner,
    schedule::week::date,
    time::local_date,
    waitlist::{self, DayParts, Join, Leave, Party, Weekdays, Wishes},
};

/// Under which name a session keeps what was typed.
pub(super) const FORM: &str = "waitlist";

pub(super) use self::offer::{OFFER_FORM, TypedOffer};
pub use self::{
    answer::{AcceptOffer, DeclineOffer, LinkAccept, LinkDecline, LinkLeave},
    offer::{OfferByHand, OfferSeats},
};

/// The days for which somebody waits who names no last one.
pub(super) const USUAL_DAYS: i32 = 60;
/// The notice that the form begins with, in minutes; for seats, a shorter one.
pub(super) const USUAL_NOTICE: i32 = 24 * 60;
pub(super) const USUAL_NOTICE_OF_SEATS: i32 = 2 * 60;

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
    pub seats: String,
    pub patient: Option<i64>,
}

/// What the form is about, under which a session keeps it: the appointment that is to move, the group session, and the patient whom the
/// staff put on the list; for patients it is one form, whomever of the family they choose.
pub(super) fn about(caller: &Caller, instead_of: &str, group: Option<i64>, patient_id: i64) -> String {
    if let Some(group) = group {
        return match caller.role().is_staff() {
            true => format!("seats-{group}-{patient_id}"),
            false => format!("seats-{group}"),
        };
    }
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

/// A number of seats that was typed.
fn number(typed: &str) -> Result<i32, AppError> {
    let problem = match typed.trim() {
        "" => FieldProblem::Missing,
        typed => match typed.parse() {
            Ok(number) => return Ok(number),
            Err(_) => FieldProblem::Malformed,
        },
    };
    Err(AppError::invalid(Field::Seats, problem))
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
    /// The group session in which seats are waited for, and how many.
    #[server(default)]
    group: Option<i64>,
    #[server(default)] seats: String,
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
        seats: storable(&seats),
        patient,
    };
    let subject = match group {
        Some(group) => format!("{patient_id} seats {group}"),
        None => format!("{patient_id} {service} {doctor} {clinic} {instead_of}"),
    };
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
                &(&days, &seats, &reason),
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
                notice_minutes: days.notice.unwrap_or(match group {
                    Some(_) => USUAL_NOTICE_OF_SEATS,
                    None => USUAL_NOTICE,
                }),
            },
            instead_of: (!instead_of.is_empty()).then(|| instead_of.as_str().into()),
            party: match group {
                Some(group_id) => Some(Party {
                    group_id,
                    seats: number(&seats)?,
                }),
                None => None,
            },
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
                about(&caller, &storable(&instead_of), group, patient_id),
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
