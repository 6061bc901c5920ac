//! Rate limits. Requests of people who are not known yet are counted in the database, so that several servers count
//! together (I1); the requests of a token are counted in memory. The count is recorded for the headers of the answer.

mod counted;
mod requests;

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

pub use self::{counted::Counted, requests::Requests};
use crate::{
    database::{Failure, Lock, locking},
    error::AppError,
    time::plus_minutes,
};

/// The window in which things are counted in the database, in minutes.
pub const WINDOW_MINUTES: i64 = 15;
const WINDOW_SECONDS: u32 = 15 * 60;

/// A limited operation.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    CodeByPhone,
    /// Of a phone from one address, which cannot use up all that the phone has.
    CodeByPhoneAndAddress,
    CodeByAddress,
    /// Phones that nobody is known by, of the same ten thousand numbers.
    CodeByPrefix,
    CodeOverall,
    /// Phones of patients, once the limit for all is used up.
    CodeOfPatients,
    HoldByAddress,
    PhoneByStaff,
    /// Calls of one number that a phone agent answers.
    CallByNumber,
    SessionByAddress,
    /// Links to choose a new password, asked for from one address.
    LinkByAddress,
    /// The same for one account, whether there is one or not.
    LinkByAccount,
}

impl Action {
    fn as_str(self) -> &'static str {
        match self {
            Self::CodeByPhone => "code-by-phone",
            Self::CodeByPhoneAndAddress => "code-by-phone-and-address",
            Self::CodeByAddress => "code-by-address",
            Self::CodeByPrefix => "code-by-prefix",
            Self::CodeOverall => "code-overall",
            Self::CodeOfPatients => "code-of-patients",
            Self::HoldByAddress => "hold-by-address",
            Self::PhoneByStaff => "phone-by-staff",
            Self::CallByNumber => "call-by-number",
            Self::SessionByAddress => "session-by-address",
            Self::LinkByAddress => "link-by-address",
            Self::LinkByAccount => "link-by-account",
        }
    }
}

impl Action {
    /// Whether only the caller can have used it up.
    fn is_the_callers_own(self) -> bool {
        match self {
            Self::CodeByAddress
            | Self::HoldByAddress
            | Self::PhoneByStaff
            | Self::SessionByAddress
            | Self::LinkByAddress => true,
            Self::CodeByPhone
            | Self::CodeByPhoneAndAddress
            | Self::CodeByPrefix
            | Self::CodeOverall
            | Self::CodeOfPatients
            | Self::CallByNumber
            | Self::LinkByAccount => false,
        }
    }
}

tokio::task_local! {
    /// The limit that the present request counted against, for its headers.
    static NOTED: Arc<Mutex<Option<Counted>>>;
}

/// Answers a request, and tells what was counted for it: of several limits the one that is nearest to its end.
pub async fn record_limits<T>(answer: impl Future<Output = T>) -> (T, Option<Counted>) {
    let noted = Arc::new(Mutex::new(None));
    let answer = NOTED.scope(noted.clone(), answer).await;
    let counted = *noted.lock().unwrap_or_else(PoisonError::into_inner);
    (answer, counted)
}

/// Notes what was counted, and refuses where it was too much. To be called by the request itself: the tasks of the
/// database know nothing of it.
///
/// # Errors
/// `RATE_LIMITED`.
pub fn check(counted: Option<Counted>) -> Result<(), AppError> {
    // Where nobody asks, there are no headers to write.
    let _ = NOTED.try_with(|noted| {
        let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
        *noted = Counted::nearer(*noted, counted.and_then(Counted::told));
    });
    match counted {
        Some(counted) if counted.is_over => Err(AppError::RateLimited),
        _ => Ok(()),
    }
}

/// Counts one more. A limit of 0 is none.
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
) -> Result<Option<Counted>, Failure> {
    if most == 0 {
        return Ok(None);
    }
    let subject = if subject.is_empty() {
        Vec::new()
    } else {
        Sha256::digest(subject).to_vec()
    };
    let counted = sqlx::query!(
        "insert into rate_limits (action, subject, window_starts_at, count)
         values ($1, $2, $3, 1)
         on conflict (action, subject) do update set
             count = case when rate_limits.window_starts_at <= $4 then 1 else least(rate_limits.count, 1000000) + 1 end,
             window_starts_at = case when rate_limits.window_starts_at <= $4 then $3 else rate_limits.window_starts_at end
         returning count, window_starts_at",
        action.as_str(),
        &subject,
        now.to_sqlx(),
        plus_minutes(now, -WINDOW_MINUTES).to_sqlx(),
    );
    let counted = locking(Lock::RateLimit, counted.fetch_one(connection)).await?;
    let count = u32::try_from(counted.count).unwrap_or(u32::MAX);
    Ok(Some(Counted {
        name: action.as_str(),
        most,
        window_seconds: WINDOW_SECONDS,
        left: most.saturating_sub(count),
        seconds: seconds_left(counted.window_starts_at.to_jiff(), now),
        is_over: count > most,
        is_the_callers_own: action.is_the_callers_own(),
    }))
}

/// Returns the seconds until the window ends, rounded up. The clock of another server may be ahead.
fn seconds_left(window_starts_at: Timestamp, now: Timestamp) -> u32 {
    let end = plus_minutes(window_starts_at, WINDOW_MINUTES);
    let milliseconds = end.duration_since(now).as_millis();
    let seconds = u32::try_from(milliseconds.max(0).unsigned_abs().div_ceil(1000)).unwrap_or(WINDOW_SECONDS);
    seconds.clamp(1, WINDOW_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::limit::counted::Counted;

    const LIMIT: Counted = Counted {
        name: "code-by-address",
        most: 5,
        window_seconds: 900,
        left: 3,
        seconds: 600,
        is_over: false,
        is_the_callers_own: true,
    };

    #[tokio::test]
    async fn a_count_is_noted_for_its_own_request_only() {
        let less = Counted { left: 1, ..LIMIT };
        let (checked, counted) = record_limits(async {
            check(Some(LIMIT)).unwrap();
            check(Some(less)).unwrap();
            check(None)
        })
        .await;
        assert_eq!((checked, counted), (Ok(()), Some(less)));
        let over = Counted {
            is_over: true,
            ..less
        };
        let (checked, counted) = record_limits(async { check(Some(over)) }).await;
        assert_eq!((checked, counted), (Err(AppError::RateLimited), Some(over)));
        // What others did is told when it is too much, and not before.
        let others = Counted {
            is_the_callers_own: false,
            ..LIMIT
        };
        assert_eq!(record_limits(async { check(Some(others)) }).await, (Ok(()), None));
        assert_eq!(record_limits(async {}).await.1, None);
        assert_eq!(check(Some(over)), Err(AppError::RateLimited));
    }

    #[test]
    fn a_window_has_a_second_left_until_it_is_over() {
        let start: Timestamp = "2026-11-24T03:00:00Z".parse().unwrap();
        for (now, expected) in [
            ("2026-11-24T03:00:00Z", 900),
            ("2026-11-24T03:00:00.001Z", 900),
            ("2026-11-24T03:05:00Z", 600),
            ("2026-11-24T03:14:59.9Z", 1),
            ("2026-11-24T03:15:00Z", 1),
            ("2026-11-24T02:59:30Z", 900),
        ] {
            assert_eq!(seconds_left(start, now.parse().unwrap()), expected, "{now}");
        }
    }
}
