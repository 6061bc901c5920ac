//! Appointments from the hold to their end: their status, their history, and lists of them.

mod arrive;
mod board;
mod change;
mod change_status;
mod confirm_several;
mod expire;
mod history;
mod insert;
pub mod integrity;
mod item;
mod listing;
mod lists;
mod lock;
mod note;
mod overdue;
mod record;
mod search;
mod seat;
mod spans;
pub(crate) mod status;

pub use self::{
    arrive::{Arrival, Arrive, MAX_UNDO_MINUTES, PATIENTS_EARLY_MINUTES, arrive, take_back_arrival},
    board::{Board, Choices, Count, Filter, MOST_COUNTED, Mark, PER_PAGE, Turn, board, board_rows, choices},
    change::{Extra, change},
    change_status::{ChangeStatus, change_status, needs_reason},
    confirm_several::{Chosen, MAX_AT_ONCE, confirm_several},
    expire::expire,
    history::{Change, History, LastChange, history, last_change},
    insert::NewAppointment,
    item::{InGroup, Item},
    listing::{Listing, Order, count, listing},
    lists::{
        Place, day_sheet, find, find_by_id, next_of_doctor, of_ids, of_patient_with_doctor, of_patients,
        of_reference, of_visit, places, requests, search_of_doctor,
    },
    lock::{
        Locked, coming, lock, lock_group, lock_in_the_way, lock_of_patients, lock_open_between,
        lock_session_of, lock_visit, look_up, peek,
    },
    note::InternalNote,
    overdue::{DUE_AT_ONCE, Decision, HeldBack, MAX_GIVEN_HOURS, Round, begin_round, decide, held_back},
    record::Entry,
    search::Search,
    seat::{GroupHold, NewSeats, SeatsFor, move_seats, release_hold},
    status::{Status, Transition, next_steps},
};
pub(crate) use record::write_with_history;

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    account::{Caller, Role},
    booking::{Wanted, reference},
    idempotency::{Made, MadeAppointment},
    nobody::is_nobody,
    time::{Range, plus_minutes},
};

/// An appointment as transactions read it.
#[derive(Clone, Debug)]
pub struct Appointment {
    pub id: i64,
    pub reference: String,
    pub doctor_id: i64,
    pub clinic_id: i64,
    pub service_id: i64,
    pub patient_id: Option<i64>,
    pub status: Status,
    /// From start to end, without buffers.
    pub time: Range,
    /// With the buffers that it was made with.
    pub blocked: Range,
    pub held_by: Option<Vec<u8>>,
    pub held_until: Option<Timestamp>,
    pub answer_until: Option<Timestamp>,
    pub created_at: Timestamp,
    pub version: i32,
    /// Staff booked it although the doctor had no such time (B13).
    pub overbooked: bool,
    /// Since when its patient is here, where somebody said so.
    pub arrived_at: Option<Timestamp>,
    /// Minutes before the start until which its patient may cancel or move it.
    pub cutoff_minutes: i64,
    /// The group session in which it has seats, or whose time it holds.
    pub group_id: Option<i64>,
    /// Whether its patient pays for it before it is booked.
    pub is_paid_first: bool,
    pub zone: TimeZone,
}

/// The holder of a time that is kept for somebody on the waitlist, in the place of the hash of a browser's token. There is no
/// token with this hash.
pub(crate) const OFFER_HOLDER: [u8; 32] = [0; 32];

/// What stands for the browser of seats that somebody goes to pay for: the hash of no token, either.
pub(crate) const PAYER: [u8; 32] = [1; 32];

impl Appointment {
    /// Whether it is a time that is kept for somebody on the waitlist.
    pub(crate) fn is_offer(&self) -> bool {
        self.status == Status::Held && self.held_by.as_deref() == Some(&OFFER_HOLDER[..])
    }

    /// Whether it keeps seats of a group session for somebody: on the waitlist, or who goes to pay.
    pub(crate) fn is_kept_seats(&self) -> bool {
        self.group_id.is_some() && self.patient_id.is_some() && self.status == Status::Held
    }

    /// Whether this caller may know that it exists (I4).
    pub fn is_visible_to(&self, caller: &Caller) -> bool {
        match caller {
            Caller::Patient { .. } => caller.acts_for(self.patient_id) && caller.opens(self.created_at),
            Caller::Doctor { doctor_id, .. } => self.doctor_id == *doctor_id && self.status != Status::Held,
            Caller::Admin { .. } | Caller::Reception { .. } => !caller.is_kept_from(self.clinic_id),
        }
    }

    pub fn has_started(&self, now: Timestamp) -> bool {
        self.time.start <= now
    }

    /// Whether it is a request that nobody answered in time.
    pub fn has_run_out(&self, now: Timestamp) -> bool {
        self.status == Status::Pending && self.answer_until.is_some_and(|until| until <= now)
    }

    pub fn is_past_cutoff(&self, now: Timestamp) -> bool {
        now > plus_minutes(self.time.start, -self.cutoff_minutes)
    }

    /// The change to this status, with the facts that its rules depend on.
    pub fn transition(&self, to: Status, now: Timestamp) -> Transition {
        Transition {
            from: self.status,
            to,
            started: self.has_started(now),
            past_cutoff: self.is_past_cutoff(now),
            without_doctor: is_nobody(self.doctor_id),
        }
    }
}

/// The outcome of a change of an appointment: the answer to the caller, and to a replay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub id: i64,
    pub reference: String,
    pub doctor_id: i64,
    pub clinic_id: i64,
    pub service_id: i64,
    pub patient_id: Option<i64>,
    pub status: Status,
    pub version: i32,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// Staff booked it although the doctor had no such time (B13).
    #[serde(default)]
    pub overbooked: bool,
    /// Since when its patient is here, where somebody said so.
    #[serde(default)]
    pub arrived_at: Option<Timestamp>,
}

impl Summary {
    /// What a request made that booked, held or moved it: an appointment at this time.
    pub fn at_its_time(&self) -> Made {
        Made::Appointment(self.made())
    }

    /// What a request made that gave it this status.
    pub fn in_its_status(&self) -> Made {
        Made::Appointment(MadeAppointment {
            status: Some(self.status.as_str()),
            ..self.made()
        })
    }

    /// What a request made that said that its patient is here, or took that back.
    pub fn as_it_waits(&self) -> Made {
        Made::Appointment(MadeAppointment {
            status: Some(self.status.as_str()),
            arrived: Some(self.arrived_at.is_some()),
            ..self.made()
        })
    }

    /// What a request made that asked for the next time there is: the patient may come again when it is over.
    pub fn until_it_is_over(&self) -> Made {
        Made::Appointment(MadeAppointment {
            status: Some(self.status.as_str()),
            until: Some(self.ends_at),
            ..self.made()
        })
    }

    fn made(&self) -> MadeAppointment {
        MadeAppointment {
            appointment_id: self.id,
            doctor_id: self.doctor_id,
            clinic_id: self.clinic_id,
            service_id: self.service_id,
            patient_id: self.patient_id,
            starts_at: self.starts_at,
            status: None,
            arrived: None,
            until: None,
        }
    }
}

impl From<&Appointment> for Summary {
    fn from(appointment: &Appointment) -> Self {
        Self {
            id: appointment.id,
            reference: appointment.reference.clone(),
            doctor_id: appointment.doctor_id,
            clinic_id: appointment.clinic_id,
            service_id: appointment.service_id,
            patient_id: appointment.patient_id,
            status: appointment.status,
            version: appointment.version,
            starts_at: appointment.time.start,
            ends_at: appointment.time.end,
            overbooked: appointment.overbooked,
            arrived_at: appointment.arrived_at,
        }
    }
}

/// The offering and the time of an appointment.
impl From<&Appointment> for Wanted {
    fn from(appointment: &Appointment) -> Self {
        Self {
            doctor_id: appointment.doctor_id,
            clinic_id: appointment.clinic_id,
            service_id: appointment.service_id,
            starts_at: appointment.time.start.as_second(),
        }
    }
}

/// The name that a caller has for an appointment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppointmentName {
    /// The name for programs.
    Id(i64),
    /// The name for people.
    Reference(String),
}

impl AppointmentName {
    /// Reads either.
    pub fn parse(text: &str) -> Option<Self> {
        match text.parse() {
            Ok(id) => Some(Self::Id(id)),
            Err(_) => reference::read(text).map(Self::Reference),
        }
    }
}

impl From<String> for AppointmentName {
    fn from(reference: String) -> Self {
        Self::Reference(reference)
    }
}

impl From<&str> for AppointmentName {
    fn from(reference: &str) -> Self {
        Self::Reference(reference.to_owned())
    }
}

/// The author of a change, as the history of an appointment records it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    pub role: Role,
    pub staff_id: Option<i64>,
    pub patient_id: Option<i64>,
}

impl Actor {
    pub const SYSTEM: Self = Self {
        role: Role::System,
        staff_id: None,
        patient_id: None,
    };

    pub const VISITOR: Self = Self {
        role: Role::Visitor,
        staff_id: None,
        patient_id: None,
    };

    pub fn patient(id: i64) -> Self {
        Self {
            role: Role::Patient,
            staff_id: None,
            patient_id: Some(id),
        }
    }
}

impl From<&Caller> for Actor {
    fn from(caller: &Caller) -> Self {
        Self {
            role: caller.role(),
            staff_id: caller.staff_id(),
            patient_id: caller.patient_id(),
        }
    }
}

/// Path of the page of an appointment for somebody in this role.
pub fn path_of(role: Role, reference: &str) -> String {
    match role {
        Role::Doctor => format!("/doctor/appointments/{reference}"),
        Role::Admin | Role::Reception => format!("/admin/appointments/{reference}"),
        Role::Visitor | Role::Patient | Role::System => format!("/appointments/{reference}"),
    }
}
