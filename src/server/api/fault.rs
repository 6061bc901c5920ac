//! Errors of the API: a handler returns a [`Fault`], and one layer, [`write_problems`], writes it as problem+json.
//!
//! The layer knows the caller's language and the database, which the conversion of a handler's error does not. Until
//! then a fault is an empty 500 with the fault in its extensions.

use std::{
    fmt::Debug,
    pin::Pin,
    sync::{Arc, OnceLock},
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{
        HeaderValue, StatusCode,
        header::{self, CONTENT_TYPE, IF_MATCH},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::Value;

use crate::{
    account::guard::ClientAddress,
    audit::note_by,
    server::{
        AppState,
        problem::{MEDIA_TYPE, Problem},
    },
    ui,
};
use engine::{
    account::{Caller, scope::Needs},
    audit::{self, Kind, Note},
    error::{self, AppError, Field},
    i18n::{Locale, Texts},
};

/// The result of a handler.
pub type Answer = Result<Response, Fault>;

/// An error of a call, with the facts that the closed set of errors does not carry.
#[derive(Clone, Debug)]
pub struct Fault {
    error: AppError,
    pub(super) about: About,
}

#[derive(Clone, Debug)]
pub(super) enum About {
    Nothing,
    /// The name of an input, and its problem.
    Input(String, &'static str),
    /// The name of an input, and the number of characters that it has too many.
    TooLong(String, u32),
    /// The HTTP status of a malformed request, and the key of its text.
    Request(StatusCode, &'static str),
    /// The scope that the token does not have.
    Reach(Needs),
    /// The details that a slice looks up.
    Details(Arc<dyn Details>),
    /// Inputs under the names that the call has for them, each with its problem.
    Inputs(Vec<(&'static str, &'static str)>),
    /// The key of a text that fits better than the usual one.
    Words(&'static str),
    /// A refusal that a format of others has a status and a code for: the key of its text, and the input that it is about.
    Foreign {
        status: StatusCode,
        code: &'static str,
        text: &'static str,
        input: String,
    },
}

/// The future of a problem to which details are added.
pub type Adding<'a> = Pin<Box<dyn Future<Output = Problem> + Send + 'a>>;

/// The details of an error, which the slice that knows them looks up when it is answered.
pub trait Details: Debug + Send + Sync {
    /// Adds the details. Where they cannot be looked up, the problem is answered without them.
    fn add<'a>(&'a self, state: &'a AppState, problem: Problem) -> Adding<'a>;

    /// Returns the details that the description of the API shows.
    fn example(&self) -> Vec<(&'static str, Value)>;
}

/// Finds the details of an error for which the handler attached none.
pub type FindDetails = fn(AppError) -> Option<Arc<dyn Details>>;

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

/// The number of characters of an unknown name that are repeated to the caller.
const MAX_NAME: usize = 60;

impl Fault {
    pub(super) fn input(name: &str, problem: &'static str) -> Self {
        Self {
            error: AppError::invalid(Field::Body, error::FieldProblem::Malformed),
            about: About::Input(name.chars().take(MAX_NAME).collect(), problem),
        }
    }

    /// Whether it is this error.
    pub fn is(&self, error: &AppError) -> bool {
        self.error == *error
    }

    /// Refuses a call without this input.
    pub fn missing(name: &str) -> Self {
        Self::input(name, MISSING)
    }

    /// Refuses an input that cannot be read.
    pub fn malformed(name: &str) -> Self {
        Self::input(name, MALFORMED)
    }

    /// Refuses a token without this scope.
    pub(super) fn out_of_reach(needs: Needs) -> Self {
        Self {
            error: AppError::Forbidden,
            about: About::Reach(needs),
        }
    }

    /// Refuses an input with too many things.
    pub fn too_long(name: &str) -> Self {
        Self::input(name, TOO_LONG)
    }

    /// Refuses an input with this many characters too many.
    pub fn too_long_by(name: &str, characters: u32) -> Self {
        Self {
            error: AppError::invalid(Field::Body, error::FieldProblem::Malformed),
            about: About::TooLong(name.to_owned(), characters),
        }
    }

    /// Attaches details in place of those that are found for every error of this kind.
    #[must_use]
    pub fn with(self, details: impl Details + 'static) -> Self {
        Self {
            about: About::Details(Arc::new(details)),
            ..self
        }
    }

    /// Refuses several inputs, at least one. `names` are the call's own names of inputs that the form calls otherwise.
    pub fn of_inputs(errors: &[AppError], names: &[(Field, &'static str)]) -> Self {
        let wrong = errors.iter().filter_map(|error| match error {
            AppError::ValidationFailed { field, problem } => Some((called(*field, names), problem.code())),
            _ => None,
        });
        Self {
            error: errors.first().copied().unwrap_or(AppError::Internal),
            about: About::Inputs(wrong.collect()),
        }
    }

    /// Renames the field to the call's name, if the error is about a field.
    #[must_use]
    pub fn under(self, names: &[(Field, &'static str)]) -> Self {
        match (&self.about, self.error) {
            (About::Nothing, AppError::ValidationFailed { .. }) => Self::of_inputs(&[self.error], names),
            _ => self,
        }
    }

    /// Replaces the usual text by this one, if this is the error.
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

    /// Refuses a request by the status and the code that a format of others has for it. The text may name the input, which
    /// the details have under the code.
    pub fn foreign(status: StatusCode, code: &'static str, text: &'static str, input: &str) -> Self {
        Self {
            error: AppError::invalid(Field::Body, error::FieldProblem::Malformed),
            about: About::Foreign {
                status,
                code,
                text,
                input: input.chars().take(MAX_NAME).collect(),
            },
        }
    }

    pub(super) fn request(status: StatusCode, text: &'static str) -> Self {
        let error = match status {
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => AppError::NotFound,
            _ => AppError::invalid(Field::Body, error::FieldProblem::Malformed),
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

/// An empty 500 with the fault in its extensions, where [`write_problems`] finds it.
impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The caller of the present request, once it is known, for the note about a refusal.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownCaller(pub Arc<OnceLock<Caller>>);

/// The state of [`write_problems`].
#[derive(Clone, Debug)]
pub struct Problems {
    pub state: AppState,
    pub details: FindDetails,
}

/// Writes every error as problem+json, also those of axum and of the layers within.
pub async fn write_problems(State(problems): State<Problems>, mut request: Request, next: Next) -> Response {
    let known = KnownCaller::default();
    request.extensions_mut().insert(known.clone());
    let asked = Asked::of(&request);
    let locale = request.extensions().get::<Locale>().copied().unwrap_or_default();
    let is_conditional = request.headers().get(IF_MATCH).is_some_and(|tag| tag != "*");
    let mut response = next.run(request).await;
    let fault = match response.extensions_mut().remove::<Fault>() {
        Some(fault) => fault,
        None => match fault_of_status(&response) {
            Some(fault) => fault,
            None => return response,
        },
    };
    asked.note(&problems.state, fault.error, known.0.get()).await;
    let allow = response.headers_mut().remove(header::ALLOW);
    let is_stale = fault.error.code() == STALE;
    let mut problem = problem(&problems, fault, locale).await;
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

/// What a refusal is noted with.
struct Asked {
    route: String,
    address: String,
    has_token: bool,
}

impl Asked {
    fn of(request: &Request) -> Self {
        let extensions = request.extensions();
        let address = extensions.get::<ClientAddress>();
        Self {
            route: extensions
                .get::<MatchedPath>()
                .map_or_else(String::new, |route| route.as_str().to_owned()),
            address: address.map_or_else(String::new, |address| address.0.clone()),
            has_token: request.headers().contains_key(header::AUTHORIZATION),
        }
    }

    /// Notes a refusal: of somebody who may not, or of a token that is none.
    async fn note(&self, state: &AppState, error: AppError, caller: Option<&Caller>) {
        let note = match (error, caller) {
            (AppError::Forbidden, Some(caller)) => note_by(caller, Kind::Denied).about(&self.route),
            (AppError::Forbidden, None) => Note::new(Kind::Denied).about(&self.route),
            (AppError::Unauthenticated, None) if self.has_token => Note::new(Kind::Denied).about("token"),
            _ => return,
        };
        audit::note(&state.database, note.from(&self.address)).await;
    }
}

/// The fault of an error that is not problem+json yet, by its status.
fn fault_of_status(response: &Response) -> Option<Fault> {
    let is_written = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|media_type| media_type == MEDIA_TYPE);
    if is_written {
        return None;
    }
    match response.status() {
        status @ StatusCode::METHOD_NOT_ALLOWED => Some(Fault::request(status, "api-method")),
        status @ StatusCode::PAYLOAD_TOO_LARGE => Some(Fault::request(status, "api-too-large")),
        status @ StatusCode::UNSUPPORTED_MEDIA_TYPE => Some(Fault::request(status, "api-media-type")),
        status @ StatusCode::URI_TOO_LONG => Some(Fault::request(status, "refused-uri-text")),
        status @ StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
            Some(Fault::request(status, "refused-headers-text"))
        }
        status if status.is_client_error() => Some(AppError::NotFound.into()),
        status if status.is_server_error() => Some(AppError::Internal.into()),
        _ => None,
    }
}

/// Answers a path that no call has.
pub async fn unknown_call() -> Fault {
    Fault::request(StatusCode::NOT_FOUND, "api-not-found")
}

async fn problem(problems: &Problems, fault: Fault, locale: Locale) -> Problem {
    let state = &problems.state;
    let texts = Texts::of(locale);
    let problem = Problem::new(fault.error, locale);
    match (fault.about, fault.error) {
        (About::Input(name, wrong), _) => problem
            .text(texts.with(&format!("api-{wrong}"), &[("field", name.clone().into())]))
            .only_detail(&name, wrong),
        (About::TooLong(name, over), _) => {
            let text = texts.with("api-too-long", &[("field", name.clone().into())]);
            let text = format!("{text} {}", ui::too_many(over, texts));
            problem.text(text).only_detail(&name, TOO_LONG)
        }
        (About::Inputs(wrong), _) => wrong
            .into_iter()
            .fold(problem.without_details(), |problem, (name, wrong)| {
                problem.detail(name, wrong)
            }),
        (About::Words(key), _) => problem.text(texts.text(key)),
        (
            About::Foreign {
                status,
                code,
                text,
                input,
            },
            _,
        ) => problem
            .status(status)
            .text(texts.with(text, &[("field", input.clone().into())]))
            .only_detail(code, input),
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
        (About::Nothing, AppError::SignInGuarded) => problem.text(texts.text("error-sign-in-guarded")),
        (About::Request(status, key), _) => problem.status(status).text(texts.text(key)),
        (About::Details(details), _) => details.add(state, problem).await,
        (About::Nothing, error) => match (problems.details)(error) {
            Some(details) => details.add(state, problem).await,
            None => problem,
        },
    }
}
