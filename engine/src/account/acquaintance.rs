//! Who of the staff has to do with which patient (I4): doctors with those who booked them, whose phone they typed, or whom an
//! admin gave them; reception with those of their clinics, and whose phone they typed; admins with all, or as reception.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::Caller;
use crate::{
    audit::{self, Kind, Note},
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    time::plus_minutes,
};

/// Time for which a typed phone number lets a member of staff book and read its patient, in minutes.
const PHONE_MINUTES: i64 = 24 * 60;

/// Whose patients a member of staff has to do with.
#[derive(Clone, Debug)]
pub struct Sight {
    pub staff_id: i64,
    /// For a doctor, whose patients they are.
    pub doctor_id: Option<i64>,
    /// For somebody at the desk of named clinics, of which clinics.
    pub clinics: Option<Vec<i64>>,
}

impl Sight {
    /// # Errors
    /// `NOT_FOUND` for who is no staff.
    pub fn of(caller: &Caller) -> Result<Self, AppError> {
        let doctor_id = match caller {
            Caller::Doctor { doctor_id, .. } => Some(*doctor_id),
            Caller::Admin { .. } | Caller::Reception { .. } => None,
            Caller::Patient { .. } => return Err(AppError::NotFound),
        };
        Ok(Self {
            staff_id: caller.staff_id().ok_or(AppError::NotFound)?,
            doctor_id,
            clinics: caller.clinics().map(<[i64]>::to_vec),
        })
    }

    /// Whether it is all patients.
    pub fn is_whole(&self) -> bool {
        self.doctor_id.is_none() && self.clinics.is_none()
    }
}

/// Checks, in the transaction that books, that this caller has to do with this patient. For patients it is asked elsewhere.
///
/// # Errors
/// `NOT_FOUND`, as for a patient who does not exist.
pub(crate) async fn must_know(
    connection: &mut PgConnection,
    caller: &Caller,
    patient_id: i64,
    now: Timestamp,
) -> Result<(), Failure> {
    let Ok(sight) = Sight::of(caller) else {
        return Ok(());
    };
    if sight.is_whole() {
        return Ok(());
    }
    let knows = sqlx::query_scalar!(
        r#"select exists (select from patients_of_doctors
                          where doctor_id = $1 and patient_id = $2 and until > $3)
               or exists (select from patients_of_clinics where clinic_id = any($4) and patient_id = $2)
               or exists (select from acquaintances where staff_id = $5 and patient_id = $2 and until > $3)
               as "knows!""#,
        sight.doctor_id,
        patient_id,
        now.to_sqlx(),
        sight.clinics.as_deref(),
        sight.staff_id,
    );
    match knows.fetch_one(connection).await? {
        true => Ok(()),
        false => Err(AppError::NotFound.into()),
    }
}

/// Those of these patients whom a member of staff has to do with, as [`must_know`] has it.
///
/// # Errors
/// Those of the database.
pub(crate) async fn known_of(
    connection: &mut PgConnection,
    sight: &Sight,
    patients: &[i64],
    now: Timestamp,
) -> Result<Vec<i64>, Failure> {
    if sight.is_whole() {
        return Ok(patients.to_vec());
    }
    let known = sqlx::query_scalar!(
        r#"select patient_id as "patient_id!" from unnest($2::bigint[]) as asked (patient_id)
           where exists (select from patients_of_doctors as theirs
                         where doctor_id = $1 and theirs.patient_id = asked.patient_id and until > $3)
              or exists (select from patients_of_clinics as theirs
                         where clinic_id = any($4) and theirs.patient_id = asked.patient_id)
              or exists (select from acquaintances as theirs
                         where staff_id = $5 and theirs.patient_id = asked.patient_id and until > $3)"#,
        sight.doctor_id,
        patients,
        now.to_sqlx(),
        sight.clinics.as_deref(),
        sight.staff_id,
    );
    Ok(known.fetch_all(connection).await?)
}

/// Remembers that a member of staff typed the phone number of a patient.
///
/// # Errors
/// Those of the database.
pub(crate) async fn remember_typed(
    tx: &mut Tx,
    caller: &Caller,
    patient_id: i64,
    now: Timestamp,
) -> Result<(), Failure> {
    let Ok(sight) = Sight::of(caller) else {
        return Ok(());
    };
    if sight.is_whole() {
        return Ok(());
    }
    sqlx::query!(
        "insert into acquaintances (staff_id, patient_id, since, until) values ($1, $2, $3, $4)
         on conflict (staff_id, patient_id) do update set until = greatest(acquaintances.until, excluded.until)",
        sight.staff_id,
        patient_id,
        now.to_sqlx(),
        plus_minutes(now, PHONE_MINUTES).to_sqlx(),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A patient whom an admin gives to a doctor, or takes back.
#[derive(Clone, Copy, Debug)]
pub struct Gift {
    /// The admin.
    pub staff_id: i64,
    pub patient_id: i64,
    pub doctor_id: i64,
}

impl Gift {
    /// The note about it, with the account of the doctor.
    fn note(self, doctor: i64, about: &str) -> Note {
        Note::new(Kind::PatientGiven)
            .by_staff("admin", self.staff_id)
            .of_staff(doctor)
            .of_patient(self.patient_id)
            .about(about)
    }
}

/// Gives a patient to a doctor, who may book and read the patient from now on.
///
/// # Errors
/// `NOT_FOUND` where there is no such patient or doctor.
pub async fn give(database: &Database, gift: Gift, now: Timestamp) -> Result<(), AppError> {
    let note = database
        .write("acquaintance.give", move |mut tx| async move {
            lock_patient(&mut tx, gift.patient_id).await?;
            let given = sqlx::query_scalar!(
                "insert into acquaintances (staff_id, patient_id, given_by, since, until)
                 select staff_id, $2, $3, $4, 'infinity' from doctors where id = $1 and staff_id is not null
                 on conflict (staff_id, patient_id) do update set given_by = excluded.given_by, until = excluded.until
                 returning staff_id",
                gift.doctor_id,
                gift.patient_id,
                gift.staff_id,
                now.to_sqlx(),
            );
            let doctor = given
                .fetch_optional(&mut *tx)
                .await?
                .ok_or(AppError::NotFound)?;
            let note = gift.note(doctor, "given");
            audit::write(&mut tx, &note).await?;
            tx.commit().await?;
            Ok(note)
        })
        .await?;
    audit::tell(database, &note);
    Ok(())
}

/// Takes a patient back from a doctor. What the doctor has to do with who booked them stays.
///
/// # Errors
/// `NOT_FOUND` where there is no such patient.
pub async fn take_back(database: &Database, gift: Gift) -> Result<(), AppError> {
    let note = database
        .write("acquaintance.take_back", move |mut tx| async move {
            lock_patient(&mut tx, gift.patient_id).await?;
            let taken = sqlx::query_scalar!(
                "delete from acquaintances
                 where patient_id = $2 and staff_id = (select staff_id from doctors where id = $1)
                 returning staff_id",
                gift.doctor_id,
                gift.patient_id,
            );
            let Some(doctor) = taken.fetch_optional(&mut *tx).await? else {
                return Ok(None);
            };
            let note = gift.note(doctor, "taken back");
            audit::write(&mut tx, &note).await?;
            tx.commit().await?;
            Ok(Some(note))
        })
        .await?;
    if let Some(note) = note {
        audit::tell(database, &note);
    }
    Ok(())
}

/// A doctor who has to do with a patient.
#[derive(Clone, Debug)]
pub struct Acquainted {
    pub doctor_id: i64,
    pub name: String,
    /// Since an admin gave them the patient, or since they typed the phone.
    pub since: Timestamp,
    /// `None`: for good.
    pub until: Option<Timestamp>,
    /// The admin who gave the patient; none where the phone was typed.
    pub given_by: Option<String>,
}

/// Lists the doctors to whom a patient was given, or who typed the phone not long ago; for admins, which is not asked here.
/// Whom the patient booked is not among them.
///
/// # Errors
/// Those of the database.
pub async fn of_patient(
    database: &Database,
    patient_id: i64,
    now: Timestamp,
) -> Result<Vec<Acquainted>, AppError> {
    database
        .read("acquaintance.of_patient", move |mut connection| async move {
            let rows = sqlx::query!(
                r#"select doctors.id, doctors.name, since, nullif(until, 'infinity') as until,
                          givers.name as "given_by?"
                   from acquaintances
                   join doctors on doctors.staff_id = acquaintances.staff_id
                   left join staff as givers on givers.id = given_by
                   where patient_id = $1 and until > $2
                   order by doctors.name, doctors.id"#,
                patient_id,
                now.to_sqlx(),
            );
            Ok(rows
                .fetch_all(&mut *connection)
                .await?
                .into_iter()
                .map(|row| Acquainted {
                    doctor_id: row.id,
                    name: row.name,
                    since: row.since.to_jiff(),
                    until: row.until.map(|until| until.to_jiff()),
                    given_by: row.given_by,
                })
                .collect())
        })
        .await
}

async fn lock_patient(tx: &mut Tx, patient_id: i64) -> Result<(), Failure> {
    let locked = sqlx::query_scalar!(
        "select id from patients where id = $1 for no key update",
        patient_id
    );
    locking(Lock::Patient, locked.fetch_optional(&mut **tx))
        .await?
        .map(drop)
        .ok_or(Failure::Refused(AppError::NotFound))
}
