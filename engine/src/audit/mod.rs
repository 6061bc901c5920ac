//! The security log: who signed in, who was refused, who opened what. Rows are added and kept for a year; triggers of the
//! database refuse to change them.
//!
//! [`note`] is all that others need: it writes the row, a line of the log, and a counter. What must not be lost when its
//! transaction is kept is written with [`write`] in that transaction, and told with [`tell`] afterwards.

mod read;

use std::{num::NonZero, sync::LazyLock};

use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota};
use metrics::{counter, describe_counter};

use crate::{
    database::{Database, Failure, Tx},
    error::AppError,
};

pub use self::read::{Entry, Search, entries};

const MAX_ABOUT: usize = 120;
const MAX_ADDRESS: usize = 60;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Somebody signed in, by code or by password.
    SignIn,
    /// An e-mail and password that do not belong together.
    SignInFailed,
    /// A code that is wrong, too old or used.
    CodeFailed,
    SignOut,
    /// Somebody asked for what is not for them.
    Denied,
    /// A rate limit refused a request.
    LimitHit,
    /// What somebody signs in with beside a password: a second factor, or the phone of a patient.
    FactorChanged,
    PasswordChanged,
    RoleChanged,
    /// An account was made, opened or closed, has another address, or was let in after too many guesses.
    AccountChanged,
    /// A patient was given to a doctor by an admin, or taken back.
    PatientGiven,
    TokenMade,
    TokenRevoked,
    /// A webhook was made, changed or deleted, or has another secret.
    WebhookChanged,
    /// A calendar elsewhere was linked or unlinked, or has another password or other calendars.
    CalendarChanged,
    /// Data of several people left as a file or a feed.
    Export,
    /// Staff opened the data of a patient.
    PatientOpened,
    /// The name, the birthday or the note of a patient was changed.
    PatientChanged,
    /// Two records of patients became one, or that was taken back.
    PatientsMerged,
    /// A patient was to be erased, or was; or the clinic has to keep everything of one for now.
    PatientErased,
    /// Somebody of staff looked at a patient whom they have nothing to do with, and said why.
    GlassBroken,
    /// A copy that was restored from a backup began to work.
    CopyReleased,
}

impl Kind {
    pub const ALL: [Self; 22] = [
        Self::SignIn,
        Self::SignInFailed,
        Self::CodeFailed,
        Self::SignOut,
        Self::Denied,
        Self::LimitHit,
        Self::FactorChanged,
        Self::PasswordChanged,
        Self::RoleChanged,
        Self::AccountChanged,
        Self::PatientGiven,
        Self::TokenMade,
        Self::TokenRevoked,
        Self::WebhookChanged,
        Self::CalendarChanged,
        Self::Export,
        Self::PatientOpened,
        Self::PatientChanged,
        Self::PatientsMerged,
        Self::PatientErased,
        Self::GlassBroken,
        Self::CopyReleased,
    ];

    /// The name in rows, lines, metrics and the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::SignInFailed => "sign_in_failed",
            Self::CodeFailed => "code_failed",
            Self::SignOut => "sign_out",
            Self::Denied => "denied",
            Self::LimitHit => "limit_hit",
            Self::FactorChanged => "factor_changed",
            Self::PasswordChanged => "password_changed",
            Self::RoleChanged => "role_changed",
            Self::AccountChanged => "account_changed",
            Self::PatientGiven => "patient_given",
            Self::TokenMade => "token_made",
            Self::TokenRevoked => "token_revoked",
            Self::WebhookChanged => "webhook_changed",
            Self::CalendarChanged => "calendar_changed",
            Self::Export => "export",
            Self::PatientOpened => "patient_opened",
            Self::PatientChanged => "patient_changed",
            Self::PatientsMerged => "patients_merged",
            Self::PatientErased => "patient_erased",
            Self::GlassBroken => "glass_broken",
            Self::CopyReleased => "copy_released",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether a stranger can make as many of them as they like.
    fn is_a_strangers(self) -> bool {
        matches!(
            self,
            Self::SignInFailed | Self::CodeFailed | Self::Denied | Self::LimitHit
        )
    }
}

/// A note about something that happened.
#[derive(Clone, Debug)]
pub struct Note {
    kind: Kind,
    actor: &'static str,
    by_staff_id: Option<i64>,
    by_patient_id: Option<i64>,
    staff_id: Option<i64>,
    patient_id: Option<i64>,
    about: String,
    address: String,
}

impl Note {
    /// A note of what a visitor did, whom nobody knows.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            actor: "visitor",
            by_staff_id: None,
            by_patient_id: None,
            staff_id: None,
            patient_id: None,
            about: String::new(),
            address: String::new(),
        }
    }

    /// A member of staff did it, in this role: `doctor` or `admin`.
    #[must_use]
    pub fn by_staff(self, role: &'static str, staff_id: i64) -> Self {
        Self {
            actor: role,
            by_staff_id: Some(staff_id),
            ..self
        }
    }

    /// A patient did it.
    #[must_use]
    pub fn by_patient(self, patient_id: i64) -> Self {
        Self {
            actor: "patient",
            by_patient_id: Some(patient_id),
            ..self
        }
    }

    /// The operator did it at the command line, or the program itself.
    #[must_use]
    pub fn by_system(self) -> Self {
        Self {
            actor: "system",
            ..self
        }
    }

    /// It was about this account of staff.
    #[must_use]
    pub fn of_staff(self, staff_id: i64) -> Self {
        Self {
            staff_id: Some(staff_id),
            ..self
        }
    }

    /// It was about this patient.
    #[must_use]
    pub fn of_patient(self, patient_id: i64) -> Self {
        Self {
            patient_id: Some(patient_id),
            ..self
        }
    }

    /// Says one word about it, such as the name of a limit: no secret, no name, no phone number, nothing that was typed.
    #[must_use]
    pub fn about(self, about: &str) -> Self {
        Self {
            about: shortened(about, MAX_ABOUT),
            ..self
        }
    }

    /// Says which network address it came from.
    #[must_use]
    pub fn from(self, address: &str) -> Self {
        Self {
            address: shortened(address, MAX_ADDRESS),
            ..self
        }
    }
}

/// Without what could pretend to be another line.
fn shortened(text: &str, most: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(most).collect()
}

/// Rows that strangers may cause on this server in a minute: from one address, and all of them. What is beyond is counted
/// and has its line, but no row, so that nobody fills the disk.
const ROWS_PER_ADDRESS: u32 = 120;
const ROWS_OVERALL: u32 = 1_200;

struct Bounds {
    per_address: DefaultKeyedRateLimiter<(Kind, String)>,
    overall: DefaultDirectRateLimiter,
}

static BOUNDS: LazyLock<Bounds> = LazyLock::new(|| {
    let quota = |most: u32| Quota::per_minute(NonZero::new(most).unwrap_or(NonZero::<u32>::MIN));
    Bounds {
        per_address: DefaultKeyedRateLimiter::keyed(quota(ROWS_PER_ADDRESS)),
        overall: DefaultDirectRateLimiter::direct(quota(ROWS_OVERALL)),
    }
});

fn has_room(note: &Note) -> bool {
    !note.kind.is_a_strangers()
        || (BOUNDS
            .per_address
            .check_key(&(note.kind, note.address.clone()))
            .is_ok()
            && BOUNDS.overall.check().is_ok())
}

/// Forgets the addresses that have been quiet.
pub fn forget_idle() {
    BOUNDS.per_address.retain_recent();
    BOUNDS.per_address.shrink_to_fit();
}

/// Notes something that happened: a row, a line of the log, and a counter. A database that cannot take the row does not
/// keep the caller from its answer; the line is there all the same.
pub async fn note(database: &Database, note: Note) {
    tell(database, &note);
    if !has_room(&note) {
        return;
    }
    let kind = note.kind.name();
    let written = database
        .write("audit.note", move |mut tx| {
            let note = note.clone();
            async move {
                write(&mut tx, &note).await?;
                tx.commit().await
            }
        })
        .await;
    // An outage has its own lines in the log.
    if let Err(error) = written
        && error != AppError::Unavailable
    {
        tracing::error!(%error, security.kind = kind, "a security note could not be written");
    }
}

/// Writes the row of a note in a transaction that makes it true.
///
/// # Errors
/// Those of the database.
pub async fn write(tx: &mut Tx, note: &Note) -> Result<(), Failure> {
    sqlx::query!(
        "insert into security_notes (kind, actor, by_staff_id, by_patient_id, staff_id, patient_id, about, address)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        note.kind.name(),
        note.actor,
        note.by_staff_id,
        note.by_patient_id,
        note.staff_id,
        note.patient_id,
        note.about,
        note.address,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes the line of a note and counts it, once its row is kept.
pub fn tell(database: &Database, note: &Note) {
    database.statistics().record(|| {
        counter!("janji_security_events_total", "kind" => note.kind.name()).increment(1);
    });
    tracing::event!(
        target: "janji::security",
        tracing::Level::INFO,
        security.kind = note.kind.name(),
        actor = note.actor,
        by.staff.id = note.by_staff_id,
        by.patient.id = note.by_patient_id,
        staff.id = note.staff_id,
        patient.id = note.patient_id,
        about = note.about,
        client.address = note.address,
        "a security event"
    );
}

/// Begins the counters, so that the first event of a kind is an increase. To be called once, when a server begins.
pub fn begin_counting(database: &Database) {
    database.statistics().record(|| {
        describe_counter!("janji_security_events_total", "Security events, by kind");
        for kind in Kind::ALL {
            counter!("janji_security_events_total", "kind" => kind.name()).increment(0);
        }
    });
}

/// Deletes notes that have been kept for long enough, by the clock of the database as its trigger does. The role that serves
/// may delete none itself: a function of the owner does it.
///
/// # Errors
/// Those of the database.
pub async fn tidy(tx: &mut Tx) -> Result<(), Failure> {
    sqlx::query!("select 1 as \"forgotten!\" from (select forget_old_security_notes()) as notes")
        .fetch_one(&mut **tx)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_of_its_own_that_can_be_read_back() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.name()), Some(kind));
        }
        assert_eq!(Kind::parse("anything else"), None);
    }

    #[test]
    fn a_note_is_one_short_line() {
        let note = Note::new(Kind::Denied)
            .about(&format!("one\ntwo{}", "x".repeat(500)))
            .from(&format!("10.0.0.1\u{1b}[31m{}", "9".repeat(500)));
        assert_eq!(note.about.chars().count(), MAX_ABOUT);
        assert_eq!(note.address.chars().count(), MAX_ADDRESS);
        assert!(note.about.starts_with("onetwo"));
        assert!(!note.address.contains('\u{1b}'));
    }

    #[test]
    fn strangers_cannot_fill_the_table_and_staff_are_always_noted() {
        let stranger = Note::new(Kind::Denied).from("203.0.113.77");
        let rows = (0..1000).filter(|_| has_room(&stranger)).count();
        assert!((1..1000).contains(&rows), "{rows}");
        let staff = Note::new(Kind::PatientOpened)
            .by_staff("doctor", 1)
            .from("203.0.113.77");
        assert!((0..1000).all(|_| has_room(&staff)));
    }
}
