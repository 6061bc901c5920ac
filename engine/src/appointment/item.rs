//! An appointment with the names that belong to it, as lists and pages show it.

use jiff::{Timestamp, tz::TimeZone};

use super::{Arrival, Status, Transition, next_steps};
use crate::{
    account::{Caller, Role},
    booking::Wanted,
    database::Failure,
    error::AppError,
    i18n::{Locale, Names, Texts},
    money::Price,
    nobody::{is_nobody, name_of},
    payment::terms::{RefundRule, Terms, When},
    time::{self, Range},
};

/// An appointment as lists and pages show it.
#[derive(Clone, Debug)]
pub struct Item {
    pub id: i64,
    pub reference: String,
    pub status: Status,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// [`NOBODY`](crate::nobody::NOBODY) for seats in a session without a doctor.
    pub doctor_id: i64,
    pub doctor_name: String,
    pub clinic_id: i64,
    pub clinic_name: String,
    pub clinic_address: String,
    pub clinic_phone: String,
    pub zone_name: String,
    pub zone: TimeZone,
    pub service_id: i64,
    /// The name of the service for programs.
    pub service_key: String,
    pub service_name: String,
    pub service_names: Names,
    pub mode: String,
    pub patient_id: Option<i64>,
    pub patient_name: Option<String>,
    pub patient_phone: Option<String>,
    pub reason: String,
    pub answer_until: Option<Timestamp>,
    pub held_until: Option<Timestamp>,
    pub created_at: Timestamp,
    pub version: i32,
    pub cutoff_minutes: i64,
    /// The price that was stated when it was booked.
    pub price: Option<Price>,
    /// What is paid before it is booked.
    pub paid_first: Option<Price>,
    /// When it is paid, and what goes back, as it was promised.
    pub terms: Terms,
    /// SHA-256 of the token of the visitor who holds it.
    pub held_by: Option<Vec<u8>>,
    /// One that stands.
    pub has_prescription: bool,
    /// One that was withdrawn.
    pub has_void_prescription: bool,
    pub is_rated: bool,
    /// The patient has said that they come.
    pub is_coming: bool,
    /// Since when the patient is here, where somebody said so.
    pub arrived_at: Option<Timestamp>,
    /// Staff booked it although the doctor had no such time (B13).
    pub overbooked: bool,
    /// The visit that it is a segment of (B7).
    pub visit_id: Option<i64>,
    /// The group session in which it has seats.
    pub group: Option<InGroup>,
}

/// Seats in a group session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InGroup {
    pub id: i64,
    pub title: String,
    /// The number of seats; none once they were given up.
    pub seats: i64,
}

impl Item {
    /// The name of the service, as it was promised, and as somebody with this language reads it.
    pub fn service(&self, locale: Locale) -> &str {
        self.service_names.or(&self.service_name, locale)
    }

    pub fn is_past_cutoff(&self, now: Timestamp) -> bool {
        now > time::plus_minutes(self.starts_at, -self.cutoff_minutes)
    }

    pub fn has_started(&self, now: Timestamp) -> bool {
        self.starts_at <= now
    }

    /// The status at this time: a hold or a request that ran out has expired, whether or not the worker has
    /// written it down (B5).
    pub fn status_at(&self, now: Timestamp) -> Status {
        let until = match self.status {
            Status::Held => self.held_until,
            Status::Pending => self.answer_until,
            _ => None,
        };
        match until {
            Some(until) if until <= now => Status::Expired,
            _ => self.status,
        }
    }

    /// Whether somebody in this role may say now that its patient is here.
    pub fn may_arrive(&self, role: Role, now: Timestamp) -> bool {
        self.arrived_at.is_none()
            && self.status_at(now) == Status::Confirmed
            && Arrival::of(Range::new(self.starts_at, self.ends_at)).is_open_to(role, now)
    }

    /// Whether it can still be called off: until it begins.
    pub fn may_be_called_off(&self, now: Timestamp) -> bool {
        matches!(self.status_at(now), Status::Pending | Status::Confirmed) && !self.has_started(now)
    }

    /// Whether staff may move it to another time: as long as it can be called off. Seats have the time of their session.
    pub fn may_be_moved_by_staff(&self, now: Timestamp) -> bool {
        self.may_be_called_off(now) && self.group.is_none()
    }

    /// Whether it waits for a patient who should be here.
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.status == Status::Confirmed && self.arrived_at.is_none() && self.has_started(now)
    }

    /// The minutes for which its patient has been waiting.
    pub fn waiting_minutes(&self, now: Timestamp) -> Option<i64> {
        let since = self.arrived_at.filter(|_| self.status == Status::Confirmed)?;
        Some(now.duration_since(since).as_mins().max(0))
    }

    /// The next steps that somebody in this role can take, the usual one first.
    pub fn steps(&self, role: Role, now: Timestamp) -> Vec<Status> {
        let from = self.status_at(now);
        next_steps(role, self.transition(from, from, now))
    }

    /// The change from this status to that one, with the facts that its rules depend on.
    pub fn transition(&self, from: Status, to: Status, now: Timestamp) -> Transition {
        Transition {
            from,
            to,
            started: self.has_started(now),
            past_cutoff: self.is_past_cutoff(now),
            without_doctor: is_nobody(self.doctor_id),
        }
    }

    /// The name of the doctor, or that there is none.
    pub fn doctor(&self, texts: Texts) -> String {
        name_of(self.doctor_id, self.doctor_name.clone()).unwrap_or_else(|| texts.text("no-doctor"))
    }

    /// Whether its patient may rate the doctor: once, if there is one.
    pub fn may_be_rated(&self) -> bool {
        self.status == Status::Completed && !self.is_rated && !is_nobody(self.doctor_id)
    }
}

/// The offering and the time of an appointment.
impl From<&Item> for Wanted {
    fn from(item: &Item) -> Self {
        Self {
            doctor_id: item.doctor_id,
            clinic_id: item.clinic_id,
            service_id: item.service_id,
            starts_at: item.starts_at.as_second(),
        }
    }
}

pub(super) struct Row {
    pub(super) id: i64,
    pub(super) reference: String,
    pub(super) status: String,
    pub(super) starts_at: jiff_sqlx::Timestamp,
    pub(super) ends_at: jiff_sqlx::Timestamp,
    pub(super) doctor_id: i64,
    pub(super) doctor_name: String,
    pub(super) clinic_id: i64,
    pub(super) clinic_name: String,
    pub(super) clinic_address: String,
    pub(super) clinic_phone: String,
    pub(super) time_zone: String,
    pub(super) service_id: i64,
    pub(super) service_key: String,
    pub(super) service_name: String,
    pub(super) service_names: Option<serde_json::Value>,
    pub(super) mode: String,
    pub(super) patient_id: Option<i64>,
    pub(super) patient_name: Option<String>,
    pub(super) patient_phone: Option<String>,
    pub(super) reason: String,
    pub(super) answer_until: Option<jiff_sqlx::Timestamp>,
    pub(super) held_until: Option<jiff_sqlx::Timestamp>,
    pub(super) created_at: jiff_sqlx::Timestamp,
    pub(super) version: i32,
    pub(super) cutoff_minutes: i32,
    pub(super) price_minor: Option<i64>,
    pub(super) currency: Option<String>,
    pub(super) pay_when: Option<String>,
    pub(super) pay_minor: Option<i64>,
    pub(super) refund_minutes: Option<i32>,
    pub(super) late_refund_percent: Option<i32>,
    pub(super) held_by: Option<Vec<u8>>,
    pub(super) has_prescription: bool,
    pub(super) has_void_prescription: bool,
    pub(super) is_rated: bool,
    pub(super) is_coming: bool,
    pub(super) arrived_at: Option<jiff_sqlx::Timestamp>,
    pub(super) overbooked: bool,
    pub(super) visit_id: Option<i64>,
    pub(super) group_id: Option<i64>,
    pub(super) group_title: Option<String>,
    pub(super) seats: i64,
}

impl Row {
    pub(super) fn into_item(self) -> Result<Item, Failure> {
        Ok(Item {
            id: self.id,
            reference: self.reference,
            status: Status::parse(&self.status).ok_or(AppError::Internal)?,
            starts_at: self.starts_at.to_jiff(),
            ends_at: self.ends_at.to_jiff(),
            doctor_id: self.doctor_id,
            doctor_name: self.doctor_name,
            clinic_id: self.clinic_id,
            clinic_name: self.clinic_name,
            clinic_address: self.clinic_address,
            clinic_phone: self.clinic_phone,
            zone: time::shown_zone(&self.time_zone),
            zone_name: self.time_zone,
            service_id: self.service_id,
            service_key: self.service_key,
            service_name: self.service_name,
            service_names: Names::stored(self.service_names),
            mode: self.mode,
            patient_id: self.patient_id,
            patient_name: self.patient_name,
            patient_phone: self.patient_phone,
            reason: self.reason,
            answer_until: self.answer_until.map(jiff_sqlx::Timestamp::to_jiff),
            held_until: self.held_until.map(jiff_sqlx::Timestamp::to_jiff),
            created_at: self.created_at.to_jiff(),
            version: self.version,
            cutoff_minutes: self.cutoff_minutes.into(),
            paid_first: Price::of(self.pay_minor, self.currency.clone()),
            terms: Terms {
                when: When::stored(self.pay_when.as_deref(), self.pay_minor),
                refund: RefundRule {
                    full_minutes: self.refund_minutes.unwrap_or_default(),
                    late_percent: self.late_refund_percent.unwrap_or_default(),
                },
            },
            price: Price::of(self.price_minor, self.currency),
            held_by: self.held_by,
            has_prescription: self.has_prescription,
            has_void_prescription: self.has_void_prescription,
            is_rated: self.is_rated,
            is_coming: self.is_coming,
            arrived_at: self.arrived_at.map(jiff_sqlx::Timestamp::to_jiff),
            overbooked: self.overbooked,
            visit_id: self.visit_id,
            group: self.group_id.zip(self.group_title).map(|(id, title)| InGroup {
                id,
                title,
                seats: self.seats,
            }),
        })
    }
}

/// Reads items: one list of columns and joins for every condition. Its pieces, which sqlx joins, are
/// literals.
macro_rules! items {
    ($($condition:literal)+, $($argument:expr),+) => {
        sqlx::query_as!(
            crate::appointment::item::Row,
            r#"select appointments.id, reference, status, starts_at, ends_at,
                      doctor_id, doctors.name as doctor_name,
                      clinic_id, clinics.name as clinic_name,
                      clinics.address || ', ' || clinics.city as "clinic_address!",
                      clinics.phone as clinic_phone, clinics.time_zone,
                      service_id, services.key as service_key, service_name, service_names,
                      appointments.mode,
                      patient_id, patients.name as "patient_name?", patients.phone as "patient_phone?",
                      reason, answer_until, held_until, appointments.created_at, appointments.version,
                      appointments.cutoff_minutes, appointments.price_minor, appointments.currency, held_by,
                      appointments.pay_when, appointments.pay_minor, appointments.refund_minutes,
                      appointments.late_refund_percent,
                      exists (select from prescriptions
                              where appointment_id = appointments.id and withdrawn_at is null)
                          as "has_prescription!",
                      exists (select from prescriptions
                              where appointment_id = appointments.id and withdrawn_at is not null)
                          as "has_void_prescription!",
                      exists (select from ratings where appointment_id = appointments.id) as "is_rated!",
                      coming_at is not null as "is_coming!", arrived_at,
                      overbooked_because is not null as "overbooked!", visit_id, group_id,
                      (select title from groups where groups.id = group_id) as "group_title?",
                      case when group_id is null then 0
                           else (select count(*) from group_seats
                                 where appointment_id = appointments.id and freed_at is null) end as "seats!"
               from appointments
               join doctors on doctors.id = doctor_id
               join clinics on clinics.id = clinic_id
               join services on services.id = service_id
               left join patients on patients.id = patient_id "# $(+ $condition)+,
            $($argument),+
        )
    };
}
pub(super) use items;

/// Reads items that were booked: no holds, and none that were released or ran out. A request has had a time to be
/// answered by; an appointment that was booked at once has a change that says so. The condition is written as a case wherever it is
/// used: of an `or`, PostgreSQL sees that every row of the index against overlaps meets it, and reads that whole index instead of a few
/// histories.
macro_rules! booked_items {
    ($($condition:literal)+, $($argument:expr),+) => {
        crate::appointment::item::items!(
            "where status <> 'held'
               and case when status in ('cancelled', 'expired') and answer_until is null
                    then exists (select from appointment_changes
                                 where appointment_id = appointments.id and to_status = 'confirmed')
                    else true end
               and "
            $($condition)+,
            $($argument),+
        )
    };
}
pub(super) use booked_items;

/// # Errors
/// `INTERNAL` for a status or a zone that the program does not know.
pub(super) fn into_items(rows: Vec<Row>) -> Result<Vec<Item>, Failure> {
    rows.into_iter().map(Row::into_item).collect()
}

/// Whether a caller, or a visitor with this token, may see an item.
pub(super) fn is_visible(item: &Item, caller: Option<&Caller>, visitor: Option<&[u8]>) -> bool {
    let held_here = item.status == Status::Held || item.patient_id.is_none();
    let visitors = held_here && visitor.is_some() && item.held_by.as_deref() == visitor;
    visitors
        || match caller {
            Some(caller @ Caller::Patient { .. }) => {
                caller.acts_for(item.patient_id) && caller.opens(item.created_at)
            }
            Some(Caller::Doctor { doctor_id, .. }) => {
                item.doctor_id == *doctor_id && item.status != Status::Held
            }
            Some(caller @ (Caller::Admin { .. } | Caller::Reception { .. })) => {
                !caller.is_kept_from(item.clinic_id)
            }
            None => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A request that is to be answered until a minute after the epoch.
    fn request() -> Item {
        Item {
            id: 1,
            reference: "K7QM-4D2P".to_owned(),
            status: Status::Pending,
            starts_at: time::plus_minutes(Timestamp::UNIX_EPOCH, 60),
            ends_at: time::plus_minutes(Timestamp::UNIX_EPOCH, 80),
            doctor_id: 1,
            doctor_name: "Dr Sari".to_owned(),
            clinic_id: 1,
            clinic_name: "Klinik Harapan".to_owned(),
            clinic_address: "Jl. Kenanga 12, Jakarta".to_owned(),
            clinic_phone: "+62215550123".to_owned(),
            zone_name: "UTC".to_owned(),
            zone: TimeZone::UTC,
            service_id: 1,
            service_key: "video_consultation".to_owned(),
            service_name: "Consultation".to_owned(),
            service_names: Names::default(),
            mode: "video".to_owned(),
            patient_id: Some(1),
            patient_name: Some("Maya".to_owned()),
            patient_phone: Some("+6281234567890".to_owned()),
            reason: String::new(),
            answer_until: Some(time::plus_minutes(Timestamp::UNIX_EPOCH, 1)),
            held_until: None,
            created_at: Timestamp::UNIX_EPOCH,
            version: 2,
            cutoff_minutes: 0,
            price: None,
            paid_first: None,
            terms: Terms::default(),
            held_by: None,
            has_prescription: false,
            has_void_prescription: false,
            is_rated: false,
            is_coming: false,
            arrived_at: None,
            overbooked: false,
            visit_id: None,
            group: None,
        }
    }

    #[test]
    fn a_request_counts_as_expired_before_that_is_written() {
        let (item, start) = (request(), Timestamp::UNIX_EPOCH);
        assert_eq!(item.status_at(start), Status::Pending);
        assert_eq!(
            item.steps(Role::Doctor, start),
            [Status::Confirmed, Status::Rejected]
        );
        let later = time::plus_minutes(start, 1);
        assert_eq!(item.status_at(later), Status::Expired);
        assert_eq!(item.steps(Role::Doctor, later), []);
    }
}
