//! What a group session has among the appointments: the hold by which it keeps its doctor's time, and those of the patients who
//! have seats. The hold blocks the time, once; the others block nothing.

use jiff::{Timestamp, tz::TimeZone};
use jiff_sqlx::ToSqlx;

use super::{Actor, Appointment, Entry, Locked, OFFER_HOLDER, PAYER, Status, Summary, write_with_history};
use crate::{
    availability::{hours::LockedHours, tell_times_changed},
    booking::{Wanted, reference},
    database::{Failure, OnConstraint, Tx},
    error::{AppError, Refusal},
    event::Event,
    money::Price,
    time::{Range, local_date, wall_time},
};

/// What stands before the id of a session where a hold has the hash of a browser's token.
const HOLDER: &[u8; 24] = b"held by a group session:";

/// A group session, as far as its appointments have what it has. Its row is locked.
#[derive(Clone, Copy, Debug)]
pub struct GroupHold<'a> {
    pub group_id: i64,
    pub doctor_id: i64,
    pub clinic_id: i64,
    pub service_id: i64,
    pub time: Range,
    pub zone: &'a TimeZone,
}

impl GroupHold<'_> {
    fn wanted(&self) -> Wanted {
        Wanted {
            doctor_id: self.doctor_id,
            clinic_id: self.clinic_id,
            service_id: self.service_id,
            starts_at: self.time.start.as_second(),
        }
    }

    fn minutes(&self) -> i32 {
        let minutes = self.time.end.duration_since(self.time.start).as_mins();
        i32::try_from(minutes).unwrap_or(i32::MAX)
    }

    /// Keeps the doctor's time for the session, from its start to its end, in locked hours.
    ///
    /// # Errors
    /// `BOOKING_FAILED` where a constraint of the database refuses it.
    pub async fn insert(
        &self,
        tx: &mut Tx,
        hours: &LockedHours,
        actor: Actor,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let (time, entry) = (self.time, beginning(Status::Held, self.time, actor));
        let id = write_with_history!(
            "insert into appointments
                 (reference, doctor_id, clinic_id, service_id, group_id, status, starts_at, ends_at,
                  blocks_from, blocks_until, duration_minutes, mode, created_at, held_by, held_until, wall_time)
             values ($13, $14, $15, $16, $17, 'held', $18, $19, $18, $19, $20,
                     (select mode from services where id = $16), $21, $22, $19, $23)",
            entry,
            now,
            reference::new(),
            hours.doctor_id(),
            self.clinic_id,
            self.service_id,
            self.group_id,
            time.start.to_sqlx(),
            time.end.to_sqlx(),
            self.minutes(),
            now.to_sqlx(),
            // No browser has this token.
            [HOLDER.as_slice(), &self.group_id.to_be_bytes()].concat(),
            wall_time(time.start, self.zone).to_sqlx() as _,
        )
        .fetch_one(&mut **tx)
        .await
        .on_constraint("appointments_no_overlap", Refusal::SlotTaken.of(self.wanted()))?;
        tell_times_changed(tx, [self.doctor_id]);
        entry.tell(tx, id);
        Ok(())
    }
}

/// The beginning of a history.
fn beginning(status: Status, time: Range, actor: Actor) -> Entry<'static> {
    Entry {
        from_status: None,
        to_status: status,
        from_starts_at: None,
        to_starts_at: time.start,
        version: 1,
        actor,
        for_doctor: false,
        reason: "",
        note: None,
    }
}

/// Why seats are kept for a patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeatsFor {
    /// They are offered to the patient, who is on the waitlist.
    Offer,
    /// The patient pays for them.
    Payment,
}

impl SeatsFor {
    /// Whose hold it is, in the place of a browser.
    fn holder(self) -> &'static [u8] {
        match self {
            Self::Offer => &OFFER_HOLDER,
            Self::Payment => &PAYER,
        }
    }
}

/// Seats of a patient in a session that are about to be written.
#[derive(Clone, Debug)]
pub struct NewSeats<'a> {
    pub group: GroupHold<'a>,
    pub patient_id: i64,
    /// The numbers of the seats.
    pub seats: &'a [i32],
    /// The number of seats of the session, which no number goes beyond.
    pub capacity: i32,
    /// The patient's reason to come.
    pub complaint: &'a str,
    /// That of all of them together.
    pub price: Option<Price>,
    /// For what and until when they are kept for the patient; `None` where they are booked.
    pub kept: Option<(SeatsFor, Timestamp)>,
    pub actor: Actor,
}

impl NewSeats<'_> {
    /// Writes the appointment and its seats, in one statement: others wait for the session.
    ///
    /// # Errors
    /// `BOOKING_FAILED` where the patient has another appointment then; `full` where somebody has one of the seats, or its number is beyond
    /// the capacity.
    pub async fn insert(self, tx: &mut Tx, full: AppError, now: Timestamp) -> Result<Summary, Failure> {
        let (group, reference) = (self.group, reference::new());
        let status = match self.kept {
            Some(_) => Status::Held,
            None => Status::Confirmed,
        };
        let (time, entry) = (group.time, beginning(status, group.time, self.actor));
        let id = write_with_history!(
            "insert into appointments
                 (reference, doctor_id, clinic_id, service_id, group_id, patient_id, status, starts_at, ends_at,
                  blocks_from, blocks_until, duration_minutes, mode, price_minor, currency, reason, created_at, wall_time,
                  held_by, held_until)
             values ($13, $14, $15, $16, $17, $18, $27, $19, $20, $19, $19, $21,
                     (select mode from services where id = $16), $22, $23, $24, $25, $26, $28, $29)",
            with "insert into group_seats (group_id, capacity, seat, appointment_id)
                  select $17, $30, seat, id from written cross join unnest($31::integer[]) as seat",
            entry,
            now,
            reference,
            group.doctor_id,
            group.clinic_id,
            group.service_id,
            group.group_id,
            self.patient_id,
            time.start.to_sqlx(),
            time.end.to_sqlx(),
            group.minutes(),
            self.price.as_ref().map(|price| price.minor),
            self.price.as_ref().map(|price| price.currency.as_str()),
            self.complaint,
            now.to_sqlx(),
            wall_time(time.start, group.zone).to_sqlx() as _,
            status.as_str(),
            self.kept.map(|(why, _)| why.holder()),
            self.kept.map(|(_, until)| until.to_sqlx()) as _,
            self.capacity,
            self.seats,
        )
        .fetch_one(&mut **tx)
        .await
        // The locks and the look before have already decided; these are the second layer.
        .on_constraint("group_seats_seat_key", full)
        .on_constraint("group_seats_within_capacity", full)
        .on_constraint(
            "appointments_patient_no_overlap",
            Refusal::PatientOverlap.of(group.wanted()),
        )?;
        tell_times_changed(tx, [group.doctor_id]);
        entry.tell(tx, id);
        Ok(Summary {
            id,
            reference,
            doctor_id: group.doctor_id,
            clinic_id: group.clinic_id,
            service_id: group.service_id,
            patient_id: Some(self.patient_id),
            status,
            version: 1,
            starts_at: time.start,
            ends_at: time.end,
            overbooked: false,
            arrived_at: None,
        })
    }
}

/// Gives back the doctor's time that a session kept by this hold.
///
/// # Errors
/// Those of the database.
pub async fn release_hold(
    tx: &mut Tx,
    hold: Locked<Appointment>,
    actor: Actor,
    now: Timestamp,
) -> Result<(), Failure> {
    let entry = Entry {
        from_status: Some(hold.status),
        version: hold.version + 1,
        ..beginning(Status::Cancelled, hold.time, actor)
    };
    write_with_history!(
        "update appointments set status = 'cancelled', version = $14 where id = $13",
        entry,
        now,
        hold.id,
        entry.version,
    )
    .fetch_one(&mut **tx)
    .await?;
    entry.tell(tx, hold.id);
    tell_times_changed(tx, [hold.doctor_id]);
    if hold.time.start > now {
        tx.tell(Event::TimeFreed {
            doctor_id: hold.doctor_id,
            clinic_id: hold.clinic_id,
            service_id: hold.service_id,
            time: hold.time,
            blocked: hold.blocked,
            was_only_held: false,
            of_patient: None,
        });
    }
    Ok(())
}

/// Moves seats to the time that their session has now.
///
/// # Errors
/// `BOOKING_FAILED` where the patient has another appointment then.
pub async fn move_seats(
    tx: &mut Tx,
    seats: Locked<Appointment>,
    group: GroupHold<'_>,
    actor: Actor,
    now: Timestamp,
) -> Result<(), Failure> {
    let (time, version) = (group.time, seats.version + 1);
    let date = |at| local_date(at, group.zone);
    let entry = Entry {
        from_status: Some(seats.status),
        from_starts_at: Some(seats.time.start),
        version,
        ..beginning(seats.status, time, actor)
    };
    write_with_history!(
        "update appointments set
             starts_at = $14, ends_at = $15, blocks_from = $14, blocks_until = $14, duration_minutes = $16,
             -- Who has said that they come has said so of this start.
             coming_at = case when starts_at = $14 then coming_at end, version = $17, wall_time = $18,
             arrived_at = case when $19 then arrived_at end
         where id = $13",
        entry,
        now,
        seats.id,
        time.start.to_sqlx(),
        time.end.to_sqlx(),
        group.minutes(),
        version,
        wall_time(time.start, group.zone).to_sqlx() as _,
        date(seats.time.start) == date(time.start),
    )
    .fetch_one(&mut **tx)
    .await
    .on_constraint(
        "appointments_patient_no_overlap",
        Refusal::PatientOverlap.of(group.wanted()),
    )?;
    // Where only its length is another one, there is nothing to be told.
    if seats.time.start != time.start {
        entry.tell(tx, seats.id);
    }
    Ok(())
}
