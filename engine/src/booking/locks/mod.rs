//! The locks of a booking. Every way to a time, be it a hold, a booking, a move or a visit, takes them here, in the lock
//! order: the visitor's browser, the doctors, the calendar hours, the patient, then the appointments. Only after that does
//! it read what decides (B1, B3).

mod in_the_way;

use jiff::{Timestamp, civil};
use jiff_sqlx::ToSqlx;

use super::Wanted;
use crate::{
    account::family::{Newcomer, find_or_add},
    appointment::{Appointment, AppointmentName, Locked, lock_session_of, peek},
    availability::{
        Calendar, Except, MARGIN_MINUTES, NotOffered, Offering, Patient, calendars_and_patient,
        hours::{self, LockedHours},
        lock_offering,
    },
    database::{Failure, Lock, Tx, locking},
    error::{AppError, Field, FieldProblem, Refusal},
    time::{self, Range, plus_minutes},
};

/// The locks that a booking needs. It finds out which without a lock, and takes them with [`Locks::take`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Locks<'a> {
    /// One time, or those of a visit.
    pub times: Vec<Time<'a>>,
    /// SHA-256 of the token of the browser, whose other holds end but for those in `keeps`.
    pub visitor: Option<&'a [u8]>,
    /// The references of holds of the browser that stay, since they are segments of the same visit.
    pub keeps: &'a [String],
    /// Whether the browser itself is locked, so that its second hold lets the first one go.
    pub locks_visitor: bool,
    pub patient_id: Option<i64>,
    /// The patient who is found or made under the lock, in place of `patient_id`.
    pub newcomer: Option<&'a Newcomer>,
    /// Whether staff name the patient. A patient who books is who they say.
    pub by_staff: bool,
    /// Another appointment of the patient, which is cancelled in favour of this booking.
    pub replaced_id: Option<i64>,
    /// Whether a time that is taken may be booked all the same.
    pub overbooks: bool,
}

/// A time to be locked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Time<'a> {
    pub wanted: Wanted,
    /// The appointment that is booked at this time or moves to it, as it was found without a lock. It keeps the length
    /// and the buffers that it was made with.
    pub appointment: Option<&'a Appointment>,
}

/// The times of a booking, locked.
pub(crate) struct LockedTimes {
    /// In the order of [`Locks::times`].
    pub times: Vec<LockedTime>,
    /// The patient, also one who has just been made.
    pub patient_id: Option<i64>,
    /// The appointment that is given up.
    pub replaced: Option<Locked<Appointment>>,
}

/// A locked time, with the data that was read under the lock.
pub(crate) struct LockedTime {
    pub wanted: Wanted,
    pub offering: Offering,
    pub hours: LockedHours,
    /// The appointment that is booked at this time or moves to it.
    pub appointment: Option<Locked<Appointment>>,
    /// The doctor's calendar around the time, without `appointment`.
    pub calendar: Calendar,
    /// The times of the patient's appointments around it, without `appointment` and what is given up.
    elsewhere: Vec<Range>,
}

impl<'a> Locks<'a> {
    /// The locks of a booking of this time.
    pub fn of(wanted: Wanted) -> Self {
        Self::of_all([wanted])
    }

    /// The locks of a booking of several times.
    pub fn of_all(wanted: impl IntoIterator<Item = Wanted>) -> Self {
        let time = |wanted| Time {
            wanted,
            appointment: None,
        };
        Self {
            times: wanted.into_iter().map(time).collect(),
            ..Self::default()
        }
    }

    /// The locks of a booking of what these appointments hold.
    pub fn of_held(held: &'a [Appointment]) -> Self {
        let time = |appointment: &'a Appointment| Time {
            wanted: appointment.into(),
            appointment: Some(appointment),
        };
        Self {
            times: held.iter().map(time).collect(),
            ..Self::default()
        }
    }

    /// The locks of a move of this appointment.
    pub fn of_move(appointment: &'a Appointment, wanted: Wanted) -> Self {
        Self {
            times: vec![Time {
                wanted,
                appointment: Some(appointment),
            }],
            ..Self::default()
        }
    }

    /// Takes the locks, ends the holds and requests in the way, and reads the calendars.
    ///
    /// # Errors
    /// `NOT_FOUND` where nobody offers that; `BOOKING_FAILED` where a time is taken already; `VALIDATION_FAILED` where
    /// the times overlap each other; `UNAUTHENTICATED` for a patient who is not there any more.
    pub async fn take(&self, tx: &mut Tx, now: Timestamp) -> Result<LockedTimes, Failure> {
        self.lock_visitor(tx).await?;
        let offerings = self.lock_offerings(tx).await?;
        self.check_apart(&offerings)?;
        self.refuse_taken(tx, &offerings, now).await?;
        let hours = self.lock_hours(tx, &offerings).await?;
        self.lock_session_of_replaced(tx).await?;
        let patient_id = self.lock_patient(tx).await?;
        let mut in_the_way = self.lock_in_the_way(tx, &hours, patient_id, now).await?;
        in_the_way.end(tx, now).await?;
        let calendars = self.read_calendars(tx, &offerings, patient_id, now).await?;
        let locked = offerings.into_iter().zip(hours).zip(calendars);
        let times = self.times.iter().zip(locked);
        let times = times.map(|(time, ((offering, hours), (calendar, elsewhere)))| LockedTime {
            wanted: time.wanted,
            offering,
            hours,
            appointment: in_the_way.take_appointment(time.appointment),
            calendar,
            elsewhere,
        });
        Ok(LockedTimes {
            times: times.collect(),
            patient_id,
            replaced: in_the_way.replaced,
        })
    }

    async fn lock_visitor(&self, tx: &mut Tx) -> Result<(), Failure> {
        let Some(visitor) = self.visitor.filter(|_| self.locks_visitor) else {
            return Ok(());
        };
        let locked = sqlx::query!(
            r#"select 1 as "locked!" from (select pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), 0))) as visitor"#,
            visitor,
        );
        locking(Lock::Visitor, locked.fetch_one(&mut **tx)).await?;
        Ok(())
    }

    /// Locks the doctors, by id, and reads what they offer, in the order of the times.
    async fn lock_offerings(&self, tx: &mut Tx) -> Result<Vec<Offering>, Failure> {
        let mut times: Vec<(usize, &Time<'_>)> = self.times.iter().enumerate().collect();
        times.sort_by_key(|(_, time)| (time.wanted.doctor_id, time.wanted.starts_at));
        let mut offerings = Vec::with_capacity(times.len());
        for (place, time) in times {
            offerings.push((place, time.lock_offering(tx).await?));
        }
        offerings.sort_by_key(|(place, _)| *place);
        Ok(offerings.into_iter().map(|(_, offering)| offering).collect())
    }

    /// Refuses times that the patient cannot be at, or a doctor cannot do, one after the other.
    fn check_apart(&self, offerings: &[Offering]) -> Result<(), AppError> {
        if self.are_apart(offerings) {
            return Ok(());
        }
        let held = self.times.iter().filter(|time| time.appointment.is_some());
        let last = held.max_by_key(|time| (time.wanted.doctor_id, time.wanted.starts_at));
        Err(match last {
            Some(last) => Refusal::PatientOverlap.of(last.wanted),
            None => AppError::invalid(Field::Segments, FieldProblem::Malformed),
        })
    }

    /// Whether no two of the times overlap, and those of one doctor leave room for the buffers.
    fn are_apart(&self, offerings: &[Offering]) -> bool {
        let times = self.times.iter().zip(offerings);
        let ranges: Vec<(i64, Range, Range)> = times
            .map(|(time, offering)| {
                let starts_at = time.wanted.starts_at();
                let rules = &offering.rules;
                (
                    offering.doctor_id,
                    rules.time(starts_at),
                    rules.blocked(starts_at),
                )
            })
            .collect();
        ranges.iter().enumerate().all(|(place, one)| {
            ranges[place + 1..]
                .iter()
                .all(|other| !one.1.overlaps(other.1) && (one.0 != other.0 || !one.2.overlaps(other.2)))
        })
    }

    /// Looks, without a lock, whether somebody else has a time already, so that late callers need not queue for the
    /// hours. A hold of the browser or of the patient is no obstacle: whoever holds a time may book it by any way in. A "no"
    /// is final; a "yes" is checked again under the lock. The time of an appointment is judged under its lock alone: it may
    /// have been booked by another click.
    async fn refuse_taken(&self, tx: &mut Tx, offerings: &[Offering], now: Timestamp) -> Result<(), Failure> {
        if self.overbooks {
            return Ok(());
        }
        for (time, offering) in self.times.iter().zip(offerings) {
            let blocked = offering.rules.blocked(time.wanted.starts_at());
            if time.appointment.is_none()
                && is_taken(
                    tx,
                    offering.doctor_id,
                    blocked,
                    (self.visitor, self.patient_id),
                    now,
                )
                .await?
            {
                return Err(Refusal::SlotTaken.of(time.wanted).into());
            }
        }
        Ok(())
    }

    async fn lock_hours(&self, tx: &mut Tx, offerings: &[Offering]) -> Result<Vec<LockedHours>, Failure> {
        let times = self.times.iter().zip(offerings);
        let ranges: Vec<(i64, Range)> = times
            .map(|(time, offering)| {
                let blocked = offering.rules.blocked(time.wanted.starts_at());
                (offering.doctor_id, blocked)
            })
            .collect();
        hours::lock(tx, &ranges).await
    }

    /// Locks the session in which the appointment that is given up has seats: they come free with it.
    async fn lock_session_of_replaced(&self, tx: &mut Tx) -> Result<(), Failure> {
        let Some(replaced_id) = self.replaced_id else {
            return Ok(());
        };
        let replaced = peek(tx, &AppointmentName::Id(replaced_id)).await?;
        lock_session_of(tx, &replaced).await
    }

    /// Locks the patient: bookings of one patient follow each other, so that none is made that overlaps another (B3).
    async fn lock_patient(&self, tx: &mut Tx) -> Result<Option<i64>, Failure> {
        if let Some(newcomer) = self.newcomer {
            return find_or_add(tx, newcomer).await.map(Some);
        }
        let Some(patient_id) = self.patient_id else {
            return Ok(None);
        };
        lock_patient(tx, patient_id, self.by_staff).await.map(Some)
    }

    /// Reads the calendars around the times, and what else the patient has then: in one statement, unless there are
    /// appointments, each of which does not count in its own calendar.
    async fn read_calendars(
        &self,
        tx: &mut Tx,
        offerings: &[Offering],
        patient_id: Option<i64>,
        now: Timestamp,
    ) -> Result<Vec<(Calendar, Vec<Range>)>, Failure> {
        let patient = patient_id.map(|id| Patient {
            id,
            except: self.own_ids(),
        });
        let mut read = Vec::with_capacity(offerings.len());
        if self.times.iter().any(|time| time.appointment.is_some()) {
            for (time, offering) in self.times.iter().zip(offerings) {
                let except = Except {
                    appointment_id: time.appointment.map(|appointment| appointment.id),
                    holds_of: None,
                };
                let date = time::local_date(time.wanted.starts_at(), &offering.zone);
                let one = std::slice::from_ref(offering);
                let (calendars, elsewhere) =
                    calendars_and_patient(tx, one, (date, date), &except, patient.as_ref(), now).await?;
                read.extend(
                    calendars
                        .into_iter()
                        .map(|calendar| (calendar, elsewhere.clone())),
                );
            }
            return Ok(read);
        }
        let times = self.times.iter().zip(offerings);
        let dates = times.map(|(time, offering)| time::local_date(time.wanted.starts_at(), &offering.zone));
        let dates = dates.fold((civil::Date::MAX, civil::Date::MIN), |(first, last), date| {
            (first.min(date), last.max(date))
        });
        let (calendars, elsewhere) =
            calendars_and_patient(tx, offerings, dates, &Except::default(), patient.as_ref(), now).await?;
        read.extend(
            calendars
                .into_iter()
                .map(|calendar| (calendar, elsewhere.clone())),
        );
        Ok(read)
    }

    /// The ids of the appointments that the booking is about.
    fn own_ids(&self) -> Vec<i64> {
        let appointments = self.times.iter().filter_map(|time| time.appointment);
        appointments
            .map(|appointment| appointment.id)
            .chain(self.replaced_id)
            .collect()
    }
}

impl Time<'_> {
    async fn lock_offering(&self, tx: &mut Tx) -> Result<Offering, Failure> {
        let mut offering = lock_offering(tx, self.wanted)
            .await
            .map_err(|failure| match failure {
                // The owner of an appointment is not told that there is no such thing.
                Failure::Refused(AppError::NotFound) if self.appointment.is_some() => {
                    Refusal::SlotClosed.of(self.wanted).into()
                }
                other => other,
            })?;
        if let Some(appointment) = self.appointment {
            offering.rules = offering
                .rules
                .of_appointment(appointment.time, appointment.blocked);
        }
        Ok(offering)
    }
}

impl LockedTimes {
    /// The time of a booking that has one.
    pub fn single(self) -> Result<LockedTime, AppError> {
        self.times.into_iter().next().ok_or(AppError::Internal)
    }
}

impl LockedTime {
    /// The time from start to end, without buffers.
    pub fn range(&self) -> Range {
        self.offering.rules.time(self.wanted.starts_at())
    }

    /// The appointment that is booked or moved.
    ///
    /// # Errors
    /// `NOT_FOUND` where it is gone.
    pub fn take_appointment(&mut self) -> Result<Locked<Appointment>, AppError> {
        self.appointment.take().ok_or(AppError::NotFound)
    }

    /// Checks that the time can be booked, as the list of times has it.
    ///
    /// # Errors
    /// `BOOKING_FAILED`.
    pub fn check(&self) -> Result<(), AppError> {
        self.calendar
            .check(self.wanted.starts_at())
            .map_err(|not_offered| match not_offered {
                NotOffered::Taken => Refusal::SlotTaken.of(self.wanted),
                NotOffered::Closed => Refusal::SlotClosed.of(self.wanted),
            })
    }

    /// Refuses the time when the patient is somewhere else: no patient is in two places at once (B3).
    ///
    /// # Errors
    /// `BOOKING_FAILED`.
    pub fn refuse_overlap(&self) -> Result<(), AppError> {
        let range = self.range();
        match self.elsewhere.iter().any(|other| other.overlaps(range)) {
            true => Err(Refusal::PatientOverlap.of(self.wanted)),
            false => Ok(()),
        }
    }
}

/// Locks a patient who is booked: bookings of one patient follow each other, so that none is made that overlaps another (B3).
///
/// # Errors
/// `UNAUTHENTICATED` for a patient who books and is not there any more; where staff name the patient, `NOT_FOUND`, and
/// `RECORD_MERGED` where the record is part of another one.
pub(crate) async fn lock_patient(tx: &mut Tx, patient_id: i64, by_staff: bool) -> Result<i64, Failure> {
    // What patients have open is counted together with the holder of their phone.
    let locked = sqlx::query_scalar!(
        "select id from patients
         where active and (id = $1 or $2 and id = (select holder_id from patients where id = $1))
         order by id for no key update",
        patient_id,
        !by_staff,
    );
    let locked = locking(Lock::Patient, locked.fetch_all(&mut **tx)).await?;
    must_be_locked(tx, &locked, patient_id, by_staff).await?;
    Ok(patient_id)
}

/// Refuses a patient who is not among those who could be locked for a booking.
///
/// # Errors
/// Those of [`lock_patient`].
pub(crate) async fn must_be_locked(
    tx: &mut Tx,
    locked: &[i64],
    patient_id: i64,
    by_staff: bool,
) -> Result<(), Failure> {
    let missing = match by_staff {
        // The caller is who they say; the patient whom they name is not there.
        true => AppError::NotFound,
        false => AppError::Unauthenticated,
    };
    match locked.contains(&patient_id) {
        true => Ok(()),
        // Nobody looks why, unless the patient is not there.
        false if by_staff && is_merged(tx, patient_id).await? => Err(AppError::RecordMerged.into()),
        false => Err(missing.into()),
    }
}

/// Whether the record of a patient is part of another one.
async fn is_merged(tx: &mut Tx, patient_id: i64) -> Result<bool, Failure> {
    let is_merged = sqlx::query_scalar!(
        r#"select exists (select from patients where id = $1 and merged_into is not null) as "is_merged!""#,
        patient_id,
    );
    Ok(is_merged.fetch_one(&mut **tx).await?)
}

async fn is_taken(
    tx: &mut Tx,
    doctor_id: i64,
    blocked: Range,
    (visitor, patient_id): (Option<&[u8]>, Option<i64>),
    now: Timestamp,
) -> Result<bool, Failure> {
    let taken = sqlx::query_scalar!(
        r#"select exists (
               select from appointments
               where doctor_id = $1 and starts_at > $2 and starts_at < $3
                 and blocks_from < $5 and blocks_until > $4
                 and occupies(appointments, $6)
                 and (status <> 'held'
                      or held_by is distinct from $7
                         and not exists (select from appointments as own
                                         where own.id = appointments.id and own.patient_id = $8))
           ) as "taken!""#,
        doctor_id,
        plus_minutes(blocked.start, -MARGIN_MINUTES).to_sqlx(),
        plus_minutes(blocked.end, MARGIN_MINUTES).to_sqlx(),
        blocked.start.to_sqlx(),
        blocked.end.to_sqlx(),
        now.to_sqlx(),
        visitor,
        patient_id,
    );
    Ok(taken.fetch_one(&mut **tx).await?)
}
