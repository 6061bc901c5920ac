//! The logo of the organisation.

use jiff::Timestamp;

use super::{Saved, Subject, must_be_admin, picture::Picture, record};
use crate::{
    account::Caller,
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    event::Event,
    idempotency::{self, Changed, Key},
    schedule::LastChange,
};

/// A logo, by the name of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    pub digest: String,
    /// In pixels.
    pub width: i32,
    pub height: i32,
}

impl Logo {
    pub(super) fn of(digest: Option<String>, width: Option<i32>, height: Option<i32>) -> Option<Self> {
        Some(Self {
            digest: digest?,
            width: width?,
            height: height?,
        })
    }

    /// The path at which browsers find it. It never changes for one picture.
    pub fn path(&self) -> String {
        format!("/logo/{}.png", self.digest)
    }
}

/// The logo, with its version.
#[derive(Clone, Debug)]
pub struct SeenLogo {
    pub version: i32,
    pub logo: Option<Logo>,
    pub last_change: Option<LastChange>,
}

/// Looks at the logo.
///
/// # Errors
/// Those of the database.
pub async fn logo(database: &Database) -> Result<SeenLogo, AppError> {
    database
        .read("organisation.logo", |mut connection| async move {
            let row = sqlx::query!(
                r#"select logo.version, digest, width, height,
                          changed_at as "changed_at?", what as "what?", staff.name as "by?"
                   from organisation_logo as logo
                   left join organisation_changes as change
                       on change.what in ('logo_changed', 'logo_removed') and change.version = logo.version
                   left join staff on staff.id = staff_id"#
            )
            .fetch_one(&mut *connection)
            .await?;
            Ok(SeenLogo {
                version: row.version,
                logo: Logo::of(row.digest, row.width, row.height),
                last_change: LastChange::of(row.changed_at, row.by, row.what, row.version),
            })
        })
        .await
}

/// The file of the logo of this name, a PNG.
///
/// # Errors
/// `NOT_FOUND` where the logo is another one, or none.
pub async fn logo_file(database: &Database, digest: String) -> Result<Vec<u8>, AppError> {
    database
        .read("organisation.logo_file", move |mut connection| async move {
            let picture =
                sqlx::query_scalar!("select picture from organisation_logo where digest = $1", digest)
                    .fetch_optional(&mut *connection)
                    .await?;
            Ok(picture.flatten().ok_or(AppError::NotFound)?)
        })
        .await
}

/// The command to give the organisation another logo, or none.
#[derive(Clone, Debug)]
pub struct PutLogo {
    pub caller: Caller,
    /// The version that the caller has read (C7).
    pub version: i32,
    pub picture: Option<Picture>,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// Gives the organisation another logo, or none.
///
/// # Errors
/// `NOT_FOUND` for whoever is no admin of all clinics; `STALE_VERSION` where somebody changed it since the caller read it;
/// `IDEMPOTENCY_CONFLICT`.
pub async fn put_logo(database: &Database, command: PutLogo, now: Timestamp) -> Result<Saved, AppError> {
    must_be_admin(&command.caller)?;
    database
        .write("organisation.put_logo", move |tx| {
            attempt(tx, command.clone(), now)
        })
        .await
}

async fn attempt(mut tx: Tx, command: PutLogo, now: Timestamp) -> Result<Saved, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let version = sqlx::query_scalar!("select version from organisation_logo for no key update");
    let version = locking(Lock::Organisation, version.fetch_one(&mut *tx)).await?;
    if version != command.version {
        return Err(AppError::StaleOrganisation.into());
    }
    let saved = Saved {
        id: 1,
        version: version + 1,
    };
    let picture = command.picture.as_ref();
    sqlx::query!(
        "update organisation_logo set picture = $1, width = $2, height = $3, digest = $4, version = $5",
        picture.map(|picture| picture.png.as_slice()),
        picture.map(|picture| picture.width),
        picture.map(|picture| picture.height),
        picture.map(|picture| picture.digest.as_str()),
        saved.version,
    )
    .execute(&mut *tx)
    .await?;
    let what = match picture {
        Some(_) => "logo_changed",
        None => "logo_removed",
    };
    record(&mut tx, Subject::Logo, what, saved.version, &command.caller, now).await?;
    tx.tell(Event::NameplateChanged);
    let made = [saved.made(Changed::Logo)];
    idempotency::answer(&mut tx, key, &saved, &made).await?;
    tx.commit().await?;
    Ok(saved)
}
