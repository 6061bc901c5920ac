//! What programs say of webhooks, and what they are told.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{server::api::versioned, webhook::sign::written};
use engine::webhook::{DeliveryView, SigningSecret, Subject, WebhookView};

/// A webhook.
#[derive(Serialize, ToSchema)]
pub struct WebhookData {
    #[schema(example = 1)]
    id: i64,
    #[schema(example = "https://hooks.example.com/janji")]
    url: String,
    #[schema(example = "Our billing")]
    description: String,
    /// The types of events that are told.
    #[schema(example = json!(["appointment.confirmed"]))]
    events: Vec<&'static str>,
    /// Only of this doctor; of any if it is null.
    #[schema(example = 1)]
    doctor_id: Option<i64>,
    /// Only at this clinic; at any if it is null.
    #[schema(example = 1)]
    clinic_id: Option<i64>,
    /// Whether `patient_id`, `service_id`, `starts_at` and `ends_at` are told, too.
    #[schema(example = false)]
    details: bool,
    /// `active`, `paused` or `ended`.
    #[schema(example = "active")]
    state: &'static str,
    /// Why it is not active: `by_hand`, `failing` or `gone`.
    #[schema(example = "by_hand")]
    because: Option<&'static str>,
    /// The version, which every change increments.
    #[schema(example = 1)]
    version: i32,
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T03:00:00Z")]
    made_at: Timestamp,
    /// Until when requests are signed with the secret before as well; null if there is none.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-23T03:00:00Z")]
    old_secret_until: Option<Timestamp>,
    /// The last time that something arrived.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-22T03:30:00Z")]
    delivered_at: Option<Timestamp>,
    /// The number of attempts in a row that failed.
    #[schema(example = 0)]
    failures: i32,
    /// The number of deliveries that wait; 1000 for a thousand and more.
    #[schema(example = 0)]
    waiting: i64,
    /// The number of deliveries that were given up; 1000 for a thousand and more.
    #[schema(example = 0)]
    failed: i64,
}

impl From<WebhookView> for WebhookData {
    fn from(view: WebhookView) -> Self {
        Self {
            id: view.id,
            url: view.url,
            description: view.description,
            events: view.topics.iter().map(|topic| topic.name()).collect(),
            doctor_id: view.doctor_id,
            clinic_id: view.clinic_id,
            details: view.with_details,
            state: view.state.as_str(),
            because: view.because.map(|because| because.as_str()),
            version: view.version,
            made_at: view.made_at,
            old_secret_until: view.old_secret_until,
            delivered_at: view.delivered_at,
            failures: view.failures,
            waiting: view.waiting,
            failed: view.failed,
        }
    }
}

/// A webhook with its secret.
#[derive(Serialize, ToSchema)]
pub struct MadeWebhook {
    #[serde(flatten)]
    webhook: WebhookData,
    /// What requests are signed with. Null if an earlier request with the same `Idempotency-Key` made it.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    secret: Option<String>,
}

impl MadeWebhook {
    pub(super) fn new(view: WebhookView, secret: Option<&SigningSecret>) -> Self {
        Self {
            webhook: view.into(),
            secret: secret.map(written),
        }
    }
}

/// Where a program is told of what.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "url": "https://hooks.example.com/janji", "description": "Our billing",
    "events": ["appointment.confirmed", "appointment.cancelled"]
}))]
pub struct NewWebhook {
    /// An `https` address of the public internet.
    #[schema(min_length = 1, max_length = 500, example = "https://hooks.example.com/janji")]
    pub(super) url: String,
    /// What it is for, in a few words.
    #[schema(min_length = 1, max_length = 120, example = "Our billing")]
    pub(super) description: String,
    /// `appointment.requested`, `.confirmed`, `.declined`, `.cancelled`, `.moved`, `.started`, `.completed`, `.no_show`,
    /// `.expired`; `prescription.written`; `patient.arrived`, `.arrival_undone`; `stay.booked`, `.changed`, `.arrived`, `.left`,
    /// `.cancelled`; `group.published`, `.moved`, `.cancelled`.
    #[schema(min_items = 1, example = json!(["appointment.confirmed"]))]
    pub(super) events: Vec<String>,
    /// Only of this doctor. Doctors are told of their own appointments alone.
    #[schema(example = 1)]
    pub(super) doctor_id: Option<i64>,
    /// Only at this clinic.
    #[schema(example = 1)]
    pub(super) clinic_id: Option<i64>,
    /// Whether `patient_id`, `service_id`, `starts_at` and `ends_at` are told, too; never a name. Needs a token with the scope
    /// `read` as well.
    #[serde(default)]
    #[schema(example = false)]
    pub(super) details: bool,
}

/// A change of a webhook.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "url": "https://hooks.example.com/janji", "description": "Our billing",
    "events": ["appointment.confirmed"], "version": 1
}))]
pub struct WebhookChange {
    #[schema(min_length = 1, max_length = 500, example = "https://hooks.example.com/janji")]
    pub(super) url: String,
    #[schema(min_length = 1, max_length = 120, example = "Our billing")]
    pub(super) description: String,
    #[schema(min_items = 1, example = json!(["appointment.confirmed"]))]
    pub(super) events: Vec<String>,
    #[schema(example = 1)]
    pub(super) doctor_id: Option<i64>,
    #[schema(example = 1)]
    pub(super) clinic_id: Option<i64>,
    #[serde(default)]
    #[schema(example = false)]
    pub(super) details: bool,
    /// The version that the caller has read.
    #[schema(example = 1)]
    pub(super) version: Option<i32>,
}

versioned!(WebhookChange);

/// Something that a webhook was told, or is to be told.
#[derive(Serialize, ToSchema)]
pub struct WebhookDelivery {
    #[schema(example = 1)]
    id: i64,
    /// The `webhook-id` of its requests.
    #[schema(example = "msg_1_1795489200000000")]
    webhook_id: String,
    #[serde(rename = "type")]
    #[schema(example = "appointment.confirmed")]
    event: String,
    /// The appointment that it is of; null for others, and in a test.
    #[schema(example = 1)]
    appointment_id: Option<i64>,
    /// The stay that it is of.
    #[schema(example = json!(null))]
    stay_id: Option<i64>,
    /// The group session that it is of.
    #[schema(example = json!(null))]
    group_id: Option<i64>,
    #[schema(example = 2)]
    version: Option<i32>,
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T03:00:00Z")]
    happened_at: Timestamp,
    /// `due`, `delivered`, `failed`, or `dropped` if the webhook ended before.
    #[schema(example = "delivered")]
    state: &'static str,
    /// When it is tried next, or was due last.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T03:00:00Z")]
    due_at: Timestamp,
    /// The number of attempts, since it was told or replayed.
    #[schema(example = 1)]
    attempts: i32,
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-22T03:00:00Z")]
    tried_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-22T03:00:00Z")]
    ended_at: Option<Timestamp>,
    /// How often it was replayed.
    #[schema(example = 0)]
    replays: i32,
    /// Why the last attempt failed: `unreachable`, `timed_out`, `private_address`, `redirected`, `refused`, `gone` or `sealed`.
    #[schema(example = "refused")]
    trouble: Option<&'static str>,
    /// The status of the last answer.
    #[schema(example = 503)]
    answer_status: Option<i32>,
    /// The first kilobyte of the last answer.
    #[schema(example = "Busy")]
    answer: String,
    #[schema(example = 140)]
    took_ms: Option<i32>,
}

impl From<DeliveryView> for WebhookDelivery {
    fn from(view: DeliveryView) -> Self {
        let of = |wanted: Subject| {
            view.about
                .and_then(|(subject, id)| (subject == wanted).then_some(id))
        };
        Self {
            id: view.id,
            webhook_id: view.name,
            event: view.event,
            appointment_id: of(Subject::Appointment),
            stay_id: of(Subject::Stay),
            group_id: of(Subject::Group),
            version: view.version,
            happened_at: view.happened_at,
            state: view.state.as_str(),
            due_at: view.due_at,
            attempts: view.attempts,
            tried_at: view.tried_at,
            ended_at: view.ended_at,
            replays: view.replays,
            trouble: view.trouble.map(|trouble| trouble.as_str()),
            answer_status: view.answer_status,
            answer: view.answer,
            took_ms: view.took_ms,
        }
    }
}

/// From when on what was given up is posted again.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "since": "2026-11-22T03:00:00Z" }))]
pub struct ReplaySince {
    /// What happened before it is left alone.
    #[schema(value_type = String, format = DateTime, example = "2026-11-22T03:00:00Z")]
    pub(super) since: Timestamp,
}

/// What is posted again.
#[derive(Serialize, ToSchema)]
pub struct Replayed {
    /// The number of deliveries.
    #[schema(example = 3)]
    pub(super) deliveries: u64,
}
