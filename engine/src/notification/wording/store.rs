//! The words that the clinic has chosen: who reads them, and who changes them.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use serde::{Deserialize, Serialize};

use super::{
    Wording, Words,
    check::{check, fill, fits},
    shipped,
};
use crate::{
    account::{Caller, must_be_admin},
    database::{Database, Failure, Lock, Reader, Tx, locking},
    error::AppError,
    i18n::Locale,
    idempotency::{self, Changed, Key, Made},
    schedule::LastChange,
};

/// A text in a language: what is shipped, and what an admin has made of it.
#[derive(Clone, Debug)]
pub struct Entry {
    pub wording: Wording,
    pub locale: Locale,
    /// Counts changes; 0 where there was none.
    pub version: i32,
    pub shipped: Words,
    /// The clinic's own words, where it has some.
    pub own: Option<Words>,
    pub last_change: Option<LastChange>,
}

impl Entry {
    fn untouched(wording: Wording, locale: Locale) -> Self {
        Self {
            wording,
            locale,
            version: 0,
            shipped: shipped(wording, locale),
            own: None,
            last_change: None,
        }
    }

    /// Whether the clinic's own words can be sent. Where they cannot, what is shipped is.
    pub fn fits(&self) -> bool {
        self.own.as_ref().is_none_or(|words| fits(self.wording, words))
    }

    /// The words that are sent.
    pub fn words(&self) -> &Words {
        (self.own.as_ref().filter(|_| self.fits())).unwrap_or(&self.shipped)
    }
}

/// All texts in all languages.
///
/// # Errors
/// Those of the database.
pub async fn entries(database: &Database) -> Result<Vec<Entry>, AppError> {
    database
        .read("messages.texts", |connection| read(connection, None))
        .await
}

/// A text in a language.
///
/// # Errors
/// Those of the database.
pub async fn entry(database: &Database, wording: Wording, locale: Locale) -> Result<Entry, AppError> {
    let found = database
        .read("messages.text", move |connection| {
            read(connection, Some((wording, locale)))
        })
        .await?;
    let entry = found
        .into_iter()
        .find(|entry| entry.wording == wording && entry.locale == locale);
    Ok(entry.unwrap_or_else(|| Entry::untouched(wording, locale)))
}

async fn read(mut connection: Reader, only: Option<(Wording, Locale)>) -> Result<Vec<Entry>, Failure> {
    let rows = sqlx::query!(
        r#"select wording, language, texts.version, texts.sms, texts.subject, texts.mail,
                  changed_at as "changed_at?", what as "what?", staff.name as "by?"
           from message_texts as texts
           left join message_text_changes as changes
               on changes.text_id = texts.id and changes.version = texts.version
           left join staff on staff.id = staff_id
           where $1::text is null or wording = $1 and language = $2"#,
        only.map(|(wording, _)| wording.as_str()),
        only.map(|(_, locale)| locale.code()),
    )
    .fetch_all(&mut *connection)
    .await?;
    let all = (Wording::ALL.iter())
        .flat_map(|wording| Locale::ALL.map(|locale| Entry::untouched(*wording, locale)));
    let mut entries: Vec<Entry> = all.collect();
    // A newer server may know more of both.
    for row in rows {
        let found = entries
            .iter_mut()
            .find(|entry| entry.wording.as_str() == row.wording && entry.locale.code() == row.language);
        let Some(entry) = found else {
            continue;
        };
        entry.version = row.version;
        entry.own = words_of(row.sms, row.subject, row.mail);
        entry.last_change = LastChange::of(row.changed_at, row.by, row.what, row.version);
    }
    Ok(entries)
}

fn words_of(sms: Option<String>, subject: Option<String>, mail: Option<String>) -> Option<Words> {
    Some(Words {
        sms: sms?,
        subject: subject?,
        mail: mail?,
    })
}

/// The clinic's own words for a text, if there are some that can be sent.
///
/// # Errors
/// Those of the database.
pub(in crate::notification) async fn find(
    tx: &mut Tx,
    wording: Wording,
    locale: Locale,
) -> Result<Option<Words>, Failure> {
    let row = sqlx::query!(
        "select sms, subject, mail from message_texts where wording = $1 and language = $2",
        wording.as_str(),
        locale.code(),
    )
    .fetch_optional(&mut **tx)
    .await?;
    let own = row.and_then(|row| words_of(row.sms, row.subject, row.mail));
    Ok(own.filter(|words| fits(wording, words)))
}

/// A text to a phone in the clinic's own words, filled in, if there are some that can be sent.
///
/// # Errors
/// Those of the database.
pub(crate) async fn say(
    tx: &mut Tx,
    wording: Wording,
    locale: Locale,
    values: &[(&str, String)],
) -> Result<Option<String>, Failure> {
    let own = find(tx, wording, locale).await?;
    Ok(own.map(|words| fill(&words.sms, values)))
}

/// The command to put a text into other words.
#[derive(Clone, Debug)]
pub struct PutWords {
    pub caller: Caller,
    pub wording: Wording,
    pub locale: Locale,
    /// The version that the caller has read (C7).
    pub version: i32,
    /// `None`: those that are shipped.
    pub words: Option<Words>,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// The version that a change of a text made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedWords {
    pub version: i32,
}

/// Puts a text into other words, or back into those that are shipped.
///
/// # Errors
/// `NOT_FOUND` for whoever is no admin of all clinics; `VALIDATION_FAILED` for words that do not fit; `STALE_VERSION`
/// where somebody changed the text since the caller read it; `IDEMPOTENCY_CONFLICT`.
pub async fn put_words(
    database: &Database,
    command: PutWords,
    now: Timestamp,
) -> Result<SavedWords, AppError> {
    must_be_admin(&command.caller)?;
    let words = match &command.words {
        Some(words) => Some(
            check(command.wording, words)
                .map_err(|wrong| wrong.first().map_or(AppError::Internal, |wrong| wrong.error))?,
        ),
        None => None,
    };
    let command = PutWords { words, ..command };
    database
        .write("messages.put_words", move |tx| attempt(tx, command.clone(), now))
        .await
}

async fn attempt(mut tx: Tx, command: PutWords, now: Timestamp) -> Result<SavedWords, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let (wording, language) = (command.wording.as_str(), command.locale.code());
    // The first one to change a text makes its row; another one waits here until that is done.
    let row = sqlx::query!(
        "insert into message_texts (wording, language) values ($1, $2) on conflict (wording, language) do nothing",
        wording,
        language,
    );
    locking(Lock::Organisation, row.execute(&mut *tx)).await?;
    let text = sqlx::query!(
        r#"select id, version, sms is not null as "is_own!" from message_texts
           where wording = $1 and language = $2 for no key update"#,
        wording,
        language,
    );
    let text = locking(Lock::Organisation, text.fetch_one(&mut *tx)).await?;
    if text.version != command.version {
        return Err(AppError::StaleOrganisation.into());
    }
    let is_change = text.is_own || command.words.is_some();
    let saved = SavedWords {
        version: text.version + i32::from(is_change),
    };
    if is_change {
        write(&mut tx, text.id, saved.version, &command, now).await?;
    }
    let made = [Made::Version {
        changed: Changed::MessageText,
        id: text.id,
        version: saved.version,
    }];
    idempotency::answer(&mut tx, key, &saved, &made).await?;
    tx.commit().await?;
    Ok(saved)
}

async fn write(
    tx: &mut Tx,
    id: i64,
    version: i32,
    command: &PutWords,
    now: Timestamp,
) -> Result<(), Failure> {
    let words = command.words.as_ref();
    let (sms, subject, mail) = (
        words.map(|words| words.sms.as_str()),
        words.map(|words| words.subject.as_str()),
        words.map(|words| words.mail.as_str()),
    );
    sqlx::query!(
        "update message_texts set version = $2, sms = $3, subject = $4, mail = $5 where id = $1",
        id,
        version,
        sms,
        subject,
        mail,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "insert into message_text_changes (changed_at, staff_id, what, text_id, version, sms, subject, mail)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        now.to_sqlx(),
        command.caller.staff_id().ok_or(AppError::NotFound)?,
        match words {
            Some(_) => "text_changed",
            None => "text_restored",
        },
        id,
        version,
        sms,
        subject,
        mail,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Logs the texts in the clinic's own words that no longer fit, as the server does when it starts: what is shipped is sent in
/// their place until an admin has looked at them.
///
/// # Errors
/// Those of the database.
pub async fn log_unfit(database: &Database) -> Result<(), AppError> {
    for entry in entries(database).await?.iter().filter(|entry| !entry.fits()) {
        tracing::warn!(
            text = entry.wording.as_str(),
            language = entry.locale.code(),
            "a text of the clinic's own no longer fits its placeholders: the one that is shipped is sent"
        );
    }
    Ok(())
}
