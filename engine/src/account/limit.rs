//! Rate limits. Requests of people who are not known yet are counted in the database, so that several servers count
//! together (I1); the requests of a token are counted in memory. The count is recorded for the headers of the answer.

use std::{
    num::NonZero,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use governor::{DefaultKeyedRateLimiter, Quota, clock::Clock, middleware::StateInformationMiddleware};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use crate::{
    database::{Failure, Lock, locking},
    error::AppError,
    time::plus_minutes,
};

/// The window in which things are counted in the database, in minutes.
pub const WINDOW_MINUTES: i64 = 15;
const WINDOW_SECONDS: u32 = 15 * 60;

/// The window for the requests of a token.
const TOKEN_WINDOW_SECONDS: u32 = 60;

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
            | Self::LinkByAccount => false,
        }
    }
}

/// The name of the limit of a token's requests.
const REQUESTS: &str = "requests-by-token";

/// Something that was counted, and how much of its limit is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    name: &'static str,
    most: u32,
    window_seconds: u32,
    left: u32,
    /// The seconds until more requests are allowed.
    seconds: u32,
    is_over: bool,
    /// Whether only the caller can have used it.
    is_the_callers_own: bool,
}

impl Counted {
    /// The limit of guesses, of which some are free.
    pub(super) fn of_tries(
        name: &'static str,
        free: i32,
        window_minutes: i64,
        left: i32,
        seconds: i64,
        is_over: bool,
        is_the_callers_own: bool,
    ) -> Self {
        Self {
            name,
            most: u32::try_from(free).unwrap_or_default(),
            window_seconds: u32::try_from(window_minutes * 60).unwrap_or(u32::MAX),
            left: u32::try_from(left).unwrap_or_default(),
            seconds: u32::try_from(seconds).unwrap_or(u32::MAX).max(1),
            is_over,
            is_the_callers_own,
        }
    }

    /// A queue that is full for some seconds.
    pub(super) fn of_queue(name: &'static str, most: usize, seconds: u32) -> Self {
        Self {
            name,
            most: u32::try_from(most).unwrap_or(u32::MAX),
            window_seconds: seconds,
            left: 0,
            seconds: seconds.max(1),
            is_over: true,
            is_the_callers_own: false,
        }
    }

    /// The name of the limit, such as `code-by-phone`.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Whether the limit allows what was counted.
    pub fn is_within(self) -> bool {
        !self.is_over
    }

    /// `RateLimit-Policy`, as draft-ietf-httpapi-ratelimit-headers has it.
    pub fn policy(self) -> String {
        format!("\"{}\";q={};w={}", self.name, self.most, self.window_seconds)
    }

    /// `RateLimit`.
    pub fn state(self) -> String {
        format!("\"{}\";r={};t={}", self.name, self.left, self.seconds)
    }

    /// In how many seconds what was refused may be tried again.
    pub fn retry_after(self) -> Option<u32> {
        self.is_over.then_some(self.seconds)
    }

    /// The limit as the caller may see it: limits shared with others stay hidden until they are exceeded.
    fn told(self) -> Option<Self> {
        (self.is_over || self.is_the_callers_own).then_some(self)
    }

    /// Orders limits by how near they are to their end: first one that refuses, then one of the caller's own, then the
    /// one with least left, then the one that takes longest.
    fn nearness(self) -> impl Ord {
        (
            self.is_over,
            self.is_the_callers_own,
            u32::MAX - self.left,
            self.seconds,
        )
    }

    /// The limit that is nearer to its end.
    pub fn nearer(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) if one.nearness() > other.nearness() => Some(one),
            (one, None) => one,
            (_, other) => other,
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

type Limiter = DefaultKeyedRateLimiter<i64, StateInformationMiddleware>;

/// The counters of the requests of each token, on this server.
#[derive(Clone, Debug)]
pub struct Requests {
    most: u32,
    /// `None`: as many as they like.
    limiter: Option<Arc<Limiter>>,
}

impl Requests {
    /// `most` in a minute: so many at once, and then one more whenever the time for one has passed. 0 is without limit.
    pub fn new(most: u32) -> Self {
        let limiter = NonZero::new(most).map(|most| {
            let limiter = DefaultKeyedRateLimiter::keyed(Quota::per_minute(most));
            Arc::new(limiter.with_middleware())
        });
        Self { most, limiter }
    }

    /// Counts one more of this token.
    pub fn count(&self, token_id: i64) -> Option<Counted> {
        let limiter = self.limiter.as_ref()?;
        let (left, wait, is_over) = match limiter.check_key(&token_id) {
            Ok(state) => {
                let left = state.remaining_burst_capacity();
                let used = u64::from(self.most.saturating_sub(left));
                let whole = used * u64::from(TOKEN_WINDOW_SECONDS);
                (
                    left,
                    Duration::from_secs(whole.div_ceil(u64::from(self.most))),
                    false,
                )
            }
            Err(refused) => (0, refused.wait_time_from(limiter.clock().now()), true),
        };
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Some(Counted {
            name: REQUESTS,
            most: self.most,
            window_seconds: TOKEN_WINDOW_SECONDS,
            left,
            seconds: u32::try_from(seconds).unwrap_or(TOKEN_WINDOW_SECONDS).max(1),
            is_over,
            is_the_callers_own: true,
        })
    }

    /// Forgets the tokens that have made no request for so long that nothing follows from it.
    pub fn forget_idle(&self) {
        if let Some(limiter) = &self.limiter {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Counted = Counted {
        name: "code-by-address",
        most: 5,
        window_seconds: 900,
        left: 3,
        seconds: 600,
        is_over: false,
        is_the_callers_own: true,
    };

    #[test]
    fn a_limit_is_told_as_structured_fields() {
        assert_eq!(LIMIT.policy(), r#""code-by-address";q=5;w=900"#);
        assert_eq!(LIMIT.state(), r#""code-by-address";r=3;t=600"#);
        assert_eq!(LIMIT.retry_after(), None);
        let over = Counted {
            left: 0,
            is_over: true,
            ..LIMIT
        };
        assert_eq!(over.retry_after(), Some(600));
    }

    #[test]
    fn the_limit_that_is_nearest_to_its_end_is_told() {
        let less = Counted { left: 1, ..LIMIT };
        let later = Counted {
            seconds: 700,
            ..LIMIT
        };
        let last = Counted { left: 0, ..LIMIT };
        let over = Counted {
            is_over: true,
            seconds: 1,
            ..last
        };
        let others = Counted {
            left: 0,
            is_the_callers_own: false,
            ..LIMIT
        };
        let order = [others, LIMIT, later, less, last, over];
        for (at, &nearer) in order.iter().enumerate() {
            for &farther in &order[..at] {
                assert_eq!(Counted::nearer(Some(nearer), Some(farther)), Some(nearer));
                assert_eq!(Counted::nearer(Some(farther), Some(nearer)), Some(nearer));
            }
            assert_eq!(Counted::nearer(None, Some(nearer)), Some(nearer));
            assert_eq!(Counted::nearer(Some(nearer), None), Some(nearer));
        }
        assert_eq!(Counted::nearer(None, None), None);
    }

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

    #[test]
    fn the_requests_of_a_token_are_limited() {
        let requests = Requests::new(2);
        let counts: Vec<Counted> = (0..3).filter_map(|_| requests.count(1)).collect();
        let left: Vec<u32> = counts.iter().map(|counted| counted.left).collect();
        assert_eq!(left, [1, 0, 0]);
        assert!(counts[0].is_within() && counts[1].is_within());
        assert_eq!((counts[0].seconds, counts[1].seconds), (30, 60));
        assert!(
            counts[2]
                .retry_after()
                .is_some_and(|seconds| (1..=30).contains(&seconds))
        );
        assert!(requests.count(2).unwrap().is_within(), "another token waits, too");
        requests.forget_idle();
        assert!(!requests.count(1).unwrap().is_within());
        assert_eq!(Requests::new(0).count(1), None);
    }
}
