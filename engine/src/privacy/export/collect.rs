//! Collecting what is known of a patient, as they may have it: their own data, and not what staff noted for themselves, which may
//! be about others as well.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    account::Role,
    database::{Database, Failure, Tx},
    error::AppError,
    i18n::{Locale, Texts},
    ical::{
        Event, event_of,
        ics::{self, Telling},
    },
    privacy::people::records_of,
};

/// The time for each statement.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Most appointments in the calendar.
const MAX_EVENTS: i64 = 5000;

/// A table of the copy: its name in files, its columns in their order, and its rows as objects.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub name: &'static str,
    pub columns: &'static [&'static str],
    pub rows: Vec<Value>,
}

/// A value as text.
pub(super) fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// All that goes into a copy.
#[derive(Clone, Debug)]
pub(super) struct Collected {
    pub tables: Vec<Table>,
    /// The appointments as a calendar.
    pub calendar: String,
}

/// Collects the data of a patient, as of one moment.
///
/// # Errors
/// Those of the database.
pub(super) async fn collect(
    database: &Database,
    patient_id: i64,
    locale: Locale,
    now: Timestamp,
) -> Result<Collected, AppError> {
    database
        .snapshot("privacy.collect", TIMEOUT, move |mut tx| async move {
            let records = records_of(&mut tx, patient_id).await?;
            let mut tables = own(&mut tx, &records).await?;
            tables.extend(of_care(&mut tx, &records).await?);
            tables.extend(of_the_clinic(&mut tx, &records).await?);
            let calendar = calendar(&mut tx, &records, locale, now).await?;
            Ok(Collected { tables, calendar })
        })
        .await
}

/// Reads a table by a select of its rows.
macro_rules! table {
    ($tx:expr, $records:expr, $name:literal, $columns:expr, $rows:literal) => {{
        let rows = sqlx::query_scalar!(
            r#"select coalesce(jsonb_agg(to_jsonb(found)), '[]') as "rows!" from ("#
                + $rows
                + r#" limit 20000) as found"#,
            $records,
        )
        .fetch_one(&mut **$tx)
        .await?;
        Table {
            name: $name,
            columns: &$columns,
            rows: match rows {
                Value::Array(rows) => rows,
                _ => Vec::new(),
            },
        }
    }};
}

/// Who somebody is, what they booked, and what happened to it.
async fn own(tx: &mut Tx, records: &[i64]) -> Result<Vec<Table>, Failure> {
    Ok(vec![
        table!(
            tx,
            records,
            "person",
            ["name", "phone", "email", "language", "birthday", "reminders", "since"],
            "select name, phone, email, locale as language, birthday, wants_reminders as reminders, created_at as since
             from patients left join patient_cards on patient_id = id where id = any($1) order by created_at"
        ),
        table!(
            tx,
            records,
            "appointments",
            [
                "reference", "starts_at", "ends_at", "status", "service", "doctor", "clinic", "address", "reason",
                "price_minor", "currency", "booked_at"
            ],
            "select reference, starts_at, ends_at, status, service_name as service, doctors.name as doctor,
                    clinics.name as clinic, clinics.address, appointments.reason, price_minor, currency,
                    appointments.created_at as booked_at
             from appointments join doctors on doctors.id = doctor_id join clinics on clinics.id = clinic_id
             where patient_id = any($1) order by starts_at, appointments.id"
        ),
        table!(
            tx,
            records,
            "changes",
            ["reference", "at", "from_status", "to_status", "starts_at", "by", "reason"],
            "select reference, changed_at as at, from_status, to_status, to_starts_at as starts_at, actor as by, changes.reason
             from appointment_changes as changes join appointments on appointments.id = appointment_id
             where appointments.patient_id = any($1) order by changes.id"
        ),
        table!(
            tx,
            records,
            "stays",
            ["reference", "arrival", "departure", "rooms", "status", "price_minor", "currency", "booked_at"],
            "select reference, arrival, departure, rooms, status, total_minor as price_minor, currency, created_at as booked_at
             from stays where patient_id = any($1) order by arrival, id"
        ),
        table!(
            tx,
            records,
            "waitlist",
            ["service", "first_day", "last_day", "reason", "state", "joined_at", "ended_at"],
            "select services.name as service, first_day, last_day, reason, state, joined_at, ended_at
             from waitlist_entries join services on services.id = service_id
             where patient_id = any($1) order by waitlist_entries.id"
        ),
    ])
}

/// What a doctor did and wrote for them, and what they said of it.
async fn of_care(tx: &mut Tx, records: &[i64]) -> Result<Vec<Table>, Failure> {
    Ok(vec![
        table!(
            tx,
            records,
            "prescriptions",
            ["reference", "written_at", "withdrawn_at", "medication", "dose", "frequency", "duration", "medication_note", "note"],
            "select reference, written_at, withdrawn_at, medications.name as medication, dose, frequency, duration,
                    medications.note as medication_note, prescriptions.note
             from prescriptions join appointments on appointments.id = appointment_id
             left join medications on prescription_id = prescriptions.id
             where patient_id = any($1) order by prescriptions.id, position"
        ),
        table!(
            tx,
            records,
            "consultations",
            ["reference", "at", "by", "text"],
            "select reference, sent_at as at, author as by, body as text
             from consultation_messages as written join appointments on appointments.id = appointment_id
             where appointments.patient_id = any($1) order by appointment_id, position"
        ),
        table!(
            tx,
            records,
            "ratings",
            ["reference", "at", "stars", "text"],
            "select reference, rated_at as at, score as stars, comment as text
             from ratings join appointments on appointments.id = appointment_id
             where patient_id = any($1) order by ratings.id"
        ),
    ])
}

/// What the clinic told them, what they paid, and who has read their data.
async fn of_the_clinic(tx: &mut Tx, records: &[i64]) -> Result<Vec<Table>, Failure> {
    Ok(vec![
        table!(
            tx,
            records,
            "messages",
            ["at", "kind", "channel", "recipient", "state", "subject", "text"],
            "select created_at as at, kind, channel, recipient, state, subject,
                    case when secret_until is null then body else '' end as text
             from messages where patient_id = any($1) order by id"
        ),
        table!(
            tx,
            records,
            "payments",
            ["reference", "at", "provider", "state", "amount_minor", "currency", "paid_at"],
            "select coalesce(appointments.reference, stays.reference) as reference, payments.created_at as at, provider, state,
                    amount_minor, payments.currency, paid_at
             from payments
             left join appointments on appointments.id = appointment_id
             left join stays on stays.id = stay_id
             where coalesce(appointments.patient_id, stays.patient_id) = any($1) order by payments.id"
        ),
        table!(
            tx,
            records,
            "reads",
            ["at", "who", "what"],
            "select read_at as at, staff.name as who, what
             from patient_reads join staff on staff.id = staff_id where patient_id = any($1) order by patient_reads.id desc"
        ),
        table!(
            tx,
            records,
            "consents",
            ["at", "purpose", "version", "given", "channel"],
            "select said_at as at, purpose, version, is_given as given, channel
             from consents where patient_id = any($1) order by consents.id"
        ),
    ])
}

async fn calendar(tx: &mut Tx, records: &[i64], locale: Locale, now: Timestamp) -> Result<String, Failure> {
    let ids = sqlx::query_scalar!(
        "select id from appointments where patient_id = any($1) and status <> 'held' order by starts_at desc limit $2",
        records,
        MAX_EVENTS,
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut events: Vec<Event> = Vec::new();
    let mut of = String::new();
    for id in ids {
        if let Some((event, installation)) = event_of(tx, id).await? {
            events.push(event);
            of = installation;
        }
    }
    let telling = Telling {
        role: Role::Patient,
        details: true,
        texts: Texts::of(locale),
        origin: None,
        installation: of,
    };
    Ok(ics::feed(&events, &telling, now))
}
