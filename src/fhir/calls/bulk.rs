//! `$bulk-publish` (SMART Scheduling Links): all clinics, schedules and times as files of a line each, for whoever looks for a
//! time in many clinics. It is there where the organisation wants it to be, and says nothing of anybody but doctors.

use std::{fmt::Write, io};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName},
    },
    response::{IntoResponse, Response},
};
use engine::{
    availability::{self, Offering, Rostered, SlotState, Slots, roster},
    error::AppError,
    i18n::Locale,
    organisation,
    time::{Range, plus_minutes},
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc::{Sender, channel};
use tokio_stream::wrappers::ReceiverStream;

use crate::{
    fhir::{
        answer::json as resource_json,
        base::Base,
        resource::{Resource, Slot},
        shown,
    },
    server::{
        AppState,
        api::{Answer, InPath, RequestTexts},
        etag,
    },
};

/// The seconds for which a file may be kept by whoever read it.
const MAX_AGE: u32 = 60;

/// The days ahead whose times are published.
const DAYS: i64 = 60;

/// The media type of a file.
const NDJSON: &str = "application/fhir+ndjson";

/// The names of the files, by kind.
const FILES: [(&str, &str); 3] = [
    ("Location", "locations.ndjson"),
    ("Schedule", "schedules.ndjson"),
    ("Slot", "slots.ndjson"),
];

/// The place of the extensions of slots.
const EXTENSIONS: &str = "http://fhir-registry.smarthealthit.org/StructureDefinition";

/// Refuses where nothing is published.
fn must_publish(state: &AppState) -> Result<(), AppError> {
    match state.config.fhir_publish {
        true => Ok(()),
        false => Err(AppError::NotFound),
    }
}

/// Names the files.
pub async fn manifest(State(state): State<AppState>, base: Base) -> Answer {
    // public: where the organisation publishes its times.
    must_publish(&state)?;
    let base = base.for_everybody(&state);
    let clinics = organisation::clinics(&state.database).await?;
    let mut cities: Vec<&str> = clinics.iter().map(|clinic| clinic.what.city.as_str()).collect();
    cities.sort_unstable();
    cities.dedup();
    let output: Vec<_> = FILES
        .iter()
        .map(|(kind, file)| {
            json!({
                "type": kind,
                "url": base.at(&format!("$bulk-publish/{file}")),
                "extension": { "state": cities },
            })
        })
        .collect();
    let manifest = json!({
        "transactionTime": state.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "request": base.at("$bulk-publish"),
        "output": output,
        "error": [],
    });
    let mut response = (StatusCode::OK, Body::from(manifest.to_string())).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    insert(headers, CACHE_CONTROL, &format!("public, max-age={MAX_AGE}"));
    Ok(response)
}

/// Returns a file.
pub async fn file(
    State(state): State<AppState>,
    RequestTexts(texts): RequestTexts,
    base: Base,
    headers: HeaderMap,
    InPath(name): InPath<String>,
) -> Answer {
    // public: where the organisation publishes its times.
    must_publish(&state)?;
    let base = base.for_everybody(&state);
    match name.as_str() {
        "locations.ndjson" => {
            let clinics = organisation::clinics(&state.database).await?;
            let locations = clinics
                .iter()
                .map(|clinic| Resource::Location(shown::location(clinic)));
            Ok(small(&headers, &lines(locations)))
        }
        "schedules.ndjson" => {
            let (doctors, now) = (roster(&state.database).await?, state.now());
            let schedules = doctors.iter().flat_map(|doctor| {
                let each = shown::schedules_of(doctor).into_iter();
                each.filter_map(|(name, offerings)| {
                    shown::schedule(doctor, name, &offerings, texts.locale(), now)
                })
                .collect::<Vec<_>>()
            });
            Ok(small(&headers, &lines(schedules.map(Resource::Schedule))))
        }
        "slots.ndjson" => slots(state, base, texts.locale(), &headers).await,
        _ => Err(AppError::NotFound.into()),
    }
}

fn lines(resources: impl Iterator<Item = Resource>) -> String {
    resources.fold(String::new(), |mut lines, resource| {
        // Writing into a text does not fail.
        let _ = writeln!(lines, "{}", resource_json(&resource));
        lines
    })
}

/// Answers with a file that is made at once, or says that it is known.
fn small(asked: &HeaderMap, lines: &str) -> Response {
    let tag = etag::tag(lines.as_bytes(), None);
    match etag::is_known(asked, &tag) {
        true => of_file(StatusCode::NOT_MODIFIED, Body::empty(), &tag),
        false => of_file(StatusCode::OK, Body::from(lines.to_owned()), &tag),
    }
}

fn of_file(status: StatusCode, body: Body, tag: &str) -> Response {
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(NDJSON));
    insert(headers, ETAG, tag);
    insert(headers, CACHE_CONTROL, &format!("public, max-age={MAX_AGE}"));
    response
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Answers with all times, a doctor at a time, so that a file of any size takes little room. Its tag is of what the times were
/// just before; whoever read newer ones under it is only asked to read them again.
async fn slots(state: AppState, base: Base, locale: Locale, asked: &HeaderMap) -> Answer {
    let question = ("fhir.slots", locale.code().to_owned());
    // Those who ask at once are answered by one look.
    let tag = state.together.ask(question, || tag(&state)).await?;
    if etag::is_known(asked, &tag) {
        return Ok(of_file(StatusCode::NOT_MODIFIED, Body::empty(), &tag));
    }
    let doctors = roster(&state.database).await?;
    let clinics = organisation::clinics(&state.database).await?;
    let phones = clinics
        .into_iter()
        .map(|clinic| (clinic.id, clinic.what.phone))
        .collect();
    let published = Published {
        site: base.site().to_owned(),
        phones,
        locale,
    };
    let (sender, receiver) = channel(1);
    tokio::spawn(write(state, doctors, published, sender));
    Ok(of_file(
        StatusCode::OK,
        Body::from_stream(ReceiverStream::new(receiver)),
        &tag,
    ))
}

/// The tag of all times as they are now.
async fn tag(state: &AppState) -> Result<String, AppError> {
    let mut digest = Sha256::new();
    for doctor in roster(&state.database).await? {
        for slots in times(state, doctor).await? {
            let offering = &slots.offering;
            for number in [
                offering.doctor_id,
                offering.clinic_id,
                offering.service_id,
                offering.rules.duration,
            ] {
                digest.update(number.to_be_bytes());
            }
            for (starts_at, is) in slots.times {
                digest.update(starts_at.as_second().to_be_bytes());
                digest.update(shown::slot_status(is));
            }
        }
    }
    Ok(format!("W/\"{}\"", etag::digits(&digest.finalize())))
}

/// The times of a doctor.
async fn times(state: &AppState, doctor: Rostered) -> Result<Vec<Slots>, AppError> {
    let now = state.now();
    let range = Range::new(now, plus_minutes(now, DAYS * 24 * 60));
    let wanted = doctor.offerings.into_iter().map(|offering| (offering, range));
    availability::slots(&state.database, wanted.collect(), now).await
}

/// What is published with each time.
struct Published {
    site: String,
    /// By clinic.
    phones: Vec<(i64, String)>,
    locale: Locale,
}

/// A time with the extensions of the publication.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PublishedSlot {
    resource_type: &'static str,
    #[serde(flatten)]
    slot: Slot,
    extension: Vec<serde_json::Value>,
}

impl Published {
    fn lines(&self, all: &[Slots]) -> String {
        let mut lines = String::new();
        for slots in all {
            for (starts_at, is) in &slots.times {
                let slot = self.slot(&slots.offering, *starts_at, *is);
                let _ = writeln!(lines, "{}", resource_json(&slot));
            }
        }
        lines
    }

    fn slot(&self, offering: &Offering, starts_at: Timestamp, is: SlotState) -> PublishedSlot {
        let page = format!(
            "{}/doctors/{}?clinic={}&service={}",
            self.site, offering.doctor_id, offering.clinic_id, offering.service_id
        );
        let phone = self.phones.iter().find(|(id, _)| *id == offering.clinic_id);
        let phone = phone.map_or("", |(_, phone)| phone.as_str());
        let mut extension = vec![
            json!({ "url": format!("{EXTENSIONS}/booking-deep-link"), "valueUrl": page }),
            json!({ "url": format!("{EXTENSIONS}/slot-capacity"), "valueInteger": 1 }),
        ];
        if !phone.is_empty() {
            extension.push(json!({ "url": format!("{EXTENSIONS}/booking-phone"), "valueString": phone }));
        }
        PublishedSlot {
            resource_type: "Slot",
            slot: shown::slot(offering, starts_at, is, self.locale),
            extension,
        }
    }
}

/// Writes the times of one doctor after the other, as fast as they are read. Where they cannot be read any more, the answer
/// breaks off, and nobody takes it for whole.
async fn write(
    state: AppState,
    doctors: Vec<Rostered>,
    published: Published,
    sender: Sender<Result<Bytes, io::Error>>,
) {
    for doctor in doctors {
        let chunk = match times(&state, doctor).await {
            Ok(slots) => Ok(Bytes::from(published.lines(&slots))),
            Err(error) => Err(io::Error::other(error)),
        };
        let is_over = chunk.is_err();
        if sender.send(chunk).await.is_err() || is_over {
            return;
        }
    }
}
