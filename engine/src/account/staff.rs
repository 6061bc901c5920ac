//! Staff accounts (I3), and the names of patients.

use std::sync::LazyLock;

use argon2::{PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    Caller, Limits, Role,
    limit::{self, Action, Counted},
    otp::{blocking, hasher},
};
use crate::{
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    event::Event,
    idempotency::{self, Key},
    organisation::record_activity,
};

/// Checks e-mail and password, and answers with the id of the staff member. It takes as long for an
/// account that does not exist.
///
/// # Errors
/// `UNAUTHENTICATED`, `RATE_LIMITED`.
pub async fn staff_sign_in(
    database: &Database,
    limits: Limits,
    email: &str,
    password: String,
    address: String,
    now: Timestamp,
) -> Result<i64, AppError> {
    let email = email.trim().to_lowercase();
    let (counted, account) = database
        .write("staff.sign_in", move |tx| {
            look_up(tx, limits, email.clone(), address.clone(), now)
        })
        .await?;
    limit::check(counted)?;
    let (id, hash) = match account {
        Some(account) => (Some(account.id), account.hash),
        None => (None, blocking(|| DECOY.clone()).await??),
    };
    let right = blocking(move || {
        PasswordHash::new(&hash)
            .is_ok_and(|hash| hasher().verify_password(password.as_bytes(), &hash).is_ok())
    })
    .await?;
    id.filter(|_| right).ok_or(AppError::WrongPassword)
}

struct Account {
    id: i64,
    hash: String,
}

/// A hash to compare with where there is no account, so that the answer takes as long.
static DECOY: LazyLock<Result<String, AppError>> = LazyLock::new(|| hash_password("no account"));

/// Finds nobody when it was asked too often. Commits either way: what is refused counts, too.
async fn look_up(
    mut tx: Tx,
    limits: Limits,
    email: String,
    address: String,
    now: Timestamp,
) -> Result<(Option<Counted>, Option<Account>), Failure> {
    // The address first: one that is over its limit cannot lock an account out.
    let mut counted = limit::count(&mut tx, Action::SignInByAddress, &address, limits.sign_ins, now).await?;
    if counted.is_none_or(Counted::is_within) {
        let by_email = limit::count(&mut tx, Action::SignInByEmail, &email, limits.sign_ins, now).await?;
        counted = Counted::nearer(counted, by_email);
    }
    let account = if counted.is_none_or(Counted::is_within) {
        let row = sqlx::query!(
            "select id, password_hash from staff where email = $1 and active",
            email,
        )
        .fetch_optional(&mut *tx)
        .await?;
        row.map(|row| Account {
            id: row.id,
            hash: row.password_hash,
        })
    } else {
        None
    };
    tx.commit().await?;
    Ok((counted, account))
}

/// argon2id, as a PHC string. Slow on purpose: not for an async task.
///
/// # Errors
/// `INTERNAL`.
pub fn hash_password(password: &str) -> Result<String, AppError> {
    hasher()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|_| AppError::Internal)
}

/// Hashes a password on the threads for hashing.
///
/// # Errors
/// `INTERNAL`.
pub async fn password_hash(password: String) -> Result<String, AppError> {
    blocking(move || hash_password(&password)).await?
}

/// Makes a staff account, or gives an existing one this name and password: how an installation
/// gets its first admin (`janji admin`).
///
/// # Errors
/// `FORBIDDEN` where the e-mail belongs to somebody in another role.
pub async fn put_staff(
    database: &Database,
    role: Role,
    name: String,
    email: String,
    password: String,
) -> Result<i64, AppError> {
    let password_hash = password_hash(password).await?;
    let email = email.trim().to_lowercase();
    database
        .write("staff.put", move |mut tx| {
            let (name, email, password_hash) = (name.clone(), email.clone(), password_hash.clone());
            async move {
                let id = sqlx::query_scalar!(
                    "insert into staff (role, name, email, password_hash) values ($1, $2, $3, $4)
                     on conflict on constraint staff_email_key do update set
                         name = excluded.name, password_hash = excluded.password_hash
                     where staff.role = excluded.role
                     returning id",
                    role.as_str(),
                    name,
                    email,
                    password_hash,
                )
                .fetch_optional(&mut *tx)
                .await?
                .ok_or(AppError::Forbidden)?;
                tx.commit().await?;
                Ok(id)
            }
        })
        .await
}

/// The profile of a doctor, for admins.
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

/// Every doctor, active or not: for admins.
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

/// Lets patients book a doctor, or no longer, and answers with the version that there is then. Appointments stay as they
/// are. Sent twice, it changes once.
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
    database
        .write("staff.set_doctor_active", move |tx| {
            set_active(tx, command.clone(), now)
        })
        .await
}

async fn set_active(mut tx: Tx, command: SetActive, now: Timestamp) -> Result<i32, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let SetActive {
        doctor_id, active, ..
    } = command;
    let locked = sqlx::query!(
        "select active, version from doctors where id = $1 for no key update",
        doctor_id,
    );
    let doctor = locking(Lock::Doctor, locked.fetch_optional(&mut *tx))
        .await?
        .ok_or(AppError::NotFound)?;
    let mut version = doctor.version;
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
    }
    idempotency::answer(&mut tx, key, &version, None).await?;
    tx.commit().await?;
    Ok(version)
}

/// Gives a patient who has no name yet this one; a name that is there stays.
///
/// # Errors
/// Those of the database.
pub async fn name_patient(tx: &mut Tx, patient_id: i64, name: &str) -> Result<(), Failure> {
    sqlx::query!(
        "update patients set name = $2 where id = $1 and name is null",
        patient_id,
        name,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
