//! Recovery codes: ten, for when the app and the passkeys are lost. Each is good once.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::{load, noted};
use crate::{
    account::{access::lock_staff, own_sessions::end_all_but, secret::Holder, session::SignedIn},
    audit,
    database::{Database, Failure, Tx},
    error::AppError,
};

/// The number of codes.
pub const COUNT: usize = 10;
/// The letters of a code: five bits each, none that looks like another.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567890";
/// The letters that a code has, 80 random bits, and how many stand together.
const LENGTH: usize = 16;
const GROUP: usize = 4;

/// The codes of somebody, as they are shown once.
#[derive(Clone)]
pub struct Codes(Vec<String>);

/// Hides the codes.
impl std::fmt::Debug for Codes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Codes(…)")
    }
}

impl Codes {
    /// The codes that a browser and a salt make together: they can be shown again to that browser as long as it knows the
    /// salt, and to nobody who reads the database.
    pub fn of(browser: &Holder, salt: &str) -> Self {
        let code = |number| {
            let digest = Sha256::digest(browser.secret(&format!("{salt} {number}")));
            let letters: Vec<char> = (digest.iter().take(LENGTH))
                .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
                .collect();
            letters
                .chunks(GROUP)
                .map(|group| group.iter().collect::<String>())
                .collect::<Vec<_>>()
                .join("-")
        };
        Self((0..COUNT).map(code).collect())
    }

    pub fn all(&self) -> &[String] {
        &self.0
    }
}

/// The hash by which a code is stored, however it is typed. None for what cannot be one.
fn hash(typed: &str) -> Option<Vec<u8>> {
    let bare: String = typed
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .map(|c| c.to_ascii_lowercase())
        .collect();
    (bare.len() == LENGTH).then(|| Sha256::digest(bare).to_vec())
}

/// Whether this can be a recovery code, rather than one of an app.
pub(super) fn is_one(typed: &str) -> bool {
    hash(typed).is_some()
}

/// Replaces the codes of somebody.
///
/// # Errors
/// Those of the database.
pub(super) async fn put(tx: &mut Tx, staff_id: i64, codes: &Codes) -> Result<(), Failure> {
    sqlx::query!("delete from recovery_codes where staff_id = $1", staff_id)
        .execute(&mut **tx)
        .await?;
    let hashes: Vec<Vec<u8>> = codes.all().iter().filter_map(|code| hash(code)).collect();
    sqlx::query!(
        "insert into recovery_codes (staff_id, hash) select $1, unnest($2::bytea[])",
        staff_id,
        &hashes,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Uses a code up. Of several who use one at once, the one that deletes it is let in.
///
/// # Errors
/// `UNAUTHENTICATED`.
pub(super) async fn spend(tx: &mut Tx, staff_id: i64, typed: &str) -> Result<(), Failure> {
    let hash = hash(typed).ok_or(AppError::WrongCode)?;
    let used = sqlx::query!(
        "delete from recovery_codes where staff_id = $1 and hash = $2",
        staff_id,
        &hash
    )
    .execute(&mut **tx)
    .await?;
    match used.rows_affected() {
        0 => Err(AppError::WrongCode.into()),
        _ => Ok(()),
    }
}

/// Gives somebody who has a factor new codes, in place of the old ones. All other sessions of theirs end.
///
/// # Errors
/// `NOT_FOUND` for who has no factor.
pub async fn renew(
    database: &Database,
    (staff_id, own_session): (i64, Option<Vec<u8>>),
    codes: Codes,
    now: Timestamp,
) -> Result<(), AppError> {
    let note = noted(staff_id, "recovery codes renewed");
    let told = note.clone();
    database
        .write("recovery.renew", move |mut tx| {
            let (note, own_session, codes) = (note.clone(), own_session.clone(), codes.clone());
            async move {
                lock_staff(&mut tx, staff_id).await?;
                if !load(&mut tx, staff_id).await?.is_any() {
                    return Err(AppError::NotFound.into());
                }
                put(&mut tx, staff_id, &codes).await?;
                end_all_but(&mut tx, SignedIn::Staff(staff_id), own_session, now).await?;
                audit::write(&mut tx, &note).await?;
                tx.commit().await
            }
        })
        .await?;
    audit::tell(database, &told);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_codes_are_different_and_read_however_they_are_typed() {
        let codes = Codes::of(&Holder::new("a browser"), "salt");
        let all: std::collections::HashSet<&String> = codes.all().iter().collect();
        assert_eq!(all.len(), COUNT);
        for code in codes.all() {
            assert_eq!(code.len(), LENGTH + LENGTH / GROUP - 1);
            let typed = code.to_uppercase().replace('-', " ");
            assert_eq!(hash(&typed), hash(code));
        }
        assert_eq!(Codes::of(&Holder::new("a browser"), "salt").all(), codes.all());
        assert_ne!(Codes::of(&Holder::new("another"), "salt").all(), codes.all());
        assert!(!is_one("123456") && !is_one(""));
        assert!(!format!("{codes:?}").contains(&codes.all()[0]));
    }
}
