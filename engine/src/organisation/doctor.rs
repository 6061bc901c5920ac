//! Making a doctor who can be booked, and describing one anew.

use jiff::Timestamp;

use super::{
    NewDoctor, Offer, Profile, Saved, Subject, must_be_admin,
    put_offers::{lock_offered, put},
    record,
};
use crate::{
    account::{
        Caller, Limits, Role, access::end_access, check_own_password, choose::check_password_of, note_by,
        password_hash, session::SignedIn,
    },
    audit::{self, Kind, Note},
    availability::tell_times_changed,
    database::{Database, Failure, OnConstraint, Tx},
    error::{AppError, Field, FieldProblem},
    idempotency::{self, Changed, Key},
    schedule::{Act, apply, lock_doctor},
};

/// The command to add a doctor.
#[derive(Clone, Debug)]
pub struct AddDoctor {
    pub caller: Caller,
    pub doctor: NewDoctor,
    /// The first password.
    pub password: String,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// The command to change the profile of a doctor.
#[derive(Clone, Debug)]
pub struct EditDoctor {
    pub caller: Caller,
    pub doctor_id: i64,
    /// The version of the doctor that the caller has read (C7).
    pub version: i32,
    pub profile: Profile,
    /// A new one, which ends every session and token of the old one.
    pub password: Option<String>,
    /// The password of the caller, who is asked for it again before somebody's address or password changes.
    pub own_password: Option<String>,
    pub limits: Limits,
    pub key: Option<Key>,
}

pub(super) const EMAIL_TAKEN: AppError = AppError::ValidationFailed {
    field: Field::Email,
    problem: FieldProblem::Taken,
};

/// The version of a doctor who was just made.
const FIRST_VERSION: i32 = 1;

/// Makes a doctor with an account, with what they offer at a clinic and with a week there: all of it, or nothing.
///
/// # Errors
/// `NOT_FOUND` for whoever is no admin of all clinics, and where there is no such clinic or service; `VALIDATION_FAILED`
/// where somebody has this e-mail address already; `IDEMPOTENCY_CONFLICT`.
pub async fn add_doctor(database: &Database, command: AddDoctor, now: Timestamp) -> Result<Saved, AppError> {
    must_be_admin(&command.caller)?;
    check_of(database, &command.password, &command.doctor.profile).await?;
    let hash = password_hash(command.password.clone()).await?;
    let note = added(&command.caller);
    let saved = database
        .write("organisation.add_doctor", move |tx| {
            add(tx, command.clone(), hash.clone(), now)
        })
        .await?;
    audit::tell(database, &note);
    Ok(saved)
}

async fn add(
    mut tx: Tx,
    command: AddDoctor,
    password_hash: String,
    now: Timestamp,
) -> Result<Saved, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let id = make(&mut tx, &command.caller, &command.doctor, &password_hash, now).await?;
    let saved = Saved {
        id,
        version: FIRST_VERSION,
    };
    idempotency::answer(&mut tx, key, &saved, &[]).await?;
    tx.commit().await?;
    Ok(saved)
}

/// Writes a doctor with everything that makes them bookable, and answers with the id.
///
/// # Errors
/// Those of [`add_doctor`].
pub(super) async fn make(
    tx: &mut Tx,
    caller: &Caller,
    doctor: &NewDoctor,
    password_hash: &str,
    now: Timestamp,
) -> Result<i64, Failure> {
    let NewDoctor {
        profile,
        clinic_id,
        services,
        week,
    } = doctor;
    let clinic_id = *clinic_id;
    let offers: Vec<Offer> = services
        .iter()
        .map(|&service_id| Offer {
            clinic_id,
            service_id,
        })
        .collect();
    lock_offered(tx, &offers).await?;
    let staff_id = sqlx::query_scalar!(
        "insert into staff (role, name, email, password_hash) values ($1, $2, $3, $4) returning id",
        Role::Doctor.as_str(),
        profile.name,
        profile.email,
        password_hash,
    )
    .fetch_one(&mut **tx)
    .await
    .on_constraint("staff_email_key", EMAIL_TAKEN)?;
    let id = sqlx::query_scalar!(
        "insert into doctors (staff_id, name, speciality, about, languages) values ($1, $2, $3, $4, $5) returning id",
        staff_id,
        profile.name,
        profile.speciality,
        profile.about,
        &profile.languages,
    )
    .fetch_one(&mut **tx)
    .await?;
    let note = added(caller).of_staff(staff_id);
    audit::write(tx, &note).await?;
    tell_times_changed(tx, [id]);
    let doctor = lock_doctor(tx, caller, id, FIRST_VERSION).await?;
    put(tx, &doctor, &offers).await?;
    let week = week.clone();
    apply(tx, &doctor, &Act::Week { clinic_id, week }, now).await?;
    record(
        tx,
        Subject::Doctor(id),
        "doctor_added",
        FIRST_VERSION,
        caller,
        now,
    )
    .await?;
    Ok(id)
}

/// Replaces the profile of a doctor, and what they sign in with.
///
/// # Errors
/// Those of [`add_doctor`]; `STALE_VERSION` where somebody changed the doctor since the caller read them.
pub async fn edit_doctor(
    database: &Database,
    command: EditDoctor,
    now: Timestamp,
) -> Result<Saved, AppError> {
    must_be_admin(&command.caller)?;
    if let Some(password) = &command.password {
        check_of(database, password, &command.profile).await?;
    }
    let address = address_of(database, command.doctor_id).await?;
    let is_address_changed = address != command.profile.email;
    if command.password.is_some() || is_address_changed {
        let staff_id = command.caller.staff_id().ok_or(AppError::Forbidden)?;
        let own_password = command.own_password.clone();
        check_own_password(database, command.limits, staff_id, own_password, now).await?;
    }
    let hash = match &command.password {
        Some(password) => Some(password_hash(password.clone()).await?),
        None => None,
    };
    let password = hash
        .is_some()
        .then(|| note_by(&command.caller, Kind::PasswordChanged).about("doctor"));
    let address = is_address_changed
        .then(|| note_by(&command.caller, Kind::AccountChanged).about("address of a doctor"));
    let notes: Vec<Note> = password.into_iter().chain(address).collect();
    let told = notes.clone();
    let saved = database
        .write("organisation.edit_doctor", move |tx| {
            edit(tx, command.clone(), hash.clone(), notes.clone(), now)
        })
        .await?;
    for note in &told {
        audit::tell(database, note);
    }
    Ok(saved)
}

/// The note about a new doctor.
pub(super) fn added(caller: &Caller) -> Note {
    note_by(caller, Kind::AccountChanged).about("doctor added")
}

/// The e-mail address of a doctor. Who changes it is refused afterwards if somebody else did so meanwhile: the version of
/// the doctor is another one then.
async fn address_of(database: &Database, doctor_id: i64) -> Result<String, AppError> {
    database
        .read("organisation.address", move |mut connection| async move {
            let address = sqlx::query_scalar!(
                "select email from staff join doctors on doctors.staff_id = staff.id where doctors.id = $1",
                doctor_id,
            );
            Ok(address
                .fetch_optional(&mut *connection)
                .await?
                .ok_or(AppError::NotFound)?)
        })
        .await
}

/// Checks that a password is none that anybody would try first who knows the doctor and where they work.
///
/// # Errors
/// `VALIDATION_FAILED`.
pub(super) async fn check_of(database: &Database, password: &str, profile: &Profile) -> Result<(), AppError> {
    check_password_of(database, password, &profile.name, &profile.email).await
}

async fn edit(
    mut tx: Tx,
    command: EditDoctor,
    password_hash: Option<String>,
    notes: Vec<Note>,
    now: Timestamp,
) -> Result<Saved, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let (id, profile) = (command.doctor_id, &command.profile);
    lock_doctor(&mut tx, &command.caller, id, command.version).await?;
    let doctor = sqlx::query!(
        r#"update doctors set name = $2, speciality = $3, about = $4, languages = $5, version = version + 1
           where id = $1 returning staff_id as "staff_id!", version"#,
        id,
        profile.name,
        profile.speciality,
        profile.about,
        &profile.languages,
    )
    .fetch_one(&mut *tx)
    .await?;
    // Whoever reads mails at the address that was opens nothing any more.
    sqlx::query!(
        "delete from account_links using staff
         where account_links.staff_id = $1 and staff.id = $1 and staff.email <> $2",
        doctor.staff_id,
        profile.email,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update staff set name = $2, email = $3, password_hash = coalesce($4, password_hash),
                active = active or ($4::text is not null and invited_at is not null),
                invited_at = case when $4::text is null then invited_at end
         where id = $1",
        doctor.staff_id,
        profile.name,
        profile.email,
        password_hash.as_deref(),
    )
    .execute(&mut *tx)
    .await
    .on_constraint("staff_email_key", EMAIL_TAKEN)?;
    if password_hash.is_some() {
        end_access(&mut tx, SignedIn::Staff(doctor.staff_id), now).await?;
    }
    for note in notes {
        audit::write(&mut tx, &note.of_staff(doctor.staff_id)).await?;
    }
    record(
        &mut tx,
        Subject::Doctor(id),
        "doctor_changed",
        doctor.version,
        &command.caller,
        now,
    )
    .await?;
    tell_times_changed(&mut tx, [id]);
    let saved = Saved {
        id,
        version: doctor.version,
    };
    idempotency::answer(&mut tx, key, &saved, &[saved.made(Changed::Doctor)]).await?;
    tx.commit().await?;
    Ok(saved)
}
