//! The organisation itself, as people see it: its name, its phone number, and the pages that it writes about itself.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    Saved, Subject,
    form::{Filled, MAX_NAME},
    must_be_admin, record,
};
use crate::{
    account::{Caller, typed},
    database::{Database, Failure, Lock, Reader, Tx, locking},
    error::{AppError, Field},
    event::Event,
    i18n::Locale,
    idempotency::{self, Changed, Key},
    schedule::LastChange,
};

/// The most characters of a page in one language.
pub const MAX_PAGE: usize = 20_000;

/// The most characters of a phone number, as people write one.
const MAX_PHONE: usize = 40;

/// The id of the only row.
const ONLY: i64 = 1;

/// A page that an organisation writes about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnPage {
    /// What is done with the data of patients.
    Privacy,
    /// Who runs the site.
    Imprint,
}

impl OwnPage {
    pub const ALL: [Self; 2] = [Self::Privacy, Self::Imprint];

    pub fn name(self) -> &'static str {
        match self {
            Self::Privacy => "privacy",
            Self::Imprint => "imprint",
        }
    }

    /// The field of a form with the page in this language.
    pub fn field(self, locale: Locale) -> Field {
        match (self, locale) {
            (Self::Privacy, Locale::En) => Field::PrivacyEn,
            (Self::Privacy, Locale::Id) => Field::PrivacyId,
            (Self::Privacy, Locale::De) => Field::PrivacyDe,
            (Self::Imprint, Locale::En) => Field::ImprintEn,
            (Self::Imprint, Locale::Id) => Field::ImprintId,
            (Self::Imprint, Locale::De) => Field::ImprintDe,
        }
    }
}

/// A page in the languages in which it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written(BTreeMap<&'static str, String>);

impl Written {
    /// The text in exactly this language; empty where there is none.
    pub fn text(&self, locale: Locale) -> &str {
        self.0.get(locale.code()).map_or("", String::as_str)
    }

    /// The text in this language, or else in the first one in which it is written.
    pub fn best(&self, locale: Locale) -> Option<(Locale, &str)> {
        std::iter::once(locale)
            .chain(Locale::ALL)
            .map(|locale| (locale, self.text(locale)))
            .find(|(_, text)| !text.is_empty())
    }

    fn set(&mut self, locale: Locale, text: String) {
        if !text.is_empty() {
            self.0.insert(locale.code(), text);
        }
    }
}

/// What people see of an organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Empty where nobody has given it one.
    pub name: String,
    /// Empty where none is published.
    pub phone: String,
    pub privacy: Written,
    pub imprint: Written,
}

impl Identity {
    pub fn page(&self, page: OwnPage) -> &Written {
        match page {
            OwnPage::Privacy => &self.privacy,
            OwnPage::Imprint => &self.imprint,
        }
    }

    fn page_mut(&mut self, page: OwnPage) -> &mut Written {
        match page {
            OwnPage::Privacy => &mut self.privacy,
            OwnPage::Imprint => &mut self.imprint,
        }
    }
}

impl From<&Identity> for Filled {
    fn from(identity: &Identity) -> Self {
        let mut filled = Self::default()
            .with(Field::Title.name(), &identity.name)
            .with(Field::ClinicPhone.name(), &identity.phone);
        for page in OwnPage::ALL {
            for locale in Locale::ALL {
                filled = filled.with(page.field(locale).name(), identity.page(page).text(locale));
            }
        }
        filled
    }
}

impl Filled {
    /// Reads what people see of the organisation. Each part may be empty.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`, once for each field that is not right.
    pub fn identity(&self) -> Result<Identity, Vec<AppError>> {
        let mut errors = Vec::new();
        let mut take = |field: Field, most| {
            typed(field, self.text(field.name()), most).unwrap_or_else(|error| {
                errors.push(error);
                String::new()
            })
        };
        let mut identity = Identity {
            name: take(Field::Title, MAX_NAME),
            phone: take(Field::ClinicPhone, MAX_PHONE),
            ..Identity::default()
        };
        for page in OwnPage::ALL {
            for locale in Locale::ALL {
                let text = take(page.field(locale), MAX_PAGE);
                identity.page_mut(page).set(locale, text);
            }
        }
        match errors.is_empty() {
            true => Ok(identity),
            false => Err(errors),
        }
    }
}

/// What people see of the organisation, with its version.
#[derive(Clone, Debug)]
pub struct SeenIdentity {
    pub version: i32,
    pub identity: Identity,
    pub last_change: Option<LastChange>,
}

/// Reads what people see of the organisation.
///
/// # Errors
/// Those of the database.
pub async fn identity(database: &Database) -> Result<SeenIdentity, AppError> {
    database.read("organisation.identity", read).await
}

async fn read(mut connection: Reader) -> Result<SeenIdentity, Failure> {
    // One statement, so that all of it is of one version.
    let row = sqlx::query!(
        r#"select organisation.name, phone, organisation.version,
                  (select coalesce(jsonb_agg(jsonb_build_array(page, language, body)), '[]')
                   from organisation_pages) as "pages!",
                  changed_at as "changed_at?", what as "what?", staff.name as "by?"
           from organisation
           left join organisation_changes as change
               on change.what = 'identity_changed' and change.version = organisation.version
           left join staff on staff.id = staff_id"#
    )
    .fetch_one(&mut *connection)
    .await?;
    let pages: Vec<(String, String, String)> = serde_json::from_value(row.pages).map_err(|error| {
        tracing::error!(%error, "the pages of the organisation cannot be read");
        AppError::Internal
    })?;
    let mut identity = Identity {
        name: row.name,
        phone: row.phone,
        ..Identity::default()
    };
    for (page, language, body) in pages {
        let page = OwnPage::ALL.into_iter().find(|known| known.name() == page);
        // A newer server may know more of both.
        if let (Some(page), Some(locale)) = (page, Locale::parse(&language)) {
            identity.page_mut(page).set(locale, body);
        }
    }
    Ok(SeenIdentity {
        version: row.version,
        identity,
        last_change: LastChange::of(row.changed_at, row.by, row.what, row.version),
    })
}

/// The command to change what people see of the organisation.
#[derive(Clone, Debug)]
pub struct PutIdentity {
    pub caller: Caller,
    /// The version that the caller has read (C7).
    pub version: i32,
    pub identity: Identity,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// Changes what people see of the organisation: its name, its phone number and its pages.
///
/// # Errors
/// `NOT_FOUND` for whoever is no admin of all clinics; `STALE_VERSION` where somebody changed it since the caller read it;
/// `IDEMPOTENCY_CONFLICT`.
pub async fn put_identity(
    database: &Database,
    command: PutIdentity,
    now: Timestamp,
) -> Result<Saved, AppError> {
    must_be_admin(&command.caller)?;
    database
        .write("organisation.put_identity", move |tx| {
            attempt(tx, command.clone(), now)
        })
        .await
}

async fn attempt(mut tx: Tx, command: PutIdentity, now: Timestamp) -> Result<Saved, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let version = sqlx::query_scalar!("select version from organisation for no key update");
    let version = locking(Lock::Organisation, version.fetch_one(&mut *tx)).await?;
    if version != command.version {
        return Err(AppError::StaleOrganisation.into());
    }
    let saved = Saved {
        id: ONLY,
        version: version + 1,
    };
    write(&mut tx, &command.identity, saved.version).await?;
    record(
        &mut tx,
        Subject::Identity,
        "identity_changed",
        saved.version,
        &command.caller,
        now,
    )
    .await?;
    tx.tell(Event::NameplateChanged);
    let made = [saved.made(Changed::Identity)];
    idempotency::answer(&mut tx, key, &saved, &made).await?;
    tx.commit().await?;
    Ok(saved)
}

async fn write(tx: &mut Tx, identity: &Identity, version: i32) -> Result<(), Failure> {
    sqlx::query!(
        "update organisation set name = $1, phone = $2, version = $3",
        identity.name,
        identity.phone,
        version,
    )
    .execute(&mut **tx)
    .await?;
    let (mut pages, mut languages, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
    for page in OwnPage::ALL {
        for (language, body) in &identity.page(page).0 {
            pages.push(page.name().to_owned());
            languages.push((*language).to_owned());
            bodies.push(body.clone());
        }
    }
    sqlx::query!("delete from organisation_pages")
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "insert into organisation_pages (page, language, body)
         select * from unnest($1::text[], $2::text[], $3::text[])",
        &pages,
        &languages,
        &bodies,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::FieldProblem;

    #[test]
    fn a_form_reads_what_it_was_filled_with() {
        let filled = Filled::default()
            .with("title", " Klinik  Sehat ")
            .with("clinic_phone", "+62 21 555 0100")
            .with("privacy_de", "Eins\r\n\r\nZwei\n")
            .with("imprint_en", "Jane Doe");
        let identity = filled.identity().unwrap();
        assert_eq!(identity.name, "Klinik Sehat");
        assert_eq!(identity.privacy.text(Locale::De), "Eins\n\nZwei");
        assert_eq!(identity.privacy.text(Locale::En), "");
        assert_eq!(Filled::from(&identity).identity(), Ok(identity));
        assert_eq!(Filled::default().identity(), Ok(Identity::default()));
    }

    #[test]
    fn every_part_that_is_too_long_is_told() {
        let filled = Filled::default()
            .with("title", "x".repeat(MAX_NAME + 1))
            .with("imprint_id", "x".repeat(MAX_PAGE + 2));
        let long = |field, by| AppError::invalid(field, FieldProblem::TooLongBy(by));
        assert_eq!(
            filled.identity(),
            Err(vec![long(Field::Title, 1), long(Field::ImprintId, 2)])
        );
    }

    #[test]
    fn a_page_falls_back_to_a_language_in_which_it_is_written() {
        let mut written = Written::default();
        assert_eq!(written.best(Locale::De), None);
        written.set(Locale::Id, "Satu".to_owned());
        written.set(Locale::De, String::new());
        assert_eq!(written.best(Locale::De), Some((Locale::Id, "Satu")));
        written.set(Locale::De, "Eins".to_owned());
        assert_eq!(written.best(Locale::De), Some((Locale::De, "Eins")));
        assert_eq!(written.best(Locale::En), Some((Locale::Id, "Satu")));
    }
}
