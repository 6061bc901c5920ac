//! Codes of an app (TOTP, RFC 6238): six digits, every thirty seconds, one step of tolerance to either side. A code is
//! accepted once: the step of the last one is compared and swapped.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use rand::RngExt;
use sha2::{Digest, Sha256};
use totp_rs::{Builder, Secret, Totp};

use super::{
    Policy, end_removal, noted,
    recovery::{self, Codes},
    seal::{self, SecretKey},
};
use crate::{
    account::{
        access::lock_staff,
        limit,
        own_sessions::end_all_but,
        session::SignedIn,
        tries::{self, Allowed, Guess, Subject},
    },
    audit,
    database::{Database, Failure, Tx},
    error::AppError,
};

/// The bytes of a secret, as RFC 4226 recommends.
const SECRET: usize = 20;
/// The seconds of a step.
const STEP: u64 = 30;

/// What a member of staff puts into their app.
#[derive(Clone)]
pub struct Setup {
    /// The secret in the letters that apps take (base 32).
    pub secret: String,
    /// The same as an address for apps, to be shown as a picture.
    pub url: String,
}

/// Hides the secret.
impl std::fmt::Debug for Setup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Setup(…)")
    }
}

fn about(staff_id: i64) -> String {
    format!("totp {staff_id}")
}

fn totp(secret: &[u8]) -> Result<Totp, AppError> {
    Builder::new()
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(STEP)
        .with_secret(Secret::from(secret.to_vec()))
        .build()
        .map_err(|_| AppError::Internal)
}

/// The seconds since 1970.
fn seconds(now: Timestamp) -> u64 {
    u64::try_from(now.as_second()).unwrap_or_default()
}

/// Begins to set up an app: a new secret, in place of one that was begun before. It is no factor until a first code is
/// right. Nothing happens where there is an app already. `begun_by` is what the session keeps that is shown the secret.
///
/// # Errors
/// `FORBIDDEN` where nobody can have a second factor.
pub async fn begin(
    database: &Database,
    policy: Policy,
    key: Option<SecretKey>,
    (staff_id, begun_by): (i64, &str),
    now: Timestamp,
) -> Result<(), AppError> {
    if policy == Policy::Off {
        return Err(AppError::Forbidden);
    }
    let secret: [u8; SECRET] = rand::rng().random();
    let sealed = seal::seal(key.as_ref(), &secret, &about(staff_id))?;
    let begun_by = Sha256::digest(begun_by).to_vec();
    database
        .write("totp.begin", move |mut tx| {
            let (sealed, begun_by) = (sealed.clone(), begun_by.clone());
            async move {
                sqlx::query!(
                    "insert into totp_factors (staff_id, secret, made_at, begun_by) values ($1, $2, $3, $4)
                     on conflict on constraint totp_factors_pkey do update set
                         secret = excluded.secret, made_at = excluded.made_at, last_step = 0, begun_by = excluded.begun_by
                     where totp_factors.confirmed_at is null",
                    staff_id,
                    sealed,
                    now.to_sqlx(),
                    begun_by,
                )
                .execute(&mut *tx)
                .await?;
                tx.commit().await
            }
        })
        .await
}

/// Returns what to put into the app that is being set up, for the session that began it; none where nothing is, or where
/// another session of the same account began.
///
/// # Errors
/// Those of the database; `INTERNAL` where the key of the installation is missing.
pub async fn setup(
    database: &Database,
    key: Option<&SecretKey>,
    (staff_id, begun_by): (i64, &str),
) -> Result<Option<Setup>, AppError> {
    let begun_by = Sha256::digest(begun_by).to_vec();
    let row = database
        .read("totp.setup", move |mut connection| async move {
            let row = sqlx::query!(
                "select secret, email from totp_factors join staff on staff.id = staff_id
                 where staff_id = $1 and confirmed_at is null and begun_by = $2",
                staff_id,
                begun_by,
            );
            Ok(row.fetch_optional(&mut *connection).await?)
        })
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let secret = Secret::from(seal::open(key, &row.secret, &about(staff_id))?).to_base32();
    let url = format!(
        "otpauth://totp/Janji:{}?secret={secret}&issuer=Janji",
        in_url(&row.email)
    );
    Ok(Some(Setup { secret, url }))
}

/// A text as a part of a URL.
fn in_url(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// Confirms that the app makes the right codes: it is a factor from now on. All other sessions of its owner end. The recovery
/// codes, where there are any, are those that the caller shows the owner.
///
/// # Errors
/// `UNAUTHENTICATED` for a wrong code, which counts; `RATE_LIMITED`.
pub async fn finish(
    database: &Database,
    key: Option<SecretKey>,
    (staff_id, own_session): (i64, Option<Vec<u8>>),
    code: &str,
    codes: Option<Codes>,
    now: Timestamp,
) -> Result<(), AppError> {
    let guesses = count_try(database, staff_id, now).await?;
    let (code, note) = (code.to_owned(), noted(staff_id, "app added"));
    let told = note.clone();
    let finished = database
        .write("totp.finish", move |mut tx| {
            let (key, code, codes) = (key.clone(), code.clone(), codes.clone());
            let (guesses, note, own_session) = (guesses.clone(), note.clone(), own_session.clone());
            async move {
                tries::take_back(&mut tx, &guesses).await?;
                lock_staff(&mut tx, staff_id).await?;
                spend(&mut tx, key.as_ref(), staff_id, &code, false, now).await?;
                sqlx::query!(
                    "update totp_factors set confirmed_at = $2 where staff_id = $1",
                    staff_id,
                    now.to_sqlx()
                )
                .execute(&mut *tx)
                .await?;
                if let Some(codes) = &codes {
                    recovery::put(&mut tx, staff_id, codes).await?;
                }
                end_all_but(&mut tx, SignedIn::Staff(staff_id), own_session, now).await?;
                audit::write(&mut tx, &note).await?;
                tx.commit().await
            }
        })
        .await;
    report(database, staff_id, &finished);
    finished?;
    audit::tell(database, &told);
    Ok(())
}

/// Takes the app away. All other sessions of its owner end.
///
/// # Errors
/// `FORBIDDEN` where it is the last factor of somebody who has to have one.
pub async fn remove(
    database: &Database,
    policy: Policy,
    (staff_id, own_session): (i64, Option<Vec<u8>>),
    now: Timestamp,
) -> Result<(), AppError> {
    let note = noted(staff_id, "app removed");
    let told = note.clone();
    database
        .write("totp.remove", move |mut tx| {
            let (note, own_session) = (note.clone(), own_session.clone());
            async move {
                lock_staff(&mut tx, staff_id).await?;
                let removed = sqlx::query!("delete from totp_factors where staff_id = $1", staff_id)
                    .execute(&mut *tx)
                    .await?;
                let removed = removed.rows_affected();
                end_removal(tx, policy, (staff_id, own_session), removed, &note, now).await
            }
        })
        .await?;
    audit::tell(database, &told);
    Ok(())
}

/// Uses a code up. Of several who use one at once, the one that swaps the step is let in.
///
/// # Errors
/// `UNAUTHENTICATED` for a code that is wrong, or was used, or is older than one that was.
pub(super) async fn spend(
    tx: &mut Tx,
    key: Option<&SecretKey>,
    staff_id: i64,
    code: &str,
    is_confirmed: bool,
    now: Timestamp,
) -> Result<(), Failure> {
    let secret = sqlx::query_scalar!(
        "select secret from totp_factors where staff_id = $1 and (confirmed_at is not null) = $2 for update",
        staff_id,
        is_confirmed,
    )
    .fetch_optional(&mut **tx)
    .await?
    .ok_or(AppError::WrongCode)?;
    let secret = seal::open(key, &secret, &about(staff_id))?;
    let step = totp(&secret)?
        .check(code, seconds(now))
        .ok_or(AppError::WrongCode)?;
    let swapped = sqlx::query!(
        "update totp_factors set last_step = $2
         where staff_id = $1 and last_step < $2 and (confirmed_at is not null) = $3",
        staff_id,
        i64::try_from(step).unwrap_or(i64::MAX),
        is_confirmed,
    )
    .execute(&mut **tx)
    .await?;
    match swapped.rows_affected() {
        0 => Err(AppError::WrongCode.into()),
        _ => Ok(()),
    }
}

/// Counts a try of a code, in a transaction of its own: it counts whatever becomes of it.
///
/// # Errors
/// `RATE_LIMITED` where wrong codes make the next one wait.
pub(super) async fn count_try(
    database: &Database,
    staff_id: i64,
    now: Timestamp,
) -> Result<Subject, AppError> {
    let subject = Subject::new(Guess::Factor, &["factor", &staff_id.to_string()], 0);
    let counted = subject.clone();
    let allowed = database
        .write("factor.count", move |mut tx| {
            let subject = counted.clone();
            async move {
                let allowed = tries::count(&mut tx, &subject, now).await?;
                if let Allowed::Yes { .. } = allowed {
                    tx.commit().await?;
                }
                Ok(allowed)
            }
        })
        .await?;
    match allowed {
        Allowed::Yes { .. } => Ok(subject),
        Allowed::Later(counted) => limit::check(Some(counted)).map(|()| subject),
        Allowed::Never => Err(AppError::RateLimited),
    }
}

/// Says in the log that a code was wrong.
pub(super) fn report<T>(database: &Database, staff_id: i64, result: &Result<T, AppError>) {
    if matches!(result, Err(AppError::WrongCode)) {
        let note = audit::Note::new(audit::Kind::CodeFailed)
            .of_staff(staff_id)
            .about("second factor");
        let database = database.clone();
        tokio::spawn(async move { audit::note(&database, note).await });
    }
}

/// Makes the code of a secret at this moment, for tests of what apps do.
///
/// # Errors
/// `INTERNAL` for a secret that is none.
pub fn code_of(secret: &str, now: Timestamp) -> Result<String, AppError> {
    let secret = Secret::try_from_base32(secret).map_err(|_| AppError::Internal)?;
    Ok(totp(secret.as_ref())?.generate(seconds(now)).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the last six of its eight digits.
        let secret = Secret::from(b"12345678901234567890".to_vec()).to_base32();
        for (at, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
        ] {
            let at = Timestamp::from_second(at).unwrap();
            assert_eq!(code_of(&secret, at).unwrap(), expected);
        }
    }

    #[test]
    fn a_code_is_good_for_one_step_to_either_side() {
        let totp = totp(b"12345678901234567890").unwrap();
        let code = totp.generate(1_000_000_000).to_string();
        for (seconds, expected) in [(-60, false), (-30, true), (0, true), (30, true), (60, false)] {
            let at = 1_000_000_000i64 + seconds;
            assert_eq!(
                totp.check(&code, u64::try_from(at).unwrap()).is_some(),
                expected,
                "{seconds}"
            );
        }
    }

    #[test]
    fn an_address_is_written_for_apps() {
        assert_eq!(in_url("a+b@clinic.example"), "a%2Bb%40clinic.example");
    }
}
