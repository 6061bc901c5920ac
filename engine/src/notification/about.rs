//! What a message speaks of, as it is when it is sent.

use jiff::{Timestamp, civil, tz::TimeZone};
use jiff_sqlx::ToSqlx;

use super::{
    claimed::Claimed,
    kind::{Channel, Kind},
};
use crate::{
    account::Role,
    appointment::Status,
    database::{Failure, Tx},
    error::AppError,
    organisation::mode::mode_key,
    time::{first_instant, last_instant, shown_zone},
};

/// An appointment, as far as its messages may know it: neither the service nor the doctor, and not why somebody comes.
#[derive(Clone, Debug)]
pub struct About {
    pub id: i64,
    /// The visit that it is a part of.
    pub visit_id: Option<i64>,
    pub reference: String,
    pub status: Status,
    pub version: i32,
    pub starts_at: Timestamp,
    pub zone: TimeZone,
    pub answer_until: Option<Timestamp>,
    pub is_at_clinic: bool,
    /// The text key of how it takes place.
    pub mode: &'static str,
    /// The street.
    pub address: String,
    pub clinic_phone: String,
    /// Who made the change that is spoken of, whether they said why, and whether it had been promised before.
    pub by: Role,
    pub has_reason: bool,
    pub was_promised: bool,
    has_prescription: bool,
    is_rated: bool,
    /// Whether there is somebody to be rated.
    has_doctor: bool,
    /// There are messages of the doctor that the patient has not been shown, and of the patient that the doctor has not.
    has_unread: bool,
    /// Whether its patient has an account that is open.
    pub is_active: bool,
    pub wants_reminders: bool,
    phone: String,
    email: Option<String>,
}

impl About {
    pub fn is_promised(&self) -> bool {
        self.status == Status::Confirmed
    }

    /// Whether what the message says is so, and still of use.
    pub fn is_still_so(&self, claimed: &Claimed, now: Timestamp) -> bool {
        let is_of_this_version = claimed.version == Some(self.version);
        let is_at_this_start = claimed.starts_at == Some(self.starts_at);
        let is_ahead = self.starts_at > now;
        self.is_active
            && match claimed.kind {
                Kind::Requested => {
                    is_of_this_version
                        && self.status == Status::Pending
                        && self.answer_until.is_none_or(|until| until > now)
                }
                Kind::Confirmed => is_of_this_version && self.is_promised() && is_ahead,
                Kind::Moved => {
                    is_of_this_version
                        && matches!(self.status, Status::Pending | Status::Confirmed)
                        && is_ahead
                }
                Kind::ReminderWeek | Kind::ReminderDay => is_at_this_start && self.is_promised() && is_ahead,
                Kind::Declined => self.status == Status::Rejected,
                Kind::Cancelled => self.status == Status::Cancelled,
                Kind::Expired => self.status == Status::Expired,
                Kind::PrescriptionReady => self.has_prescription,
                Kind::RatingAsked => self.status == Status::Completed && !self.is_rated && self.has_doctor,
                Kind::DoctorWrote => self.has_unread,
                Kind::Code
                | Kind::Account
                | Kind::ConfirmEmail
                | Kind::Test
                | Kind::DayCancelled
                | Kind::PatientWrote
                | Kind::DoctorsDay
                | Kind::CalendarPaused
                | Kind::CalendarAsks
                | Kind::TimeKept
                | Kind::TimeFree
                | Kind::TimeOverlaps
                | Kind::SessionMoved
                | Kind::SessionCancelled
                | Kind::StayBooked
                | Kind::StayChanged
                | Kind::StayCancelled
                | Kind::StayReminder
                | Kind::Paid
                | Kind::PaymentLate
                | Kind::PaidBack => false,
            }
    }

    /// Where its patient is reached now, by the way of the message.
    pub fn recipient(&self, channel: Channel) -> Option<String> {
        match channel {
            Channel::Sms => Some(self.phone.clone()),
            Channel::Email => self.email.clone(),
        }
    }
}

/// Reads what a message about an appointment speaks of. `purpose` is what its patient agrees to who is reminded so.
///
/// # Errors
/// Those of the database.
pub(super) async fn load(tx: &mut Tx, claimed: &Claimed, purpose: &str) -> Result<Option<About>, Failure> {
    let row = sqlx::query!(
        r#"select appointments.id, visit_id, reference, status, appointments.version, starts_at, time_zone, answer_until, mode,
                  clinics.address, clinics.phone as clinic_phone, changes.actor, changes.reason <> '' as "has_reason!",
                  exists (select from appointment_changes
                          where appointment_id = appointments.id and to_status = 'confirmed') as "was_promised!",
                  exists (select from prescriptions
                          where appointment_id = appointments.id and withdrawn_at is null) as "has_prescription!",
                  exists (select from ratings where appointment_id = appointments.id) as "is_rated!",
                  doctor_id <> 0 as "has_doctor!",
                  exists (select from consultations
                          where appointment_id = appointments.id and doctor_last > patient_read_to) as "has_unread!",
                  (patients.active or patients.erasing_since is not null and patients.erased_at is null) as "active!",
                  patients.phone,
                  reached.wants_reminders and consents_to(reached.id, $3) as "wants_reminders!",
                  case when reached.email_confirmed_at is not null then reached.email end as email
           from appointments
           join clinics on clinics.id = clinic_id
           join patients on patients.id = appointments.patient_id
           join patients as reached on reached.id = coalesce(patients.holder_id, patients.id)
           join appointment_changes changes
               on changes.appointment_id = appointments.id and changes.version = coalesce($2, appointments.version)
           where appointments.id = $1"#,
        claimed.appointment_id,
        claimed.version,
        purpose,
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    Ok(Some(About {
        id: row.id,
        visit_id: row.visit_id,
        reference: row.reference,
        status: Status::parse(&row.status).ok_or(AppError::Internal)?,
        version: row.version,
        starts_at: row.starts_at.to_jiff(),
        zone: shown_zone(&row.time_zone),
        answer_until: row.answer_until.map(jiff_sqlx::Timestamp::to_jiff),
        is_at_clinic: row.mode == "in_person",
        mode: mode_key(&row.mode),
        address: row.address,
        clinic_phone: row.clinic_phone,
        by: Role::parse(&row.actor).ok_or(AppError::Internal)?,
        has_reason: row.has_reason,
        was_promised: row.was_promised,
        has_prescription: row.has_prescription,
        is_rated: row.is_rated,
        has_doctor: row.has_doctor,
        has_unread: row.has_unread,
        is_active: row.active,
        wants_reminders: row.wants_reminders,
        phone: row.phone,
        email: row.email,
    }))
}

/// A text consultation in which a doctor has something to read, as far as a mail may know it.
#[derive(Clone, Debug)]
pub struct Written {
    pub recipient: String,
    pub reference: String,
}

/// Reads where a doctor has something to read; `None` where they have read it meanwhile.
///
/// # Errors
/// Those of the database.
pub(super) async fn load_written(tx: &mut Tx, claimed: &Claimed) -> Result<Option<Written>, Failure> {
    let row = sqlx::query!(
        "select staff.email, reference
         from consultations
         join appointments on appointments.id = appointment_id
         join doctors on doctors.id = doctor_id
         join staff on staff.id = doctors.staff_id
         where appointment_id = $1 and patient_last > doctor_read_to and staff.active",
        claimed.appointment_id,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Written {
        recipient: row.email,
        reference: row.reference,
    }))
}

/// The day of a doctor, as far as a mail may know it.
#[derive(Clone, Debug)]
pub struct Day {
    pub recipient: String,
    pub date: civil::Date,
    pub zone: TimeZone,
    pub appointments: i64,
    pub requests: i64,
    pub first: Timestamp,
    pub last: Timestamp,
}

/// Reads the day that a message speaks of; `None` where there is nothing to do on it.
///
/// # Errors
/// Those of the database.
pub(super) async fn load_day(tx: &mut Tx, claimed: &Claimed) -> Result<Option<Day>, Failure> {
    let Some(date) = claimed.day else {
        return Ok(None);
    };
    let doctor = sqlx::query!(
        "select doctors.id, staff.email, time_zone
         from staff
         join doctors on doctors.staff_id = staff.id
         join appointments on appointments.doctor_id = doctors.id
         join clinics on clinics.id = appointments.clinic_id
         where staff.id = $1 and staff.active and starts_at >= $2::date - 1 and starts_at < $2::date + 2
         order by starts_at limit 1",
        claimed.staff_id,
        date.to_sqlx() as _,
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(doctor) = doctor else {
        return Ok(None);
    };
    let zone = shown_zone(&doctor.time_zone);
    let ends = first_instant(date, 0, &zone).zip(last_instant(date, 24 * 60, &zone));
    let Some((start, end)) = ends else {
        return Ok(None);
    };
    let day = sqlx::query!(
        r#"select count(*) filter (where status = 'confirmed') as "appointments!",
                  count(*) filter (where status = 'pending') as "requests!",
                  min(starts_at) as first, max(ends_at) as last
           from appointments
           where doctor_id = $1 and starts_at >= $2 and starts_at < $3 and status in ('confirmed', 'pending')"#,
        doctor.id,
        start.to_sqlx(),
        end.to_sqlx(),
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(match (day.first, day.last) {
        (Some(first), Some(last)) => Some(Day {
            recipient: doctor.email,
            date,
            zone,
            appointments: day.appointments,
            requests: day.requests,
            first: first.to_jiff(),
            last: last.to_jiff(),
        }),
        _ => None,
    })
}
