//! Phone numbers that were stored before they were read as [`Phone`] reads them: each is looked at once, and corrected
//! where nobody else has the right one. The rest is for an admin.

use super::{Caller, Country, Phone, access::end_access, must_be_admin, note_of, session::SignedIn};
use crate::{
    audit::{self, Kind, Note},
    database::{Database, Failure, Lock, OnConstraint, Tx, locking},
    error::{AppError, Field, FieldProblem},
};

/// Number of patients that are looked at in one transaction.
const BATCH: i64 = 200;

/// A patient whose number is not right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneFinding {
    pub patient_id: i64,
    pub name: Option<String>,
    /// The number that is stored.
    pub phone: String,
    /// The number of appointments under it.
    pub appointments: i64,
    /// The number as it should be; unknown where it cannot be anybody's.
    pub right: Option<String>,
    /// The holder of the right number, and the name.
    pub holder_id: Option<i64>,
    pub holder_name: Option<String>,
}

/// Looks at some of the numbers that nobody has looked at yet, and answers with how many they were.
///
/// # Errors
/// Those of the database.
pub async fn renumber(database: &Database, country: Country) -> Result<usize, AppError> {
    let (read, notes) = database
        .write("phones.renumber", move |tx| attempt(tx, country))
        .await?;
    for note in &notes {
        audit::tell(database, note);
    }
    Ok(read)
}

/// The note that a patient signs in by another number from now on.
fn changed(caller: Option<&Caller>, patient_id: i64, about: &str) -> Note {
    note_of(caller, Kind::FactorChanged)
        .of_patient(patient_id)
        .about(about)
}

async fn attempt(mut tx: Tx, country: Country) -> Result<(usize, Vec<Note>), Failure> {
    // Who shares a phone follows its holder.
    let unread = sqlx::query!(
        "select id, phone from patients where not phone_is_read and holder_id is null
         order by id limit $1 for update",
        BATCH,
    );
    let rows = locking(Lock::Patient, unread.fetch_all(&mut *tx)).await?;
    let mut notes = Vec::new();
    for row in &rows {
        match read_again(&row.phone, country) {
            Some(right) if right.as_str() == row.phone => {}
            Some(right) => {
                if correct(&mut tx, row.id, &right).await? {
                    notes.push(changed(None, row.id, "phone corrected"));
                }
            }
            None => find(&mut tx, row.id, None).await?,
        }
    }
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    sqlx::query!(
        "update patients set phone_is_read = true where (id = any($1) or holder_id = any($1)) and not phone_is_read",
        &ids,
    )
    .execute(&mut *tx)
    .await?;
    for note in &notes {
        audit::write(&mut tx, note).await?;
    }
    tx.commit().await?;
    Ok((rows.len(), notes))
}

/// Reads a stored number. A plus sign may stand for two zeros of a carrier's prefix, as in 001 62 812….
fn read_again(stored: &str, country: Country) -> Option<Phone> {
    let typed = stored.replacen('+', "00", 1);
    Phone::parse(stored, country)
        .or_else(|_| Phone::parse(&typed, country))
        .ok()
}

/// Gives a patient the right number, and returns whether it did: somebody else may have it.
async fn correct(tx: &mut Tx, patient_id: i64, right: &Phone) -> Result<bool, Failure> {
    let corrected = sqlx::query!(
        "update patients set phone = $2
         where id = $1 and not exists (select from patients as others
                                       where others.phone = $2 and others.holder_id is null and others.id <> $1)",
        patient_id,
        right.as_str(),
    )
    .execute(&mut **tx)
    .await
    // Somebody signs in with the number at this moment.
    .on_constraint(
        "patients_holder_phone_key",
        AppError::invalid(Field::Phone, FieldProblem::Taken),
    )?;
    match corrected.rows_affected() {
        0 => {
            find(tx, patient_id, Some(right)).await?;
            Ok(false)
        }
        _ => {
            settle(tx, patient_id).await?;
            Ok(true)
        }
    }
}

async fn find(tx: &mut Tx, patient_id: i64, right: Option<&Phone>) -> Result<(), Failure> {
    sqlx::query!(
        "insert into phone_findings (patient_id, phone) values ($1, $2)
         on conflict on constraint phone_findings_pkey do update set phone = excluded.phone",
        patient_id,
        right.map(Phone::as_str),
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn settle(tx: &mut Tx, patient_id: i64) -> Result<(), Failure> {
    sqlx::query!("delete from phone_findings where patient_id = $1", patient_id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Lists the patients whose numbers are not right, for admins.
///
/// # Errors
/// `NOT_FOUND` for others.
pub async fn phone_findings(database: &Database, caller: &Caller) -> Result<Vec<PhoneFinding>, AppError> {
    must_be_admin(caller)?;
    database
        .read("phones.findings", move |mut connection| async move {
            let findings = sqlx::query_as!(
                PhoneFinding,
                r#"select patients.id as patient_id, patients.name, patients.phone,
                          (select count(*) from appointments where appointments.patient_id = patients.id)
                              as "appointments!",
                          phone_findings.phone as "right?", others.id as "holder_id?", others.name as "holder_name?"
                   from phone_findings
                   join patients on patients.id = phone_findings.patient_id
                   left join patients as others on others.phone = phone_findings.phone and others.holder_id is null
                   order by patients.created_at, patients.id limit 500"#,
            );
            Ok(findings.fetch_all(&mut *connection).await?)
        })
        .await
}

/// Puts a patient whose right number somebody else has under that number, with all who share the wrong one. Both records
/// stay as they are; the holder of the number acts for both. What began by the wrong number ends.
///
/// # Errors
/// `NOT_FOUND` where there is nothing to do any more, and for who is no admin of all clinics.
pub async fn share_phone(database: &Database, caller: &Caller, patient_id: i64) -> Result<(), AppError> {
    must_be_admin(caller)?;
    let note = changed(Some(caller), patient_id, "phone shared");
    let told = note.clone();
    database
        .write("phones.share", move |tx| {
            attempt_share(tx, patient_id, note.clone())
        })
        .await?;
    audit::tell(database, &told);
    Ok(())
}

async fn attempt_share(mut tx: Tx, patient_id: i64, note: Note) -> Result<(), Failure> {
    let locked = sqlx::query!(
        "select id, name from patients
         where id = $1 or holder_id is null and phone = (select phone from phone_findings where patient_id = $1)
         order by id for update",
        patient_id,
    );
    let people = locking(Lock::Patient, locked.fetch_all(&mut *tx)).await?;
    let holder = people
        .iter()
        .find(|person| person.id != patient_id)
        .ok_or(AppError::NotFound)?;
    let moved = sqlx::query!(
        "update patients
         set holder_id = others.id, phone = others.phone,
             name = coalesce(patients.name, others.name, patients.phone)
         from patients as others
         where others.id = $2 and (patients.id = $1 or patients.holder_id = $1)
           and exists (select from phone_findings where patient_id = $1 and phone_findings.phone = others.phone)",
        patient_id,
        holder.id,
    )
    .execute(&mut *tx)
    .await?;
    if moved.rows_affected() == 0 {
        return Err(AppError::NotFound.into());
    }
    settle(&mut tx, patient_id).await?;
    let now = tx.now();
    end_access(&mut tx, SignedIn::Patient(patient_id), now).await?;
    audit::write(&mut tx, &note).await?;
    tx.commit().await
}

/// Gives a patient whose number is not right the right one, and returns whether it did: where somebody else has it, that
/// is what is found next. What began by the wrong number ends: another phone may have been meant.
///
/// # Errors
/// `NOT_FOUND` where there is nothing to do any more, and for who is no admin of all clinics.
pub async fn correct_phone(
    database: &Database,
    caller: &Caller,
    patient_id: i64,
    right: Phone,
) -> Result<bool, AppError> {
    must_be_admin(caller)?;
    let note = changed(Some(caller), patient_id, "phone corrected");
    let told = note.clone();
    let is_corrected = database
        .write("phones.correct", move |tx| {
            attempt_correct(tx, patient_id, right.clone(), note.clone())
        })
        .await?;
    if is_corrected {
        audit::tell(database, &told);
    }
    Ok(is_corrected)
}

async fn attempt_correct(mut tx: Tx, patient_id: i64, right: Phone, note: Note) -> Result<bool, Failure> {
    let locked = sqlx::query_scalar!(
        "select id from patients
         where id = $1 and exists (select from phone_findings where patient_id = $1) for update",
        patient_id,
    );
    locking(Lock::Patient, locked.fetch_optional(&mut *tx))
        .await?
        .ok_or(AppError::NotFound)?;
    let is_corrected = correct(&mut tx, patient_id, &right).await?;
    if is_corrected {
        let now = tx.now();
        end_access(&mut tx, SignedIn::Patient(patient_id), now).await?;
        audit::write(&mut tx, &note).await?;
    }
    tx.commit().await?;
    Ok(is_corrected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_number_is_read_as_it_was_meant() {
        for (stored, expected) in [
            ("+6281255500101", Some("+6281255500101")),
            ("+62081255500101", Some("+6281255500101")),
            ("+16281255500101", Some("+6281255500101")),
            ("+12025550123", Some("+12025550123")),
            ("+6200000000", None),
        ] {
            let read = read_again(stored, Country::default());
            assert_eq!(read.as_ref().map(Phone::as_str), expected, "{stored}");
        }
    }
}
