//! Notices: an error in words, and its way from a form to the page that shows it.

use http::request::Parts;
use leptos::{prelude::*, server_fn::error::ServerFnUrlError};

use super::icon::icon;
use crate::idempotency::forms::{CHOICE, Form, PARAMETER};
use engine::{
    error::{AppError, Field, FieldProblem, Inventory},
    i18n::Texts,
    schedule::LastChange,
    time::long_date,
};

/// How a notice looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Good,
    /// Somebody was faster, or something changed.
    Warn,
    /// Something failed.
    Bad,
}

/// Names the last change of something that is edited, and who made it. `when` is in words, with its zone where the page has
/// several.
pub fn changed_by(last: &LastChange, when: String, texts: Texts) -> String {
    let what = texts.text(&format!("plan-changed-{}", last.what.replace('_', "-")));
    let values = [
        ("who", last.by.clone().into()),
        ("what", what.into()),
        ("when", when.into()),
    ];
    texts.with("plan-stale-by", &values)
}

/// The notice for whoever comes too late with a change: who was first, and that nothing typed is lost.
pub fn stale_notice(by: Option<String>, title: &str, text: &str, texts: Texts) -> AnyView {
    let body = view! {
        {by.map(|by| view! { <p>{by}</p> })}
        <p>{texts.text(text)}</p>
    };
    notice(Tone::Warn, texts.text(title), body).into_any()
}

/// A notice with a heading and whatever helps. One of success is about the deed that led here, and takes the focus: what is
/// there from the start is not spoken by itself.
pub fn notice(tone: Tone, title: String, body: impl IntoView) -> impl IntoView {
    let (class, name, role) = match tone {
        Tone::Good => ("notice good", "circle-check", "status"),
        Tone::Warn => ("notice warn", "alert-triangle", "alert"),
        Tone::Bad => ("notice bad", "alert-triangle", "alert"),
    };
    let is_success = tone == Tone::Good;
    view! {
        <section class=class role=role id="errors" tabindex="-1" autofocus=is_success aria-labelledby="errors-title">
            {icon(name)}
            <h2 id="errors-title">{title}</h2>
            {body}
        </section>
    }
}

/// The name of a field in the texts: at a desk it is the patient's name that is missing, and not one's own.
fn said_name(field: Field, problem: FieldProblem) -> &'static str {
    match (field, problem) {
        (Field::Name, FieldProblem::Missing | FieldProblem::Malformed) if is_at_desk() => "patient_name",
        (Field::Phone, FieldProblem::Missing) if is_at_desk() => "patient_phone",
        (field, _) => field.name(),
    }
}

/// Whether the page is one of staff.
fn is_at_desk() -> bool {
    use_context::<Parts>().is_some_and(|parts| {
        let path = parts.uri.path();
        ["/admin", "/doctor/"].iter().any(|staff| path.starts_with(staff))
    })
}

/// An error in a sentence.
pub fn message(error: AppError, texts: Texts) -> String {
    match error {
        AppError::ValidationFailed { field, problem } => {
            let text = texts.text(&format!("error-{}-{}", said_name(field, problem), problem.name()));
            match problem {
                FieldProblem::TooLongBy(over) => format!("{text} {}", too_many(over, texts)),
                _ => text,
            }
        }
        AppError::BookingFailed { reason, .. } => {
            texts.text(&format!("error-{}", reason.code().replace('_', "-")))
        }
        AppError::InvalidTransition { .. } => texts.text("error-invalid-transition"),
        AppError::RoomsShort { available, night, .. } => texts.with(
            "error-rooms-short",
            &[
                ("available", available.into()),
                ("night", long_date(night, texts).into()),
            ],
        ),
        AppError::RoomsTaken {
            total, first, last, ..
        } => texts.with(
            "error-rooms-taken",
            &[
                ("total", total.into()),
                ("first", long_date(first, texts).into()),
                ("last", long_date(last, texts).into()),
            ],
        ),
        AppError::RoomTypeNotFound => texts.text("error-room-type-not-found"),
        AppError::StaleStay { .. } => texts.text("error-stale-stay"),
        AppError::StayTransition { .. } => texts.text("error-stay-transition"),
        AppError::StaleVersion { .. }
        | AppError::StaleDoctor
        | AppError::StaleOrganisation
        | AppError::StaleText
        | AppError::StalePatient
        | AppError::StaleGroup => texts.text("error-stale-version"),
        AppError::InsufficientInventory {
            of,
            requested,
            available,
        } => {
            let key = match (of, available) {
                (Inventory::Seats { .. }, 0) => "error-no-seats",
                (Inventory::Seats { .. }, _) => "error-few-seats",
                (Inventory::Capacity { .. }, _) => "error-capacity-taken",
            };
            texts.with(
                key,
                &[("requested", requested.into()), ("available", available.into())],
            )
        }
        AppError::AffectedChanged => texts.text("error-affected-changed"),
        AppError::RecordsOverlap => texts.text("error-records-overlap"),
        AppError::RecordMerged => texts.text("error-record-merged"),
        AppError::PrescriptionExists => texts.text("error-prescription-exists"),
        AppError::PrescriptionWithdrawn => texts.text("error-prescription-withdrawn"),
        AppError::RatingExists => texts.text("error-rating-exists"),
        AppError::PaymentRequired => texts.text("error-payment-required"),
        AppError::ConsultationClosed => texts.text("error-consultation-closed"),
        AppError::PhoneShared => texts.text("error-phone-shared"),
        AppError::IdempotencyConflict => texts.text("error-idempotency-conflict"),
        AppError::InvalidDateRange => texts.text("error-invalid-date-range"),
        AppError::WrongCode => texts.text("error-wrong-code"),
        AppError::WrongPassword => texts.text("error-wrong-password"),
        AppError::NotFound => texts.text("not-found-text"),
        AppError::Unauthenticated => texts.text("error-unauthenticated"),
        AppError::Forbidden => texts.text("forbidden-text"),
        AppError::StepUpRequired => texts.text("error-step-up-required"),
        AppError::FactorRequired => texts.text("error-factor-required"),
        AppError::RateLimited => texts.text("error-rate-limited"),
        AppError::SignInGuarded => texts.text("error-sign-in-guarded"),
        AppError::DeadlockDetected
        | AppError::ConcurrencyAbort
        | AppError::InventoryLocked
        | AppError::TransactionTimeout => texts.text("error-busy"),
        AppError::Unavailable => texts.text("unavailable-text"),
        AppError::Internal => texts.text("internal-text"),
    }
}

/// The sentence that says by how many characters a text is too long.
pub fn too_many(characters: u32, texts: Texts) -> String {
    texts.with("error-too-many-characters", &[("count", characters.into())])
}

/// The sentence that belongs to this field, where the error is about it.
pub fn field_error(error: AppError, field: Field, texts: Texts) -> Option<String> {
    let about = match error {
        AppError::ValidationFailed { field, .. } => field,
        AppError::WrongCode => Field::Code,
        AppError::WrongPassword => Field::Password,
        _ => return None,
    };
    (about == field).then(|| message(error, texts))
}

/// Everything that is not right in a form, at the top of its page: each sentence leads to the element with its id.
pub fn error_summary(errors: impl IntoIterator<Item = (String, String)>, texts: Texts) -> AnyView {
    let list = errors
        .into_iter()
        .map(|(id, text)| view! { <li><a href=format!("#{id}")>{text}</a></li> })
        .collect_view();
    view! {
        <div class="error-summary" role="alert" tabindex="-1" id="errors">
            {icon("alert-triangle")}
            <h2>{texts.text("there-is-a-problem")}</h2>
            <ul>{list}</ul>
        </div>
    }
    .into_any()
}

/// Shows the error of a form at the top of its page: a summary that leads to the field, or a notice.
pub fn problem(error: AppError, texts: Texts) -> AnyView {
    let field = match error {
        AppError::ValidationFailed {
            field:
                Field::Body
                | Field::Version
                | Field::Status
                | Field::StartsAt
                | Field::IdempotencyKey
                | Field::Cookies,
            ..
        } => None,
        AppError::ValidationFailed { field, .. } => Some(field),
        AppError::WrongCode => Some(Field::Code),
        AppError::WrongPassword => Some(Field::Password),
        _ => None,
    };
    match field {
        Some(field) => error_summary([(field.name().to_owned(), message(error, texts))], texts),
        None => {
            let tone = match error {
                AppError::BookingFailed { .. }
                | AppError::RoomsShort { .. }
                | AppError::RoomsTaken { .. }
                | AppError::StaleStay { .. }
                | AppError::StayTransition { .. }
                | AppError::StaleVersion { .. }
                | AppError::StaleDoctor
                | AppError::StaleOrganisation
                | AppError::StaleText
                | AppError::StalePatient
                | AppError::StaleGroup
                | AppError::InsufficientInventory { .. }
                | AppError::AffectedChanged
                | AppError::RecordsOverlap
                | AppError::RecordMerged
                | AppError::PrescriptionExists
                | AppError::PrescriptionWithdrawn
                | AppError::RatingExists
                | AppError::PaymentRequired
                | AppError::ConsultationClosed
                | AppError::PhoneShared
                | AppError::IdempotencyConflict
                | AppError::InvalidTransition { .. } => Tone::Warn,
                _ => Tone::Bad,
            };
            // Whoever has proved who they are comes back to this page.
            let way = (error == AppError::StepUpRequired).then(|| {
                let here = use_context::<Parts>()
                    .and_then(|parts| parts.uri.path_and_query().map(ToString::to_string))
                    .unwrap_or_default();
                let confirm = format!("/account/confirm?next={}", encode(&without_error(&here)));
                view! { <p><a href=confirm>{texts.text("confirm-self-link")}</a></p> }
            });
            notice(tone, message(error, texts), way).into_any()
        }
    }
}

/// The error that a form brought back to this page, if it did.
pub fn request_error() -> Option<AppError> {
    let parts = use_context::<Parts>()?;
    let query = parts.uri.query()?;
    let encoded = query.split('&').find_map(|pair| pair.strip_prefix("__err="))?;
    // Base64 for URLs has no other character that is written differently in a query.
    let encoded = encoded.replace("%3D", "=").replace("%3d", "=");
    Some(ServerFnUrlError::<AppError>::decode_err(&encoded))
}

/// The library wants whole URLs.
const SITE: &str = "http://site.invalid";

/// This path with an error in its query, and none of an earlier try; it leads to where the page says it. `again`
/// is the form that the page shall offer again as it was.
pub fn with_error(path: &str, error: AppError, again: Option<&Form>) -> String {
    let url = format!("{SITE}{}", without_error(path));
    match ServerFnUrlError::new("", error).to_url(&url) {
        Ok(mut url) => {
            if let Some(form) = again {
                url.query_pairs_mut().append_pair(PARAMETER, &form.key);
                if let Some(choice) = form.choice {
                    url.query_pairs_mut().append_pair(CHOICE, &choice.to_string());
                }
            }
            url.set_fragment(Some("errors"));
            url.as_str().strip_prefix(SITE).unwrap_or("/").to_owned()
        }
        Err(_) => path.to_owned(),
    }
}

/// This path without the error of an earlier try.
pub fn without_error(path: &str) -> String {
    let mut url = format!("{SITE}{path}");
    ServerFnUrlError::<AppError>::strip_error_info(&mut url);
    let path = url.strip_prefix(SITE).unwrap_or("/");
    let Some((path, query)) = path.split_once('?') else {
        return path.to_owned();
    };
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !matches!(pair.split('=').next(), Some(PARAMETER | CHOICE)))
        .collect();
    match kept.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{}", kept.join("&")),
    }
}

/// A path as the value of a query parameter.
pub fn encode(path: &str) -> String {
    path.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::error::{FieldProblem, Refusal};

    #[test]
    fn only_the_newest_error_travels_in_the_url() {
        let form = Form {
            key: "k".to_owned(),
            choice: Some(7),
        };
        let old = with_error("/a?b=1", AppError::NotFound, Some(&form));
        assert!(old.contains("__key=k&__choice=7"), "{old}");
        let wanted = engine::booking::Wanted {
            doctor_id: 1,
            clinic_id: 2,
            service_id: 3,
            starts_at: 4,
        };
        let error = AppError::BookingFailed {
            reason: Refusal::SlotTaken,
            wanted,
        };
        let new = with_error(old.split('#').next().unwrap(), error, None);
        assert!(!new.contains("__key") && !new.contains("__choice"), "{new}");
        assert!(new.starts_with("/a?b=1&"), "{new}");
        assert_eq!(new.matches("__err").count(), 1);
        let encoded = new
            .split("__err=")
            .nth(1)
            .unwrap()
            .split('#')
            .next()
            .unwrap()
            .replace("%3D", "=");
        assert_eq!(ServerFnUrlError::<AppError>::decode_err(&encoded), error);
    }

    #[test]
    fn an_error_in_the_url_can_only_be_a_known_one() {
        assert_eq!(
            ServerFnUrlError::<AppError>::decode_err("not an error"),
            AppError::invalid(Field::Body, FieldProblem::Malformed)
        );
    }
}
