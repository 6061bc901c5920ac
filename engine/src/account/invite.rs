//! Inviting staff, and what admins do with the accounts of staff (I7).

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    Caller, Role,
    access::{end_access, lock_staff},
    address::email_address,
    clinics,
    link::{self, PublicUrl, Purpose},
    mail::{self, Mail},
    must_be_admin, password_hash,
    session::{SignedIn, random_token},
};
use crate::{
    audit::{self, Kind, Note},
    database::{Database, Failure, OnConstraint, Tx},
    error::{AppError, Field, FieldProblem},
    i18n::Texts,
    idempotency::{self, Key},
    text::required,
};

/// The length of a name, in characters.
const MAX_NAME: usize = 100;

/// The address of somebody else's account.
const TAKEN: AppError = AppError::ValidationFailed {
    field: Field::Email,
    problem: FieldProblem::Taken,
};

/// The command to invite somebody to the desk: as an admin, or as reception.
#[derive(Clone, Debug)]
pub struct InviteToDesk {
    pub caller: Caller,
    pub role: Role,
    /// The clinics of which they are; for an admin, none are all.
    pub clinics: BTreeSet<i64>,
    pub name: String,
    pub email: String,
    pub site: PublicUrl,
    pub texts: Texts,
    /// The idempotency key (B6).
    pub key: Option<Key>,
}

/// Makes the account of an admin or of reception, and sends a link by which its owner chooses the first password. Until
/// then nobody can sign in with it. Answers with the id of the member of staff.
///
/// # Errors
/// `NOT_FOUND` for who is no admin of all clinics; `FORBIDDEN` for a doctor, who is described first; `VALIDATION_FAILED` where
/// somebody has this address already, for a reception of no clinic, and for a clinic that is not there.
pub async fn invite_to_desk(
    database: &Database,
    command: InviteToDesk,
    now: Timestamp,
) -> Result<i64, AppError> {
    must_be_admin(&command.caller)?;
    if !command.role.is_at_desk() {
        return Err(AppError::Forbidden);
    }
    let name = required(Field::Name, &command.name, MAX_NAME)?;
    let email = email_address(&command.email)?;
    clinics::must_have_one(command.role.as_str(), &command.clinics)?;
    // Of a password that nobody knows.
    let hash = password_hash(random_token()).await?;
    let note = noted(&command.caller, Kind::AccountChanged).about(match command.role {
        Role::Reception => "reception invited",
        _ => "admin invited",
    });
    let told = note.clone();
    let id = database
        .write("staff.invite_to_desk", move |tx| {
            let account = (name.clone(), email.clone(), hash.clone());
            add_member(tx, command.clone(), account, note.clone(), now)
        })
        .await?;
    audit::tell(database, &told.of_staff(id));
    Ok(id)
}

async fn add_member(
    mut tx: Tx,
    command: InviteToDesk,
    (name, email, hash): (String, String, String),
    note: Note,
    now: Timestamp,
) -> Result<i64, Failure> {
    let key = command.key.as_ref();
    if let Some(first) = idempotency::claim(&mut tx, key, now).await? {
        return Ok(first);
    }
    let id = sqlx::query_scalar!(
        "insert into staff (role, name, email, password_hash, active, invited_at) values ($1, $2, $3, $4, false, $5)
         returning id",
        command.role.as_str(),
        name,
        email,
        hash,
        jiff_sqlx::ToSqlx::to_sqlx(now),
    )
    .fetch_one(&mut *tx)
    .await
    .on_constraint("staff_email_key", TAKEN)?;
    clinics::put(&mut tx, id, &command.clinics).await?;
    let to = (name.as_str(), email.as_str());
    send(&mut tx, id, &hash, to, (&command.site, command.texts), now).await?;
    audit::write(&mut tx, &note.of_staff(id)).await?;
    idempotency::answer(&mut tx, key, &id, &[]).await?;
    tx.commit().await?;
    Ok(id)
}

/// Sends an invitation to an account, in place of the one before.
async fn send(
    tx: &mut Tx,
    staff_id: i64,
    password_hash: &str,
    (name, email): (&str, &str),
    (site, texts): (&PublicUrl, Texts),
    now: Timestamp,
) -> Result<(), Failure> {
    let purpose = Purpose::Invitation;
    let secret = link::make(tx, purpose, staff_id, password_hash, now).await?;
    let invitation = Mail {
        locale: texts.locale(),
        subject: texts.text("mail-invitation-subject"),
        body: texts.with(
            "mail-invitation-body",
            &[
                ("name", name.to_owned().into()),
                ("link", site.link(&secret).into()),
                ("days", (purpose.lifetime_minutes() / (24 * 60)).into()),
            ],
        ),
        until: Some(crate::time::plus_minutes(now, purpose.lifetime_minutes())),
    };
    mail::send(tx, email, &invitation).await
}

/// Sends somebody of staff a link to choose the first password, or a new one: somebody who has not chosen one yet, or has
/// forgotten it. What the old password opened ends when the new one is chosen.
///
/// # Errors
/// `NOT_FOUND` for who is no admin of all clinics, and for an account that is not there or closed.
pub async fn invite(
    database: &Database,
    caller: &Caller,
    staff_id: i64,
    (site, texts): (PublicUrl, Texts),
    now: Timestamp,
) -> Result<(), AppError> {
    must_be_admin(caller)?;
    let note = noted(caller, Kind::AccountChanged)
        .of_staff(staff_id)
        .about("invited");
    let told = note.clone();
    database
        .write("staff.invite", move |mut tx| {
            let (site, note) = (site.clone(), note.clone());
            async move {
                let staff = lock_staff(&mut tx, staff_id).await?;
                let account = staff.account;
                if !account.active && !account.is_invited {
                    return Err(AppError::NotFound.into());
                }
                let to = (account.name.as_str(), account.email.as_str());
                send(&mut tx, staff_id, &account.password_hash, to, (&site, texts), now).await?;
                audit::write(&mut tx, &note).await?;
                tx.commit().await
            }
        })
        .await?;
    audit::tell(database, &told);
    Ok(())
}

/// Gives a member of staff another role: a doctor becomes an admin, or an admin who is described as a doctor becomes one
/// again; an admin of named clinics becomes reception of them, and reception an admin of the same. Whoever it is signs in anew.
///
/// # Errors
/// `NOT_FOUND` for who is no admin of all clinics, and for an account that is not there; `FORBIDDEN` for the last admin
/// of all clinics, for an admin whom patients do not know as a doctor or who has no clinics to be the reception of, and
/// between reception and doctor.
pub async fn set_role(
    database: &Database,
    caller: &Caller,
    staff_id: i64,
    role: Role,
    now: Timestamp,
) -> Result<(), AppError> {
    must_be_admin(caller)?;
    if !role.is_staff() {
        return Err(AppError::Forbidden);
    }
    let note = noted(caller, Kind::RoleChanged)
        .of_staff(staff_id)
        .about(role.as_str());
    let told = note.clone();
    let is_changed = database
        .write("staff.set_role", move |tx| {
            change_role(tx, staff_id, role, note.clone(), now)
        })
        .await?;
    if is_changed {
        audit::tell(database, &told);
    }
    Ok(())
}

async fn change_role(
    mut tx: Tx,
    staff_id: i64,
    role: Role,
    note: Note,
    now: Timestamp,
) -> Result<bool, Failure> {
    let staff = lock_staff(&mut tx, staff_id).await?;
    if staff.account.role == role.as_str() {
        return Ok(false);
    }
    let is_doctor = sqlx::query_scalar!(
        r#"select exists (select from doctors where staff_id = $1) as "is!""#,
        staff_id
    )
    .fetch_one(&mut *tx)
    .await?;
    let has_clinics = sqlx::query_scalar!(
        r#"select exists (select from staff_clinics where staff_id = $1) as "has!""#,
        staff_id
    )
    .fetch_one(&mut *tx)
    .await?;
    let may = match (Role::parse(&staff.account.role), role) {
        (Some(Role::Doctor | Role::Reception), Role::Admin) => true,
        // An admin whom nobody can book would be nothing at all, and so would reception of no clinic.
        (Some(Role::Admin), Role::Doctor) => is_doctor && staff.has_other_admins,
        (Some(Role::Admin), Role::Reception) => has_clinics && staff.has_other_admins,
        _ => false,
    };
    if !may {
        return Err(AppError::Forbidden.into());
    }
    if role == Role::Doctor {
        clinics::put(&mut tx, staff_id, &BTreeSet::new()).await?;
    }
    sqlx::query!(
        "update staff set role = $2 where id = $1",
        staff_id,
        role.as_str()
    )
    .execute(&mut *tx)
    .await?;
    end_access(&mut tx, SignedIn::Staff(staff_id), now).await?;
    audit::write(&mut tx, &note).await?;
    tx.commit().await?;
    Ok(true)
}

/// A note of what an admin did.
fn noted(caller: &Caller, kind: Kind) -> Note {
    let note = Note::new(kind);
    match caller.staff_id() {
        Some(id) => note.by_staff("admin", id),
        None => note,
    }
}
