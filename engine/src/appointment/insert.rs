//! Writing a new appointment or hold, with the beginning of its history.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{Actor, Entry, InternalNote, Status, Summary, write_with_history};
use crate::{
    availability::{Offering, hours::LockedHours, tell_times_changed},
    booking::reference,
    database::{Failure, OnConstraint, Tx},
    error::Refusal,
    time::wall_time,
};

/// An appointment or a hold that is about to be written.
#[derive(Clone, Debug)]
pub struct NewAppointment<'a> {
    pub offering: &'a Offering,
    pub starts_at: Timestamp,
    pub status: Status,
    pub patient_id: Option<i64>,
    /// SHA-256 of the token of the browser that holds it, and the end of the hold.
    pub held: Option<(&'a [u8], Timestamp)>,
    /// The patient's reason to come.
    pub complaint: &'a str,
    /// The end of the time in which a request is answered.
    pub answer_until: Option<Timestamp>,
    /// The reason of staff to book it although the doctor has no such time (B13).
    pub overbooked_because: Option<&'a InternalNote>,
    pub actor: Actor,
    /// Whether an admin answers the request in the doctor's place.
    pub for_doctor: bool,
}

impl NewAppointment<'_> {
    /// Writes it in locked hours.
    ///
    /// # Errors
    /// `BOOKING_FAILED` where a constraint of the database refuses it.
    pub async fn insert(self, tx: &mut Tx, hours: &LockedHours, now: Timestamp) -> Result<Summary, Failure> {
        let offering = self.offering;
        let (wanted, blocked) = (offering.at(self.starts_at), hours.range());
        let time = offering.rules.time(self.starts_at);
        let reference = reference::new();
        let entry = Entry {
            from_status: None,
            to_status: self.status,
            from_starts_at: None,
            to_starts_at: time.start,
            version: 1,
            actor: self.actor,
            for_doctor: self.for_doctor,
            reason: "",
            note: self.overbooked_because,
        };
        let id = write_with_history!(
            "insert into appointments
                 (reference, doctor_id, clinic_id, service_id, patient_id, status, starts_at, ends_at,
                  blocks_from, blocks_until, duration_minutes, mode, price_minor, currency, reason, answer_until,
                  created_at, overbooked_because, held_by, held_until, wall_time)
             values ($13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32,
                     $33)",
            entry,
            now,
            reference,
            hours.doctor_id(),
            offering.clinic_id,
            offering.service_id,
            self.patient_id,
            self.status.as_str(),
            time.start.to_sqlx(),
            time.end.to_sqlx(),
            blocked.start.to_sqlx(),
            blocked.end.to_sqlx(),
            i32::try_from(offering.rules.duration).unwrap_or(i32::MAX),
            offering.mode,
            offering.price.as_ref().map(|price| price.minor),
            offering.price.as_ref().map(|price| price.currency.as_str()),
            self.complaint,
            self.answer_until.map(ToSqlx::to_sqlx) as _,
            now.to_sqlx(),
            self.overbooked_because.map(InternalNote::to_store),
            self.held.map(|(visitor, _)| visitor),
            self.held.map(|(_, until)| until.to_sqlx()) as _,
            wall_time(time.start, &offering.zone).to_sqlx() as _,
        )
        .fetch_one(&mut **tx)
        .await
        // The locks and the checks have already decided; this is the second layer (B2).
        .on_constraint("appointments_no_overlap", Refusal::SlotTaken.of(wanted))
        .on_constraint("appointments_patient_no_overlap", Refusal::PatientOverlap.of(wanted))?;
        tell_times_changed(tx, [hours.doctor_id()]);
        entry.tell(tx, id);
        Ok(Summary {
            id,
            reference,
            doctor_id: hours.doctor_id(),
            clinic_id: offering.clinic_id,
            service_id: offering.service_id,
            patient_id: self.patient_id,
            status: self.status,
            version: 1,
            starts_at: time.start,
            ends_at: time.end,
            overbooked: self.overbooked_because.is_some(),
            arrived_at: None,
        })
    }
}
