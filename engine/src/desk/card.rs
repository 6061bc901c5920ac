//! The card of a patient: what staff know of them.

use jiff::{Timestamp, civil};
use jiff_sqlx::ToSqlx;

use super::patient::{Person, patient};
use crate::{
    account::{
        Caller,
        acquaintance::must_know,
        rename::{Part, changed, record_change, write_name},
        required, typed,
    },
    appointment::{Item, of_patients},
    audit::{self, Note},
    database::{Database, Failure, Lock, Tx, locking},
    error::{AppError, Field, FieldProblem},
    i18n::Locale,
    idempotency::{self, Key},
};

/// The length of a name, in characters.
const MAX_NAME: usize = 120;

/// The length of the note of the desk, in characters.
pub const MAX_NOTE: usize = 2000;

/// The first year in which somebody can have been born.
const FIRST_YEAR: i16 = 1890;

/// What staff know of a patient.
#[derive(Clone)]
pub struct Card {
    pub person: Person,
    pub email: Option<String>,
    /// Whether the patient has said by its link that the address is theirs.
    pub is_confirmed: bool,
    pub locale: Option<Locale>,
    pub birthday: Option<civil::Date>,
    /// For staff alone.
    pub note: String,
    /// Counts changes by staff; 0 where there was none.
    pub version: i32,
    /// Who holds the phone, where it is somebody else.
    pub holder: Option<(i64, Option<String>)>,
    /// Who shares the phone of this patient.
    pub sharing: Vec<(i64, Option<String>)>,
}

/// Reads the card of a patient: admins of all clinics of all patients, others of those whom they have to do with (I4). It is
/// recorded.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn card(database: &Database, caller: &Caller, id: i64, now: Timestamp) -> Result<Card, AppError> {
    let person = patient(database, caller, id, now).await?;
    database
        .read("desk.card", move |mut connection| async move {
            let row = sqlx::query!(
                r#"select email, email_confirmed_at is not null as "is_confirmed!", locale,
                          birthday as "birthday: jiff_sqlx::Date", coalesce(note, '') as "note!",
                          coalesce(version, 0) as "version!", holder_id
                   from patients left join patient_cards on patient_id = id where id = $1"#,
                id,
            )
            .fetch_optional(&mut *connection)
            .await?
            .ok_or(AppError::NotFound)?;
            let family = sqlx::query!(
                "select id, name from patients
                 where active and (id = $1 or holder_id = $2) order by created_at, id",
                row.holder_id,
                id,
            )
            .fetch_all(&mut *connection)
            .await?;
            let (holders, sharing): (Vec<_>, Vec<_>) = family
                .into_iter()
                .map(|relative| (relative.id, relative.name))
                .partition(|(relative_id, _)| Some(*relative_id) == row.holder_id);
            Ok(Card {
                person,
                email: row.email,
                is_confirmed: row.is_confirmed,
                locale: row.locale.as_deref().and_then(Locale::parse),
                birthday: row.birthday.map(jiff_sqlx::Date::to_jiff),
                note: row.note,
                version: row.version,
                holder: holders.into_iter().next(),
                sharing,
            })
        })
        .await
}

/// The appointments of a patient that the caller may see, the newest first: admins all, doctors those with them, the
/// desk those at its clinics.
///
/// # Errors
/// `NOT_FOUND` for who is no staff.
pub async fn appointments_of(
    database: &Database,
    caller: &Caller,
    patient_id: i64,
) -> Result<Vec<Item>, AppError> {
    let mut items = of_patients(database, vec![patient_id], None).await?;
    match caller {
        Caller::Doctor { doctor_id, .. } => items.retain(|item| item.doctor_id == *doctor_id),
        Caller::Patient { .. } => return Err(AppError::NotFound),
        Caller::Admin { .. } | Caller::Reception { .. } => {
            items.retain(|item| !caller.is_kept_from(item.clinic_id))
        }
    }
    Ok(items)
}

/// The command to change the card of a patient.
#[derive(Clone, Debug)]
pub struct SaveCard {
    pub caller: Caller,
    pub patient_id: i64,
    /// The version that the caller has read.
    pub version: i32,
    pub name: String,
    pub birthday: Option<civil::Date>,
    pub note: String,
    pub key: Option<Key>,
}

/// Changes the name, the birthday and the note of a patient, and answers with the new version. Each change is recorded.
///
/// # Errors
/// `NOT_FOUND` for a patient whom the caller has nothing to do with; `STALE_VERSION`; `VALIDATION_FAILED`;
/// `IDEMPOTENCY_CONFLICT`.
pub async fn save_card(database: &Database, mut command: SaveCard, now: Timestamp) -> Result<i32, AppError> {
    command.name = required(Field::Name, &command.name, MAX_NAME)?;
    command.note = typed(Field::DeskNote, &command.note, MAX_NOTE)?;
    if let Some(birthday) = command.birthday
        && (birthday.year() < FIRST_YEAR || birthday > tomorrow(now))
    {
        return Err(AppError::invalid(Field::Birthday, FieldProblem::Malformed));
    }
    patient(database, &command.caller, command.patient_id, now).await?;
    let (version, note) = database
        .write("desk.save_card", move |tx| attempt(tx, command.clone(), now))
        .await?;
    if let Some(note) = note {
        audit::tell(database, &note);
    }
    Ok(version)
}

/// The latest date that it is anywhere.
fn tomorrow(now: Timestamp) -> civil::Date {
    let today = crate::time::local_date(now, &jiff::tz::TimeZone::UTC);
    today.tomorrow().unwrap_or(today)
}

async fn attempt(mut tx: Tx, command: SaveCard, now: Timestamp) -> Result<(i32, Option<Note>), Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim::<i32>(&mut tx, key, now).await? {
        return Ok((first, None));
    }
    let id = command.patient_id;
    let staff_id = command.caller.staff_id().ok_or(AppError::NotFound)?;
    let locked = sqlx::query_scalar!(
        r#"select coalesce(name, '') as "name!" from patients where id = $1 and active for no key update"#,
        id
    );
    let name = locking(Lock::Patient, locked.fetch_optional(&mut *tx))
        .await?
        .ok_or(AppError::NotFound)?;
    must_know(&mut tx, &command.caller, id, now).await?;
    // Read under the lock of the patient.
    let known = sqlx::query!(
        r#"select birthday as "birthday: jiff_sqlx::Date", note, version from patient_cards where patient_id = $1"#,
        id
    )
    .fetch_optional(&mut *tx)
    .await?;
    let version = known.as_ref().map_or(0, |known| known.version);
    if version != command.version {
        return Err(AppError::StalePatient.into());
    }
    let before = Written {
        name: &name,
        birthday: known
            .as_ref()
            .and_then(|known| known.birthday)
            .map(jiff_sqlx::Date::to_jiff),
        note: known.as_ref().map_or("", |known| known.note.as_str()),
    };
    let after = Written {
        name: &command.name,
        birthday: command.birthday,
        note: &command.note,
    };
    if before.name != after.name {
        write_name(&mut tx, id, after.name).await?;
    }
    record_changes(&mut tx, &command.caller, id, before, after, now).await?;
    let version = write_card(&mut tx, id, after, staff_id, now).await?;
    let note = changed(&command.caller, id);
    audit::write(&mut tx, &note).await?;
    idempotency::answer(&mut tx, key, &version, &[]).await?;
    tx.commit().await?;
    Ok((version, Some(note)))
}

/// What staff write about a patient: the name and the card.
#[derive(Clone, Copy)]
pub(super) struct Written<'a> {
    pub name: &'a str,
    pub birthday: Option<civil::Date>,
    pub note: &'a str,
}

/// Writes the birthday and the note of a locked patient, and answers with the new version of the card.
///
/// # Errors
/// Those of the database.
pub(super) async fn write_card(
    tx: &mut Tx,
    patient_id: i64,
    written: Written<'_>,
    staff_id: i64,
    now: Timestamp,
) -> Result<i32, Failure> {
    let version = sqlx::query_scalar!(
        "insert into patient_cards as known (patient_id, birthday, note, version, changed_at, changed_by)
         values ($1, $2, $3, 1, $4, $5)
         on conflict on constraint patient_cards_pkey do update set
             birthday = excluded.birthday, note = excluded.note, version = known.version + 1,
             changed_at = excluded.changed_at, changed_by = excluded.changed_by
         returning version",
        patient_id,
        written.birthday.map(ToSqlx::to_sqlx) as _,
        written.note,
        now.to_sqlx(),
        staff_id,
    );
    Ok(version.fetch_one(&mut **tx).await?)
}

/// Writes into the history what became of the name, the birthday and the note of a patient.
///
/// # Errors
/// Those of the database.
pub(super) async fn record_changes(
    tx: &mut Tx,
    caller: &Caller,
    patient_id: i64,
    before: Written<'_>,
    after: Written<'_>,
    now: Timestamp,
) -> Result<(), Failure> {
    let parts = |written: Written<'_>| {
        let birthday = written.birthday.map(|day| day.to_string());
        [
            (Part::Name, written.name.to_owned()),
            (Part::Birthday, birthday.unwrap_or_default()),
            (Part::Note, written.note.to_owned()),
        ]
    };
    for ((part, before), (_, after)) in parts(before).into_iter().zip(parts(after)) {
        if before != after {
            record_change(tx, caller, patient_id, (part, &before, &after), now).await?;
        }
    }
    Ok(())
}

/// A change of what is kept about a patient.
#[derive(Clone, Debug)]
pub struct PatientChange {
    pub at: Timestamp,
    pub what: String,
    pub before: String,
    pub after: String,
    /// The member of staff; none where the patient did it.
    pub by: Option<String>,
}

/// Lists the changes of a patient, the newest first. Whether the caller may see the patient is not asked here.
///
/// # Errors
/// Those of the database.
pub async fn changes_of(database: &Database, patient_id: i64) -> Result<Vec<PatientChange>, AppError> {
    database
        .read("desk.changes_of", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"select changed_at as "changed_at: jiff_sqlx::Timestamp", what, before, after, staff.name as "by?"
                   from patient_changes left join staff on staff.id = staff_id
                   where patient_id = $1 order by patient_changes.id desc limit 50"#,
                patient_id,
            )
            .fetch_all(&mut *connection)
            .await?;
            Ok(rows
                .into_iter()
                .map(|row| PatientChange {
                    at: row.changed_at.to_jiff(),
                    what: row.what,
                    before: row.before,
                    after: row.after,
                    by: row.by,
                })
                .collect())
        })
        .await
}
