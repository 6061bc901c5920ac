//! The rules that must hold of the rows themselves, which each slice brings for `verify`.
//!
//! A rule speaks of rows and not of constraints or their indexes: a broken index would agree with itself. It names what it
//! finds by ids and references, never by people.

use std::{
    pin::Pin,
    time::{Duration, Instant},
};

use crate::{
    database::{Failure, Tx},
    error::AppError,
    i18n::Texts,
};

/// A rule that can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule(&'static str);

impl Rule {
    /// `name` is in snake case, as programs read it in reports and metrics.
    pub(crate) const fn new(name: &'static str) -> Self {
        Self(name)
    }

    pub fn name(self) -> &'static str {
        self.0
    }

    /// The rule in a sentence: the text `integrity-` with the name in kebab case.
    pub fn sentence(self, texts: Texts) -> String {
        texts.text(&format!("integrity-{}", self.0.replace('_', "-")))
    }
}

/// The result of checking one rule.
#[derive(Clone, Debug)]
pub struct Finding {
    pub rule: Rule,
    /// The number of violations.
    pub total: i64,
    /// The rows of the first violations.
    pub rows: Vec<String>,
}

/// The rules of one slice, and the function that checks them in this order.
#[derive(Clone, Copy, Debug)]
pub struct Integrity {
    pub rules: &'static [Rule],
    /// The constraints of the database that keep the rules, too.
    pub guards: &'static [&'static str],
    pub check: for<'a> fn(&'a mut Checks) -> Checking<'a>,
}

/// The future of a check.
pub type Checking<'a> = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>>;

/// A run over all rules, in one transaction.
#[derive(Debug)]
pub struct Checks {
    pub(crate) tx: Tx,
    pub(crate) began: Instant,
    /// The time that all statements together may take.
    pub(crate) timeout: Duration,
    pub(crate) findings: Vec<Finding>,
}

/// The number of violations of a rule that are named.
const NAMED: usize = 20;

impl Checks {
    /// Refuses to begin another check when the time for all of them is over.
    ///
    /// # Errors
    /// `TRANSACTION_TIMEOUT`.
    pub(crate) fn refuse_late(&self) -> Result<(), Failure> {
        match self.began.elapsed() > self.timeout {
            true => Err(AppError::TransactionTimeout.into()),
            false => Ok(()),
        }
    }

    /// Records the violations of a rule that was checked outside of the database.
    pub(crate) fn found(&mut self, rule: Rule, mut violations: Vec<String>) {
        let total = i64::try_from(violations.len()).unwrap_or(i64::MAX);
        violations.truncate(NAMED);
        self.findings.push(Finding {
            rule,
            total,
            rows: violations,
        });
    }
}

/// Checks one rule by a select of the text that names the rows of each violation, oldest first. The select may read
/// `walk`: the changes of appointments, each with the one before and after it.
macro_rules! check {
    ($checks:expr, $rule:expr, $violations:literal $(, $argument:expr)*) => {
        if $checks.began.elapsed() > $checks.timeout {
            return Err($crate::error::AppError::TransactionTimeout.into());
        } else {
            let found = sqlx::query!(
                r#"with walk as (
                       select appointment_changes.*,
                              row_number() over journey as number,
                              lag(to_status) over journey as status_before,
                              lag(to_starts_at) over journey as starts_at_before,
                              lead(id) over journey as id_after
                       from appointment_changes
                       window journey as (partition by appointment_id order by version, id)
                   ),
                   found as materialized ("# + $violations + r#")
                   select (select count(*) from found) as "total!",
                          array(select said from found limit 20) as "rows!""#
                $(, $argument)*
            )
            .fetch_one(&mut *$checks.tx)
            .await?;
            $checks.findings.push($crate::integrity::Finding {
                rule: $rule,
                total: found.total,
                rows: found.rows,
            });
        }
    };
}

pub(crate) use check;
