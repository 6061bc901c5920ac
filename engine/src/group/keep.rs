//! Keeping seats of a session for somebody on the waitlist, and booking what was kept.

use std::ops::Deref;

use jiff::{Timestamp, tz::TimeZone};

use super::{
    Group,
    lock::{LockedGroup, lock, lock_at_once, peek, taken},
    occupy::{is_off, lock_place},
    seats::{Given, Seats, end_holds, free_among},
    take::{Admission, Setting, must_be_open},
};
use crate::{
    account::{Caller, acquaintance::must_know},
    appointment::{self, Actor, Appointment, Extra, Locked, SeatsFor, Status, Summary},
    booking::{Rules, Wanted, locks::lock_patient},
    database::{Failure, Tx},
    error::Refusal,
};

/// A locked session, with its clinic and its service.
pub(crate) struct Session {
    group: LockedGroup,
    setting: Setting,
}

impl Deref for Session {
    type Target = Group;

    fn deref(&self) -> &Group {
        &self.group
    }
}

impl Session {
    /// Locks a session.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn lock(tx: &mut Tx, id: i64) -> Result<Self, Failure> {
        let group = lock(tx, id).await?;
        let setting = Setting::of(tx, &group).await?;
        Ok(Self { group, setting })
    }

    /// Locks a session, unless somebody else has it at this moment. Whoever frees seats has locked it before, so that this
    /// waits for nothing and misses nothing.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn lock_at_once(tx: &mut Tx, id: i64) -> Result<Option<Self>, Failure> {
        let Some(group) = lock_at_once(tx, id).await? else {
            return Ok(None);
        };
        let setting = Setting::of(tx, &group).await?;
        Ok(Some(Self { group, setting }))
    }

    /// The zone of its clinic.
    pub fn zone(&self) -> &TimeZone {
        &self.setting.zone
    }

    /// Whether seats can be taken: it is published, has not begun, and its day was not stopped.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn takes_bookings(&self, tx: &mut Tx, now: Timestamp) -> Result<bool, Failure> {
        Ok(self.group.is_open(now) && !is_off(tx, &self.group, &self.setting.zone).await?)
    }

    /// The numbers of the seats that can be given to somebody at once.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn free(&self, tx: &mut Tx) -> Result<Vec<i32>, Failure> {
        Ok(free_among(&taken(tx, self.group.id).await?, self.group.capacity))
    }

    /// The lowest of so many seats that are free for this patient, who is locked: holds that have run out end.
    ///
    /// # Errors
    /// `INSUFFICIENT_INVENTORY` where fewer are left.
    pub async fn claim(
        &self,
        tx: &mut Tx,
        patient_id: i64,
        count: i32,
        now: Timestamp,
    ) -> Result<Vec<i32>, Failure> {
        let found = Seats::of(tx, self.group.id, Some(patient_id), now).await?;
        let seats = found.lowest(&self.group, count)?;
        end_holds(tx, &found.ending, now).await?;
        Ok(seats)
    }

    /// Keeps seats for a patient until then.
    ///
    /// # Errors
    /// `INSUFFICIENT_INVENTORY` where the database refuses them.
    pub async fn keep(
        &self,
        tx: &mut Tx,
        patient_id: i64,
        seats: &[i32],
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Summary, Failure> {
        let given = Given {
            patient_id,
            seats,
            complaint: "",
            kept: Some((SeatsFor::Offer, until)),
            actor: Actor::SYSTEM,
        };
        given.write(tx, &self.group, &self.setting.zone, now).await
    }
}

/// Seats that were kept for a patient, who takes them.
pub(crate) struct Kept<'a> {
    /// The patient, who is locked by this, or the staff for them.
    pub caller: &'a Caller,
    pub group_id: i64,
    pub patient_id: i64,
    pub seats: i32,
    /// The time at which they were kept: whoever was offered seats takes them at no other.
    pub wanted: Wanted,
    /// The hold that keeps them, or kept them.
    pub hold_id: i64,
    /// The patient's reason to come.
    pub complaint: &'a str,
    pub rules: Rules,
}

impl Kept<'_> {
    /// Books the seats; where the hold has ended, as many others while there are some. Whoever has booked the hold already gets
    /// that appointment.
    ///
    /// # Errors
    /// `BOOKING_FAILED` with `hold_expired` where the seats have gone or their session has moved, and for what refuses any seats.
    pub async fn book(&self, tx: &mut Tx, now: Timestamp) -> Result<Summary, Failure> {
        let seen = peek(tx, self.group_id).await?;
        must_be_open(&seen, now)?;
        if !lock_place(tx, seen.doctor_id, seen.clinic_id, seen.service_id).await? {
            return Err(Refusal::SlotClosed.of(seen.wanted()).into());
        }
        let session = Session::lock(tx, self.group_id).await?;
        must_be_open(&session, now)?;
        if session.wanted() != self.wanted {
            // It has moved since.
            return Err(Refusal::HoldExpired.of(session.wanted()).into());
        }
        let patient_id = lock_patient(tx, self.patient_id, self.caller.role().is_staff()).await?;
        must_know(tx, self.caller, patient_id, now).await?;
        let hold = appointment::lock(tx, self.hold_id).await?;
        let is_theirs = hold.patient_id == Some(patient_id);
        if is_theirs
            && matches!(
                hold.status,
                Status::Confirmed | Status::InProgress | Status::Completed
            )
        {
            // The other click of two was faster.
            return Ok(Summary::from(&*hold));
        }
        if !is_theirs || !matches!(hold.status, Status::Held | Status::Expired) {
            return Err(Refusal::HoldExpired.of(session.wanted()).into());
        }
        let runs = hold.status == Status::Held && hold.held_until.is_some_and(|until| until > now);
        if !runs && !session.takes_bookings(tx, now).await? {
            return Err(Refusal::SlotClosed.of(session.wanted()).into());
        }
        let admission = Admission {
            group: &session.group,
            setting: &session.setting,
            patient_id,
            caller: self.caller,
            rules: self.rules,
            // They were offered, or are paid.
            may_be_paid_first: true,
        };
        let exceeds = admission.check(tx, now).await?;
        let booked = match hold.status {
            // Also where it ran out: nobody has taken its seats.
            Status::Held => self.confirm(tx, hold, now).await?,
            _ => self.take_others(tx, &session, now).await?,
        };
        exceeds.record(tx, std::slice::from_ref(&booked)).await?;
        Ok(booked)
    }

    async fn confirm(
        &self,
        tx: &mut Tx,
        hold: Locked<Appointment>,
        now: Timestamp,
    ) -> Result<Summary, Failure> {
        let extra = Extra {
            complaint: Some(self.complaint.to_owned()),
            ..Extra::default()
        };
        let actor = Actor::from(self.caller);
        let booked = appointment::change(tx, hold, Status::Confirmed, actor, extra, now).await?;
        Ok(Summary::from(&*booked))
    }

    async fn take_others(&self, tx: &mut Tx, session: &Session, now: Timestamp) -> Result<Summary, Failure> {
        let seats = session.claim(tx, self.patient_id, self.seats, now).await;
        let seats = seats.map_err(|failure| match failure {
            Failure::Refused(_) => Refusal::HoldExpired.of(session.wanted()).into(),
            other => other,
        })?;
        let given = Given {
            patient_id: self.patient_id,
            seats: &seats,
            complaint: self.complaint,
            kept: None,
            actor: Actor::from(self.caller),
        };
        given.write(tx, &session.group, session.zone(), now).await
    }
}
