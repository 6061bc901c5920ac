//! Events: facts about a transaction that other slices act on.
//!
//! A slice that changes something says so with [`Tx::tell`](crate::database::Tx::tell) and knows nothing of whoever
//! cares. Listeners act at the commit: see [`Listener`](crate::database::Listener).

use crate::{
    appointment::status::Status, consultation::side::Side, payment::PaymentState,
    stay::status::Status as StayStatus, time::Range,
};

/// A fact that becomes true with the commit of the transaction that tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// The list of times of this doctor is no longer the same.
    TimesChanged { doctor_id: i64 },
    /// An appointment or a hold gave up its time, which others may take now.
    TimeFreed {
        doctor_id: i64,
        clinic_id: i64,
        service_id: i64,
        /// The time from its start to its end, without buffers.
        time: Range,
        /// With its buffers.
        blocked: Range,
        /// Whether a browser let a hold go: whoever wanted the time could have had it before.
        was_only_held: bool,
        /// Whose it was, where somebody is known.
        of_patient: Option<i64>,
    },
    /// More of the plan of this doctor can be booked: a closed day was opened again, or hours were added.
    PlanOpened { doctor_id: i64 },
    /// The hold of an offer to somebody on the waitlist came to its end without being booked itself.
    OfferEnded { appointment_id: i64, to: Status },
    /// A time is kept for somebody on the waitlist, or they are told of it.
    TimeOffered { offer_id: i64, is_kept: bool },
    /// An offer has its answer, or ran out: the word of its state.
    OfferAnswered { offer_id: i64, answer: &'static str },
    /// Seats of a group session may have become free: somebody gave some up, it was published, or it has more of them now.
    SeatsFreed {
        group_id: i64,
        doctor_id: i64,
        clinic_id: i64,
        service_id: i64,
        /// The time of the session.
        time: Range,
        /// Who gave them up, or lost them, where somebody did.
        of_patient: Option<i64>,
    },
    /// A group session was published: from now on there are seats in it.
    GroupPublished { group_id: i64 },
    /// A published group session begins at another time.
    GroupMoved { group_id: i64 },
    /// A group session does not take place.
    GroupCancelled { group_id: i64 },
    /// An appointment has a new row of history, with this version.
    AppointmentChanged {
        appointment_id: i64,
        version: i32,
        /// `None` where it begins; the same as `to` where it was moved.
        from: Option<Status>,
        to: Status,
    },
    /// A stay has a new row of history, with this version.
    StayChanged {
        stay_id: i64,
        version: i32,
        /// `None` where it begins; the same as `to` where its nights or rooms were changed.
        from: Option<StayStatus>,
        to: StayStatus,
    },
    /// A payment came to this state: one that something is said of.
    PaymentChanged { payment_id: i64, to: PaymentState },
    /// Somebody said of an appointment that its patient is here, or took it back.
    ArrivalChanged {
        appointment_id: i64,
        doctor_id: i64,
        /// The version of the appointment from then on.
        version: i32,
        is_here: bool,
    },
    /// An appointment has a prescription.
    PrescriptionWritten { appointment_id: i64 },
    /// Somebody wrote to the other one of a text consultation.
    ConsultationWritten {
        appointment_id: i64,
        to: Side,
        /// The newest message that the other one had been shown before.
        read_to: i32,
    },
    /// Somebody has been shown messages of a text consultation.
    ConsultationSeen { appointment_id: i64 },
    /// Something is to be said to somebody at once.
    MessageDue { is_code: bool },
    /// A webhook is to be told something at once.
    WebhookDue,
    /// There is something to do in a calendar elsewhere.
    CalendarDue,
    /// An account of a doctor at a server of calendars is not tried any more, until the doctor does something about it.
    CalendarPaused { account_id: i64 },
    /// A doctor is asked what becomes of an appointment that was deleted in a calendar elsewhere.
    CalendarAsked { question_id: i64 },
    /// What every page says of the organisation is no longer the same.
    NameplateChanged,
}
