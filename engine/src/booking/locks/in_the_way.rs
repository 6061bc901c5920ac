//! The appointments that are locked for a booking: those that it is about, and those that stand in its way.

use jiff::Timestamp;

use super::Locks;
use crate::{
    appointment::{Actor, Appointment, Extra, Locked, Status, change, lock_in_the_way},
    availability::hours::LockedHours,
    database::{Failure, Tx},
};

/// The appointments that were locked for a booking, by what becomes of them.
#[derive(Default)]
pub(super) struct InTheWay {
    /// Those that are booked or moved.
    appointments: Vec<Locked<Appointment>>,
    /// The one that is given up.
    pub replaced: Option<Locked<Appointment>>,
    /// Holds that still run and give way: those of the same browser, since choosing another time lets them go, and that of
    /// the patient at this very time, who takes it by another way.
    released: Vec<Locked<Appointment>>,
    /// Holds and requests that have run out.
    expired: Vec<Locked<Appointment>>,
}

impl InTheWay {
    /// Ends the holds and requests that the booking takes the time from.
    pub async fn end(&mut self, tx: &mut Tx, now: Timestamp) -> Result<(), Failure> {
        for hold in self.released.drain(..) {
            change(tx, hold, Status::Cancelled, Actor::VISITOR, Extra::default(), now).await?;
        }
        for lapsed in self.expired.drain(..) {
            change(tx, lapsed, Status::Expired, Actor::SYSTEM, Extra::default(), now).await?;
        }
        Ok(())
    }

    /// The locked row of an appointment that was found without a lock.
    pub fn take_appointment(&mut self, found: Option<&Appointment>) -> Option<Locked<Appointment>> {
        let place = self
            .appointments
            .iter()
            .position(|one| Some(one.id) == found.map(|found| found.id))?;
        Some(self.appointments.swap_remove(place))
    }
}

impl Locks<'_> {
    /// Locks the appointments that the booking is about, and those in its way.
    pub(super) async fn lock_in_the_way(
        &self,
        tx: &mut Tx,
        hours: &[LockedHours],
        patient_id: Option<i64>,
        now: Timestamp,
    ) -> Result<InTheWay, Failure> {
        let appointments = self.times.iter().filter_map(|time| time.appointment);
        let appointments: Vec<i64> = appointments.map(|appointment| appointment.id).collect();
        let locked = lock_in_the_way(tx, hours, self.visitor, patient_id, &self.own_ids(), now).await?;
        let mut in_the_way = InTheWay::default();
        for appointment in locked {
            let runs = appointment.held_until.is_some_and(|until| until > now);
            if appointments.contains(&appointment.id) {
                in_the_way.appointments.push(appointment);
            } else if self.replaced_id == Some(appointment.id) {
                in_the_way.replaced = Some(appointment);
            } else if self.is_kept(&appointment, hours, runs) {
                // A segment of the visit that this hold becomes a segment of.
            } else if runs && appointment.status == Status::Held {
                in_the_way.released.push(appointment);
            } else {
                in_the_way.expired.push(appointment);
            }
        }
        Ok(in_the_way)
    }

    /// Whether this is a hold that stays. One that ran out stays as well, unless it has lost its time to this very
    /// booking.
    fn is_kept(&self, appointment: &Appointment, hours: &[LockedHours], runs: bool) -> bool {
        let is_here = hours.iter().any(|hours| {
            appointment.doctor_id == hours.doctor_id() && appointment.blocked.overlaps(hours.range())
        });
        appointment.status == Status::Held
            && self.keeps.contains(&appointment.reference)
            && (runs || !is_here)
    }
}
