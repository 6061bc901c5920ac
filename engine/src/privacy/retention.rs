//! How long what is kept: the periods that the organisation has chosen, how much is past them, and the worker that takes it out.

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use jiff_sqlx::ToSqlx;

use crate::{
    account::{Caller, must_be_admin, note_by},
    audit::{self, Kind},
    database::{Database, Failure, Lock, Tx, locking},
    error::{AppError, Field, FieldProblem},
};

/// Rows that one transaction takes out.
const MAX_BATCH: i32 = 500;

/// Years for which the record of who read what is kept.
pub const READS_YEARS: i32 = 3;

/// The country whose law says for how long records of care are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// PMK 24/2022: 25 years after the last visit.
    Indonesia,
    /// § 630f BGB: 10 years after the end of treatment.
    Germany,
    /// Longer than before, as the organisation says.
    Custom,
}

impl Preset {
    pub const ALL: [Self; 3] = [Self::Indonesia, Self::Germany, Self::Custom];

    /// The word of it in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Indonesia => "id",
            Self::Germany => "de",
            Self::Custom => "custom",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.as_str() == word)
    }

    /// The years that a law says; `None` where none does.
    pub fn years(self) -> Option<i32> {
        match self {
            Self::Indonesia => Some(25),
            Self::Germany => Some(10),
            Self::Custom => None,
        }
    }
}

/// The periods of the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Periods {
    pub preset: Preset,
    /// Years for which records of care are kept.
    pub record_years: i32,
    /// Months for which the words of what led to no care are kept.
    pub booking_months: i32,
    /// Whether the worker takes out what is past its period.
    pub is_on: bool,
    pub version: i32,
}

/// What is past its period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Past {
    /// Appointments that led to no care.
    pub bookings: i64,
    /// Records of care.
    pub records: i64,
    /// Rows of who read what.
    pub reads: i64,
}

/// Reads the periods, and how much is past them: the dry run.
///
/// # Errors
/// `NOT_FOUND` for who is no admin of all clinics.
pub async fn dry_run(
    database: &Database,
    caller: &Caller,
    now: Timestamp,
) -> Result<(Periods, Past), AppError> {
    must_be_admin(caller)?;
    database
        .search("privacy.dry_run", move |mut tx| async move {
            let periods = read(&mut tx).await?;
            let row = sqlx::query!(
                r#"select (select count(*) from appointments
                           where words_gone_at is null and status in ('cancelled', 'rejected', 'expired', 'no_show')
                             and starts_at <= $1 and not is_record(appointments)
                             and not exists (select from legal_holds where legal_holds.patient_id = appointments.patient_id))
                              as "bookings!",
                          (select count(*) from appointments
                           where words_gone_at is null and status = 'completed' and starts_at <= $2
                             and not exists (select from appointments as later
                                             where later.patient_id = appointments.patient_id and later.starts_at > $2
                                               and later.status in ('completed', 'in_progress'))
                             and not exists (select from legal_holds where legal_holds.patient_id = appointments.patient_id))
                              as "records!",
                          (select count(*) from patient_reads where read_at <= $3) as "reads!""#,
                bookings_until(&periods, now).to_sqlx(),
                records_until(&periods, now).to_sqlx(),
                years_before(now, READS_YEARS).to_sqlx(),
            )
            .fetch_one(&mut *tx)
            .await?;
            let past = Past {
                bookings: row.bookings,
                records: row.records,
                reads: row.reads,
            };
            Ok((periods, past))
        })
        .await
}

async fn read(tx: &mut Tx) -> Result<Periods, Failure> {
    let row = sqlx::query!("select preset, record_years, booking_months, is_on, version from retention")
        .fetch_one(&mut **tx)
        .await?;
    Ok(Periods {
        preset: Preset::parse(&row.preset).ok_or(AppError::Internal)?,
        record_years: row.record_years,
        booking_months: row.booking_months,
        is_on: row.is_on,
        version: row.version,
    })
}

fn years_before(now: Timestamp, years: i32) -> Timestamp {
    let at = now.to_zoned(TimeZone::UTC).saturating_sub(years.years());
    at.timestamp()
}

fn records_until(periods: &Periods, now: Timestamp) -> Timestamp {
    years_before(now, periods.record_years)
}

fn bookings_until(periods: &Periods, now: Timestamp) -> Timestamp {
    let at = now.to_zoned(TimeZone::UTC);
    at.saturating_sub(periods.booking_months.months()).timestamp()
}

/// The command to choose other periods.
#[derive(Clone, Debug)]
pub struct SetPeriods {
    pub caller: Caller,
    pub preset: Preset,
    /// For [`Preset::Custom`]: not fewer years than before.
    pub record_years: i32,
    pub booking_months: i32,
    pub is_on: bool,
    /// The version that the caller has read.
    pub version: i32,
}

/// Chooses other periods.
///
/// # Errors
/// `NOT_FOUND` for who is no admin of all clinics; `VALIDATION_FAILED` for years or months that cannot be, and for fewer years
/// of their own than before; `STALE_VERSION`.
pub async fn set_periods(database: &Database, command: SetPeriods, now: Timestamp) -> Result<(), AppError> {
    must_be_admin(&command.caller)?;
    let staff_id = command.caller.staff_id().ok_or(AppError::NotFound)?;
    let record_years = command.preset.years().unwrap_or(command.record_years);
    if !(10..=100).contains(&record_years) || !(1..=120).contains(&command.booking_months) {
        return Err(AppError::invalid(Field::Period, FieldProblem::Malformed));
    }
    let note = note_by(&command.caller, Kind::PatientErased).about("periods changed");
    let told = note.clone();
    database
        .write("privacy.set_periods", move |mut tx| {
            let (command, note) = (command.clone(), note.clone());
            async move {
                let locked = sqlx::query_scalar!("select version from retention for no key update");
                locking(Lock::Organisation, locked.fetch_one(&mut *tx)).await?;
                let before = read(&mut tx).await?;
                if before.version != command.version {
                    return Err(AppError::StaleOrganisation.into());
                }
                if command.preset == Preset::Custom && record_years < before.record_years {
                    return Err(AppError::invalid(Field::Period, FieldProblem::Malformed).into());
                }
                sqlx::query!(
                    "update retention set preset = $1, record_years = $2, booking_months = $3, is_on = $4,
                            version = version + 1, changed_at = $5, changed_by = $6",
                    command.preset.as_str(),
                    record_years,
                    command.booking_months,
                    command.is_on,
                    now.to_sqlx(),
                    staff_id,
                )
                .execute(&mut *tx)
                .await?;
                audit::write(&mut tx, &note).await?;
                tx.commit().await
            }
        })
        .await?;
    audit::tell(database, &told);
    Ok(())
}

/// Takes out a batch of what is past its period, where an admin has said that this be done, and answers how many rows it was. A
/// second run finds nothing.
///
/// # Errors
/// Those of the database.
pub async fn step(database: &Database, now: Timestamp) -> Result<usize, AppError> {
    let gone = database
        .write("privacy.retention", move |mut tx| async move {
            let periods = read(&mut tx).await?;
            if !periods.is_on {
                return Ok(0);
            }
            let bookings = batch(&mut tx, Which::NoCare, bookings_until(&periods, now), now).await?;
            let until = records_until(&periods, now);
            let records = batch(&mut tx, Which::Care, until, now).await?;
            let called_off = batch(&mut tx, Which::CalledOff, until, now).await?;
            let reads = sqlx::query_scalar!(
                r#"select forget_old_reads($1, $2) as "gone!""#,
                MAX_BATCH,
                years_before(now, READS_YEARS).to_sqlx(),
            );
            let reads = reads.fetch_one(&mut *tx).await?;
            tx.commit().await?;
            Ok(bookings + records + called_off + usize::try_from(reads).unwrap_or_default())
        })
        .await?;
    Ok(gone)
}

/// Appointments of one kind, which a statement can find by an index of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    /// That led to no care.
    NoCare,
    /// That took place.
    Care,
    /// That did not take place, whatever was prescribed or written for them before.
    CalledOff,
}

/// Takes the words out of a batch of appointments. Records of care are kept for their period after the last visit, and not after
/// their own.
async fn batch(tx: &mut Tx, which: Which, until: Timestamp, now: Timestamp) -> Result<usize, Failure> {
    let (until, most) = (until.to_sqlx(), i64::from(MAX_BATCH));
    let ids = match which {
        Which::Care => {
            let ids = sqlx::query_scalar!(
                "select id from appointments
                 where words_gone_at is null and status = 'completed' and starts_at <= $1
                   and not exists (select from appointments as later
                                   where later.patient_id = appointments.patient_id and later.starts_at > $1
                                     and later.status in ('completed', 'in_progress'))
                   and not exists (select from legal_holds where legal_holds.patient_id = appointments.patient_id)
                 order by starts_at, id limit $2
                 for no key update skip locked",
                until,
                most,
            );
            locking(Lock::Appointments, ids.fetch_all(&mut **tx)).await?
        }
        Which::NoCare | Which::CalledOff => {
            let ids = sqlx::query_scalar!(
                "select id from appointments
                 where words_gone_at is null and status in ('cancelled', 'rejected', 'expired', 'no_show')
                   and starts_at <= $1 and ($3 or not is_record(appointments))
                   and not ($3 and exists (select from appointments as later
                                           where later.patient_id = appointments.patient_id and later.starts_at > $1
                                             and later.status in ('completed', 'in_progress')))
                   and not exists (select from legal_holds where legal_holds.patient_id = appointments.patient_id)
                 order by starts_at, id limit $2
                 for no key update skip locked",
                until,
                most,
                which == Which::CalledOff,
            );
            locking(Lock::Appointments, ids.fetch_all(&mut **tx)).await?
        }
    };
    // Those that somebody has are left to the next round: nobody is waited for.
    if ids.is_empty() {
        return Ok(0);
    }
    if which != Which::NoCare {
        destroy(tx, &ids).await?;
    }
    sqlx::query!(
        "with changes as (
             update appointment_changes
             set reason = '', note = case when from_status is null and note <> '' then 'erased' else '' end
             where appointment_id = any($1) and (reason <> '' or note <> '')),
           ratings as (update ratings set comment = '' where appointment_id = any($1) and comment <> '')
         update appointments
         set reason = '', overbooked_because = case when overbooked_because is not null then 'erased' end, words_gone_at = $2
         where id = any($1)",
        &ids,
        now.to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(ids.len())
}

/// Destroys what was prescribed, noted and written at these appointments.
async fn destroy(tx: &mut Tx, ids: &[i64]) -> Result<(), Failure> {
    sqlx::query!(
        "delete from medications where prescription_id in (select id from prescriptions where appointment_id = any($1))",
        ids,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("delete from prescriptions where appointment_id = any($1)", ids)
        .execute(&mut **tx)
        .await?;
    sqlx::query!(
        "update consultation_messages set body = 'erased' where appointment_id = any($1)",
        ids
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        r#"select 1 as "done!" from (select forget_old_notes($1)) as notes"#,
        ids
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(())
}
