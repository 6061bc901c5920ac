//! What a doctor is asked or told of changes in a calendar elsewhere.

use engine::{
    account::Role,
    appointment::path_of,
    caldav::{Question, QuestionView},
    error::{AppError, Field},
    i18n::Texts,
    time::moment,
};
use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    account::guard,
    caldav::forms::{AnswerCalendar, FORM},
    ui::{Hidden, error_text, field_error, icon, in_textarea, isolate, request_error},
};

/// All that is asked and told; nothing where nothing is.
///
/// # Errors
/// Those of the database.
pub(super) async fn questions(asked: Vec<QuestionView>, texts: Texts) -> Result<Option<AnyView>, AppError> {
    if asked.is_empty() {
        return Ok(None);
    }
    let mut list = Vec::new();
    for question in asked {
        // What was typed is that of one of them.
        let typed: Option<String> = match (request_error(), question.question) {
            (Some(_), Question::Deleted) => guard::session().typed(FORM, &question.id.to_string()).await?,
            _ => None,
        };
        list.push(view! { <li class="card stack-s">{one(question, typed, texts)}</li> });
    }
    Ok(Some(
        view! {
            <section class="stack" aria-labelledby="calendar-questions">
                <h2 id="calendar-questions">{texts.text("calendars-questions")}</h2>
                <ul class="plain stack">{list}</ul>
            </section>
        }
        .into_any(),
    ))
}

fn one(question: QuestionView, typed: Option<String>, texts: Texts) -> impl IntoView {
    let said = |at| moment(at, &question.zone, texts);
    let whose = question
        .patient
        .clone()
        .unwrap_or_else(|| texts.text("no-patient-name"));
    let (key, wanted) = match (question.question, question.wanted) {
        (Question::Deleted, _) => ("calendars-deleted", None),
        (Question::Moved, _) => ("calendars-moved", None),
        (Question::Refused, Some(wanted)) => ("calendars-refused", Some(said(wanted))),
        (Question::Refused, None) => ("calendars-refused-unread", None),
    };
    let because = (question.question == Question::Refused).then(|| why(&question.because, texts));
    let href = path_of(Role::Doctor, &question.reference);
    let answers = match question.question {
        Question::Deleted => decide(&question, typed, texts).into_any(),
        Question::Moved | Question::Refused => read(&question, texts).into_any(),
    };
    view! {
        <h3><a href=href>{isolate(whose)}", "{said(question.starts_at)}</a></h3>
        <p>{texts.text(key)} {wanted.map(|wanted| view! { " " <strong>{wanted}</strong> })}</p>
        {because.map(|because| view! { <p>{because}</p> })}
        {answers}
    }
}

/// Why a move was refused, as the pages say it elsewhere.
fn why(because: &str, texts: Texts) -> String {
    let key = match because {
        "slot_taken" | "slot_closed" => format!("error-{}", because.replace('_', "-")),
        "patient_overlap" => "calendars-because-patient".to_owned(),
        "STALE_VERSION" => "error-stale-version".to_owned(),
        "INVALID_TRANSITION" => "error-invalid-transition".to_owned(),
        "INVALID_DATE_RANGE" => "calendars-because-unread".to_owned(),
        _ => "calendars-because-rules".to_owned(),
    };
    texts.text(&key)
}

/// What was only told is read.
fn read(question: &QuestionView, texts: Texts) -> impl IntoView + use<> {
    view! {
        <form method="post" action=AnswerCalendar::url()>
            <Hidden name="question" value=question.id.to_string() />
            <Hidden name="answer" value="read" />
            <button class="btn">{icon("check")}{texts.text("calendars-read")}</button>
        </form>
    }
}

/// What becomes of an appointment that was deleted there.
fn decide(question: &QuestionView, typed: Option<String>, texts: Texts) -> impl IntoView + use<> {
    let id = question.id.to_string();
    let is_wrong = typed.is_some();
    let field = format!("reason-{id}");
    let error = request_error().filter(|_| is_wrong);
    let error = error.and_then(|error| field_error(error, Field::Reason, texts));
    let error_id = format!("{field}-error");
    let (described_by, invalid) = match &error {
        Some(_) => (Some(error_id.clone()), Some("true")),
        None => (None, None),
    };
    view! {
        <form method="post" action=AnswerCalendar::url()>
            <Hidden name="question" value=id.clone() />
            <Hidden name="answer" value="keep" />
            <button class="btn primary">{icon("check")}{texts.text("calendars-keep")}</button>
        </form>
        <details class="more" open=is_wrong>
            <summary><span>{texts.text("calendars-cancel")}</span>{icon("chevron-down")}</summary>
            <form method="post" action=AnswerCalendar::url() class="stack-s">
                <Hidden name="question" value=id />
                <Hidden name="answer" value="cancel" />
                <div class="field">
                    <label for=field.clone()>{texts.text("calendars-reason")}</label>
                    {error.map(|error| error_text(error_id, error))}
                    <textarea id=field name="reason" rows="3" aria-describedby=described_by aria-invalid=invalid>
                        {in_textarea(&typed.unwrap_or_default())}
                    </textarea>
                </div>
                <div class="actions">
                    <button class="btn danger">{icon("x")}{texts.text("calendars-cancel-really")}</button>
                </div>
            </form>
        </details>
    }
}
