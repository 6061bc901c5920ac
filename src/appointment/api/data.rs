//! Appointments in answers: whole, and as short as after a change.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::server::{AppState, api::amount::Amount};
use engine::{
    account::Role,
    appointment::{Item, Status, Summary},
    availability::names,
    i18n::Locale,
    nobody::{name_of, somebody},
};

/// An appointment after a change. Fields that never change are left out.
#[derive(Serialize, ToSchema)]
pub struct ChangedAppointment {
    #[schema(example = 1)]
    id: i64,
    #[schema(example = "K7QM-4D2P")]
    reference: String,
    #[schema(value_type = String, example = "pending")]
    status: Status,
    /// The version, which every change increments.
    #[schema(example = 3)]
    version: i32,
    /// The doctor; null for seats in a session without one.
    #[schema(example = 1)]
    doctor_id: Option<i64>,
    #[schema(example = 1)]
    clinic_id: i64,
    #[schema(example = 1)]
    patient_id: Option<i64>,
    /// The key of the service.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(example = "video_consultation")]
    service: Option<String>,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T03:00:00Z")]
    starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T03:20:00Z")]
    ends_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Asia/Jakarta")]
    time_zone: Option<String>,
    /// Whether staff overbooked the doctor.
    overbooked: bool,
    /// Since when the patient is here, if somebody said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    arrived_at: Option<Timestamp>,
    /// The patient's reason, if the appointment was just booked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "A cough")]
    reason: Option<String>,
}

impl ChangedAppointment {
    /// An appointment that a change would hit, as it is at this time.
    pub fn of(item: &Item, now: Timestamp) -> Self {
        Self {
            id: item.id,
            reference: item.reference.clone(),
            status: item.status_at(now),
            version: item.version,
            doctor_id: somebody(item.doctor_id),
            clinic_id: item.clinic_id,
            patient_id: item.patient_id,
            service: Some(item.service_key.clone()),
            starts_at: item.starts_at,
            ends_at: item.ends_at,
            time_zone: Some(item.zone_name.clone()),
            overbooked: item.overbooked,
            arrived_at: item.arrived_at,
            reason: None,
        }
    }

    /// `names` are the key of the service and the zone of the clinic.
    pub fn new(summary: &Summary, names: Option<(&str, &str)>) -> Self {
        Self {
            id: summary.id,
            reference: summary.reference.clone(),
            status: summary.status,
            version: summary.version,
            doctor_id: somebody(summary.doctor_id),
            clinic_id: summary.clinic_id,
            patient_id: summary.patient_id,
            service: names.map(|(service, _)| service.to_owned()),
            starts_at: summary.starts_at,
            ends_at: summary.ends_at,
            time_zone: names.map(|(_, zone)| zone.to_owned()),
            overbooked: summary.overbooked,
            arrived_at: summary.arrived_at,
            reason: None,
        }
    }

    /// Adds the reason that the patient gave.
    #[must_use]
    pub fn because(self, reason: &str) -> Self {
        Self {
            reason: Some(reason.to_owned()),
            ..self
        }
    }
}

/// An appointment.
#[derive(Serialize, ToSchema)]
pub struct AppointmentData {
    #[schema(example = 1)]
    id: i64,
    #[schema(example = "K7QM-4D2P")]
    reference: String,
    #[schema(value_type = String, example = "confirmed")]
    status: Status,
    /// The version, which every change increments.
    #[schema(example = 3)]
    version: i32,
    /// The doctor; null for seats in a session without one.
    #[schema(example = 1)]
    doctor_id: Option<i64>,
    #[schema(example = "dr. Sari Wijaya")]
    doctor_name: Option<String>,
    #[schema(example = 1)]
    clinic_id: i64,
    #[schema(example = "Klinik Harapan")]
    clinic_name: String,
    #[schema(example = 1)]
    patient_id: Option<i64>,
    #[schema(example = "Dewi Lestari")]
    patient_name: Option<String>,
    #[schema(example = "+6281255500101")]
    patient_phone: Option<String>,
    /// The key of the service.
    #[serde(rename = "type")]
    #[schema(example = "video_consultation")]
    service: String,
    #[schema(example = "Video consultation")]
    service_name: String,
    #[schema(example = "video")]
    mode: String,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T03:00:00Z")]
    starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime, example = "2026-11-24T03:20:00Z")]
    ends_at: Timestamp,
    #[schema(example = "Asia/Jakarta")]
    time_zone: String,
    #[schema(example = "A cough")]
    reason: String,
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T08:00:00Z")]
    created_at: Timestamp,
    has_prescription: bool,
    is_rated: bool,
    overbooked: bool,
    /// Since when the patient is here, if somebody said so.
    #[schema(value_type = Option<String>, format = DateTime)]
    arrived_at: Option<Timestamp>,
    /// The id of the visit that the appointment belongs to.
    visit: Option<i64>,
    /// The id of the group session in which the appointment has seats.
    group_id: Option<i64>,
    /// The number of its seats there.
    seats: Option<i64>,
    /// The moment at which a request without an answer expires.
    #[schema(value_type = Option<String>, format = DateTime)]
    answer_until: Option<Timestamp>,
    /// The statuses that the caller can give it now.
    #[schema(value_type = Vec<String>, example = json!(["in_progress", "cancelled"]))]
    next: Vec<Status>,
    /// The reason that was given when it was booked.
    price: Option<Amount>,
}

impl AppointmentData {
    /// As it is at this moment, for somebody in this role, with the name of the service in this language.
    pub fn new(item: Item, role: Role, now: Timestamp, locale: Locale) -> Self {
        let status = item.status_at(now);
        let service_name = item.service(locale).to_owned();
        Self {
            status,
            next: item.steps(role, now),
            answer_until: item.answer_until.filter(|_| status == Status::Pending),
            group_id: item.group.as_ref().map(|group| group.id),
            seats: item.group.as_ref().map(|group| group.seats),
            id: item.id,
            reference: item.reference,
            version: item.version,
            doctor_id: somebody(item.doctor_id),
            doctor_name: name_of(item.doctor_id, item.doctor_name),
            clinic_id: item.clinic_id,
            clinic_name: item.clinic_name,
            patient_id: item.patient_id,
            patient_name: item.patient_name,
            patient_phone: item.patient_phone,
            service_name,
            service: item.service_key,
            mode: item.mode,
            starts_at: item.starts_at,
            ends_at: item.ends_at,
            time_zone: item.zone_name,
            reason: item.reason,
            created_at: item.created_at,
            has_prescription: item.has_prescription,
            is_rated: item.is_rated,
            overbooked: item.overbooked,
            arrived_at: item.arrived_at,
            visit: item.visit_id,
            price: item.price.as_ref().map(Amount::from),
        }
    }
}

/// Makes a [`ChangedAppointment`], looking up its names.
pub(crate) async fn with_names(state: &AppState, summary: &Summary) -> ChangedAppointment {
    let names = names(&state.database, summary.clinic_id, summary.service_id).await;
    // It was done, and that is what the answer is about.
    let names = names.as_ref().ok();
    ChangedAppointment::new(summary, names.map(|(key, zone)| (key.as_str(), zone.as_str())))
}
