//! The proof that the promise was kept (C5): what must hold of the rows themselves, whatever the program, its
//! locks and the constraints did.
//!
//! Everything is read in one transaction that sees one moment and cannot write, so it can be run at any time
//! on a database that is in use. The rules are put in terms of rows and not of the constraints or their indexes:
//! a broken index would agree with itself. What is found is named by ids and references, never by people.

use std::{
    fmt::Write,
    time::{Duration, Instant},
};

use jiff::Timestamp;

use crate::{
    account::Role,
    appointment::{Status, Transition},
    database::{Database, Failure, Tx},
    error::AppError,
    i18n::{Locale, Texts},
};

/// A rule that can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// Two appointments of one doctor block the same moment, and neither was overbooked knowingly.
    DoctorDoubleBooked,
    /// Two appointments of one patient share a moment.
    PatientInTwoPlaces,
    /// Overbooked without a reason, or by nobody of staff (B13).
    OverbookingUnaccounted,
    /// An appointment without any history.
    HistoryMissing,
    /// Its versions do not count from 1 to that of the appointment.
    HistoryGap,
    /// It does not begin with a hold or a booking.
    HistoryBeginning,
    /// A change does not begin where the one before it ended.
    HistoryBroken,
    /// A change that the status machine does not know.
    HistoryIllegal,
    /// It does not end at what the appointment is now.
    HistoryEnd,
    /// Changes of an appointment that is not there.
    HistoryOrphan,
    /// The blocked range does not contain the visit, or the visit ends before it begins.
    VisitOutsideBlock,
    /// A hold or a request without an end.
    EndMissing,
    /// Nobody's, and yet more than a hold.
    OwnerMissing,
    StatusUnknown,
    /// It is about a doctor, place, service or patient that is not there.
    RowMissing,
    ReferenceTwice,
    ReferenceMalformed,
    /// Two prescriptions of one appointment (A4).
    PrescriptionTwice,
    /// Prescribed where no visit took place, or nothing.
    PrescriptionMisplaced,
    /// Two ratings of one appointment (A5).
    RatingTwice,
    /// Rated what is not completed, or as that of another doctor, or with no score that there is.
    RatingMisplaced,
    /// A visit of fewer than two appointments, with a gap between them, or not all of its patient (B7).
    VisitBroken,
    /// A constraint that is the second layer of protection (B2) is not there.
    GuardMissing,
}

impl Violation {
    /// Every rule, in the order in which it is checked.
    pub const ALL: [Self; 23] = [
        Self::DoctorDoubleBooked,
        Self::PatientInTwoPlaces,
        Self::OverbookingUnaccounted,
        Self::HistoryMissing,
        Self::HistoryGap,
        Self::HistoryBeginning,
        Self::HistoryBroken,
        Self::HistoryIllegal,
        Self::HistoryEnd,
        Self::HistoryOrphan,
        Self::VisitOutsideBlock,
        Self::EndMissing,
        Self::OwnerMissing,
        Self::StatusUnknown,
        Self::RowMissing,
        Self::ReferenceTwice,
        Self::ReferenceMalformed,
        Self::PrescriptionTwice,
        Self::PrescriptionMisplaced,
        Self::RatingTwice,
        Self::RatingMisplaced,
        Self::VisitBroken,
        Self::GuardMissing,
    ];

    /// As programs read it, in reports and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::DoctorDoubleBooked => "doctor_double_booked",
            Self::PatientInTwoPlaces => "patient_in_two_places",
            Self::OverbookingUnaccounted => "overbooking_unaccounted",
            Self::HistoryMissing => "history_missing",
            Self::HistoryGap => "history_gap",
            Self::HistoryBeginning => "history_beginning",
            Self::HistoryBroken => "history_broken",
            Self::HistoryIllegal => "history_illegal",
            Self::HistoryEnd => "history_end",
            Self::HistoryOrphan => "history_orphan",
            Self::VisitOutsideBlock => "visit_outside_block",
            Self::EndMissing => "end_missing",
            Self::OwnerMissing => "owner_missing",
            Self::StatusUnknown => "status_unknown",
            Self::RowMissing => "row_missing",
            Self::ReferenceTwice => "reference_twice",
            Self::ReferenceMalformed => "reference_malformed",
            Self::PrescriptionTwice => "prescription_twice",
            Self::PrescriptionMisplaced => "prescription_misplaced",
            Self::RatingTwice => "rating_twice",
            Self::RatingMisplaced => "rating_misplaced",
            Self::VisitBroken => "visit_broken",
            Self::GuardMissing => "guard_missing",
        }
    }

    /// The rule in a sentence.
    pub fn rule(self, texts: Texts) -> String {
        texts.text(&format!("integrity-{}", self.name().replace('_', "-")))
    }
}

/// What became of one rule.
#[derive(Clone, Debug)]
pub struct Finding {
    pub violation: Violation,
    /// How often it is broken.
    pub total: i64,
    /// The rows of the first of them.
    pub rows: Vec<String>,
}

/// What was checked, and what was found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The moment that was looked at.
    pub checked_at: Timestamp,
    pub took: Duration,
    pub appointments: i64,
    pub changes: i64,
    pub doctors: i64,
    pub patients: i64,
    /// Every rule, kept or broken.
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
            let (name, rule) = (finding.violation.name(), finding.violation.rule(texts));
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

/// Checks every rule. No statement, and not much more than that all of them together, takes longer than
/// `patience`.
///
/// # Errors
/// `TRANSACTION_TIMEOUT`; those of the database.
pub async fn verify(database: &Database, patience: Duration) -> Result<Report, AppError> {
    database
        .snapshot("monitoring.verify", patience, move |tx| look(tx, patience))
        .await
}

/// One check: a select of the text that names the rows of each violation, oldest first. It may read `walk`,
/// the changes with what came before and after each.
macro_rules! check {
    ($checks:expr, $violation:ident, $violations:literal $(, $argument:expr)*) => {
        if $checks.began.elapsed() > $checks.patience {
            return Err(AppError::TransactionTimeout.into());
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
            $checks.findings.push(Finding {
                violation: Violation::$violation,
                total: found.total,
                rows: found.rows,
            });
        }
    };
}

struct Checks {
    tx: Tx,
    began: Instant,
    patience: Duration,
    findings: Vec<Finding>,
}

async fn look(mut tx: Tx, patience: Duration) -> Result<Report, Failure> {
    let began = Instant::now();
    // The first statement of the transaction: this is the moment that it sees.
    let checked_at = Timestamp::now();
    let counted = sqlx::query!(
        r#"select (select count(*) from appointments) as "appointments!",
                  (select count(*) from appointment_changes) as "changes!",
                  (select count(*) from doctors) as "doctors!",
                  (select count(*) from patients) as "patients!""#
    )
    .fetch_one(&mut *tx)
    .await?;
    let mut checks = Checks {
        tx,
        began,
        patience,
        findings: Vec::new(),
    };
    nobody_is_in_two_places(&mut checks).await?;
    histories_are_walks(&mut checks).await?;
    appointments_are_whole(&mut checks).await?;
    visits_have_one_of_each(&mut checks).await?;
    visits_are_whole(&mut checks).await?;
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

/// An overlap with anything earlier is one with whatever of that ends last, so one pass in order finds
/// them all; only then the pairs are looked for.
async fn nobody_is_in_two_places(checks: &mut Checks) -> Result<(), Failure> {
    check!(
        checks,
        DoctorDoubleBooked,
        "select format('appointments %s (%s) and %s (%s) of doctor %s',
                       first.id, first.reference, second.id, second.reference, second.doctor_id) as said
         from (select id, reference, doctor_id, blocks_from, blocks_until,
                      max(blocks_until) over (partition by doctor_id order by blocks_from, id
                                              rows between unbounded preceding and 1 preceding) as busy_until
               from appointments
               where status not in ('cancelled', 'rejected', 'expired') and overbooked_because is null
                 and blocks_from < blocks_until) as second
         join appointments as first
           on first.doctor_id = second.doctor_id
              and (first.blocks_from, first.id) < (second.blocks_from, second.id)
              and first.blocks_until > second.blocks_from and first.blocks_until > first.blocks_from
              and first.status not in ('cancelled', 'rejected', 'expired') and first.overbooked_because is null
         where second.busy_until > second.blocks_from
         order by second.id, first.id"
    );
    check!(
        checks,
        PatientInTwoPlaces,
        "select format('appointments %s (%s) and %s (%s) of patient %s',
                       first.id, first.reference, second.id, second.reference, second.patient_id) as said
         from (select id, reference, patient_id, starts_at, ends_at,
                      max(ends_at) over (partition by patient_id order by starts_at, id
                                         rows between unbounded preceding and 1 preceding) as busy_until
               from appointments
               where status not in ('held', 'cancelled', 'rejected', 'expired') and starts_at < ends_at) as second
         join appointments as first
           on first.patient_id = second.patient_id
              and (first.starts_at, first.id) < (second.starts_at, second.id)
              and first.ends_at > second.starts_at and first.ends_at > first.starts_at
              and first.status not in ('held', 'cancelled', 'rejected', 'expired')
         where second.busy_until > second.starts_at
         order by second.id, first.id"
    );
    check!(
        checks,
        OverbookingUnaccounted,
        "select format('appointment %s (%s) of doctor %s', id, reference, doctor_id) as said
         from appointments
         where overbooked_because is not null
           and (btrim(overbooked_because) = ''
                or not exists (select from appointment_changes
                               where appointment_id = appointments.id and from_status is null
                                 and actor in ('doctor', 'admin') and staff_id is not null and reason <> ''))
         order by id"
    );
    Ok(())
}

async fn histories_are_walks(checks: &mut Checks) -> Result<(), Failure> {
    check!(
        checks,
        HistoryMissing,
        "select format('appointment %s (%s)', id, reference) as said
         from appointments
         where not exists (select from appointment_changes where appointment_id = appointments.id)
         order by id"
    );
    check!(
        checks,
        HistoryGap,
        "select format('appointment %s (%s): version %s, and %s changes from %s to %s',
                       id, reference, version, changes, first, last) as said
         from appointments
         join (select appointment_id, count(*) as changes, count(distinct version) as versions,
                      min(version) as first, max(version) as last
               from appointment_changes group by appointment_id) as history on appointment_id = id
         where (first, last, changes, versions) is distinct from (1, version, version::bigint, version::bigint)
         order by id"
    );
    check!(
        checks,
        HistoryBeginning,
        "select format('appointment %s (%s), change %s: from %s to %s',
                       appointments.id, reference, walk.id, coalesce(from_status, 'nothing'), to_status) as said
         from walk join appointments on appointments.id = appointment_id
         where number = 1
           and (from_status is not null or from_starts_at is not null or to_status not in ('held', 'pending', 'confirmed'))
         order by walk.id"
    );
    check!(
        checks,
        HistoryBroken,
        "select format('appointment %s (%s), change %s: from %s at %s, after %s at %s',
                       appointments.id, reference, walk.id, coalesce(from_status, 'nothing'),
                       coalesce(from_starts_at, to_starts_at), status_before, starts_at_before) as said
         from walk join appointments on appointments.id = appointment_id
         where number > 1
           and (from_status is distinct from status_before
                or coalesce(from_starts_at, to_starts_at) <> starts_at_before)
         order by walk.id"
    );
    let (from, to) = transitions();
    // What is moved keeps its status.
    check!(
        checks,
        HistoryIllegal,
        "select format('appointment %s (%s), change %s: %s from %s to %s', appointments.id, reference, walk.id,
                       case when from_starts_at is null then 'changed' else 'moved' end,
                       coalesce(from_status, 'nothing'), to_status) as said
         from walk join appointments on appointments.id = appointment_id
         where number > 1
           and case when from_starts_at is null
                    then not exists (select from unnest($1::text[], $2::text[]) as known (from_status, to_status)
                                     where known.from_status = walk.from_status and known.to_status = walk.to_status)
                    else from_status is distinct from to_status or to_status not in ('pending', 'confirmed')
               end
         order by walk.id",
        &from,
        &to
    );
    check!(
        checks,
        HistoryEnd,
        "select format('appointment %s (%s): %s at %s, and its history ends with %s at %s',
                       appointments.id, reference, status, starts_at, to_status, to_starts_at) as said
         from walk join appointments on appointments.id = appointment_id
         where id_after is null and (to_status <> status or to_starts_at <> starts_at)
         order by appointments.id"
    );
    check!(
        checks,
        HistoryOrphan,
        "select format('change %s of appointment %s', id, appointment_id) as said
         from appointment_changes
         where not exists (select from appointments where id = appointment_id)
         order by id"
    );
    Ok(())
}

/// What the status machine allows somebody at some time, as two columns.
fn transitions() -> (Vec<String>, Vec<String>) {
    let roles = [Role::Patient, Role::Doctor, Role::Admin, Role::System];
    let pairs = Status::ALL
        .into_iter()
        .flat_map(|from| Status::ALL.map(|to| (from, to)));
    pairs
        .filter(|&(from, to)| {
            [false, true].into_iter().any(|started| {
                let transition = Transition {
                    from,
                    to,
                    started,
                    past_cutoff: false,
                };
                roles.into_iter().any(|role| transition.is_allowed(role))
            })
        })
        .map(|(from, to)| (from.as_str().to_owned(), to.as_str().to_owned()))
        .unzip()
}

/// The constraints without which only the program stands between two bookings and one time.
const GUARDS: [&str; 14] = [
    "appointments_no_overlap",
    "appointments_overbooked_has_a_reason",
    "appointments_patient_no_overlap",
    "appointments_reference_key",
    "appointments_ends_after_start",
    "appointments_blocks_itself",
    "appointments_held_has_an_end",
    "appointments_pending_has_an_end",
    "appointments_somebodys",
    "appointment_changes_version_key",
    "prescriptions_appointment_id_key",
    "ratings_appointment_id_key",
    "idempotency_keys_pkey",
    "patients_phone_key",
];

async fn appointments_are_whole(checks: &mut Checks) -> Result<(), Failure> {
    check!(
        checks,
        VisitOutsideBlock,
        "select format('appointment %s (%s): from %s to %s, blocks from %s to %s',
                       id, reference, starts_at, ends_at, blocks_from, blocks_until) as said
         from appointments
         where starts_at >= ends_at or blocks_from > starts_at or blocks_until < ends_at
         order by id"
    );
    check!(
        checks,
        EndMissing,
        "select format('appointment %s (%s): %s', id, reference, status) as said
         from appointments
         where status = 'held' and held_until is null or status = 'pending' and answer_until is null
         order by id"
    );
    check!(
        checks,
        OwnerMissing,
        "select format('appointment %s (%s): %s', id, reference, status) as said
         from appointments
         where patient_id is null and (held_by is null or status not in ('held', 'cancelled', 'expired'))
         order by id"
    );
    let known: Vec<String> = Status::ALL.map(|status| status.as_str().to_owned()).to_vec();
    check!(
        checks,
        StatusUnknown,
        "select format('appointment %s (%s): %s', id, reference, status) as said
         from appointments
         where status <> all ($1::text[])
         order by id",
        &known
    );
    check!(
        checks,
        RowMissing,
        "select format('appointment %s (%s): doctor %s, clinic %s, service %s, patient %s',
                       id, reference, doctor_id, clinic_id, service_id, patient_id) as said
         from appointments
         where not exists (select from doctors where doctors.id = doctor_id)
            or not exists (select from clinics where clinics.id = clinic_id)
            or not exists (select from services where services.id = service_id)
            or patient_id is not null and not exists (select from patients where patients.id = patient_id)
         order by id"
    );
    check!(
        checks,
        ReferenceTwice,
        "select format('%s of appointments %s', reference, string_agg(id::text, ', ' order by id)) as said
         from appointments
         group by reference having count(*) > 1
         order by reference"
    );
    check!(
        checks,
        ReferenceMalformed,
        "select format('appointment %s (%s)', id, reference) as said
         from appointments
         where reference !~ '^[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$'
         order by id"
    );
    Ok(())
}

/// One prescription (A4) and one rating (A5) of each visit, and of nothing else.
async fn visits_have_one_of_each(checks: &mut Checks) -> Result<(), Failure> {
    check!(
        checks,
        PrescriptionTwice,
        "select format('prescriptions %s of appointment %s', string_agg(id::text, ', ' order by id), appointment_id)
                    as said
         from prescriptions
         group by appointment_id having count(*) > 1
         order by appointment_id"
    );
    check!(
        checks,
        PrescriptionMisplaced,
        "select format('prescription %s of appointment %s: %s, %s medications',
                       prescriptions.id, appointment_id, coalesce(status, 'not there'), written) as said
         from prescriptions
         left join appointments on appointments.id = appointment_id
         cross join lateral (select count(*) as written from medications
                             where prescription_id = prescriptions.id) as counted
         where status is null or status not in ('in_progress', 'completed') or written = 0
         order by prescriptions.id"
    );
    check!(
        checks,
        RatingTwice,
        "select format('ratings %s of appointment %s', string_agg(id::text, ', ' order by id), appointment_id) as said
         from ratings
         group by appointment_id having count(*) > 1
         order by appointment_id"
    );
    check!(
        checks,
        RatingMisplaced,
        "select format('rating %s of appointment %s: %s, doctor %s, score %s',
                       ratings.id, appointment_id, coalesce(status, 'not there'), ratings.doctor_id, score) as said
         from ratings
         left join appointments on appointments.id = appointment_id
         where status is distinct from 'completed' or ratings.doctor_id <> appointments.doctor_id
            or score not between 1 and 5
         order by ratings.id"
    );
    Ok(())
}

/// What was booked together is there, all of it, and one patient's (B7).
async fn visits_are_whole(checks: &mut Checks) -> Result<(), Failure> {
    check!(
        checks,
        VisitBroken,
        "select format('visit %s of patient %s: parts %s, appointments %s, of patients %s', visit, patient,
                       coalesce(places, 'none'), coalesce(ids, 'none'), coalesce(patients, 'none')) as said
         from (select coalesce(visits.id, visit_id) as visit, visits.patient_id as patient,
                      count(appointments.id) as parts, min(segment) as first, max(segment) as last,
                      count(distinct segment) as different,
                      bool_and(appointments.patient_id = visits.patient_id) as is_theirs,
                      string_agg(segment::text, ', ' order by segment, appointments.id) as places,
                      string_agg(appointments.id::text, ', ' order by segment, appointments.id) as ids,
                      string_agg(distinct appointments.patient_id::text, ', ') as patients
               from visits
               full join (select * from appointments where visit_id is not null) as appointments
                 on visit_id = visits.id
               group by visits.id, visit_id) as whole
         where parts < 2 or first <> 1 or last <> parts or different <> parts or is_theirs is not true
         order by visit"
    );
    Ok(())
}

async fn guards_are_in_place(checks: &mut Checks) -> Result<(), Failure> {
    let guards: Vec<String> = GUARDS.map(str::to_owned).to_vec();
    check!(
        checks,
        GuardMissing,
        "select format('constraint %s', name) as said
         from unnest($1::text[]) as name
         where not exists (select from pg_constraint
                           left join pg_index on indexrelid = conindid
                           where conname = name and convalidated and indisvalid is not false
                             and connamespace = (select oid from pg_namespace where nspname = current_schema()))
         order by name",
        &guards
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transitions_are_those_of_the_status_machine() {
        let (from, to) = transitions();
        let walk = |a: &str, b: &str| from.iter().zip(&to).any(|(from, to)| from == a && to == b);
        for (a, b) in [
            ("held", "pending"),
            ("held", "expired"),
            ("pending", "confirmed"),
            ("confirmed", "no_show"),
            ("in_progress", "completed"),
        ] {
            assert!(walk(a, b), "{a} to {b}");
        }
        for (a, b) in [
            ("completed", "confirmed"),
            ("cancelled", "confirmed"),
            ("pending", "completed"),
            ("held", "completed"),
            ("confirmed", "confirmed"),
        ] {
            assert!(!walk(a, b), "{a} to {b}");
        }
    }

    #[test]
    fn every_rule_has_a_name_of_its_own_and_a_sentence() {
        let names: std::collections::HashSet<_> = Violation::ALL.map(Violation::name).into();
        assert_eq!(names.len(), Violation::ALL.len());
        for locale in Locale::ALL {
            for violation in Violation::ALL {
                assert!(
                    !violation.rule(Texts::of(locale)).starts_with("Unknown"),
                    "{violation:?}"
                );
            }
        }
    }
}
