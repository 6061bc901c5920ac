//! The pages of the desk: book for a patient, walk in, overbook.

mod book;
mod conflict;
mod found;
mod overbook;
mod patient;
mod sheet;
mod walk_in;

use crate::{
    account::guard,
    server::AppState,
    ui::{icon, request_error, texts},
};
use jiff::{Timestamp, civil};
use leptos::prelude::*;

pub use self::{
    book::{AdminBookPage, DoctorBookPage},
    found::{FoundPage, results},
    patient::AdminPatientPage,
    sheet::{DayPage, OwnWeekPage, WeekPage},
    walk_in::{AdminWalkInPage, DoctorWalkInPage},
};
use super::{FORM, Typed, WALK_IN, base_of};
use engine::{
    account::{Caller, Phone, Role, family::Relative, must_be_admin},
    availability::{Offering, offered},
    desk::{self, Offer, Person},
    error::AppError,
    i18n::Texts,
    text::isolated,
    time,
};

/// The request that all parts of these pages share.
struct DeskPage {
    caller: Caller,
    base: &'static str,
    state: AppState,
    texts: Texts,
    now: Timestamp,
    /// The error of the form that led here.
    error: Option<AppError>,
}

impl DeskPage {
    fn of(caller: Caller) -> Result<Self, AppError> {
        Ok(Self {
            base: base_of(&caller)?,
            caller,
            state: expect_context(),
            texts: texts(),
            now: crate::server::now(),
            error: request_error(),
        })
    }

    /// Whether a limit of the service refused the form that led here.
    fn is_limited(&self) -> bool {
        matches!(self.error, Some(AppError::BookingFailed { reason, .. }) if reason.is_limit_of_service())
    }

    /// Reads the offers that can be booked here: a doctor books in their own calendar, the desk at its clinics.
    async fn offers(&self) -> Result<Vec<Offering>, AppError> {
        let doctor_id = match &self.caller {
            Caller::Doctor { doctor_id, .. } => Some(*doctor_id),
            Caller::Admin { .. } | Caller::Reception { .. } | Caller::Patient { .. } => None,
        };
        let mut offers = offered(&self.state.database, doctor_id).await?;
        offers.retain(|offering| !self.caller.is_kept_from(offering.clinic_id));
        Ok(offers)
    }

    /// The form as it was typed, for a patient who is not found yet. It is empty on a first visit.
    async fn typed(&self, about: &str) -> Result<Typed, AppError> {
        match self.error {
            Some(_) => guard::session().typed(FORM, about).await,
            None => Ok(Typed::default()),
        }
    }

    /// Who has the phone that was typed in, where it has to be said for whom of them it is (I2).
    async fn sharing(&self, typed: &Typed) -> Result<Vec<Relative>, AppError> {
        let is_asked = match self.error {
            Some(AppError::PhoneShared) => true,
            Some(_) => !typed.whose.is_empty(),
            None => false,
        };
        match Phone::parse(&typed.phone, self.state.config.rules.country) {
            Ok(phone) if is_asked => desk::sharing(&self.state.database, &self.caller, phone, self.now).await,
            _ => Ok(Vec::new()),
        }
    }

    /// The form as it was typed, for this patient.
    async fn typed_about(&self, person: &Person) -> Result<Typed, AppError> {
        let session = guard::session();
        let walked_in: Typed = session.typed(FORM, WALK_IN).await?;
        match walked_in.patient_id {
            Some(id) if id == person.id => Ok(Typed {
                reason: walked_in.reason,
                ..Typed::default()
            }),
            _ => session.typed(FORM, &person.id.to_string()).await,
        }
    }

    /// The page where this patient is booked, and with what.
    fn book_path(&self, patient_id: i64, offer: Option<Offer>) -> String {
        let offer = offer.map(|offer| format!("&offer={offer}")).unwrap_or_default();
        format!("{}/book?patient={patient_id}{offer}", self.base)
    }

    /// The way back to where somebody of staff begins.
    fn back(&self) -> impl IntoView + use<> {
        let home = match self.caller.role() {
            Role::Admin | Role::Reception => "board-title",
            _ => "today",
        };
        view! { <a class="back" href=self.base>{icon("arrow-left")}{self.texts.text(home)}</a> }
    }
}

/// The links of the desk on the board and on a doctor's day.
pub fn links(caller: &Caller, day: Option<civil::Date>, texts: Texts) -> impl IntoView + use<> {
    let role = caller.role();
    let base = if role.is_at_desk() { "/admin" } else { "/doctor" };
    // Who blocks an hour does so at all clinics, which is not for who has the desk of named ones.
    let block = caller.clinics().is_none().then(|| match day {
        Some(day) => format!("{base}/block?day={day}"),
        None => format!("{base}/block"),
    });
    let block = block.map(
        |path| view! { <li><a class="btn" href=path>{icon("calendar-x")}{texts.text("block-title")}</a></li> },
    );
    let stop = role.is_at_desk().then(|| {
        view! { <li><a class="btn" href="/admin/stop">{icon("ban")}{texts.text("stop-title")}</a></li> }
    });
    let phones = must_be_admin(caller).is_ok().then(|| {
        view! { <li><a class="btn" href="/admin/phones">{icon("phone")}{texts.text("phones-title")}</a></li> }
    });
    let (calendar, title) = match role {
        Role::Admin | Role::Reception => ("/admin/day", "sheet-day"),
        _ => ("/doctor/week", "sheet-week"),
    };
    view! {
        <nav aria-label=texts.text("desk")>
            <ul class="actions">
                <li><a class="btn" href=calendar>{icon("calendar")}{texts.text(title)}</a></li>
                <li><a class="btn" href=format!("{base}/book")>{icon("calendar-plus")}{texts.text("desk-book")}</a></li>
                <li><a class="btn" href=format!("{base}/walk-in")>{icon("user")}{texts.text("desk-walk-in")}</a></li>
                {block}
                {stop}
                <li><a class="btn" href=format!("{base}/calls")>{icon("phone")}{texts.text("calls-title")}</a></li>
                {phones}
            </ul>
        </nav>
    }
}

/// Choosing what is booked: everything that each doctor offers. Where there is more than one doctor, none is chosen
/// for anybody. A page may begin with it.
fn offer_field(
    offers: &[Offering],
    chosen: Option<Offer>,
    autofocus: bool,
    texts: Texts,
) -> impl IntoView + use<> {
    let many_doctors = offers.iter().any(|offering| {
        offers
            .first()
            .is_some_and(|first| first.doctor_id != offering.doctor_id)
    });
    let nothing_yet = (many_doctors && chosen.is_none())
        .then(|| view! { <option value="" selected>{texts.text("desk-offer-choose")}</option> });
    let options = offers
        .iter()
        .map(|offering| {
            let offer = Offer::from(offering);
            let name = match many_doctors {
                true => format!(
                    "{}: {}",
                    isolated(&offering.doctor_name),
                    offer_name(offering, texts)
                ),
                false => offer_name(offering, texts),
            };
            view! { <option value=offer.to_string() selected=chosen == Some(offer)>{name}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for="offer">{texts.text("desk-offer")}</label>
            <select id="offer" name="offer" required autofocus=autofocus>
                {nothing_yet}
                {options}
            </select>
        </div>
    }
}

/// `Check-up, 20 minutes, Klinik Harapan`.
fn offer_name(offering: &Offering, texts: Texts) -> String {
    format!(
        "{}, {}, {}",
        isolated(offering.service(texts.locale())),
        texts.with("minutes", &[("count", offering.rules.duration.into())]),
        isolated(&offering.clinic_name)
    )
}

fn find_offer(offers: &[Offering], offer: Option<Offer>) -> Option<&Offering> {
    offers
        .iter()
        .find(|offering| Some(Offer::from(*offering)) == offer)
}

/// The name to show for a patient.
fn name_of(person: &Person, texts: Texts) -> String {
    person
        .name
        .clone()
        .unwrap_or_else(|| texts.text("no-patient-name"))
}

/// `Tuesday 24 November 2026, 09:20 (Asia/Jakarta, UTC+7)`.
fn when(offering: &Offering, starts_at: Timestamp, texts: Texts) -> String {
    format!(
        "{} ({})",
        time::moment(starts_at, &offering.zone, texts),
        time::zone_name(&offering.zone_name, &offering.zone, starts_at)
    )
}
