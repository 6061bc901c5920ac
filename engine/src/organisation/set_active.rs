//! The accounts of doctors: which there are, and whether patients can book them.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::record_activity;
use crate::{
    account::{Caller, note_by},
    audit::{self, Kind, Note},
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    event::Event,
    idempotency::{self, Changed, Key, Made},
};

/// A doctor in the list of all accounts.
#[derive(Clone, Debug)]
pub struct DoctorAccount {
    pub id: i64,
    pub name: String,
    pub speciality: String,
    pub email: String,
    /// The names of the clinics where there is something to book.
    pub clinics: Vec<String>,
    /// Whether patients can book.
    pub active: bool,
    pub version: i32,
    /// Requests and confirmed appointments that are still ahead.
    pub coming: i64,
}

/// Lists all doctors, active or not, for admins.
///
/// # Errors
/// Those of the database.
pub async fn doctors(database: &Database, now: Timestamp) -> Result<Vec<DoctorAccount>, AppError> {
    database
        .read("staff.doctors", move |mut connection| async move {
            Ok(sqlx::query_as!(
                DoctorAccount,
                r#"select doctors.id, doctors.name, speciality, email, doctors.active, version,
                          array(select name from clinics
                                where id in (select clinic_id from offers where doctor_id = doctors.id)
                                order by name) as "clinics!",
                          (select count(*) from appointments
                           where doctor_id = doctors.id and starts_at > $1
                             and status in ('pending', 'confirmed') and occupies(appointments, $1)) as "coming!"
                   from doctors join staff on staff.id = staff_id
                   order by doctors.name, doctors.id"#,
                now.to_sqlx(),
            )
            .fetch_all(&mut *connection)
            .await?)
        })
        .await
}

/// The command to let patients book a doctor, or to stop that.
#[derive(Clone, Debug)]
pub struct SetActive {
    pub caller: Caller,
    pub doctor_id: i64,
    pub active: bool,
    /// The version of the doctor that the caller has read (C7).
    pub version: i32,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// Sets whether patients can book a doctor, and returns the new version. Appointments stay as they are. A repeated
/// request changes the doctor once.
///
/// The lock waits for bookings in flight, which hold the row `for share`, and they for it: after this
/// has answered, nothing more is booked (B3).
///
/// # Errors
/// `NOT_FOUND`; `STALE_VERSION` where somebody changed the doctor since the caller read it; `IDEMPOTENCY_CONFLICT`.
pub async fn set_doctor_active(
    database: &Database,
    command: SetActive,
    now: Timestamp,
) -> Result<i32, AppError> {
    let (version, note) = database
        .write("staff.set_doctor_active", move |tx| {
            set_active(tx, command.clone(), now)
        })
        .await?;
    if let Some(note) = note {
        audit::tell(database, &note);
    }
    Ok(version)
}

/// Changes the doctor, and returns the new version with the note about it; none where nothing changed.
async fn set_active(mut tx: Tx, command: SetActive, now: Timestamp) -> Result<(i32, Option<Note>), Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok((first, None));
    }
    let SetActive {
        doctor_id, active, ..
    } = command;
    let locked = sqlx::query!(
        r#"select staff_id as "staff_id!", active, version from doctors
           where id = $1 and staff_id is not null for no key update"#,
        doctor_id,
    );
    let doctor = locking(Lock::Doctor, locked.fetch_optional(&mut *tx))
        .await?
        .ok_or(AppError::NotFound)?;
    let mut version = doctor.version;
    let mut noted = None;
    if doctor.active != active {
        if version != command.version {
            return Err(AppError::StaleDoctor.into());
        }
        sqlx::query!(
            "update doctors set active = $2, version = version + 1 where id = $1",
            doctor_id,
            active,
        )
        .execute(&mut *tx)
        .await?;
        version += 1;
        tx.tell(Event::TimesChanged { doctor_id });
        record_activity(&mut tx, doctor_id, active, version, &command.caller, now).await?;
        let note = note_by(&command.caller, Kind::AccountChanged)
            .of_staff(doctor.staff_id)
            .about(match active {
                true => "doctor can be booked",
                false => "doctor cannot be booked",
            });
        audit::write(&mut tx, &note).await?;
        noted = Some(note);
    }
    let made = Made::Version {
        changed: Changed::Doctor,
        id: doctor_id,
        version,
    };
    idempotency::answer(&mut tx, key, &version, &[made]).await?;
    tx.commit().await?;
    Ok((version, noted))
}
