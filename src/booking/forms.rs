//! The forms of a booking.

use jiff::Timestamp;
use leptos::prelude::*;

use crate::{
    account::{forms::send_code, guard, session::Draft},
    appointment::forms::MAX_REASON,
    idempotency::forms::of_form,
    server::AppState,
    ui::redirect,
};
use engine::{
    account::{
        Caller, Phone,
        family::{self, Choice, Newcomer, Relative, Whose},
        local_path, required, storable, typed,
    },
    appointment::{Item, Status, path_of},
    availability::{AnyDoctor, Except, Named, in_turn, is_free},
    booking::{self, Wanted},
    error::{AppError, Field, FieldProblem, Refusal},
    idempotency::{Key, KeyOwner},
    time::GivenTime,
    visit,
};

/// How long a name may be, in characters.
pub const MAX_NAME: usize = 120;

/// The references of the holds that this browser keeps for a visit (B7), if there is room for one more.
async fn kept() -> Result<Vec<String>, AppError> {
    let parts = guard::session().draft().await?.parts;
    match parts.len() < visit::MAX_SEGMENTS {
        true => Ok(parts),
        false => Err(AppError::invalid(Field::Segments, FieldProblem::TooLong)),
    }
}

/// Makes the command that holds a time for this browser, and for the patient who has signed in. Staff use their desk.
async fn holding(
    state: &AppState,
    caller: Option<&Caller>,
    visitor: Vec<u8>,
    wanted: Wanted,
    key: Option<Key>,
) -> Result<booking::Hold, AppError> {
    let patient_id = caller
        .map(|caller| caller.patient_id().ok_or(AppError::Forbidden))
        .transpose()?;
    Ok(booking::Hold {
        wanted,
        key,
        keeps: kept().await?,
        visitor,
        patient_id,
        address: guard::address(),
        holds_per_address: state.config.limits.holds_per_address,
        rules: state.config.rules.booking,
    })
}

/// Chooses a time, which holds it.
#[server(prefix = "/form", endpoint = "hold")]
pub async fn hold(
    doctor_id: i64,
    clinic_id: i64,
    service_id: i64,
    starts_at: i64,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    // public: a visitor may hold a time before signing in.
    let state = expect_context::<AppState>();
    let caller = guard::caller().await?;
    let wanted = Wanted {
        doctor_id,
        clinic_id,
        service_id,
        starts_at,
    };
    let visitor = guard::session().visitor_or_new().await?;
    // The page has one key for all its times.
    let subject = starts_at.to_string();
    let key = of_form(
        KeyOwner::Visitor(&visitor),
        &key,
        Some(starts_at),
        "hold",
        &subject,
        &wanted,
    )?;
    let command = holding(&state, caller.as_ref(), visitor, wanted, key).await?;
    let reference = booking::hold(&state.database, command, state.now()).await?;
    lead_on(caller, &reference).await
}

/// Chooses a time with any doctor who offers the service: whoever's turn it is. Without a clinic, anywhere.
#[server(prefix = "/form", endpoint = "hold-any")]
pub async fn hold_any(
    service_id: i64,
    #[server(default)] clinic_id: Option<i64>,
    starts_at: i64,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    // public: a visitor may hold a time before signing in.
    let state = expect_context::<AppState>();
    let caller = guard::caller().await?;
    let visitor = guard::session().visitor_or_new().await?;
    let key = of_form(
        KeyOwner::Visitor(&visitor),
        &key,
        Some(starts_at),
        "hold-any",
        &starts_at.to_string(),
        &(service_id, clinic_id),
    )?;
    let malformed = AppError::invalid(Field::StartsAt, FieldProblem::Malformed);
    let at = Timestamp::from_second(starts_at).map_err(|_| malformed)?;
    let any = AnyDoctor {
        service: Named::Id(service_id),
        clinic_id,
    };
    let except = Except {
        appointment_id: None,
        holds_of: guard::session().who_lets_go().await?,
    };
    let now = state.now();
    let patient_id = caller.as_ref().and_then(Caller::patient_id);
    let at = GivenTime::At(at);
    let turns = in_turn(&state.database, any, at, except, false, patient_id, now).await?;
    let turns = turns.ok_or(malformed)?;
    let command = holding(&state, caller.as_ref(), visitor, turns.wanted, key).await?;
    let reference = booking::hold_any(&state.database, turns, command, now).await?;
    lead_on(caller, &reference).await
}

/// To the next step after a time is held: who has signed in and said why they come goes straight on. What is held
/// together is held for as long again.
async fn lead_on(caller: Option<Caller>, reference: &str) -> Result<(), AppError> {
    let session = guard::session();
    session
        .keep(|draft| reference.clone_into(&mut draft.held))
        .await?;
    let draft = session.draft().await?;
    if !draft.parts.is_empty() {
        let state = expect_context::<AppState>();
        let visitor = session.visitor().await?.ok_or(AppError::NotFound)?;
        let (rules, now) = (state.config.rules.booking, state.now());
        for part in draft.parts.clone() {
            // One that has ended is told of on the page that sums everything up.
            let _ = booking::extend(&state.database, part, visitor.clone(), rules, now).await;
        }
        session.keep(|draft| add(&mut draft.parts, reference)).await?;
    }
    let knows_enough = match caller {
        Some(caller) => patient_of(&caller, &draft).await?.is_some(),
        None => false,
    };
    redirect(&match knows_enough {
        true => format!("/book/{reference}/check"),
        false => format!("/book/{reference}"),
    });
    Ok(())
}

/// Takes down who comes and why; who has not signed in is sent a code.
#[server(prefix = "/form", endpoint = "details")]
pub async fn details(
    reference: String,
    #[server(default)] phone: String,
    #[server(default)] name: String,
    #[server(default)] whose: String,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    // public: the hold belongs to the visitor's own browser, and all that is written is its session.
    let state = expect_context::<AppState>();
    let session = guard::session();
    let item = find_held(&state, reference).await?;
    let caller = guard::caller().await?;
    // All that was typed is kept before any of it is judged.
    session
        .keep(|draft| {
            if caller.is_none() {
                draft.phone = storable(&phone);
            }
            draft.whose = storable(&whose);
            draft.name = storable(&name);
            draft.reason = storable(&reason);
        })
        .await?;
    let said = DraftWords {
        name: typed(Field::Name, &name, MAX_NAME)?,
        reason: typed(Field::Reason, &reason, MAX_REASON)?,
    };
    let name = said.name.clone();
    let held = hold_again(&state, caller.as_ref(), item).await?;
    session
        .keep(|draft| {
            draft.name = said.name;
            draft.reason = said.reason;
        })
        .await?;
    let check = format!("/book/{held}/check");
    if let Some(caller) = caller {
        let draft = session.draft().await?;
        if patient_of(&caller, &draft).await?.is_none() {
            let is_asked = Whose::parse(&draft.whose)? == Whose::Unsaid && asks_whose(&caller);
            return Err(match is_asked {
                true => AppError::invalid(Field::Whose, FieldProblem::Missing),
                false => AppError::invalid(Field::Name, FieldProblem::Missing),
            });
        }
        redirect(&check);
        return Ok(());
    }
    required(Field::Name, &name, MAX_NAME)?;
    let phone = Phone::parse(&phone, state.config.rules.country)?;
    send_code(&state, phone, check).await
}

/// Holds a time again whose hold has run out, before anybody is asked for more; the reference of the hold.
///
/// # Errors
/// `BOOKING_FAILED` where somebody else has the time by now.
async fn hold_again(state: &AppState, caller: Option<&Caller>, item: Item) -> Result<String, AppError> {
    let now = state.now();
    let session = guard::session();
    if !is_bookable(item.status) || item.status_at(now) != Status::Expired {
        return Ok(item.reference);
    }
    let wanted = Wanted::from(&item);
    let visitor = session.visitor().await?.ok_or(AppError::NotFound)?;
    let except = Except {
        appointment_id: Some(item.id),
        holds_of: Some(visitor.clone()),
    };
    let reason = Refusal::HoldExpired;
    let gone = AppError::BookingFailed { reason, wanted };
    if !is_free(&state.database, wanted, except, now).await? {
        return Err(gone);
    }
    if !session.draft().await?.parts.is_empty() {
        // What is booked together is held together.
        return Ok(item.reference);
    }
    let command = holding(state, caller, visitor, wanted, None).await?;
    match booking::hold(&state.database, command, now).await {
        Ok(reference) => {
            session
                .keep(|draft| reference.clone_into(&mut draft.held))
                .await?;
            Ok(reference)
        }
        Err(AppError::BookingFailed {
            reason: Refusal::SlotTaken,
            ..
        }) => Err(gone),
        // It can be booked without a hold.
        Err(AppError::RateLimited) => Ok(item.reference),
        Err(error) => Err(error),
    }
}

/// Whether the page asks a patient for whom a booking is: who has no name yet gives it first.
pub(super) fn asks_whose(caller: &Caller) -> bool {
    caller.name().is_some() || caller.patient_ids().len() > 1
}

/// For whom a booking is: somebody who is known, or somebody whose name is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ForWhom {
    Known(Relative),
    New(String),
}

impl ForWhom {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Known(person) => person.name.as_deref().unwrap_or_default(),
            Self::New(name) => name,
        }
    }
}

/// Reads from what was typed for whom a booking is; nobody, while that has to be said (I2).
pub(super) async fn patient_of(caller: &Caller, draft: &Draft) -> Result<Option<ForWhom>, AppError> {
    let Some(holder_id) = caller.patient_id() else {
        return Ok(None);
    };
    let state = expect_context::<AppState>();
    let people = family::of_holder(&state.database, holder_id).await?;
    let whose = Whose::parse(&draft.whose).unwrap_or_default();
    let known = |id: i64| people.iter().find(|person| person.id == id).cloned();
    Ok(match family::choose(&people, &draft.name, whose) {
        Ok(Choice::Known(id)) => known(id)
            // Without a name nobody is booked.
            .filter(|person| person.name.is_some())
            .map(ForWhom::Known),
        Ok(Choice::Named(id)) => known(id).map(|person| {
            ForWhom::Known(Relative {
                name: Some(draft.name.clone()),
                ..person
            })
        }),
        Ok(Choice::New) => Some(ForWhom::New(draft.name.clone())),
        Err(_) => None,
    })
}

/// The patient whom a form books, or who is made one with the booking. The hold tells who it was, where an earlier
/// click has booked it and what was typed is forgotten.
async fn booked_patient(
    caller: &Caller,
    draft: &Draft,
    reference: &str,
) -> Result<(i64, Option<Newcomer>), AppError> {
    let state = expect_context::<AppState>();
    match patient_of(caller, draft).await? {
        Some(ForWhom::Known(person)) => Ok((person.id, None)),
        Some(ForWhom::New(name)) => {
            family::meant_by(&state.database, caller, name, Whose::SomebodyElse).await
        }
        None => {
            let visitor = guard::session().visitor().await?;
            let found = engine::appointment::find(
                &state.database,
                Some(caller.clone()),
                visitor,
                reference.to_owned(),
            );
            let booked = match found.await {
                Ok(item) if !is_bookable(item.status) && caller.acts_for(item.patient_id) => item.patient_id,
                Ok(_) | Err(AppError::NotFound) => None,
                Err(error) => return Err(error),
            };
            let field = match asks_whose(caller) {
                true => Field::Whose,
                false => Field::Name,
            };
            let booked = booked.ok_or(AppError::invalid(field, FieldProblem::Missing))?;
            Ok((booked, None))
        }
    }
}

/// Who comes and why, in the words of a draft. A draft also keeps words that were refused.
struct DraftWords {
    name: String,
    reason: String,
}

impl DraftWords {
    fn of(draft: &Draft) -> Result<Self, AppError> {
        Ok(Self {
            name: typed(Field::Name, &draft.name, MAX_NAME)?,
            reason: typed(Field::Reason, &draft.reason, MAX_REASON)?,
        })
    }
}

/// A hold of this browser.
async fn find_held(state: &AppState, reference: String) -> Result<Item, AppError> {
    let visitor = guard::session().visitor().await?;
    let caller = guard::caller().await?;
    engine::appointment::find(&state.database, caller, visitor, reference).await
}

/// Extends a hold.
#[server(prefix = "/form", endpoint = "extend")]
pub async fn extend(reference: String) -> Result<(), AppError> {
    // public: the hold belongs to the visitor's own browser; the service checks that it does.
    let state = expect_context::<AppState>();
    let visitor = guard::session().visitor().await?.ok_or(AppError::NotFound)?;
    booking::extend(
        &state.database,
        reference,
        visitor,
        state.config.rules.booking,
        state.now(),
    )
    .await
}

/// Books what is held.
#[server(prefix = "/form", endpoint = "submit")]
pub async fn submit(
    reference: String,
    /// Another appointment of the patient that this one takes the place of.
    #[server(default)]
    instead_of: String,
    #[server(default)] version: i32,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let booked_by = caller.patient_id().ok_or(AppError::Forbidden)?;
    let state = expect_context::<AppState>();
    let session = guard::session();
    let mut draft = session.draft().await?;
    let said = DraftWords::of(&draft)?;
    draft.name.clone_from(&said.name);
    let (patient_id, newcomer) = booked_patient(&caller, &draft, &reference).await?;
    let key = of_form(
        KeyOwner::Caller(&caller),
        &key,
        None,
        "submit",
        &reference,
        // Not what was typed: the first answer has erased it.
        &instead_of,
    )?;
    let command = booking::Submit {
        reference,
        key,
        visitor: session.visitor().await?.ok_or(AppError::NotFound)?,
        patient_id,
        newcomer,
        booked_by,
        name: said.name,
        reason: said.reason,
        instead_of: (!instead_of.is_empty()).then_some((instead_of, version)),
        rules: state.config.rules.booking,
    };
    let reference = booking::submit(&state.database, command, state.now())
        .await?
        .reference;
    session.forget_draft().await?;
    redirect(&format!("/appointments/{reference}/done"));
    Ok(())
}

fn add(parts: &mut Vec<String>, reference: &str) {
    if !parts.iter().any(|part| part == reference) {
        parts.push(reference.to_owned());
    }
}

/// Goes on to choose another appointment for the same visit (B7): what is held so far stays.
#[server(prefix = "/form", endpoint = "add-part")]
pub async fn add_part(reference: String) -> Result<(), AppError> {
    // public: the hold belongs to the visitor's own browser, and all that is written is its session.
    let state = expect_context::<AppState>();
    let held = find_held(&state, reference).await?.reference;
    kept().await?;
    let session = guard::session();
    session.keep(|draft| add(&mut draft.parts, &held)).await?;
    redirect("/");
    Ok(())
}

/// Leaves a part out of the visit; its time is free when the hold has run out.
#[server(prefix = "/form", endpoint = "drop-part")]
pub async fn drop_part(reference: String) -> Result<(), AppError> {
    // public: all that is written is the session of the visitor's own browser.
    let session = guard::session();
    session
        .keep(|draft| draft.parts.retain(|part| *part != reference))
        .await?;
    let rest = session.draft().await?.parts;
    redirect(&match rest.first() {
        Some(part) => format!("/book/{part}/check"),
        None => "/".to_owned(),
    });
    Ok(())
}

/// Books all that is held for a visit, as the page showed it, or nothing.
#[server(prefix = "/form", endpoint = "submit-visit")]
pub async fn submit_visit(
    /// The references of its parts, with commas between them.
    parts: String,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let booked_by = caller.patient_id().ok_or(AppError::Forbidden)?;
    let state = expect_context::<AppState>();
    let session = guard::session();
    let mut draft = session.draft().await?;
    let said = DraftWords::of(&draft)?;
    draft.name.clone_from(&said.name);
    let first = parts.split(',').next().unwrap_or_default();
    let (patient_id, newcomer) = booked_patient(&caller, &draft, first).await?;
    let whose = KeyOwner::Caller(&caller);
    let key = of_form(whose, &key, None, "submit-visit", &parts, &())?;
    let references = parts.split(',').take(visit::MAX_SEGMENTS + 1);
    let command = visit::SubmitVisit {
        references: references.map(str::to_owned).collect(),
        key,
        visitor: session.visitor().await?.ok_or(AppError::NotFound)?,
        patient_id,
        newcomer,
        booked_by,
        name: said.name,
        reason: said.reason,
        rules: state.config.rules.booking,
    };
    let visit = visit::submit_visit(&state.database, command, state.now()).await?;
    session.forget_draft().await?;
    redirect(&match visit.appointments.first() {
        Some(first) => format!("/appointments/{}/done", first.reference),
        None => "/appointments".to_owned(),
    });
    Ok(())
}

/// Moves an appointment to another time.
#[server(prefix = "/form", endpoint = "reschedule")]
pub async fn reschedule(
    reference: String,
    version: i32,
    starts_at: i64,
    /// The page that staff go on with.
    #[server(default)]
    next: String,
    /// Whether the patient may have more of the service in that week than its limit allows, as staff say.
    #[server(default)]
    over_limit: bool,
    #[server(default)] key: String,
) -> Result<(), AppError> {
    let caller = guard::anyone().await?;
    let state = expect_context::<AppState>();
    let home = after_move(&caller, &reference, &next);
    let subject = format!("{reference} {starts_at}");
    let key = of_form(
        KeyOwner::Caller(&caller),
        &key,
        Some(starts_at),
        "reschedule",
        &subject,
        &version,
    )?;
    let command = booking::Reschedule {
        caller,
        key,
        which: reference.into(),
        version: Some(version),
        starts_at: Timestamp::from_second(starts_at)
            .map_err(|_| AppError::invalid(Field::StartsAt, FieldProblem::Malformed))?,
        visitor: guard::session().visitor().await?,
        rules: state.config.rules.booking.with_limit_exceeded(over_limit),
    };
    booking::reschedule(&state.database, command, state.now()).await?;
    redirect(&home);
    Ok(())
}

/// The page that a caller goes on with after a move, and which says that it was made.
fn after_move(caller: &Caller, reference: &str, next: &str) -> String {
    let own = path_of(caller.role(), reference);
    let path = match local_path(next) {
        _ if caller.staff_id().is_none() => return format!("{own}?moved=1"),
        "/" => own.as_str(),
        path => path.split('#').next().unwrap_or_default(),
    };
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}moved={reference}")
}

/// Whether a hold of this status still leads somewhere.
pub(super) fn is_bookable(status: Status) -> bool {
    matches!(status, Status::Held | Status::Expired)
}
