//! Guesses of codes and passwords. A try is counted before it is checked, in a transaction that commits, and taken back
//! when it was right: so failures alone count, and many at once count like one after the other.
//!
//! After some failures, the next try has to wait: a second, and twice as long after each further one. Who is made to wait
//! is who guesses: tries from where the account has signed in before are counted by themselves, and others cannot slow
//! them down.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use metrics::counter;
use sha2::{Digest, Sha256};

use super::limit::{self, Counted};
use crate::{
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    time::plus_minutes,
};

/// What is guessed, and by what it is counted. They are counted in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Guess {
    /// Codes of a phone.
    Code,
    /// Passwords from an address, of whomever.
    PasswordByAddress,
    /// Passwords of an account from an address.
    PasswordByAccountAndAddress,
    /// Passwords of an account from all addresses that it has not signed in from.
    PasswordByAccount,
    /// Codes of the second factor of an account, whose password is known to who guesses.
    Factor,
}

/// How tries are slowed down.
#[derive(Clone, Copy, Debug)]
struct Pace {
    name: &'static str,
    /// The number of failures without a consequence.
    free: i32,
    /// The longest time between two tries, in seconds.
    longest: i32,
    /// The time without a try after which the count starts anew, in minutes.
    window_minutes: i64,
    /// The number of failures after which no try is allowed any more.
    most: i32,
}

/// The number of wrong codes of a phone, in a week without pause, after which a code alone signs nobody in from a new place.
pub const CODE_BUDGET: i32 = 50;

impl Guess {
    const ALL: [Self; 5] = [
        Self::Code,
        Self::PasswordByAddress,
        Self::PasswordByAccountAndAddress,
        Self::PasswordByAccount,
        Self::Factor,
    ];

    /// `sign_ins` is the number of wrong passwords that an account and an address together may have.
    fn pace(self, sign_ins: u32) -> Pace {
        let sign_ins = i32::try_from(sign_ins).unwrap_or(i32::MAX).clamp(1, 100_000);
        match self {
            Self::Code => Pace {
                name: "wrong-codes",
                free: 10,
                longest: 60 * 60,
                window_minutes: 7 * 24 * 60,
                most: CODE_BUDGET,
            },
            Self::PasswordByAddress => Pace {
                name: "wrong-passwords-by-address",
                free: sign_ins * 4,
                longest: 15 * 60,
                window_minutes: 15,
                most: i32::MAX,
            },
            Self::PasswordByAccountAndAddress => Pace {
                name: "wrong-passwords",
                free: sign_ins,
                longest: 15 * 60,
                window_minutes: 15,
                most: i32::MAX,
            },
            Self::PasswordByAccount => Pace {
                name: "wrong-passwords-by-account",
                free: sign_ins * 4,
                longest: 5 * 60,
                window_minutes: 24 * 60,
                most: i32::MAX,
            },
            Self::Factor => Pace {
                name: "wrong-factors",
                free: 5,
                longest: 15 * 60,
                window_minutes: 24 * 60,
                most: i32::MAX,
            },
        }
    }

    /// Whether only the caller can have used it up.
    fn is_the_callers_own(self) -> bool {
        match self {
            Self::PasswordByAddress | Self::PasswordByAccountAndAddress | Self::Factor => true,
            Self::Code | Self::PasswordByAccount => false,
        }
    }
}

impl Pace {
    /// The seconds that must pass between a try that was the so-manieth failure and the next one.
    fn wait(self, count: i32) -> i32 {
        match count - self.free {
            over @ 0..=20 => self.longest.min(1 << over),
            over if over > 20 => self.longest,
            _ => 0,
        }
    }
}

/// Something that is guessed, by one thing that it is counted by.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    guess: Guess,
    digest: Vec<u8>,
    sign_ins: u32,
}

impl Subject {
    pub(super) fn new(guess: Guess, subject: &[&str], sign_ins: u32) -> Self {
        let digest = Sha256::digest(subject.join("\n")).to_vec();
        Self {
            guess,
            digest,
            sign_ins,
        }
    }
}

/// What became of a try.
#[derive(Clone, Copy, Debug)]
pub(super) enum Allowed {
    /// It may be checked, and counts as a failure until it turns out right.
    Yes { count: i32, counted: Counted },
    /// It comes too early.
    Later(Counted),
    /// There were too many failures: no try is allowed.
    Never,
}

/// Counts a try, unless it comes too early. The caller commits where it is allowed, and not otherwise.
///
/// # Errors
/// Those of the database.
pub(super) async fn count(tx: &mut Tx, subject: &Subject, now: Timestamp) -> Result<Allowed, Failure> {
    let pace = subject.guess.pace(subject.sign_ins);
    let counted = sqlx::query_scalar!(
        "insert into sign_in_tries (kind, subject, count, last_at) values ($1, $2, 1, $3)
         on conflict on constraint sign_in_tries_pkey do update set
             count = case when sign_in_tries.last_at <= $4 then 1
                          else least(sign_in_tries.count, 1000000) + 1 end,
             last_at = greatest(sign_in_tries.last_at, excluded.last_at)
         where sign_in_tries.last_at <= $4
            or sign_in_tries.count < $5
               and (sign_in_tries.count < $6
                    or sign_in_tries.last_at + make_interval(secs =>
                           least($7::float8, power(2, least(sign_in_tries.count - $6, 20))::float8)) <= $3)
         returning count",
        pace.name,
        &subject.digest,
        now.to_sqlx(),
        plus_minutes(now, -pace.window_minutes).to_sqlx(),
        pace.most,
        pace.free,
        f64::from(pace.longest),
    );
    let told = |left: i32, seconds: i64, is_over: bool| {
        Counted::of_tries(
            pace.name,
            pace.free,
            pace.window_minutes,
            left,
            seconds,
            is_over,
            subject.guess.is_the_callers_own(),
        )
    };
    if let Some(count) = locking(Lock::RateLimit, counted.fetch_optional(&mut **tx)).await? {
        let counted = told(pace.free - count, pace.window_minutes * 60, false);
        return Ok(Allowed::Yes { count, counted });
    }
    let row = sqlx::query!(
        "select count, last_at from sign_in_tries where kind = $1 and subject = $2",
        pace.name,
        &subject.digest,
    )
    .fetch_one(&mut **tx)
    .await?;
    if row.count >= pace.most {
        return Ok(Allowed::Never);
    }
    let next = row.last_at.to_jiff() + SignedDuration::from_secs(pace.wait(row.count).into());
    let milliseconds = next.duration_since(now).as_millis().max(1);
    let seconds = i64::try_from(milliseconds)
        .unwrap_or(i64::MAX)
        .saturating_add(999)
        / 1000;
    Ok(Allowed::Later(told(0, seconds, true)))
}

/// Whether no more tries are allowed.
///
/// # Errors
/// Those of the database.
pub(super) async fn is_spent(tx: &mut Tx, subject: &Subject, now: Timestamp) -> Result<bool, Failure> {
    let pace = subject.guess.pace(subject.sign_ins);
    Ok(sqlx::query_scalar!(
        r#"select exists (select from sign_in_tries
                          where kind = $1 and subject = $2 and last_at > $3 and count >= $4) as "spent!""#,
        pace.name,
        &subject.digest,
        plus_minutes(now, -pace.window_minutes).to_sqlx(),
        pace.most,
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// Takes a try back that was right.
///
/// # Errors
/// Those of the database.
pub(super) async fn take_back(tx: &mut Tx, subject: &Subject) -> Result<(), Failure> {
    let pace = subject.guess.pace(subject.sign_ins);
    let taken = sqlx::query!(
        "update sign_in_tries set count = greatest(count - 1, 0) where kind = $1 and subject = $2",
        pace.name,
        &subject.digest,
    );
    locking(Lock::RateLimit, taken.execute(&mut **tx)).await?;
    Ok(())
}

/// Forgets all failures of this kind.
///
/// # Errors
/// Those of the database.
pub(super) async fn forget(tx: &mut Tx, subject: &Subject) -> Result<(), Failure> {
    let pace = subject.guess.pace(subject.sign_ins);
    let forgotten = sqlx::query!(
        "delete from sign_in_tries where kind = $1 and subject = $2",
        pace.name,
        &subject.digest,
    );
    locking(Lock::RateLimit, forgotten.execute(&mut **tx)).await?;
    Ok(())
}

/// Counts a failure in the metrics, and says in the log when somebody seems to be guessing.
pub(super) fn report(database: &Database, subject: &Subject, count: i32) {
    let pace = subject.guess.pace(subject.sign_ins);
    let is_alarm = count == pace.free || count == pace.most;
    database.statistics().record(|| {
        counter!("janji_sign_in_failures_total", "kind" => pace.name).increment(1);
        counter!("janji_sign_in_alarms_total", "kind" => pace.name).increment(u64::from(is_alarm));
    });
    if is_alarm {
        tracing::warn!(
            kind = pace.name,
            failures = count,
            is_last = count == pace.most,
            "somebody guesses: the next tries are slowed down, or refused"
        );
    }
}

/// Makes the counters present from the beginning: an increase from nothing is none to Prometheus.
pub fn begin_counting(database: &Database) {
    database.statistics().record(|| {
        metrics::describe_counter!(
            "janji_sign_in_failures_total",
            "Wrong codes and passwords, by how they are counted"
        );
        metrics::describe_counter!(
            "janji_sign_in_alarms_total",
            "How often guesses began to be slowed down or refused, by how they are counted"
        );
        for guess in Guess::ALL {
            let name = guess.pace(1).name;
            counter!("janji_sign_in_failures_total", "kind" => name).increment(0);
            counter!("janji_sign_in_alarms_total", "kind" => name).increment(0);
        }
    });
}

/// Notes a limit for the headers of the answer, and refuses where it is over.
///
/// # Errors
/// `RATE_LIMITED`, `SIGN_IN_GUARDED`.
pub(super) fn check(allowed: Allowed) -> Result<(), AppError> {
    match allowed {
        Allowed::Yes { counted, .. } | Allowed::Later(counted) => limit::check(Some(counted)),
        Allowed::Never => Err(AppError::SignInGuarded),
    }
}

/// Deletes what counts no more.
///
/// # Errors
/// Those of the database.
pub(super) async fn tidy(tx: &mut Tx, now: Timestamp) -> Result<(), Failure> {
    let oldest = Guess::ALL.map(|guess| guess.pace(1).window_minutes);
    let minutes = oldest.into_iter().max().unwrap_or_default();
    sqlx::query!(
        "delete from sign_in_tries where last_at <= $1",
        plus_minutes(now, -minutes).to_sqlx()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_after_the_free_ones_makes_the_next_try_wait_twice_as_long() {
        let pace = Guess::Code.pace(0);
        for (count, expected) in [
            (1, 0),
            (9, 0),
            (10, 1),
            (11, 2),
            (14, 16),
            (21, 2048),
            (22, 3600),
            (49, 3600),
        ] {
            assert_eq!(pace.wait(count), expected, "{count}");
        }
        assert_eq!(Guess::PasswordByAccount.pace(5).wait(i32::MAX), 300);
    }
}
