//! What is in the database, against what the ledger says was acknowledged and refused.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::{AssertSqlSafe, PgPool, Row as _, postgres::PgRow};

use crate::{
    Fallible,
    run::{
        Run,
        ledger::{Line, Outcome, Wish},
    },
};

struct Appointment {
    id: i64,
    reference: String,
    doctor: i64,
    patient: Option<i64>,
    service: i64,
    status: String,
    starts_at: i64,
    reason: String,
    group: Option<i64>,
    /// How many seats it was given, whether it has them still or not.
    seats: i64,
}

struct Change {
    appointment: i64,
    version: i32,
    from: Option<String>,
    to: String,
    from_starts_at: Option<i64>,
    to_starts_at: i64,
    actor: String,
    reason: String,
    committed_at: f64,
}

/// A prescription or a rating, which say in their own words what key they came with.
struct Paper {
    id: i64,
    appointment: i64,
    key: String,
    /// Its score, or how many medications it has.
    value: i64,
    committed_at: f64,
}

/// A change of a stay, which says as its reason what key it came with.
struct StayChange {
    stay: i64,
    patient: i64,
    rooms: i64,
    to: String,
}

/// The facts in the database.
pub(super) struct Facts {
    appointments: HashMap<i64, Appointment>,
    by_reference: HashMap<String, i64>,
    by_key: HashMap<String, Vec<i64>>,
    changes: HashMap<i64, Vec<Change>>,
    changes_by_key: HashMap<String, Vec<(i64, usize)>>,
    prescriptions: HashMap<String, Vec<Paper>>,
    ratings: HashMap<String, Vec<Paper>>,
    stays: HashMap<String, Vec<StayChange>>,
}

impl Facts {
    pub(super) async fn read(database: &PgPool) -> Fallible<Self> {
        let mut facts = Self {
            appointments: HashMap::new(),
            by_reference: HashMap::new(),
            by_key: HashMap::new(),
            changes: HashMap::new(),
            changes_by_key: HashMap::new(),
            prescriptions: papers(
                database,
                "select id, appointment_id, note,
                        (select count(*) from medications where prescription_id = prescriptions.id),
                        extract(epoch from pg_xact_commit_timestamp(xmin))::float8
                 from prescriptions",
            )
            .await?,
            ratings: papers(
                database,
                "select id, appointment_id, comment, score::bigint,
                        extract(epoch from pg_xact_commit_timestamp(xmin))::float8
                 from ratings",
            )
            .await?,
            stays: stay_changes(database).await?,
        };
        let appointments = sqlx::query(
            "select id, reference, doctor_id, patient_id, service_id, status,
                    extract(epoch from starts_at)::bigint, reason, group_id,
                    (select count(*) from group_seats where appointment_id = appointments.id)
             from appointments",
        )
        .try_map(|row: PgRow| {
            Ok(Appointment {
                id: row.try_get(0)?,
                reference: row.try_get(1)?,
                doctor: row.try_get(2)?,
                patient: row.try_get(3)?,
                service: row.try_get(4)?,
                status: row.try_get(5)?,
                starts_at: row.try_get(6)?,
                reason: row.try_get(7)?,
                group: row.try_get(8)?,
                seats: row.try_get(9)?,
            })
        })
        .fetch_all(database)
        .await?;
        for appointment in appointments {
            if !appointment.reason.is_empty() {
                facts
                    .by_key
                    .entry(appointment.reason.clone())
                    .or_default()
                    .push(appointment.id);
            }
            facts
                .by_reference
                .insert(appointment.reference.clone(), appointment.id);
            facts.appointments.insert(appointment.id, appointment);
        }
        let changes = sqlx::query(
            "select appointment_id, version, from_status, to_status,
                    extract(epoch from from_starts_at)::bigint, extract(epoch from to_starts_at)::bigint,
                    actor, reason, extract(epoch from pg_xact_commit_timestamp(xmin))::float8
             from appointment_changes order by appointment_id, version",
        )
        .try_map(|row: PgRow| {
            Ok(Change {
                appointment: row.try_get(0)?,
                version: row.try_get(1)?,
                from: row.try_get(2)?,
                to: row.try_get(3)?,
                from_starts_at: row.try_get(4)?,
                to_starts_at: row.try_get(5)?,
                actor: row.try_get(6)?,
                reason: row.try_get(7)?,
                committed_at: row.try_get(8)?,
            })
        })
        .fetch_all(database)
        .await?;
        for change in changes {
            let of_one = facts.changes.entry(change.appointment).or_default();
            if !change.reason.is_empty() {
                let place = (change.appointment, of_one.len());
                facts
                    .changes_by_key
                    .entry(change.reason.clone())
                    .or_default()
                    .push(place);
            }
            of_one.push(change);
        }
        Ok(facts)
    }

    pub(super) fn hold_against(&self, run: &Run) {
        let lines = run.ledger.lines();
        for (key, lines) in &lines {
            for line in lines {
                match &line.wish {
                    Wish::Book { .. } => self.booking(run, key, line),
                    Wish::Seats { .. } => self.seats(run, key, line),
                    Wish::Hold { .. } => self.hold(run, key, line),
                    Wish::Change { .. } => self.change(run, key, line),
                    Wish::Move { .. } => self.moving(run, key, line),
                    Wish::Prescribe { appointment } => {
                        paper(
                            run,
                            key,
                            line,
                            "PRESCRIPTION",
                            *appointment,
                            2,
                            &self.prescriptions,
                        );
                    }
                    Wish::Rate { appointment, score } => {
                        paper(
                            run,
                            key,
                            line,
                            "RATING",
                            *appointment,
                            i64::from(*score),
                            &self.ratings,
                        );
                    }
                    Wish::Stay { patient, rooms } => self.stay(run, key, line, *patient, *rooms),
                    Wish::CancelStay { stay } => self.cancelled_stay(run, key, line, *stay),
                    // Each time has one owner: that is what the rules of `verify` say.
                    Wish::SignIn | Wish::Write | Wish::Look | Wish::Wait | Wish::Answer => {}
                }
            }
        }
        self.nothing_else(run, &lines);
        println!(
            "{} appointments, {} changes, {} prescriptions, {} ratings held against {} wishes",
            self.appointments.len(),
            self.changes.values().map(Vec::len).sum::<usize>(),
            self.prescriptions.len(),
            self.ratings.len(),
            lines.len(),
        );
    }

    /// The appointment as it was booked, wherever it was moved since.
    fn booked_at(&self, appointment: &Appointment) -> i64 {
        let first = self
            .changes
            .get(&appointment.id)
            .and_then(|changes| changes.first());
        first.map_or(appointment.starts_at, |change| change.to_starts_at)
    }

    fn booking(&self, run: &Run, key: &str, line: &Line) {
        let Wish::Book {
            doctor,
            patient,
            service,
            starts_at,
        } = &line.wish
        else {
            return;
        };
        let rows: Vec<&Appointment> = self
            .by_key
            .get(key)
            .into_iter()
            .flatten()
            .filter_map(|id| self.appointments.get(id))
            .collect();
        let is_it =
            |row: &&&Appointment| self.booked_at(row) == starts_at.as_second() && row.doctor == *doctor;
        let found = |violation, what: String| {
            let rows: Vec<String> = rows
                .iter()
                .map(|row| format!("{} {} {}", row.id, row.reference, row.status))
                .collect();
            run.ledger
                .violation(violation, format!("{key}: {what}; {line:?}; rows: {rows:?}"));
        };
        if rows.len() > 1 {
            found("BOOKED_TWICE", format!("{} bookings", rows.len()));
        }
        match &line.outcome {
            Outcome::Yes { id, reference, .. } => {
                let Some(row) = rows.iter().find(is_it) else {
                    found("LOST_BOOKING", "acknowledged, and not there".to_owned());
                    return;
                };
                let agrees = id.is_none_or(|id| id == row.id)
                    && reference
                        .as_ref()
                        .is_none_or(|reference| *reference == row.reference)
                    && row.patient == Some(*patient)
                    && row.service == service.id();
                if !agrees {
                    found("WRONG_BOOKING", "not what was acknowledged".to_owned());
                }
            }
            Outcome::No { code, sent_at } => {
                if let Some(row) = rows.iter().find(is_it) {
                    let committed_at = self
                        .changes
                        .get(&row.id)
                        .into_iter()
                        .flatten()
                        .find(|change| matches!(change.to.as_str(), "pending" | "confirmed"))
                        .map_or(0.0, |change| change.committed_at);
                    refused(run, key, line, code, *sent_at, committed_at);
                }
            }
            Outcome::Unknown => run.ledger.note("never answered"),
        }
    }

    /// Seats that were acknowledged are there: as many, in that session, once. That no session has more than there are is
    /// checked by `verify`, over all of them.
    fn seats(&self, run: &Run, key: &str, line: &Line) {
        let Wish::Seats {
            group,
            patient,
            seats,
        } = &line.wish
        else {
            return;
        };
        let rows: Vec<&Appointment> = self
            .by_key
            .get(key)
            .into_iter()
            .flatten()
            .filter_map(|id| self.appointments.get(id))
            .collect();
        if rows.len() > 1 {
            run.ledger.violation("SEATED_TWICE", format!("{key}: {line:?}"));
        }
        match (&line.outcome, rows.first()) {
            (Outcome::Yes { .. }, None) => {
                run.ledger.violation("LOST_SEATS", format!("{key}: {line:?}"));
            }
            (Outcome::Yes { .. }, Some(row)) => {
                let agrees =
                    row.group == Some(*group) && row.patient == Some(*patient) && row.seats == *seats;
                if !agrees {
                    let what = format!("{key}: {} has {} of {:?}; {line:?}", row.id, row.seats, row.group);
                    run.ledger.violation("WRONG_SEATS", what);
                }
            }
            (Outcome::No { code, sent_at }, Some(row)) => {
                let first = self.changes.get(&row.id).and_then(|changes| changes.first());
                let committed_at = first.map_or(0.0, |change| change.committed_at);
                refused(run, key, line, code, *sent_at, committed_at);
            }
            (Outcome::No { .. }, None) => {}
            (Outcome::Unknown, _) => run.ledger.note("never answered"),
        }
    }

    fn hold(&self, run: &Run, key: &str, line: &Line) {
        let (
            Wish::Hold { doctor, starts_at },
            Outcome::Yes {
                reference: Some(reference),
                ..
            },
        ) = (&line.wish, &line.outcome)
        else {
            return;
        };
        let row = self
            .by_reference
            .get(reference)
            .and_then(|id| self.appointments.get(id));
        if !row.is_some_and(|row| row.doctor == *doctor && self.booked_at(row) == starts_at.as_second()) {
            run.ledger
                .violation("LOST_HOLD", format!("{key} {reference}: {line:?}"));
        }
    }

    fn change(&self, run: &Run, key: &str, line: &Line) {
        let Wish::Change {
            appointment,
            to,
            version,
        } = &line.wish
        else {
            return;
        };
        let rows: Vec<&Change> = self
            .changes_by_key
            .get(key)
            .into_iter()
            .flatten()
            .filter_map(|(id, place)| self.changes.get(id)?.get(*place))
            .collect();
        if rows.len() > 1 {
            run.ledger.violation("CHANGED_TWICE", format!("{key}: {line:?}"));
        }
        let is_it = |row: &&Change| row.appointment == *appointment && row.to == *to;
        match &line.outcome {
            Outcome::Yes { .. } => {
                // Who asks for what they have just done is told that it is done, and nothing is written.
                let done_before = || {
                    let changes = self.changes.get(appointment);
                    changes.into_iter().flatten().any(|change| {
                        change.to == *to && version.is_some_and(|version| change.version == version + 1)
                    })
                };
                if !rows.iter().any(is_it) && !done_before() {
                    run.ledger.violation("LOST_CHANGE", format!("{key}: {line:?}"));
                }
            }
            Outcome::No { code, sent_at } => {
                if let Some(row) = rows.iter().find(|row| is_it(row)) {
                    refused(run, key, line, code, *sent_at, row.committed_at);
                }
            }
            Outcome::Unknown => run.ledger.note("never answered"),
        }
    }

    fn moving(&self, run: &Run, key: &str, line: &Line) {
        let (
            Wish::Move {
                appointment,
                starts_at,
            },
            Outcome::Yes { version, .. },
        ) = (&line.wish, &line.outcome)
        else {
            return;
        };
        // Who asks for the time that it has already is told yes, and nothing is written.
        let moved = self.changes.get(appointment).into_iter().flatten().any(|change| {
            change.to_starts_at == starts_at.as_second()
                && version.is_none_or(|version| version == i64::from(change.version))
        });
        if !moved {
            run.ledger.violation("LOST_MOVE", format!("{key}: {line:?}"));
        }
    }

    fn stay(&self, run: &Run, key: &str, line: &Line, patient: i64, rooms: i64) {
        let rows = self.stays.get(key).map(Vec::as_slice).unwrap_or_default();
        if rows.len() > 1 {
            run.ledger.violation("STAY_TWICE", format!("{key}: {line:?}"));
        }
        let is_it = |row: &StayChange, id: Option<i64>| {
            row.patient == patient
                && row.rooms == rooms
                && row.to == "booked"
                && id.is_none_or(|id| id == row.stay)
        };
        match &line.outcome {
            Outcome::Yes { id, .. } if !rows.iter().any(|row| is_it(row, *id)) => {
                run.ledger.violation("LOST_STAY", format!("{key}: {line:?}"));
            }
            Outcome::No { .. } if !rows.is_empty() && line.unanswered == 0 => {
                run.ledger.violation("REFUSED_STAY", format!("{key}: {line:?}"));
            }
            Outcome::Unknown => run.ledger.note("never answered"),
            Outcome::Yes { .. } | Outcome::No { .. } => {}
        }
    }

    fn cancelled_stay(&self, run: &Run, key: &str, line: &Line, stay: i64) {
        let rows = self.stays.get(key).map(Vec::as_slice).unwrap_or_default();
        if rows.len() > 1 {
            run.ledger
                .violation("STAY_CANCELLED_TWICE", format!("{key}: {line:?}"));
        }
        let is_cancelled = rows.iter().any(|row| row.stay == stay && row.to == "cancelled");
        if line.outcome.is_yes() && !is_cancelled {
            run.ledger
                .violation("LOST_CANCEL_OF_STAY", format!("{key}: {line:?}"));
        }
    }

    /// Nothing is there that nobody asked for.
    fn nothing_else(&self, run: &Run, lines: &HashMap<String, Vec<Line>>) {
        for appointment in self.appointments.values() {
            let changes = self
                .changes
                .get(&appointment.id)
                .map(Vec::as_slice)
                .unwrap_or_default();
            let was_booked = changes
                .iter()
                .any(|change| matches!(change.to.as_str(), "pending" | "confirmed"));
            if was_booked && !lines.contains_key(&appointment.reason) {
                let what = format!(
                    "{} {} {:?}",
                    appointment.id, appointment.reference, appointment.reason
                );
                run.ledger.violation("UNASKED_BOOKING", what);
            }
            for change in changes {
                let by_nobody = match (change.actor.as_str(), change.from.as_deref()) {
                    ("system", Some("held")) => change.to != "expired",
                    // A time that is kept for somebody who waits.
                    ("system", None) => change.to != "held",
                    // All of them start tomorrow, and have a day to be answered.
                    ("system", _) => true,
                    // Holds, and what becomes of them.
                    (_, None | Some("held")) => false,
                    _ if change.from_starts_at.is_some() => !lines.values().flatten().any(|line| {
                        let of_this = matches!(&line.wish, Wish::Move { appointment, starts_at }
                            if *appointment == change.appointment && starts_at.as_second() == change.to_starts_at);
                        of_this && (line.unanswered > 0 || !matches!(line.outcome, Outcome::No { .. }))
                    }),
                    _ => !lines.contains_key(&change.reason),
                };
                if by_nobody {
                    let what = format!(
                        "{} version {}: {:?} to {} by {}, {:?}",
                        change.appointment,
                        change.version,
                        change.from,
                        change.to,
                        change.actor,
                        change.reason
                    );
                    run.ledger.violation("UNASKED_CHANGE", what);
                }
            }
        }
        for (name, papers) in [("prescription", &self.prescriptions), ("rating", &self.ratings)] {
            for (key, papers) in papers {
                if !lines.contains_key(key) {
                    run.ledger
                        .violation("UNASKED_PAPER", format!("{name} {}", papers[0].id));
                }
            }
        }
    }
}

/// Reads the changes of stays by the keys that they came with.
async fn stay_changes(database: &PgPool) -> Fallible<HashMap<String, Vec<StayChange>>> {
    let rows: Vec<(String, i64, i64, i64, String)> = sqlx::query_as(
        "select reason, stay_id, stays.patient_id, stay_changes.rooms::bigint, to_status
         from stay_changes join stays on stays.id = stay_id where reason <> ''",
    )
    .fetch_all(database)
    .await?;
    let mut changes: HashMap<String, Vec<StayChange>> = HashMap::new();
    for (key, stay, patient, rooms, to) in rows {
        changes.entry(key).or_default().push(StayChange {
            stay,
            patient,
            rooms,
            to,
        });
    }
    Ok(changes)
}

async fn papers(database: &PgPool, query: &'static str) -> Fallible<HashMap<String, Vec<Paper>>> {
    type Row = (i64, i64, String, i64, f64);
    let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(query)).fetch_all(database).await?;
    let mut papers: HashMap<String, Vec<Paper>> = HashMap::new();
    for (id, appointment, key, value, committed_at) in rows {
        papers.entry(key.clone()).or_default().push(Paper {
            id,
            appointment,
            key,
            value,
            committed_at,
        });
    }
    Ok(papers)
}

fn paper(
    run: &Run,
    key: &str,
    line: &Line,
    name: &'static str,
    appointment: i64,
    value: i64,
    papers: &HashMap<String, Vec<Paper>>,
) {
    let rows = papers.get(key).map(Vec::as_slice).unwrap_or_default();
    let found = |violation, what: &str| {
        run.ledger
            .violation(violation, format!("{name} {key}: {what}; {line:?}"));
    };
    if rows.len() > 1 {
        found("WRITTEN_TWICE", "more than one");
    }
    match (&line.outcome, rows.first()) {
        (Outcome::Yes { id, .. }, Some(row)) => {
            let agrees =
                row.appointment == appointment && row.value == value && id.is_none_or(|id| id == row.id);
            if !agrees || row.key != key {
                found("WRONG_PAPER", "not what was acknowledged");
            }
        }
        (Outcome::Yes { .. }, None) => found("LOST_PAPER", "acknowledged, and not there"),
        (Outcome::No { code, sent_at }, Some(row)) => {
            refused(run, key, line, code, *sent_at, row.committed_at)
        }
        (Outcome::No { .. }, None) => {}
        (Outcome::Unknown, _) => run.ledger.note("never answered"),
    }
}

/// It was refused and is there all the same. That is fine only where an earlier request, which nobody heard of any
/// more, was carried out after the one that was refused had been sent; or where no key told the server that both
/// were one.
fn refused(run: &Run, key: &str, line: &Line, code: &str, sent_at: Timestamp, committed_at: f64) {
    let was_there = committed_at < sent_at.as_duration().as_secs_f64();
    if line.keyed && (was_there || line.unanswered == 0) {
        let what = format!("{key}: {code} at {sent_at}, committed at {committed_at}; {line:?}");
        run.ledger.violation("REFUSED_YET_WRITTEN", what);
    } else if line.keyed {
        run.ledger.note("written after a later request was refused");
    } else if line.unanswered == 0 {
        run.ledger
            .violation("REFUSED_YET_WRITTEN", format!("{key}: {code}; {line:?}"));
    } else {
        run.ledger.note("written without a key, refused when asked again");
    }
}
