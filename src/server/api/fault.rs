//! What a program is told about what went wrong, in its language and with what helps it on: put together in one place,
//! [`tell`].

use axum::{
    extract::{Request, State},
    http::{
        HeaderValue, StatusCode,
        header::{self, CONTENT_TYPE, IF_MATCH},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::server::{
    AppState,
    problem::{MEDIA_TYPE, Problem},
};
use engine::{
    account::{Role, scope::Needs},
    appointment::last_change,
    availability::{Alternative, Except, alternatives, visits_instead},
    booking::Wanted,
    error::{self, AppError, Field, Refusal},
    i18n::{Locale, Texts},
    organisation::{Subject, newest},
};

/// What a handler answers with.
pub type Answer = Result<Response, Fault>;

/// What went wrong, with what the closed set of errors does not carry.
#[derive(Clone, Debug)]
pub struct Fault {
    error: AppError,
    pub(super) about: About,
}

#[derive(Clone, Debug)]
pub(super) enum About {
    Nothing,
    /// An input by its name, and what is wrong with it.
    Input(String, &'static str),
    /// The status that HTTP has for what is wrong with a request, and the key of the text that says it.
    Request(StatusCode, &'static str),
    /// What a token would have to be good for.
    Reach(Needs),
    /// The appointment that was to be moved: what is moved stays with its doctor.
    Moving(i64),
    /// The parts of the visit that was to be booked, all or none.
    Visit(Vec<Wanted>),
    /// Inputs under the names that the call has for them, and what is wrong with each.
    Inputs(Vec<(&'static str, &'static str)>),
    /// What was to be changed.
    Changing(Subject),
    /// The key of a text that says it better than the usual one.
    Words(&'static str),
}

impl From<AppError> for Fault {
    fn from(error: AppError) -> Self {
        Self {
            error,
            about: About::Nothing,
        }
    }
}

/// The code of every change that came too late.
const STALE: &str = "STALE_VERSION";

const MISSING: &str = "missing";
const MALFORMED: &str = "malformed";
const TOO_LONG: &str = "too-long";

/// How much of a name is repeated to whoever sent it.
const MAX_NAME: usize = 60;

impl Fault {
    pub(super) fn input(name: &str, problem: &'static str) -> Self {
        Self {
            error: AppError::invalid(Field::Body, error::Problem::Malformed),
            about: About::Input(name.chars().take(MAX_NAME).collect(), problem),
        }
    }

    /// There is no such input, and it is needed.
    pub fn missing(name: &str) -> Self {
        Self::input(name, MISSING)
    }

    /// An input is not what it should be.
    pub fn malformed(name: &str) -> Self {
        Self::input(name, MALFORMED)
    }

    /// The token is not good for this.
    pub(super) fn out_of_reach(needs: Needs) -> Self {
        Self {
            error: AppError::Forbidden,
            about: About::Reach(needs),
        }
    }

    /// An input has too many characters.
    pub fn too_long(name: &str) -> Self {
        Self::input(name, TOO_LONG)
    }

    /// That this appointment was to be moved.
    #[must_use]
    pub fn moving(self, appointment_id: i64) -> Self {
        Self {
            about: About::Moving(appointment_id),
            ..self
        }
    }

    /// That this was to be booked as a whole.
    #[must_use]
    pub fn of_visit(self, segments: Vec<Wanted>) -> Self {
        Self {
            about: About::Visit(segments),
            ..self
        }
    }

    /// That several inputs are not right, of which there is at least one. `names` are those that the call has, where
    /// they are not those of the form.
    pub fn of_inputs(errors: &[AppError], names: &[(Field, &'static str)]) -> Self {
        let wrong = errors.iter().filter_map(|error| match error {
            AppError::ValidationFailed { field, problem } => Some((called(*field, names), problem.name())),
            _ => None,
        });
        Self {
            error: errors.first().copied().unwrap_or(AppError::Internal),
            about: About::Inputs(wrong.collect()),
        }
    }

    /// Likewise, where it is about one of these inputs at all.
    #[must_use]
    pub fn under(self, names: &[(Field, &'static str)]) -> Self {
        match (&self.about, self.error) {
            (About::Nothing, AppError::ValidationFailed { .. }) => Self::of_inputs(&[self.error], names),
            _ => self,
        }
    }

    /// That this was to be changed.
    #[must_use]
    pub fn changing(self, what: Subject) -> Self {
        match self.error {
            AppError::StaleDoctor | AppError::StaleOrganisation => Self {
                about: About::Changing(what),
                ..self
            },
            _ => self,
        }
    }

    /// In the words of this text, where this is what went wrong.
    #[must_use]
    pub fn worded(self, error: AppError, text: &'static str) -> Self {
        match self.error == error {
            true => Self {
                about: About::Words(text),
                ..self
            },
            false => self,
        }
    }

    pub(super) fn request(status: StatusCode, text: &'static str) -> Self {
        let error = match status {
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => AppError::NotFound,
            _ => AppError::invalid(Field::Body, error::Problem::Malformed),
        };
        Self {
            error,
            about: About::Request(status, text),
        }
    }
}

fn called(field: Field, names: &[(Field, &'static str)]) -> &'static str {
    names
        .iter()
        .find(|(known, _)| *known == field)
        .map_or(field.name(), |(_, name)| name)
}

/// [`tell`] finds it there.
impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Tells a program what went wrong. Also what axum and the layers refuse by themselves is told in this way: there
/// is no error of the API that is not problem+json.
pub async fn tell(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let locale = request.extensions().get::<Locale>().copied().unwrap_or_default();
    let is_conditional = request.headers().get(IF_MATCH).is_some_and(|tag| tag != "*");
    let mut response = next.run(request).await;
    let fault = match response.extensions_mut().remove::<Fault>() {
        Some(fault) => fault,
        None => match unsaid(&response) {
            Some(fault) => fault,
            None => return response,
        },
    };
    let allow = response.headers_mut().remove(header::ALLOW);
    let is_stale = fault.error.code() == STALE;
    let mut problem = problem(&state, fault, locale).await;
    if is_stale && is_conditional {
        // RFC 9110, 13.1.1: the condition was a header's.
        problem = problem.status(StatusCode::PRECONDITION_FAILED);
    }
    let mut response = problem.into_response();
    let headers = response.headers_mut();
    if let Some(allow) = allow {
        headers.insert(header::ALLOW, allow);
    }
    if response.status() == StatusCode::UNAUTHORIZED {
        let scheme = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    }
    response
}

/// The fault of an answer that says none itself.
fn unsaid(response: &Response) -> Option<Fault> {
    let is_said = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|media_type| media_type == MEDIA_TYPE);
    if is_said {
        return None;
    }
    match response.status() {
        status @ StatusCode::METHOD_NOT_ALLOWED => Some(Fault::request(status, "api-method")),
        status @ StatusCode::PAYLOAD_TOO_LARGE => Some(Fault::request(status, "api-too-large")),
        status if status.is_client_error() => Some(AppError::NotFound.into()),
        status if status.is_server_error() => Some(AppError::Internal.into()),
        _ => None,
    }
}

/// There is no such call.
pub async fn nothing() -> Fault {
    Fault::request(StatusCode::NOT_FOUND, "api-not-found")
}

async fn problem(state: &AppState, fault: Fault, locale: Locale) -> Problem {
    let texts = Texts::of(locale);
    let problem = Problem::new(fault.error, locale);
    match (fault.about, fault.error) {
        (About::Input(name, wrong), _) => problem
            .text(texts.with(&format!("api-{wrong}"), &[("field", name.clone().into())]))
            .only_detail(&name, wrong),
        (About::Inputs(wrong), _) => wrong
            .into_iter()
            .fold(problem.without_details(), |problem, (name, wrong)| {
                problem.detail(name, wrong)
            }),
        (About::Words(key), _) => problem.text(texts.text(key)),
        (About::Changing(what), _) => match newest(&state.database, what).await {
            Ok((version, last)) => match last {
                Some(last) => problem
                    .detail("version", version)
                    .detail("changed_at", last.at.to_string())
                    .detail("changed_by", last.by)
                    .detail("change", last.what),
                None => problem.detail("version", version),
            },
            Err(_) => problem,
        },
        (About::Reach(needs), _) => {
            let scope = needs.name().unwrap_or_default();
            let text = match needs {
                Needs::SignIn => texts.text("api-scope-sign-in"),
                Needs::Everything => texts.text("api-scope-everything"),
                Needs::Token | Needs::Scope(_) => texts.with("api-scope", &[("scope", scope.into())]),
            };
            problem.text(text).only_detail("scope", scope)
        }
        (About::Nothing, AppError::RateLimited) => problem.text(texts.text("api-too-often")),
        (About::Request(status, key), _) => problem.status(status).text(texts.text(key)),
        (About::Visit(segments), AppError::BookingFailed { wanted, .. }) => {
            let place = segments.iter().position(|segment| *segment == wanted);
            let offers: Vec<Vec<Value>> = visits_instead(&state.database, segments, Timestamp::now())
                .await
                .unwrap_or_default()
                .iter()
                .map(|visit| visit.iter().map(offered).collect())
                .collect();
            problem
                .detail("segment", place.map_or(Value::Null, Value::from))
                .detail("alternatives", offers)
        }
        (about, AppError::BookingFailed { reason, wanted }) => {
            let moving = match about {
                About::Moving(id) => Some(id),
                _ => None,
            };
            let except = Except {
                appointment_id: moving,
                holds_of: None,
            };
            // What cannot be looked up is not offered: what the caller asked for is answered all the same.
            let offers: Vec<Value> =
                alternatives(&state.database, wanted, except, Role::Patient, Timestamp::now())
                    .await
                    .unwrap_or_default()
                    .iter()
                    .filter(|offer| moving.is_none() || offer.offering.doctor_id == wanted.doctor_id)
                    .filter(|offer| {
                        reason != Refusal::PatientOverlap || offer.starts_at != wanted.starts_at()
                    })
                    .map(offered)
                    .collect();
            problem.detail("alternatives", offers)
        }
        (
            _,
            AppError::StaleVersion { appointment_id, .. }
            | AppError::InvalidTransition { appointment_id, .. },
        ) => match last_change(&state.database, appointment_id).await {
            Ok(last) => problem
                .detail("status", last.status.as_str())
                .detail("version", last.version)
                .detail("changed_at", last.changed_at.to_string())
                .detail(
                    "changed_by",
                    last.changed_by.unwrap_or_else(|| last.role.as_str().to_owned()),
                )
                .detail("changed_by_role", last.role.as_str()),
            Err(_) => problem,
        },
        _ => problem,
    }
}

/// A time that can be had instead (B4).
fn offered(offer: &Alternative) -> Value {
    let visit = offer.offering.rules.visit(offer.starts_at);
    json!({
        "doctor_id": offer.offering.doctor_id,
        "doctor_name": offer.offering.doctor_name,
        "clinic_id": offer.offering.clinic_id,
        "type": offer.offering.service_key,
        "starts_at": visit.start,
        "ends_at": visit.end,
        "time_zone": offer.offering.zone_name,
    })
}
