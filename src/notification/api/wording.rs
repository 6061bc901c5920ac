//! The texts of messages, for programs of admins.

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    notification::length::Length,
    organisation::api::stale::with_newest,
    schedule::api::ChangeData,
    server::{
        AppState, Problem,
        api::{
            Adding, Answer, Authenticated, Body, Details, Done, Fault, IfMatch, InPath, Listed, RequestTexts,
            SentKey, done, found_version, listed, only_admins,
        },
        openapi::WATCHING,
    },
};
use engine::{
    error::AppError,
    i18n::Locale,
    notification::wording::{
        Entry, PutWords, Sample, SavedWords, Wording, Words, check, entries, entry, put_words, sample,
    },
};

/// The words of a text. What goes out in one way alone has no words for the other.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MessageWords)]
pub struct WordsData {
    /// For phones.
    #[serde(default)]
    #[schema(max_length = 600, example = "See you on {when}, {place}. {reference}")]
    sms: String,
    /// The subject of the e-mail.
    #[serde(default)]
    #[schema(max_length = 150, example = "Confirmed: {when}")]
    subject: String,
    /// The text of the e-mail; an empty line separates paragraphs.
    #[serde(default)]
    #[schema(max_length = 4000, example = "See you on {when}, {place}. {reference}")]
    mail: String,
}

impl From<&Words> for WordsData {
    fn from(words: &Words) -> Self {
        Self {
            sms: words.sms.clone(),
            subject: words.subject.clone(),
            mail: words.mail.clone(),
        }
    }
}

impl From<&WordsData> for Words {
    fn from(words: &WordsData) -> Self {
        Self {
            sms: words.sms.clone(),
            subject: words.subject.clone(),
            mail: words.mail.clone(),
        }
    }
}

/// A text of messages in a language.
#[derive(Serialize, ToSchema)]
pub struct MessageText {
    #[schema(example = "confirmed")]
    text: &'static str,
    #[schema(example = "en")]
    language: &'static str,
    /// Counts changes; 0 where there was none.
    #[schema(example = 1)]
    version: i32,
    /// The placeholders that are filled in, such as `when` for `{when}`.
    #[schema(example = json!(["when", "place", "reference", "phone"]))]
    placeholders: &'static [&'static str],
    /// Those of them that have to be there.
    #[schema(example = json!(["when"]))]
    needed: &'static [&'static str],
    /// What Janji ships.
    shipped: WordsData,
    /// The clinic's own words; null where what is shipped is sent.
    own: Option<WordsData>,
    /// Whether the own words can be sent. Where they no longer can, after an upgrade, what is shipped is.
    #[schema(example = true)]
    fits: bool,
    /// Who changed it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_change: Option<ChangeData>,
}

impl From<Entry> for MessageText {
    fn from(entry: Entry) -> Self {
        Self {
            text: entry.wording.as_str(),
            language: entry.locale.code(),
            version: entry.version,
            placeholders: entry.wording.placeholders(),
            needed: entry.wording.needed(),
            shipped: WordsData::from(&entry.shipped),
            fits: entry.fits(),
            own: entry.own.as_ref().map(WordsData::from),
            last_change: entry.last_change.map(ChangeData::from),
        }
    }
}

/// A text as it would go out now.
#[derive(Serialize, ToSchema)]
pub struct Preview {
    /// Whether it is about an appointment of the clinic; else about one that is made up.
    #[schema(example = true)]
    is_real: bool,
    /// As a phone would show it, with its link; empty where it goes out by e-mail alone.
    sms: String,
    /// What it counts, how many SMS that is, and its alphabet: `GSM-7` or `UCS-2`.
    #[schema(example = 96)]
    sms_signs: usize,
    #[schema(example = 1)]
    sms_count: usize,
    #[schema(example = "GSM-7")]
    sms_alphabet: &'static str,
    subject: String,
    /// The paragraphs of the e-mail; none where it goes to phones alone.
    mail: Vec<String>,
}

impl Preview {
    fn of(sample: &Sample, words: &Words) -> Self {
        let sms = match sample.wording().has_sms() {
            true => sample.sms(words),
            false => String::new(),
        };
        let length = Length::of(&sms);
        Self {
            is_real: sample.is_real,
            sms_signs: length.signs,
            sms_count: match sms.is_empty() {
                true => 0,
                false => length.sms,
            },
            sms_alphabet: length.alphabet(),
            sms,
            subject: sample.subject(words),
            mail: sample.mail(words),
        }
    }
}

/// A text of messages, with how it would go out now.
#[derive(Serialize, ToSchema)]
pub struct MessageTextDetails {
    #[serde(flatten)]
    text: MessageText,
    preview: Preview,
}

/// Lists the texts of messages in all languages: what is shipped, and the clinic's own words.
#[utoipa::path(
    get, path = "/v1/admin/messages/texts", tag = WATCHING, security(("token" = ["read"])),
    responses((status = 200, description = "All texts", body = Listed<MessageText>)),
)]
pub async fn message_texts(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
) -> Answer {
    only_admins(&caller)?;
    let all = entries(&state.database).await?;
    Ok(listed(
        texts,
        all.into_iter().map(MessageText::from).collect(),
        None,
    ))
}

/// Returns a text of messages in a language, and how it would go out now.
#[utoipa::path(
    get, path = "/v1/admin/messages/texts/{text}/{language}", tag = WATCHING, security(("token" = ["read"])),
    params(
        ("text" = String, Path, description = "The text, such as `confirmed` or `reminder_day`", example = "confirmed"),
        ("language" = String, Path, description = "`en`, `id` or `de`", example = "en"),
    ),
    responses(
        (status = 200, description = "The text; its version is in the `ETag`", body = Done<MessageTextDetails>),
        (status = 404, description = "`NOT_FOUND`: there is no such text or language"),
    ),
)]
pub async fn message_text(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    RequestTexts(texts): RequestTexts,
    InPath((text, language)): InPath<(String, String)>,
) -> Answer {
    only_admins(&caller)?;
    let (wording, locale) = Wording::named(&text, &language)?;
    let entry = entry(&state.database, wording, locale).await?;
    let url = state.outbox.settings.public_url.as_deref();
    let sample = sample(&state.database, wording, locale, url, state.now()).await?;
    let version = entry.version;
    let details = MessageTextDetails {
        preview: Preview::of(&sample, entry.words()),
        text: MessageText::from(entry),
    };
    Ok(found_version(texts, details, version))
}

/// A text of messages in other words.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageTextChange {
    words: WordsData,
    /// The version that was read, if it is not in `If-Match`; 0 where nobody has changed the text yet.
    #[schema(example = 0)]
    version: Option<i32>,
}

/// Puts a text of messages into other words.
///
/// Every placeholder must be one of `placeholders`, and those in `needed` must be there. The text of a code has neither a link
/// nor other digits that look like a code.
#[utoipa::path(
    put, path = "/v1/admin/messages/texts/{text}/{language}", tag = WATCHING, request_body = MessageTextChange,
    security(("token" = ["organise"])),
    params(
        ("text" = String, Path, description = "The text, such as `confirmed` or `reminder_day`", example = "confirmed"),
        ("language" = String, Path, description = "`en`, `id` or `de`", example = "en"),
        IfMatch,
    ),
    responses(
        (status = 200, description = "Changed", body = Done<SavedText>),
        (status = 404, description = "`NOT_FOUND`: there is no such text or language"),
        (status = 409, description = "`STALE_VERSION`: somebody changed it since, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn change_message_text(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    seen: IfMatch,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    InPath((text, language)): InPath<(String, String)>,
    Body(request): Body<MessageTextChange>,
) -> Answer {
    only_admins(&caller)?;
    let (wording, locale) = Wording::named(&text, &language)?;
    let version = seen.or_needed(request.version)?;
    let words = check(wording, &Words::from(&request.words)).map_err(|wrong| {
        let errors: Vec<AppError> = wrong.iter().map(|wrong| wrong.error).collect();
        Fault::of_inputs(&errors, &[])
    })?;
    let key = sent.of(
        &caller,
        "put-message-text",
        &(&text, &language, version, &request),
    )?;
    let command = PutWords {
        caller,
        wording,
        locale,
        version,
        words: Some(words),
        key,
    };
    let saved = put(&state, command).await?;
    Ok(done(StatusCode::OK, texts, "api-changed", SavedText::from(saved)))
}

/// Brings the words of a text of messages back that are shipped.
#[utoipa::path(
    delete, path = "/v1/admin/messages/texts/{text}/{language}", tag = WATCHING, security(("token" = ["organise"])),
    params(
        ("text" = String, Path, description = "The text, such as `confirmed` or `reminder_day`", example = "confirmed"),
        ("language" = String, Path, description = "`en`, `id` or `de`", example = "en"),
        IfMatch,
    ),
    responses(
        (status = 200, description = "What is shipped is sent again", body = Done<SavedText>),
        (status = 404, description = "`NOT_FOUND`: there is no such text or language"),
        (status = 409, description = "`STALE_VERSION`: somebody changed it since, see `details`; `IDEMPOTENCY_CONFLICT`; or an error after which the request can be repeated"),
    ),
)]
pub async fn restore_message_text(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    seen: IfMatch,
    sent: SentKey,
    RequestTexts(texts): RequestTexts,
    InPath((text, language)): InPath<(String, String)>,
) -> Answer {
    only_admins(&caller)?;
    let (wording, locale) = Wording::named(&text, &language)?;
    let version = seen.needed()?;
    let key = sent.of(&caller, "restore-message-text", &(&text, &language, version))?;
    let command = PutWords {
        caller,
        wording,
        locale,
        version,
        words: None,
        key,
    };
    let saved = put(&state, command).await?;
    Ok(done(StatusCode::OK, texts, "api-changed", SavedText::from(saved)))
}

/// The version that a change made.
#[derive(Serialize, ToSchema)]
pub struct SavedText {
    #[schema(example = 1)]
    version: i32,
}

impl From<SavedWords> for SavedText {
    fn from(saved: SavedWords) -> Self {
        Self {
            version: saved.version,
        }
    }
}

async fn put(state: &AppState, command: PutWords) -> Result<SavedWords, Fault> {
    let newest = Newest(command.wording, command.locale);
    put_words(&state.database, command, state.now())
        .await
        .map_err(|error| match error {
            AppError::StaleOrganisation => Fault::from(error).with(newest),
            _ => error.into(),
        })
}

/// The newest version of a text, and who made it.
#[derive(Debug)]
struct Newest(Wording, Locale);

impl Details for Newest {
    fn add<'a>(&'a self, state: &'a AppState, problem: Problem) -> Adding<'a> {
        Box::pin(async move {
            let Ok(entry) = entry(&state.database, self.0, self.1).await else {
                return problem;
            };
            with_newest(problem, entry.version, entry.last_change)
        })
    }

    fn example(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }
}
