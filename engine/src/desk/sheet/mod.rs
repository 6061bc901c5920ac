//! The sheet of a clinic: a day of all its doctors, or a week of one, with what is booked, planned and free. It is read with
//! as many statements for twenty doctors as for one.

mod read;

use jiff::{Timestamp, civil, tz::TimeZone};

use self::read::read;
use super::Offer;
use crate::{
    account::{
        Caller, Role,
        reads::{self, What},
    },
    appointment::{Arrival, Status},
    availability::Hours,
    database::Database,
    error::AppError,
    i18n::{Locale, Names},
    time::Range,
};

/// A clinic that has a sheet.
#[derive(Clone, Debug)]
pub struct Clinic {
    pub id: i64,
    pub name: String,
    pub zone_name: String,
    pub zone: TimeZone,
}

/// An appointment or a hold on a sheet.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Empty for what is another clinic's, of which nothing but its time may be known.
    pub reference: String,
    pub doctor_id: i64,
    pub clinic_id: i64,
    pub patient_id: Option<i64>,
    /// `None` where it is not known yet.
    pub patient_name: Option<String>,
    pub patient_phone: Option<String>,
    pub service_name: String,
    pub service_names: Names,
    pub status: Status,
    pub version: i32,
    pub time: Range,
    /// With its buffers.
    pub blocked: Range,
    pub arrived_at: Option<Timestamp>,
    pub overbooked: bool,
    /// The group session that it is, with all its seats.
    pub group: Option<Session>,
}

/// A group session on a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: i64,
    pub title: String,
    pub taken: i64,
    pub capacity: i32,
}

impl Visit {
    /// The name of the service, as somebody with this language reads it.
    pub fn service(&self, locale: Locale) -> &str {
        self.service_names.or(&self.service_name, locale)
    }

    pub fn has_started(&self, now: Timestamp) -> bool {
        self.time.start <= now
    }

    /// What of it is seen from a clinic that it is none of: that its doctor is busy then.
    fn without_names(self) -> Self {
        Self {
            reference: String::new(),
            patient_id: None,
            patient_name: None,
            patient_phone: None,
            service_name: String::new(),
            arrived_at: None,
            overbooked: false,
            group: None,
            ..self
        }
    }

    /// Whether more is known of it than that its doctor is busy.
    pub fn is_open(&self) -> bool {
        !self.reference.is_empty()
    }

    /// Whether staff may say now that its patient is here.
    pub fn may_arrive(&self, now: Timestamp) -> bool {
        self.status == Status::Confirmed
            && self.arrived_at.is_none()
            && Arrival::of(self.time).is_open_to(Role::Admin, now)
    }

    /// Whether it waits for a patient who should be here.
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.status == Status::Confirmed && self.arrived_at.is_none() && self.has_started(now)
    }

    /// The minutes for which its patient has been waiting.
    pub fn waiting_minutes(&self, now: Timestamp) -> Option<i64> {
        let since = self.arrived_at.filter(|_| self.status == Status::Confirmed)?;
        Some(now.duration_since(since).as_mins().max(0))
    }
}

/// Hours that are taken out of those of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Out {
    Break,
    Absence,
    Closure,
}

/// A date of a doctor.
#[derive(Clone, Debug)]
pub struct Column {
    pub doctor_id: i64,
    pub doctor_name: String,
    pub date: civil::Date,
    /// The offer whose free times these are: the shortest one, so that no free time is missing. None where nothing can be
    /// booked.
    pub offer: Option<Offer>,
    /// Minutes from a free time to the end of what would be booked then.
    pub minutes: i64,
    /// By start.
    pub visits: Vec<Visit>,
    pub hours: Vec<Hours>,
    pub out: Vec<(Out, Hours)>,
    pub free: Vec<Timestamp>,
}

/// A sheet, with what another one can be chosen by.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub clinic: Clinic,
    pub clinics: Vec<Clinic>,
    /// The doctors of the clinic, by name.
    pub doctors: Vec<(i64, String)>,
    /// Today at the clinic.
    pub today: civil::Date,
    pub first: civil::Date,
    pub columns: Vec<Column>,
}

/// The sheet that is wanted.
#[derive(Clone, Copy, Debug)]
pub enum Wanted {
    /// The day of all doctors.
    Day,
    /// The week, from Monday, of this doctor; of the first one, where there is no such doctor at the clinic.
    Week { doctor_id: Option<i64> },
    /// The week of a doctor who looks at it, and of nobody else.
    OwnWeek { doctor_id: i64 },
}

/// The sheet of a clinic on a date: of the first clinic where there is no such clinic, and of today without a date. `None`
/// where there is no clinic.
///
/// # Errors
/// Those of the database.
pub async fn sheet(
    database: &Database,
    caller: &Caller,
    clinic_id: Option<i64>,
    date: Option<civil::Date>,
    wanted: Wanted,
    now: Timestamp,
) -> Result<Option<Sheet>, AppError> {
    let own = caller.clinics().map(<[i64]>::to_vec);
    let sheet = database
        .read("desk.sheet", move |mut connection| async move {
            read(&mut connection, own.as_deref(), (clinic_id, date), wanted, now).await
        })
        .await?;
    let columns = sheet.iter().flat_map(|sheet| &sheet.columns);
    let patients = columns
        .flat_map(|column| &column.visits)
        .filter_map(|visit| visit.patient_id);
    reads::record(database, caller, What::List, patients, now).await;
    Ok(sheet)
}

/// Whether somebody at the desk may hear of changes in the days of these doctors: all of them work at the caller's clinics, or
/// have had somebody there.
///
/// # Errors
/// Those of the database.
pub async fn may_hear_of(database: &Database, caller: &Caller, doctors: Vec<i64>) -> Result<bool, AppError> {
    let Some(own) = caller.clinics().map(<[i64]>::to_vec) else {
        return Ok(true);
    };
    database
        .read("desk.may_hear_of", move |mut connection| async move {
            let may = sqlx::query_scalar!(
                r#"select bool_and(
                       exists (select from offers where doctor_id = asked.id and clinic_id = any($2))
                       or exists (select from appointments where doctor_id = asked.id and clinic_id = any($2))
                   ) as "may" from unnest($1::bigint[]) as asked (id)"#,
                &doctors,
                &own,
            );
            Ok(may.fetch_one(&mut *connection).await?.unwrap_or(false))
        })
        .await
}
