//! The description of the API (OpenAPI 3.1), made from the handlers and their types (X1). What is the same for all
//! calls, such as the ways in which they fail, is said here once.

use axum::{
    Json,
    http::{
        HeaderValue, Method, StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY},
    },
    response::{Html, IntoResponse, Response},
};
use serde_json::{Value, json};
use utoipa::{
    OpenApi,
    openapi::{
        self, ContentBuilder, Header, HeaderBuilder, ObjectBuilder, Ref, RefOr, Required, ResponseBuilder,
        Schema, Type,
        path::{Operation, ParameterBuilder, ParameterIn, PathItem},
        schema::ArrayItems,
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use super::{
    api::scope::needs,
    problem::{self, ProblemData},
};
use crate::api;
use engine::idempotency::MAX_KEY;

// Under which headings the calls stand.
pub const SIGNING_IN: &str = "Signing in";
pub const TOKENS: &str = "Tokens";
pub const DOCTORS: &str = "Doctors and times";
pub const APPOINTMENTS: &str = "Appointments";
pub const HOLDS: &str = "Holds";
pub const PATIENTS: &str = "Patients";
pub const VISITS: &str = "Prescriptions and ratings";
pub const CALENDARS: &str = "Calendars";
pub const SCHEDULES: &str = "Schedules";
pub const ORGANISATION: &str = "Organisation";
pub const WATCHING: &str = "Watching";

/// What is said of the API as a whole.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Janji",
        description = "Booking for clinics. What went well is `{\"success\": true, \"message\": …, \"data\": …}`, what did not is \
                       problem+json (RFC 9457) with a stable `code`. Times are in UTC and name the zone of the clinic; in a \
                       request they are RFC 3339, or `2026-11-24 10:00:00` on the wall clock of the clinic. Who has lost an \
                       answer sends the request again with the same `Idempotency-Key`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = SIGNING_IN, description = "A code or a password is exchanged for a token."),
        (name = TOKENS, description = "What programs may do, and until when."),
        (name = DOCTORS, description = "Who can be booked, and when. For everybody."),
        (name = APPOINTMENTS, description = "Everybody has their own; admins have all."),
        (name = HOLDS, description = "A time that is kept for who has not decided yet."),
        (name = PATIENTS, description = "For staff."),
        (name = VISITS, description = "What is written after a visit."),
        (name = CALENDARS, description = "For the calendars that people have elsewhere (RFC 5545)."),
        (name = SCHEDULES, description = "When doctors can be booked. Doctors have their own; admins have all."),
        (name = ORGANISATION, description = "Services, clinics and doctors. For admins."),
        (name = WATCHING, description = "For admins."),
    ),
    components(schemas(ProblemData)),
)]
pub struct Description;

/// The description of every call that there is.
pub fn description() -> openapi::OpenApi {
    let (_, mut description) = api::routes().split_for_parts();
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
                complete(path, &method, operation);
            }
        }
    }
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "A token from one of the calls under *Signing in*, or one that was made for the program: then a call needs what \
             stands beside it, if anything does. `everything` is to have been made without scopes, `sign-in` not to have \
             been made for a program at all.",
        ))
        .build();
    let components = description.components.get_or_insert_default();
    components.schemas.values_mut().for_each(exemplify);
    components.add_security_scheme(TOKEN, SecurityScheme::Http(bearer));
    description
}

/// What `security` of a call names.
const TOKEN: &str = "token";

const DAMAGED: &str = "`VALIDATION_FAILED`: `details` name what is wrong with which input";
const AGAIN: &str = "`DEADLOCK_DETECTED`, `CONCURRENCY_ABORT`, `INVENTORY_LOCKED`: nothing was done, send it again; or \
                     `IDEMPOTENCY_CONFLICT`: the key was used for another request";

/// Adds what calls of this kind have in common.
fn complete(path: &str, method: &Method, operation: &mut Operation) {
    if let Some(security) = &mut operation.security {
        let needs = needs(method, path);
        for requirement in security {
            // Where there is one that is empty, nobody needs a token.
            if *requirement != SecurityRequirement::default() {
                *requirement = SecurityRequirement::new(TOKEN, needs.name());
            }
        }
    }
    let needs_token = operation.security.is_some();
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
        (
            401,
            needs_token,
            "`UNAUTHENTICATED`: no token, or none that is valid",
        ),
        (
            403,
            needs_token,
            "`FORBIDDEN`: not for this role, or `details.scope` says what the token is not good for",
        ),
        (
            404,
            needs_token || path.contains('{'),
            "`NOT_FOUND`: not there, or not for you to know",
        ),
        (409, changes, AGAIN),
        (
            412,
            is_conditional,
            "`STALE_VERSION`: it is no longer as `If-Match` says; `details` tell who changed it",
        ),
        (413, has_body, "`VALIDATION_FAILED`: the body is too large"),
        (415, has_body, "`VALIDATION_FAILED`: the body is not JSON"),
        (422, has_input, DAMAGED),
        (
            429,
            is_limited,
            "`RATE_LIMITED`: too often; `Retry-After` says how long to wait",
        ),
        (
            500,
            true,
            "`INTERNAL`: a fault of Janji, which its log tells more about",
        ),
        (
            503,
            true,
            "`UNAVAILABLE`: the database does not answer; send it again",
        ),
        (
            504,
            true,
            "`TRANSACTION_TIMEOUT`: it took too long; send it again",
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
                .example(example(status, &response.description));
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
        "The language of what is for people, as in RFC 9110: `en`, `id` or `de`, and `en` for any other.",
        ObjectBuilder::new().schema_type(Type::String),
    ));
    if changes && needs_token && has_body {
        let key = ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(MAX_KEY))
            .pattern(Some("^[!-~]([ -~]*[!-~])?$"));
        let said =
            "Of your own choice. The same request under the same key is done once, and answered the same.";
        parameters.push(header("Idempotency-Key", said, key));
    }
}

/// An error with this status, under the first code that its description names.
fn example(status: &str, description: &str) -> Option<Value> {
    let status = StatusCode::from_bytes(status.as_bytes()).ok()?;
    problem::example(status, description.split('`').nth(1)?)
}

/// What a field of this name has in the examples, where it says nothing else itself.
fn example_of(name: &str) -> Option<Value> {
    Some(match name {
        "message" => json!("Here it is."),
        "doctor_name" => json!("dr. Sari Wijaya"),
        "clinic_name" => json!("Klinik Harapan"),
        "patient_name" => json!("Dewi Lestari"),
        "phone" | "patient_phone" => json!("+6281255500101"),
        "type" => json!("video_consultation"),
        "service_name" => json!("Video consultation"),
        "mode" => json!("video"),
        "time_zone" => json!("Asia/Jakarta"),
        "reason" => json!("A cough"),
        "note" => json!("After meals"),
        "dose" => json!("500 mg"),
        "frequency" => json!("three times a day"),
        "duration" => json!("7 days"),
        "comment" => json!("Kind, and on time."),
        "score" => json!(5),
        "version" => json!(3),
        "starts_at" | "to_starts_at" => json!("2026-11-24T03:00:00Z"),
        "ends_at" => json!("2026-11-24T03:20:00Z"),
        "held_until" => json!("2026-11-22T08:10:00Z"),
        "may_be_held_until" => json!("2026-11-22T08:30:00Z"),
        "created_at" | "changed_at" | "written_at" | "checked_at" => json!("2026-11-22T08:00:00Z"),
        "challenge" => json!("Wm5rT2x0b3JlbSBpcHN1bQ"),
        "code" => json!("123456"),
        "token" => json!("janji_…"),
        "next_cursor" => json!("starts_at.1795489200000000.17"),
        id if id == "id" || id.ends_with("_id") => json!(1),
        _ => return None,
    })
}

/// Gives every field an example.
fn exemplify(schema: &mut RefOr<Schema>) {
    let RefOr::T(schema) = schema else {
        return;
    };
    match schema {
        Schema::Object(object) => {
            for (name, field) in &mut object.properties {
                if let RefOr::T(Schema::Object(field)) = field
                    && field.example.is_none()
                    && field.enum_values.is_none()
                    && field.properties.is_empty()
                {
                    field.example = example_of(name);
                }
                exemplify(field);
            }
        }
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                exemplify(items);
            }
        }
        Schema::AllOf(all) => all.items.iter_mut().for_each(exemplify),
        Schema::OneOf(one) => one.items.iter_mut().for_each(exemplify),
        _ => {}
    }
}

/// What an answer says of the limit that is nearest to its end, where the request was counted.
const LIMIT_HEADERS: [(&str, &str, &str); 2] = [
    (
        "RateLimit-Policy",
        "What is limited, to how many (`q`) in how many seconds (`w`), where this request was counted",
        r#""requests-by-token";q=12000;w=60"#,
    ),
    (
        "RateLimit",
        "How many are left of it (`r`), and in how many seconds there are more (`t`)",
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
        .description(Some("In how many seconds it may be sent again"))
        .build()
}

/// The description as text, as `docs/openapi.json` has it.
pub fn text() -> String {
    let mut text = description().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// `GET /api/v1/openapi.json`.
pub async fn json() -> Json<openapi::OpenApi> {
    // public: so is the project.
    Json(description())
}

/// `GET /api/docs`: a page to read the description and try it.
pub async fn page() -> Response {
    // public: so is the project.
    let mut response = Html(PAGE).into_response();
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

const PAGE: &str = r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The API of Janji</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/swagger/swagger-ui.css">
</head>
<body>
<noscript>This page needs JavaScript. <a href="/api/v1/openapi.json">The description itself</a> does not.</noscript>
<main id="description"></main>
<script src="/swagger/swagger-ui-bundle.js"></script>
<script src="/swagger/start.js"></script>
</body>
</html>
"#;
