//! Ratings on the pages of appointments and doctors.

use leptos::{prelude::*, server_fn::ServerFn};

use super::forms::{FORM, Rate, Typed};
use crate::{
    account::guard,
    idempotency::page::KeyField,
    server::AppState,
    ui::{Hidden, TextArea, Tone, error_text, field_error, icon, notice, query, request_error},
};
use engine::{
    account::{Caller, Role},
    appointment::{Item, path_of},
    error::{AppError, Field},
    i18n::Texts,
    rating::{self, Average, Rating, Score},
};

/// The rating of an appointment on its page: what the patient said, or the form for it.
///
/// # Errors
/// Those of the database.
pub async fn section(caller: &Caller, item: &Item, texts: Texts) -> Result<Option<AnyView>, AppError> {
    let is_patient = caller.role() == Role::Patient;
    if item.is_rated {
        let state = expect_context::<AppState>();
        let rating = rating::find(&state.database, caller.clone(), item.reference.clone()).await?;
        let typed = match request_error() {
            Some(AppError::RatingExists) if is_patient => {
                guard::session().typed(FORM, &item.reference).await?
            }
            _ => Typed::default(),
        };
        return Ok(rating.map(|rating| given(rating, typed, is_patient, texts).into_any()));
    }
    if is_patient && item.may_be_rated() {
        let typed = guard::session().typed(FORM, &item.reference).await?;
        return Ok(Some(form(item, typed, texts).into_any()));
    }
    Ok(None)
}

/// Thanks whoever has just rated.
pub fn thanks(item: &Item, texts: Texts) -> Option<impl IntoView + use<>> {
    let has_rated = query("rated").is_some() && item.is_rated && request_error().is_none();
    has_rated.then(|| notice(Tone::Good, texts.text("rating-thanks"), ()))
}

/// Leads a patient to where a visit is rated, where it can be.
pub fn link(item: &Item, class: &'static str, texts: Texts) -> Option<impl IntoView + use<>> {
    let path = format!("{}#rating", path_of(Role::Patient, &item.reference));
    item.may_be_rated()
        .then(|| view! { <a class=class href=path>{icon("star")}{texts.text("rating-rate")}</a> })
}

/// Shows the average of a doctor's ratings: a number to see, a sentence to hear.
pub fn average(average: Average, texts: Texts) -> impl IntoView {
    let number = average.text(texts.locale());
    let sentence = texts.with(
        "rating-average",
        &[
            ("average", number.clone().into()),
            ("count", average.count.into()),
        ],
    );
    view! {
        <span class="rating">
            {icon("star")}
            <span aria-hidden="true">{number} " " <span class="soft">"(" {average.count} ")"</span></span>
            <span class="hide">{sentence}</span>
        </span>
    }
}

/// Shows the rating that was given. A second, different rating that was refused is shown beside it.
fn given(rating: Rating, typed: Typed, is_own: bool, texts: Texts) -> impl IntoView {
    let title = if is_own {
        "rating-yours"
    } else {
        "rating-of-patient"
    };
    let stars = texts.with(
        "rating-given",
        &[("stars", i64::from(rating.score.stars()).into())],
    );
    let comment = (!rating.comment.is_empty())
        .then(|| view! { <blockquote class="said" dir="auto">{rating.comment}</blockquote> });
    let not_taken = (!typed.comment.is_empty()).then(|| {
        view! {
            <p>{texts.text("rating-typed")}</p>
            <blockquote class="said" dir="auto">{typed.comment}</blockquote>
        }
    });
    view! {
        <section class="stack-s" id="rating" aria-labelledby="rating-title">
            <h2 id="rating-title">{texts.text(title)}</h2>
            <p><span class="rating">{icon("star")} {stars}</span></p>
            {comment}
            {not_taken}
        </section>
    }
}

fn form(item: &Item, typed: Typed, texts: Texts) -> impl IntoView + use<> {
    let error = request_error().and_then(|error| field_error(error, Field::Score, texts));
    let described_by = error.is_some().then_some("score-error");
    // The best first, as they are heard one after the other; the error leads to the first one.
    let choices = Score::ALL
        .into_iter()
        .rev()
        .enumerate()
        .map(|(index, score)| {
            let stars = score.stars().to_string();
            let chosen = typed.score == stars;
            let words = texts.text(&format!("rating-score-{stars}"));
            view! {
                <label class="choice">
                    <input
                        type="radio"
                        id=(index == 0).then_some("score")
                        name=Field::Score.name()
                        value=stars.clone()
                        checked=chosen
                        required
                    />
                    <span>{stars} " – " {words}</span>
                </label>
            }
        })
        .collect_view();
    view! {
        <section class="card stack" id="rating" aria-labelledby="rating-title">
            <h2 id="rating-title">{texts.text("rating-title")}</h2>
            <form method="post" action=Rate::url() class="stack" novalidate>
                <KeyField />
                <Hidden name="reference" value=item.reference.clone() />
                <fieldset class="choices" aria-describedby=described_by>
                    <legend>
                        {texts.with("rating-question", &[("doctor", item.doctor_name.clone().into())])}
                    </legend>
                    {error.map(|text| error_text("score-error".to_owned(), text))}
                    {choices}
                </fieldset>
                <TextArea
                    field=Field::Comment
                    label=texts.text("rating-comment")
                    hint=texts.text("rating-comment-hint")
                    value=typed.comment
                />
                <div class="actions">
                    <button class="btn primary">{icon("star")}{texts.text("rating-send")}</button>
                </div>
            </form>
        </section>
    }
}
