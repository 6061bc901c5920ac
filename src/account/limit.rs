//! Rate limits that are counted in the database, so that several servers count together (I1).

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use crate::{
    database::{Failure, Lock, locking},
    time::plus_minutes,
};

/// The window in which things are counted, in minutes.
pub const WINDOW_MINUTES: i64 = 15;

/// What is limited.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    CodeByPhone,
    CodeByAddress,
    CodeOverall,
    SignInByEmail,
    SignInByAddress,
    HoldByAddress,
}

impl Action {
    fn as_str(self) -> &'static str {
        match self {
            Self::CodeByPhone => "code-by-phone",
            Self::CodeByAddress => "code-by-address",
            Self::CodeOverall => "code-overall",
            Self::SignInByEmail => "sign-in-by-email",
            Self::SignInByAddress => "sign-in-by-address",
            Self::HoldByAddress => "hold-by-address",
        }
    }
}

/// Counts one more, and says whether that is still within `most`. A limit of 0 is none.
///
/// The caller commits either way: what is refused is counted, too.
///
/// # Errors
/// Those of the database.
pub async fn count(
    connection: &mut PgConnection,
    action: Action,
    subject: &str,
    most: u32,
    now: Timestamp,
) -> Result<bool, Failure> {
    if most == 0 {
        return Ok(true);
    }
    let subject = if subject.is_empty() {
        Vec::new()
    } else {
        Sha256::digest(subject).to_vec()
    };
    let counted = sqlx::query_scalar!(
        "insert into rate_limits (action, subject, window_starts_at, count)
         values ($1, $2, $3, 1)
         on conflict (action, subject) do update set
             count = case when rate_limits.window_starts_at <= $4 then 1 else least(rate_limits.count, 1000000) + 1 end,
             window_starts_at = case when rate_limits.window_starts_at <= $4 then $3 else rate_limits.window_starts_at end
         returning count",
        action.as_str(),
        &subject,
        now.to_sqlx(),
        plus_minutes(now, -WINDOW_MINUTES).to_sqlx(),
    );
    let counted = locking(Lock::RateLimit, counted.fetch_one(connection)).await?;
    Ok(u32::try_from(counted).is_ok_and(|counted| counted <= most))
}
