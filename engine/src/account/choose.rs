//! Choosing a password: the first one of an invitation, one in place of a forgotten one, and one's own another one (I7).

use jiff::Timestamp;

use super::{
    Limits,
    access::{end_access, lock_staff},
    check_new_password, check_own_password,
    limit::{self, Action},
    link::{self, PublicUrl, Purpose},
    mail::{self, Mail},
    password_hash,
    place::place,
    session::SignedIn,
};
use crate::{
    audit::{self, Kind, Note},
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    i18n::Texts,
    time::plus_minutes,
};

/// Requests for links from one address, in a quarter of an hour.
const MAX_FROM_ADDRESS: u32 = 20;
/// Links that one account is sent, in a quarter of an hour; who asks more often is answered the same.
const MAX_OF_ACCOUNT: u32 = 3;

/// Sends a link to choose a new password, if somebody of staff has this address. Whether anybody has is not told: neither by
/// the answer nor by the time that it takes, since what is done about it is done afterwards.
///
/// # Errors
/// `RATE_LIMITED` for who asks too often, for whichever address.
pub async fn forgotten(
    database: &Database,
    email: &str,
    address: &str,
    (site, texts): (PublicUrl, Texts),
    now: Timestamp,
) -> Result<(), AppError> {
    let (email, place) = (email.trim().to_lowercase(), place(address));
    let (counted, is_quiet) = {
        let email = email.clone();
        database
            .write("password.count", move |mut tx| {
                let (email, place) = (email.clone(), place.clone());
                async move {
                    let most = MAX_FROM_ADDRESS;
                    let counted = limit::count(&mut tx, Action::LinkByAddress, &place, most, now).await?;
                    let most = MAX_OF_ACCOUNT;
                    let of_account = limit::count(&mut tx, Action::LinkByAccount, &email, most, now).await?;
                    tx.commit().await?;
                    Ok((counted, of_account.is_some_and(|counted| !counted.is_within())))
                }
            })
            .await?
    };
    limit::check(counted)?;
    if !is_quiet {
        let database = database.clone();
        tokio::spawn(async move {
            let sent = database
                .write("password.send", move |tx| {
                    send(tx, email.clone(), (site.clone(), texts), now)
                })
                .await;
            if let Err(error) = sent {
                tracing::warn!(%error, "a link to choose a new password could not be sent");
            }
        });
    }
    Ok(())
}

async fn send(
    mut tx: Tx,
    email: String,
    (site, texts): (PublicUrl, Texts),
    now: Timestamp,
) -> Result<(), Failure> {
    let account = sqlx::query!(
        "select id, name, password_hash from staff where email = $1 and active for no key update",
        email
    );
    let Some(account) = locking(Lock::Account, account.fetch_optional(&mut *tx)).await? else {
        return Ok(());
    };
    let purpose = Purpose::Password;
    let secret = link::make(&mut tx, purpose, account.id, &account.password_hash, now).await?;
    let letter = Mail {
        locale: texts.locale(),
        subject: texts.text("mail-password-subject"),
        body: texts.with(
            "mail-password-body",
            &[
                ("name", account.name.into()),
                ("link", site.link(&secret).into()),
                ("minutes", purpose.lifetime_minutes().into()),
            ],
        ),
        until: Some(plus_minutes(now, purpose.lifetime_minutes())),
    };
    mail::send(&mut tx, &email, &letter).await?;
    tx.commit().await
}

/// Gives the account of a link this password: the link is used up, and all that the old password opened ends. Who chooses the
/// first password of an invitation can sign in from then on.
///
/// # Errors
/// `NOT_FOUND` for a link that is not good, or not any more; `VALIDATION_FAILED` for a password that is easily guessed, by
/// which the link is not used up.
pub async fn choose_by_link(
    database: &Database,
    secret: &str,
    password: String,
    texts: Texts,
    now: Timestamp,
) -> Result<(), AppError> {
    let followed = link::follow(database, secret, now)
        .await?
        .ok_or(AppError::NotFound)?;
    let staff_id = followed.staff_id;
    check_password_of(database, &password, &followed.name, &followed.email).await?;
    let hash = password_hash(password).await?;
    let (secret, purpose) = (secret.to_owned(), followed.purpose);
    let note = Note::new(Kind::PasswordChanged)
        .of_staff(staff_id)
        .about(purpose.as_str());
    let told = note.clone();
    database
        .write("password.choose", move |mut tx| {
            let (secret, hash, note) = (secret.clone(), hash.clone(), note.clone());
            async move {
                let account = lock_staff(&mut tx, staff_id).await?.account;
                if !account.active && !account.is_invited {
                    return Err(AppError::NotFound.into());
                }
                let link = (secret.as_str(), account.password_hash.as_str());
                link::redeem(&mut tx, purpose, staff_id, link, now).await?;
                put(&mut tx, staff_id, &hash, now).await?;
                if !account.is_invited {
                    let notice = Mail::notice("mail-password-changed", &account.name, texts);
                    mail::send(&mut tx, &account.email, &notice).await?;
                }
                audit::write(&mut tx, &note).await?;
                tx.commit().await
            }
        })
        .await?;
    audit::tell(database, &told);
    Ok(())
}

/// Gives an account a password, and ends all that the old one opened.
async fn put(tx: &mut Tx, staff_id: i64, hash: &str, now: Timestamp) -> Result<(), Failure> {
    sqlx::query!(
        "update staff set password_hash = $2, active = active or invited_at is not null, invited_at = null where id = $1",
        staff_id,
        hash,
    )
    .execute(&mut **tx)
    .await?;
    end_access(tx, SignedIn::Staff(staff_id), now).await
}

/// Gives whoever has signed in another password, against the old one. All that the old one opened ends, the present session
/// among it: the caller signs it in anew.
///
/// # Errors
/// `VALIDATION_FAILED` for a wrong old password, and for a new one that is easily guessed; `RATE_LIMITED`.
pub async fn change_own(
    database: &Database,
    limits: Limits,
    staff_id: i64,
    (old, new): (String, String),
    texts: Texts,
    now: Timestamp,
) -> Result<(), AppError> {
    let seen = database
        .read("password.whose", move |mut connection| async move {
            let row = sqlx::query!(
                "select name, email, password_hash from staff where id = $1 and active",
                staff_id
            );
            row.fetch_optional(&mut *connection)
                .await?
                .ok_or(AppError::Unauthenticated.into())
        })
        .await?;
    check_own_password(database, limits, staff_id, Some(old), now).await?;
    check_password_of(database, &new, &seen.name, &seen.email).await?;
    let hash = password_hash(new).await?;
    let checked = seen.password_hash;
    let note = Note::new(Kind::PasswordChanged).of_staff(staff_id).about("own");
    let told = note.clone();
    database
        .write("password.change_own", move |mut tx| {
            let (hash, checked, note) = (hash.clone(), checked.clone(), note.clone());
            async move {
                let account = lock_staff(&mut tx, staff_id).await?.account;
                // The old password may have been replaced since it was checked.
                if !account.active || account.password_hash != checked {
                    return Err(AppError::Unauthenticated.into());
                }
                put(&mut tx, staff_id, &hash, now).await?;
                let notice = Mail::notice("mail-password-changed", &account.name, texts);
                mail::send(&mut tx, &account.email, &notice).await?;
                audit::write(&mut tx, &note).await?;
                tx.commit().await
            }
        })
        .await?;
    audit::tell(database, &told);
    Ok(())
}

/// Checks that a password is none that anybody would try first who knows this person and where they work.
///
/// # Errors
/// `VALIDATION_FAILED`.
pub async fn check_password_of(
    database: &Database,
    password: &str,
    name: &str,
    email: &str,
) -> Result<(), AppError> {
    let clinics = database
        .read("password.clinics", |mut connection| async move {
            Ok(sqlx::query_scalar!("select name from clinics")
                .fetch_all(&mut *connection)
                .await?)
        })
        .await?;
    let own: Vec<&str> = [name, email]
        .into_iter()
        .chain(clinics.iter().map(String::as_str))
        .collect();
    check_new_password(password, &own)
}
