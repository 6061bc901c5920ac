//! The page on which an admin puts a text of messages into other words, sees how it would go out, and takes back what is
//! shipped.

use jiff::tz::TimeZone;
use leptos::{prelude::*, server_fn::ServerFn};

use super::{LIST, name_of};
use crate::{
    account::guard,
    idempotency::page::KeyField,
    notification::{
        forms::{PutMessageText, RestoreMessageText, TEXT, name_of_form},
        island::SmsLength,
    },
    server::AppState,
    ui::{
        Hidden, Notes, Page, Tone, changed_by, error_summary, icon, in_textarea, isolate, message, notice,
        page, path_parameter, problem, query, request_error, stale_notice, texts,
    },
};
use engine::{
    error::{AppError, Field},
    i18n::{Locale, Texts},
    notification::wording::{Entry, Sample, Wording, Words, Wrong, check, entry, sample},
    time,
};

/// A text in a language, to be edited.
#[component]
pub fn MessageTextPage() -> impl IntoView {
    page(async {
        guard::admin().await?;
        let texts = texts();
        let state = expect_context::<AppState>();
        let text: String = path_parameter("text")?;
        let language: String = path_parameter("language")?;
        let (wording, locale) = Wording::named(&text, &language)?;
        let entry = entry(&state.database, wording, locale).await?;
        let url = state.outbox.settings.public_url.as_deref();
        let sample = sample(&state.database, wording, locale, url, state.now()).await?;
        let form = Form::of(&entry, texts).await?;
        let title = format!("{} ({})", name_of(wording, texts), locale.own_name());
        let preview = (query("preview").is_some() && form.error.is_none())
            .then(|| preview(&form.words, &sample, locale, texts));
        let unfit = (!entry.fits()).then(|| {
            let body = view! { <p>{texts.text("message-text-unfit-text")}</p> };
            notice(Tone::Warn, texts.text("message-text-unfit-title"), body)
        });
        let body = view! {
            <div class="narrow stack">
                <a class="back" href=LIST>{icon("arrow-left")}{texts.text("message-texts-title")}</a>
                {form.problem(&entry)}
                {unfit}
                <h1>{title.clone()}</h1>
                {last(&entry, texts).map(|by| view! { <p class="hint">{icon("history")} " " {by}</p> })}
                {preview}
                {words(&entry, &form, &sample)}
                {shipped(&entry, texts)}
            </div>
        };
        Ok(Page::new(title, body).shows_problem())
    })
}

/// The form: what is in it, and what was wrong with it where it comes back.
struct Form {
    words: Words,
    wrong: Vec<Wrong>,
    error: Option<AppError>,
    /// What is there now, where somebody changed it meanwhile.
    now: Option<Words>,
    texts: Texts,
}

impl Form {
    /// The words as they were typed, where they come back; else those that are there.
    async fn of(entry: &Entry, texts: Texts) -> Result<Self, AppError> {
        let there = entry.own.as_ref().unwrap_or(&entry.shipped).clone();
        let error = request_error();
        let comes_back = error.is_some() || query("preview").is_some();
        let typed: Option<Words> = match comes_back {
            true => {
                let name = name_of_form(entry.wording, entry.locale);
                guard::session().typed(TEXT, &name).await?
            }
            false => None,
        };
        let words = typed.unwrap_or_else(|| there.clone());
        let wrong = match error {
            Some(AppError::ValidationFailed { .. }) => check(entry.wording, &words).err().unwrap_or_default(),
            _ => Vec::new(),
        };
        Ok(Self {
            words,
            wrong,
            error,
            now: (error == Some(AppError::StaleOrganisation)).then_some(there),
            texts,
        })
    }

    fn problem(&self, entry: &Entry) -> Option<AnyView> {
        let texts = self.texts;
        match self.error? {
            AppError::ValidationFailed { .. } if !self.wrong.is_empty() => {
                let errors = self.wrong.iter().map(|wrong| {
                    let place = match wrong.error {
                        AppError::ValidationFailed { field, .. } => field.name(),
                        _ => "main",
                    };
                    (place.to_owned(), said(wrong, texts))
                });
                Some(error_summary(errors, texts))
            }
            AppError::StaleOrganisation => {
                let by = last(entry, texts);
                Some(stale_notice(by, "org-stale-title", "org-stale-text", texts))
            }
            error => Some(problem(error, texts)),
        }
    }

    fn notes(&self, field: Field, hint: Option<String>, of: fn(&Words) -> &String) -> Notes {
        let now = self.now.as_ref().map(of).filter(|now| *now != of(&self.words));
        let error = self.wrong.iter().find(
            |wrong| matches!(wrong.error, AppError::ValidationFailed { field: about, .. } if about == field),
        );
        Notes {
            hint,
            now: now.map(|now| self.texts.with("org-now", &[("value", now.clone().into())])),
            error: error.map(|wrong| said(wrong, self.texts)),
        }
    }
}

/// What is wrong, with the placeholder that it is about.
fn said(wrong: &Wrong, texts: Texts) -> String {
    let text = message(wrong.error, texts);
    match &wrong.placeholder {
        Some(name) if name.starts_with(['{', '}']) => format!("{text} {name}"),
        Some(name) => format!("{text} {{{name}}}"),
        None => text,
    }
}

/// Who changed it last.
fn last(entry: &Entry, texts: Texts) -> Option<String> {
    let last = entry.last_change.as_ref()?;
    let when = format!("{} (UTC)", time::moment(last.at, &TimeZone::UTC, texts));
    Some(changed_by(last, when, texts))
}

/// How the words would go out.
fn preview(words: &Words, sample: &Sample, locale: Locale, texts: Texts) -> impl IntoView + use<> {
    let about = match sample.is_real {
        true => "message-text-preview-real",
        false => "message-text-preview-made-up",
    };
    let sms = (sample.wording().has_sms()).then(|| {
        view! {
            <h3>{texts.text("message-text-sms")}</h3>
            <p class="said" lang=locale.code()>{isolate(sample.sms(words))}</p>
        }
    });
    let mail = (sample.wording().has_mail()).then(|| {
        let paragraphs = (sample.mail(words).into_iter())
            .map(|text| view! { <p class="said">{isolate(text)}</p> })
            .collect_view();
        view! {
            <h3>{texts.text("message-text-mail")}</h3>
            <div class="stack-s" lang=locale.code()>
                <p><b>{isolate(sample.subject(words))}</b></p>
                {paragraphs}
            </div>
        }
    });
    view! {
        <section class="card stack-s" aria-labelledby="preview-title">
            <h2 id="preview-title">{texts.text("message-text-preview-title")}</h2>
            <p class="hint">{texts.text(about)}</p>
            {sms}
            {mail}
        </section>
    }
}

fn words(entry: &Entry, form: &Form, sample: &Sample) -> impl IntoView + use<> {
    let (texts, wording) = (form.texts, entry.wording);
    let placeholders = placeholders(wording, texts);
    let sms = wording.has_sms().then(|| {
        let values: Vec<(String, String)> = (sample.values().iter())
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        let blanks = ["signs", "sms", "sign"].map(|name| (name, format!("{{{name}}}").into()));
        let length = view! {
            <p class="hint" id="sms-length">
                <SmsLength
                    field=Field::SmsText.name().to_owned()
                    text=form.words.sms.clone()
                    values=values
                    link=sample.link().to_owned()
                    usual=texts.with("message-text-length", &blanks)
                    unusual=texts.with("message-text-length-unusual", &blanks)
                />
            </p>
        };
        let sms = Area {
            field: Field::SmsText,
            label: "message-text-sms",
            rows: "4",
            value: &form.words.sms,
            notes: form.notes(Field::SmsText, None, |words| &words.sms),
            below: Some(length.into_any()),
        };
        area(sms, entry.locale, texts)
    });
    let mail = wording.has_mail().then(|| {
        let subject = form.notes(Field::MailSubject, None, |words| &words.subject);
        let hint = texts.text("message-text-mail-hint");
        let mail = Area {
            field: Field::MailText,
            label: "message-text-mail",
            rows: "10",
            value: &form.words.mail,
            notes: form.notes(Field::MailText, Some(hint), |words| &words.mail),
            below: None,
        };
        view! {
            {line(&form.words.subject, subject, entry.locale, texts)}
            {area(mail, entry.locale, texts)}
        }
    });
    view! {
        <form method="post" action=PutMessageText::url() class="stack">
            <KeyField />
            <Hidden name="wording" value=wording.as_str() />
            <Hidden name="language" value=entry.locale.code() />
            <Hidden name="version" value=entry.version.to_string() />
            {placeholders}
            {sms}
            {mail}
            <div class="actions">
                <button class="btn" name="act" value="preview">{icon("message")}{texts.text("message-text-preview")}</button>
                <button class="btn primary" name="act" value="save">{icon("check")}{texts.text("org-save")}</button>
            </div>
        </form>
    }
}

/// What can be written, and what has to be.
fn placeholders(wording: Wording, texts: Texts) -> Option<impl IntoView + use<>> {
    let items: Vec<_> = (wording.placeholders().iter())
        .map(|name| {
            let needed = (wording.needed().contains(name))
                .then(|| view! { " " <b>{texts.text("message-text-needed")}</b> });
            let meaning = texts.text(&format!("placeholder-{name}"));
            view! { <li><code>{format!("{{{name}}}")}</code> ": " {meaning}{needed}</li> }
        })
        .collect();
    (!items.is_empty()).then(|| {
        view! {
            <div class="stack-s">
                <p class="hint">{texts.text("message-text-placeholders")}</p>
                <ul>{items}</ul>
            </div>
        }
    })
}

fn line(value: &str, notes: Notes, locale: Locale, texts: Texts) -> impl IntoView + use<> {
    let name = Field::MailSubject.name();
    let (described_by, invalid) = (notes.described_by(name), notes.invalid());
    view! {
        <div class="field">
            <label for=name>{texts.text("message-text-subject")}</label>
            {notes.view(name)}
            <input
                id=name
                name=name
                type="text"
                dir="auto"
                lang=locale.code()
                value=value.to_owned()
                autocomplete="off"
                required
                aria-describedby=described_by
                aria-invalid=invalid
            />
        </div>
    }
}

/// Several lines of words.
struct Area<'a> {
    field: Field,
    label: &'static str,
    rows: &'static str,
    value: &'a str,
    notes: Notes,
    below: Option<AnyView>,
}

fn area(area: Area<'_>, locale: Locale, texts: Texts) -> impl IntoView + use<> {
    let Area {
        field,
        label,
        rows,
        value,
        notes,
        below,
    } = area;
    let name = field.name();
    let length = below.as_ref().map(|_| format!("{name}-length"));
    let described_by: Vec<String> = [notes.described_by(name), length].into_iter().flatten().collect();
    let described_by = (!described_by.is_empty()).then(|| described_by.join(" "));
    let invalid = notes.invalid();
    view! {
        <div class="field">
            <label for=name>{texts.text(label)}</label>
            {notes.view(name)}
            <textarea
                id=name
                name=name
                lang=locale.code()
                dir="auto"
                rows=rows
                required
                aria-describedby=described_by
                aria-invalid=invalid
            >
                {in_textarea(value)}
            </textarea>
            {below}
        </div>
    }
}

/// What is shipped, and the button that brings it back.
fn shipped(entry: &Entry, texts: Texts) -> impl IntoView + use<> {
    let words = &entry.shipped;
    let sms = entry.wording.has_sms().then(|| {
        view! {
            <h3>{texts.text("message-text-sms")}</h3>
            <p class="said">{words.sms.clone()}</p>
        }
    });
    let mail = entry.wording.has_mail().then(|| {
        let paragraphs = words
            .mail
            .split("\n\n")
            .map(|text| view! { <p class="said">{text.to_owned()}</p> })
            .collect_view();
        view! {
            <h3>{texts.text("message-text-mail")}</h3>
            <p><b>{words.subject.clone()}</b></p>
            {paragraphs}
        }
    });
    let restore = entry.own.as_ref().map(|_| {
        view! {
            <form method="post" action=RestoreMessageText::url() class="actions">
                <KeyField />
                <Hidden name="wording" value=entry.wording.as_str() />
                <Hidden name="language" value=entry.locale.code() />
                <Hidden name="version" value=entry.version.to_string() />
                <button class="btn">{icon("history")}{texts.text("message-text-restore")}</button>
            </form>
        }
    });
    view! {
        <section class="stack" aria-labelledby="shipped-title">
            <h2 id="shipped-title">{texts.text("message-text-shipped-title")}</h2>
            <div class="card stack-s" lang=entry.locale.code()>{sms}{mail}</div>
            {restore}
        </section>
    }
}
