//! The secret by which an account elsewhere signs what it posts to us.

use crate::{
    account::factor::seal::{SecretKey, open, seal},
    database::{Database, Failure, Tx},
    error::{AppError, Field, FieldProblem},
};

/// The length of a secret, in characters.
pub const MIN_HOOK_SECRET: usize = 16;
pub const MAX_HOOK_SECRET: usize = 200;

/// A secret, as both have it.
#[derive(Clone, PartialEq, Eq)]
pub struct HookSecret(String);

/// Hides the secret.
impl std::fmt::Debug for HookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HookSecret(…)")
    }
}

/// For what a secret is sealed: that of one account opens nothing of another's.
fn about(account_id: i64) -> String {
    format!("calendar hook {account_id}")
}

impl HookSecret {
    /// Reads a secret; none where the field was left empty.
    ///
    /// # Errors
    /// `VALIDATION_FAILED` where it could be guessed, or is too long.
    pub fn parse(text: &str) -> Result<Option<Self>, AppError> {
        let text = text.trim();
        match text.chars().count() {
            0 => Ok(None),
            MIN_HOOK_SECRET..=MAX_HOOK_SECRET => Ok(Some(Self(text.to_owned()))),
            length if length > MAX_HOOK_SECRET => Err(AppError::invalid(
                Field::CalendarHookSecret,
                FieldProblem::too_long_by(length - MAX_HOOK_SECRET),
            )),
            _ => Err(AppError::invalid(
                Field::CalendarHookSecret,
                FieldProblem::Malformed,
            )),
        }
    }

    /// The bytes that sign.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// The secret of an account at Cal.com that is linked; none where there is no such account, or it has none.
///
/// # Errors
/// `INTERNAL` where the key that sealed it is missing.
pub async fn hook_secret(
    database: &Database,
    account_id: i64,
    key: Option<&SecretKey>,
) -> Result<Option<HookSecret>, AppError> {
    let sealed = database
        .read("calcom.hook_secret", move |mut connection| async move {
            let sealed = sqlx::query_scalar!(
                "select calendar_hooks.secret from calendar_hooks
                 join calendar_accounts on calendar_accounts.id = account_id
                 where account_id = $1 and kind = 'calcom' and state <> 'ending'",
                account_id,
            );
            Ok(sealed.fetch_optional(&mut *connection).await?)
        })
        .await?;
    let Some(sealed) = sealed else {
        return Ok(None);
    };
    let secret = open(key, &sealed, &about(account_id))?;
    String::from_utf8(secret)
        .map(|secret| Some(HookSecret(secret)))
        .map_err(|_| AppError::Internal)
}

/// Puts the secret of an account in place. Without one, the one that there is stays: it is shown to nobody who could type it again.
///
/// # Errors
/// Those of the database.
pub(super) async fn put(
    tx: &mut Tx,
    account_id: i64,
    secret: Option<&HookSecret>,
    key: Option<&SecretKey>,
) -> Result<(), Failure> {
    let Some(secret) = secret else {
        return Ok(());
    };
    let sealed = seal(key, secret.as_bytes(), &about(account_id))?;
    sqlx::query!(
        "insert into calendar_hooks (account_id, secret) values ($1, $2)
         on conflict on constraint calendar_hooks_pkey do update set secret = excluded.secret",
        account_id,
        sealed,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_cannot_be_guessed_and_may_be_left_out() {
        assert_eq!(HookSecret::parse(" "), Ok(None));
        assert!(HookSecret::parse("geheim").is_err());
        assert!(HookSecret::parse(&"x".repeat(201)).is_err());
        let secret = HookSecret::parse(" 0123456789abcdef ").unwrap().unwrap();
        assert_eq!(secret.as_bytes(), b"0123456789abcdef");
        assert_eq!(format!("{secret:?}"), "HookSecret(…)");
    }
}
