//! The check that every rule of every slice holds (`janji verify`).
//!
//! Everything is read in one transaction that sees one moment and cannot write, so it can be run at any time
//! on a database that is in use.

use std::{
    fmt::Write,
    time::{Duration, Instant},
};

use jiff::Timestamp;

use crate::{
    account, appointment, booking, caldav, clinical_note, consultation,
    database::{Database, Failure, Tx},
    desk,
    error::AppError,
    group,
    i18n::{Locale, Texts},
    integrity::{Checks, Finding, Integrity, Rule, check},
    notification::wording,
    organisation, payment, phone_call, prescription, privacy, rating, stay, visit, waitlist, webhook,
};

/// The slices that bring rules, in the order in which these are checked and reported.
const SLICES: [Integrity; 20] = [
    booking::integrity::BOOKINGS,
    appointment::integrity::APPOINTMENTS,
    prescription::integrity::PRESCRIPTIONS,
    rating::integrity::RATINGS,
    consultation::integrity::CONSULTATIONS,
    clinical_note::integrity::CLINICAL_NOTES,
    visit::integrity::VISITS,
    stay::integrity::STAYS,
    group::integrity::GROUPS,
    organisation::integrity::ORGANISATION,
    account::integrity::FAMILIES,
    wording::integrity::TEXTS,
    desk::merge::integrity::MERGED,
    waitlist::integrity::WAITLIST,
    payment::integrity::PAYMENTS,
    phone_call::integrity::PHONE_CALLS,
    webhook::integrity::WEBHOOKS,
    caldav::integrity::CALENDARS,
    caldav::busy::integrity::BUSY_ELSEWHERE,
    privacy::integrity::PRIVACY,
];

/// The constraints on which all slices rely.
const GUARDS: [&str; 1] = ["idempotency_keys_pkey"];

/// A constraint that stands behind the checks of the program does not exist.
pub const GUARD_MISSING: Rule = Rule::new("guard_missing");

/// Every rule, in the order in which it is checked.
pub fn rules() -> impl Iterator<Item = Rule> {
    SLICES
        .iter()
        .flat_map(|slice| slice.rules)
        .copied()
        .chain([GUARD_MISSING])
}

/// The findings of one check of all rules.
#[derive(Clone, Debug)]
pub struct Report {
    /// The moment that was checked.
    pub checked_at: Timestamp,
    pub took: Duration,
    pub appointments: i64,
    pub changes: i64,
    pub doctors: i64,
    pub patients: i64,
    /// All rules, kept or broken.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether every rule is kept.
    pub fn is_sound(&self) -> bool {
        self.broken().next().is_none()
    }

    /// The rules that are broken.
    pub fn broken(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.total > 0)
    }

    /// For the terminal, in English.
    pub fn to_text(&self) -> String {
        let texts = Texts::of(Locale::En);
        let mut text = format!(
            "Checked {} appointments with {} changes, of {} doctors and {} patients, in {} ms.\n\n",
            self.appointments,
            self.changes,
            self.doctors,
            self.patients,
            self.took.as_millis(),
        );
        for finding in &self.findings {
            let (name, rule) = (finding.rule.name(), finding.rule.sentence(texts));
            // Writing to a string does not fail.
            let _ = if finding.total == 0 {
                writeln!(text, "ok      {name}: {rule}")
            } else {
                writeln!(text, "BROKEN  {name}: {rule} {} times:", finding.total)
            };
            for row in &finding.rows {
                let _ = writeln!(text, "          {row}");
            }
            let hidden = finding.total - i64::try_from(finding.rows.len()).unwrap_or(0);
            if hidden > 0 {
                let _ = writeln!(text, "          and {hidden} more");
            }
        }
        let broken = self.broken().count();
        let _ = if broken == 0 {
            writeln!(text, "\nEvery rule is kept.")
        } else {
            writeln!(text, "\n{broken} of {} rules are broken.", self.findings.len())
        };
        text
    }
}

/// Checks every rule. No statement, and not much more than that all of them together, takes longer than `timeout`.
///
/// # Errors
/// `TRANSACTION_TIMEOUT`; those of the database.
pub async fn verify(database: &Database, timeout: Duration) -> Result<Report, AppError> {
    database
        .snapshot("monitoring.verify", timeout, move |tx| look(tx, timeout))
        .await
}

/// The advisory lock of who checks for all servers.
const CHECKING: i64 = 0x6a61_6e6a_6920_6f6b;

/// Checks every rule as [`verify`] does, or nothing where another server is at it.
///
/// # Errors
/// `TRANSACTION_TIMEOUT`; those of the database.
pub(super) async fn verify_alone(database: &Database, timeout: Duration) -> Result<Option<Report>, AppError> {
    database
        .snapshot("monitoring.verify", timeout, move |mut tx| async move {
            // Given up with the transaction, also by a server that dies.
            let is_alone = sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock($1) as "is!""#, CHECKING)
                .fetch_one(&mut *tx)
                .await?;
            match is_alone {
                true => look(tx, timeout).await.map(Some),
                false => Ok(None),
            }
        })
        .await
}

async fn look(mut tx: Tx, timeout: Duration) -> Result<Report, Failure> {
    let began = Instant::now();
    // What begins the transaction asks for it: this is the moment that it sees.
    let checked_at = tx.now();
    let counted = sqlx::query!(
        r#"select (select count(*) from appointments) as "appointments!",
                  (select count(*) from appointment_changes) as "changes!",
                  (select count(*) from doctors where id <> 0) as "doctors!",
                  (select count(*) from patients) as "patients!""#
    )
    .fetch_one(&mut *tx)
    .await?;
    let mut checks = Checks {
        tx,
        began,
        timeout,
        findings: Vec::new(),
    };
    for slice in SLICES {
        (slice.check)(&mut checks).await?;
    }
    guards_are_in_place(&mut checks).await?;
    Ok(Report {
        checked_at,
        took: began.elapsed(),
        appointments: counted.appointments,
        changes: counted.changes,
        doctors: counted.doctors,
        patients: counted.patients,
        findings: checks.findings,
    })
}

async fn guards_are_in_place(checks: &mut Checks) -> Result<(), Failure> {
    let guards: Vec<String> = SLICES
        .iter()
        .flat_map(|slice| slice.guards)
        .chain(&GUARDS)
        .map(|name| (*name).to_owned())
        .collect();
    check!(
        checks,
        GUARD_MISSING,
        "select format('constraint %s', name) as said
         from unnest($1::text[]) as name
         where not exists (select from pg_constraint
                           left join pg_index on indexrelid = conindid
                           where conname = name and convalidated and indisvalid is not false
                             and connamespace = (select oid from pg_namespace where nspname = current_schema()))
           -- One that holds for some rows only is an index.
           and not exists (select from pg_class
                           join pg_index on indexrelid = pg_class.oid
                           where relname = name and indisunique and indisvalid and indpred is not null
                             and relnamespace = (select oid from pg_namespace where nspname = current_schema()))
         order by name",
        &guards
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_name_of_its_own_and_a_sentence() {
        let names: std::collections::HashSet<_> = rules().map(Rule::name).collect();
        assert_eq!(names.len(), rules().count());
        for locale in Locale::ALL {
            for rule in rules() {
                assert!(
                    !rule.sentence(Texts::of(locale)).starts_with("Unknown"),
                    "{rule:?}"
                );
            }
        }
    }
}
