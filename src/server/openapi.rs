//! The description of the API (OpenAPI 3.1), made from the handlers and their types (X1). This file adds what all
//! calls have in common, such as their errors.

use axum::http::{Method, StatusCode};
use serde_json::Value;
use utoipa::{
    OpenApi,
    openapi::{
        ContentBuilder, Header, HeaderBuilder, ObjectBuilder, OpenApi as OpenApiDocument, Ref, RefOr,
        Required, ResponseBuilder, Type,
        path::{Operation, ParameterBuilder, ParameterIn, PathItem},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use super::{
    api::{
        FindDetails,
        scope::{TOKEN, stated},
    },
    problem::{self, Problem, ProblemData},
};
use engine::{error::AppError, i18n::Locale, idempotency::MAX_KEY};

// The headings of the calls.
pub const SIGNING_IN: &str = "Signing in";
pub const TOKENS: &str = "Tokens";
pub const DOCTORS: &str = "Doctors and times";
pub const APPOINTMENTS: &str = "Appointments";
pub const GROUPS: &str = "Group sessions";
pub const HOLDS: &str = "Holds";
pub const STAYS: &str = "Rooms and stays";
pub const WAITLIST: &str = "Waitlist";
pub const WEBHOOKS: &str = "Webhooks";
pub const PATIENTS: &str = "Patients";
pub const VISITS: &str = "Consultations, prescriptions and ratings";
pub const CALENDARS: &str = "Calendars";
pub const SCHEDULES: &str = "Schedules";
pub const ORGANISATION: &str = "Organisation";
pub const PAYMENTS: &str = "Payments";
pub const WATCHING: &str = "Watching";

/// The description of the API as a whole.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Janji",
        description = "Booking for clinics. A successful answer is `{\"success\": true, \"message\": …, \"data\": …}`, an error is \
                       problem+json (RFC 9457) with a stable `code`. Times are in UTC and name the zone of the clinic; in a \
                       request they are RFC 3339, or `2026-11-24 10:00:00` on the wall clock of the clinic. If an answer \
                       is lost, repeat the request with the same `Idempotency-Key`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = SIGNING_IN, description = "A code or a password is exchanged for a token."),
        (name = TOKENS, description = "Tokens for programs, with scopes and a lifetime."),
        (name = DOCTORS, description = "Doctors, services and free times. For everybody."),
        (name = APPOINTMENTS, description = "Patients and doctors see their own, the desk those of its clinics."),
        (name = GROUPS, description = "Sessions of a doctor with seats for many. Everybody sees those that are published."),
        (name = HOLDS, description = "A time that is kept while the patient decides."),
        (name = STAYS, description = "Rooms of clinics for nights. Rooms are for everybody to see; patients see their own stays, the desk those of its clinics."),
        (name = WAITLIST, description = "Patients who want a time that may come free. It is offered to the one who has waited longest."),
        (name = PATIENTS, description = "For staff."),
        (name = VISITS, description = "Consultations, prescriptions and ratings of appointments."),
        (name = CALENDARS, description = "iCalendar files and feeds for other calendar programs (RFC 5545)."),
        (name = SCHEDULES, description = "The hours in which doctors can be booked. Doctors see their own, admins those at their clinics."),
        (name = ORGANISATION, description = "Services, clinics, doctors and accounts of staff. For admins of all clinics."),
        (name = WEBHOOKS, description = "Programs elsewhere are told what happens to appointments. Doctors have their own, admins of all clinics see all."),
        (name = PAYMENTS, description = "What was paid for appointments, and what went back. For the desk, of its clinics."),
        (name = WATCHING, description = "For admins of all clinics."),
    ),
    components(schemas(ProblemData)),
)]
pub struct Description;

/// Adds what all calls have in common to the description of what each handler says of its own.
pub fn complete(description: &mut OpenApiDocument, details: FindDetails) {
    for (path, item) in &mut description.paths.paths {
        let PathItem {
            get,
            post,
            put,
            delete,
            ..
        } = item;
        let methods = [
            (Method::GET, get),
            (Method::POST, post),
            (Method::PUT, put),
            (Method::DELETE, delete),
        ];
        for (method, operation) in methods {
            if let Some(operation) = operation {
                complete_call(path, &method, operation, details);
            }
        }
    }
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "A token from one of the calls under *Signing in*, or one that was created for a program, which needs the scope \
             that stands at the call. `everything` means a token without scopes, `sign-in` one from signing in.",
        ))
        .build();
    let components = description.components.get_or_insert_default();
    components.add_security_scheme(TOKEN, SecurityScheme::Http(bearer));
}

/// Stands at a call that takes no idempotency key, since repeating it does no harm or is what is wanted.
const NO_KEY: &str = "x-no-key";

const DAMAGED: &str = "`VALIDATION_FAILED`: `details` name the wrong inputs and their problems";
const AGAIN: &str = "`DEADLOCK_DETECTED`, `CONCURRENCY_ABORT`, `INVENTORY_LOCKED`: nothing was done, repeat the request; or \
                     `IDEMPOTENCY_CONFLICT`: the key was used for another request";

/// Adds what calls of this kind have in common.
fn complete_call(path: &str, method: &Method, operation: &mut Operation, details: FindDetails) {
    let needs = stated(operation);
    if let Some(security) = &mut operation.security {
        for requirement in security {
            // Where there is one that is empty, nobody needs a token.
            if *requirement != SecurityRequirement::default() {
                *requirement = SecurityRequirement::new(TOKEN, needs.name());
            }
        }
    }
    let needs_token = operation.security.is_some();
    let extensions = operation.extensions.as_mut();
    let reads_key = extensions.and_then(|known| known.remove(NO_KEY)).is_none();
    let has_body = operation.request_body.is_some();
    let changes = *method != Method::GET;
    let is_limited = needs_token || changes;
    let has_input = operation.parameters.is_some() || has_body;
    let is_conditional = operation
        .parameters
        .iter()
        .flatten()
        .any(|parameter| parameter.name == "If-Match");
    let common = [
        (401, needs_token, "`UNAUTHENTICATED`: no token, or an invalid one"),
        (
            403,
            needs_token,
            "`FORBIDDEN`: not for this role, or the token does not have the scope in `details.scope`",
        ),
        (
            404,
            needs_token || path.contains('{'),
            "`NOT_FOUND`: does not exist, or is not visible to the caller",
        ),
        (409, changes, AGAIN),
        (
            412,
            is_conditional,
            "`STALE_VERSION`: the version is no longer that of `If-Match`; `details` say who changed it",
        ),
        (413, has_body, "`VALIDATION_FAILED`: the body is too large"),
        (415, has_body, "`VALIDATION_FAILED`: the body is not JSON"),
        (422, has_input, DAMAGED),
        (
            429,
            is_limited,
            "`RATE_LIMITED`: too many requests; `Retry-After` says how long to wait",
        ),
        (
            500,
            true,
            "`INTERNAL`: an error of Janji; its log has the details",
        ),
        (
            503,
            true,
            "`UNAVAILABLE`: the database does not answer; repeat the request",
        ),
        (
            504,
            true,
            "`TRANSACTION_TIMEOUT`: the transaction took too long; repeat the request",
        ),
    ];
    let responses = &mut operation.responses.responses;
    for (status, applies, said) in common {
        if applies {
            responses
                .entry(status.to_string())
                .or_insert_with(|| ResponseBuilder::new().description(said).build().into());
        }
    }
    for (status, response) in responses
        .iter_mut()
        .filter(|(status, _)| status.as_str() >= "400")
    {
        if let RefOr::T(response) = response {
            let problem = ContentBuilder::new()
                .schema(Some(Ref::from_schema_name(problem::NAME)))
                .example(example(status, &response.description, details));
            response
                .content
                .insert(problem::MEDIA_TYPE.to_owned(), problem.build());
            if ["409", "429", "503", "504"].contains(&status.as_str()) {
                response.headers.insert("Retry-After".to_owned(), retry_after());
            }
        }
    }
    for response in operation.responses.responses.values_mut() {
        if let (true, RefOr::T(response)) = (is_limited, response) {
            for (name, said, example) in LIMIT_HEADERS {
                response
                    .headers
                    .insert(name.to_owned(), text_header(said, example));
            }
        }
    }
    let parameters = operation.parameters.get_or_insert_default();
    if *method == Method::DELETE {
        // It has no body to say the version in.
        for parameter in parameters
            .iter_mut()
            .filter(|parameter| parameter.name == "If-Match")
        {
            parameter.required = Required::True;
            parameter.schema = Some(ObjectBuilder::new().schema_type(Type::String).build().into());
        }
    }
    let header = |name: &str, said: &str, schema: ObjectBuilder| {
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .description(Some(said))
            .schema(Some(schema.build()))
            .build()
    };
    parameters.push(header(
        "Accept-Language",
        "The language of texts for people (RFC 9110): `en`, `id` or `de`; `en` for any other.",
        ObjectBuilder::new().schema_type(Type::String),
    ));
    if changes && needs_token && has_body && reads_key {
        let key = ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(MAX_KEY))
            .pattern(Some("^[!-~]([ -~]*[!-~])?$"));
        let said = "A key of your choice. A request that is repeated with the same key is carried out once and gets the same answer.";
        parameters.push(header("Idempotency-Key", said, key));
    }
}

/// An error with this status, and the first code that its description names. `details` finds the slice that knows what
/// belongs to it.
fn example(status: &str, description: &str, details: FindDetails) -> Option<Value> {
    let status = StatusCode::from_bytes(status.as_bytes()).ok()?;
    let code = description.split('`').nth(1)?;
    let error = AppError::EXAMPLES
        .into_iter()
        .find(|error| error.code() == code)?;
    let problem = Problem::new(error, Locale::En).status(status);
    let details = details(error).map_or_else(Vec::new, |details| details.example());
    details
        .into_iter()
        .fold(problem, |problem, (name, value)| problem.detail(name, value))
        .into_example()
}

/// The headers of the limit that is nearest to its end.
const LIMIT_HEADERS: [(&str, &str, &str); 2] = [
    (
        "RateLimit-Policy",
        "The limit that this request counted against: its name, and the number of requests (`q`) in a window of seconds (`w`)",
        r#""requests-by-token";q=12000;w=60"#,
    ),
    (
        "RateLimit",
        "The requests that are left (`r`), and the seconds until there are more (`t`)",
        r#""requests-by-token";r=11999;t=1"#,
    ),
];

fn text_header(said: &str, example: &str) -> Header {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .examples([Value::from(example)]);
    HeaderBuilder::new()
        .schema(schema)
        .description(Some(said))
        .build()
}

fn retry_after() -> Header {
    HeaderBuilder::new()
        .schema(ObjectBuilder::new().schema_type(Type::Integer))
        .description(Some("The seconds to wait before the request is repeated"))
        .build()
}
