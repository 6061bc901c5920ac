//! Offerings: the services of doctors at clinics, read and locked. Nothing here is ever cached (C6).

use jiff::{Timestamp, tz::TimeZone};
use sqlx::PgConnection;

use super::{AnyDoctor, Horizon, Named, ServiceRules, WhyNot};
use crate::{
    booking::Wanted,
    database::{Database, Failure, Lock, Tx, locking},
    error::AppError,
    i18n::{Locale, Names},
    money::Price,
    payment::terms::{RefundRule, Terms, When},
    time,
};

/// A service of a doctor at a clinic, which can be booked.
#[derive(Clone, Debug)]
pub struct Offering {
    pub doctor_id: i64,
    pub doctor_name: String,
    pub doctor_active: bool,
    pub clinic_id: i64,
    pub clinic_name: String,
    pub clinic_address: String,
    pub zone_name: String,
    pub zone: TimeZone,
    pub service_id: i64,
    /// The name of the service for programs.
    pub service_key: String,
    pub service_name: String,
    pub service_names: Names,
    pub service_active: bool,
    pub mode: String,
    pub rules: ServiceRules,
    /// `None` where the clinic states none.
    pub price: Option<Price>,
    /// When it is paid, and what goes back.
    pub terms: Terms,
    pub cutoff_minutes: i64,
    /// Booked at once, without waiting for the doctor's answer.
    pub instant: bool,
    pub limits: ServiceLimits,
}

/// The limits of a service for each patient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServiceLimits {
    /// Number of appointments that a patient may have ahead; `None` for no limit.
    pub open: Option<i32>,
    /// Number of appointments that a patient may have from a Monday to a Sunday in the clinic's zone; `None` for no limit.
    pub per_week: Option<i32>,
}

impl ServiceLimits {
    /// Whether there is any limit.
    pub fn is_set(self) -> bool {
        self.open.is_some() || self.per_week.is_some()
    }
}

impl Offering {
    /// The reason why nobody can book it at all.
    pub fn closed(&self) -> Option<WhyNot> {
        match (self.doctor_active, self.service_active) {
            (false, _) => Some(WhyNot::DoctorInactive),
            (true, false) => Some(WhyNot::ServiceInactive),
            (true, true) => None,
        }
    }

    /// What is paid before it is booked by a patient.
    pub fn paid_first(&self) -> Option<Price> {
        let price = self.price.as_ref()?;
        let minor = self.terms.when.first(Some(price))?;
        Some(Price {
            minor,
            currency: price.currency.clone(),
        })
    }

    /// The name of the service, as somebody with this language reads it.
    pub fn service(&self, locale: Locale) -> &str {
        self.service_names.or(&self.service_name, locale)
    }

    /// This offering at a time.
    pub fn at(&self, starts_at: Timestamp) -> Wanted {
        Wanted {
            doctor_id: self.doctor_id,
            clinic_id: self.clinic_id,
            service_id: self.service_id,
            starts_at: starts_at.as_second(),
        }
    }
}

/// The columns of an offering, as every query of one selects them.
pub(super) struct Row {
    doctor_id: i64,
    doctor_name: String,
    doctor_active: bool,
    clinic_id: i64,
    clinic_name: String,
    clinic_address: String,
    time_zone: String,
    service_id: i64,
    service_key: String,
    service_name: String,
    service_names: serde_json::Value,
    service_active: bool,
    mode: String,
    duration_minutes: i32,
    buffer_before_minutes: i32,
    buffer_after_minutes: i32,
    slot_interval_minutes: i32,
    notice_minutes: i32,
    horizon_days: i32,
    horizon_unit: String,
    cutoff_minutes: i32,
    instant: bool,
    price_minor: Option<i64>,
    currency: Option<String>,
    most_open: Option<i32>,
    most_per_week: Option<i32>,
    pay_when: Option<String>,
    deposit_minor: Option<i64>,
    refund_minutes: i32,
    late_refund_percent: i32,
}

impl Row {
    /// The offering; none at a clinic whose clock nobody can read, since nothing can be promised by it.
    fn into_offering(self) -> Option<Offering> {
        let Some(zone) = time::stored_zone(&self.time_zone) else {
            tracing::error!(
                clinic.id = self.clinic_id,
                zone = self.time_zone,
                "unknown time zone"
            );
            return None;
        };
        Some(Offering {
            doctor_id: self.doctor_id,
            doctor_name: self.doctor_name,
            doctor_active: self.doctor_active,
            clinic_id: self.clinic_id,
            clinic_name: self.clinic_name,
            clinic_address: self.clinic_address,
            zone_name: self.time_zone,
            zone,
            service_id: self.service_id,
            service_key: self.service_key,
            service_name: self.service_name,
            service_names: Names::stored(Some(self.service_names)),
            service_active: self.service_active,
            mode: self.mode,
            rules: ServiceRules {
                duration: self.duration_minutes.into(),
                buffer_before: self.buffer_before_minutes.into(),
                buffer_after: self.buffer_after_minutes.into(),
                interval: self.slot_interval_minutes,
                notice: self.notice_minutes.into(),
                horizon: match self.horizon_unit.as_str() {
                    "working_days" => Horizon::WorkingDays(self.horizon_days),
                    _ => Horizon::CalendarDays(self.horizon_days),
                },
            },
            price: Price::of(self.price_minor, self.currency),
            terms: Terms {
                when: When::stored(self.pay_when.as_deref(), self.deposit_minor),
                refund: RefundRule {
                    full_minutes: self.refund_minutes,
                    late_percent: self.late_refund_percent,
                },
            },
            cutoff_minutes: self.cutoff_minutes.into(),
            instant: self.instant,
            limits: ServiceLimits {
                open: self.most_open,
                per_week: self.most_per_week,
            },
        })
    }
}

/// Reads offerings: one list of columns and joins for every condition.
macro_rules! offerings {
    ($condition:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            Row,
            r#"select doctors.id as doctor_id, doctors.name as doctor_name, doctors.active as doctor_active,
                      clinics.id as clinic_id, clinics.name as clinic_name,
                      clinics.address || ', ' || clinics.city as "clinic_address!", clinics.time_zone,
                      services.id as service_id, services.key as service_key, services.name as service_name,
                      services.names as service_names,
                      services.active as service_active, services.mode,
                      duration_minutes, buffer_before_minutes, buffer_after_minutes, slot_interval_minutes,
                      notice_minutes, horizon_days, horizon_unit, cutoff_minutes, instant, price_minor, currency,
                      most_open, most_per_week, pay_when, deposit_minor, refund_minutes, late_refund_percent
               from offers
               join doctors on doctors.id = offers.doctor_id
               join clinics on clinics.id = offers.clinic_id
               join services on services.id = offers.service_id "# + $condition,
            $($argument),+
        )
    };
}

/// Everything a doctor offers, in the order of clinics and services.
///
/// # Errors
/// Those of the database.
pub async fn offerings_of(connection: &mut PgConnection, doctor_id: i64) -> Result<Vec<Offering>, Failure> {
    offerings_of_many(connection, &[doctor_id]).await
}

/// Everything that doctors offer, by doctor, clinic and service.
///
/// # Errors
/// Those of the database.
pub async fn offerings_of_many(
    connection: &mut PgConnection,
    doctors: &[i64],
) -> Result<Vec<Offering>, Failure> {
    // Selected, so that it is not planned each time: see `plan::read`.
    offerings!(
        "where doctors.id = any(array(select unnest($1::bigint[])))
         order by doctors.id, clinics.id, services.id",
        doctors
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .filter_map(Row::into_offering)
    .map(Ok)
    .collect()
}

/// Everything that can be booked with a doctor, or with all of them, by doctor.
///
/// # Errors
/// Those of the database.
pub async fn offered(database: &Database, doctor_id: Option<i64>) -> Result<Vec<Offering>, AppError> {
    database
        .read("availability.offered", move |mut connection| async move {
            offerings!(
                "where doctors.active and services.active and ($1::bigint is null or doctors.id = $1)
                 order by doctors.name, doctors.id, clinics.id, services.id",
                doctor_id
            )
            .fetch_all(&mut *connection)
            .await?
            .into_iter()
            .filter_map(Row::into_offering)
            .map(Ok)
            .collect()
        })
        .await
}

/// A service with every active doctor who offers it, by clinic and doctor.
pub(super) async fn offerings_of_any(
    connection: &mut PgConnection,
    wanted: &AnyDoctor,
) -> Result<Vec<Offering>, Failure> {
    let (id, key) = match &wanted.service {
        Named::Id(id) => (Some(*id), None),
        // No service is called that, and the database would not even look.
        Named::Key(key) if key.contains('\0') => return Ok(Vec::new()),
        Named::Key(key) => (None, Some(key.as_str())),
    };
    offerings!(
        "where (services.id = $1 or services.key = $2) and ($3::bigint is null or clinics.id = $3)
           and doctors.active and services.active
         order by clinics.id, doctors.id",
        id,
        key,
        wanted.clinic_id
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .filter_map(Row::into_offering)
    .map(Ok)
    .collect()
}

/// Each service that an active doctor offers, once.
pub(super) async fn offerings_of_services(
    connection: &mut PgConnection,
    clinic_id: Option<i64>,
) -> Result<Vec<Offering>, Failure> {
    offerings!(
        "where doctors.active and services.active
           and (offers.service_id, offers.clinic_id, offers.doctor_id) in (
               select distinct on (offers.service_id) offers.service_id, offers.clinic_id, offers.doctor_id
               from offers join doctors on doctors.id = offers.doctor_id
               where doctors.active and ($1::bigint is null or offers.clinic_id = $1)
               order by offers.service_id, offers.clinic_id, offers.doctor_id)
         order by services.id",
        clinic_id
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .filter_map(Row::into_offering)
    .map(Ok)
    .collect()
}

/// The same service at the same place of other active doctors, and at other places where none is.
pub(super) async fn offerings_of_others(
    connection: &mut PgConnection,
    wanted: Wanted,
) -> Result<Vec<Offering>, Failure> {
    offerings!(
        "where offers.service_id = $1 and doctors.id <> $2 and doctors.active and services.active
           and (services.mode <> 'in_person' or clinics.id = $3)
         order by clinics.id <> $3, doctors.id
         limit 20",
        wanted.service_id,
        wanted.doctor_id,
        wanted.clinic_id
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .filter_map(Row::into_offering)
    .map(Ok)
    .collect()
}

/// Reads the wanted offering, with its doctor locked until the transaction ends: against being deactivated, and against a
/// change of their offers and of the service.
///
/// # Errors
/// `NOT_FOUND`, also for a doctor or a service that takes no bookings.
pub async fn lock_offering(tx: &mut Tx, wanted: Wanted) -> Result<Offering, Failure> {
    let locked = sqlx::query_scalar!("select id from doctors where id = $1 for share", wanted.doctor_id);
    locking(Lock::Doctor, locked.fetch_optional(&mut **tx))
        .await?
        .ok_or(AppError::NotFound)?;
    // A statement of its own: one that had waited for the lock itself would know the doctor as they are now, and their
    // offers as they were before.
    let offering = offerings!(
        "where offers.doctor_id = $1 and offers.clinic_id = $2 and offers.service_id = $3",
        wanted.doctor_id,
        wanted.clinic_id,
        wanted.service_id
    )
    .fetch_optional(&mut **tx)
    .await?
    .and_then(Row::into_offering)
    .ok_or(AppError::NotFound)?;
    match offering.closed() {
        None => Ok(offering),
        Some(_) => Err(AppError::NotFound.into()),
    }
}

/// The name of a service for programs, and the zone of a clinic.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn names(
    database: &Database,
    clinic_id: i64,
    service_id: i64,
) -> Result<(String, String), AppError> {
    database
        .read("availability.names", move |mut connection| async move {
            let row = sqlx::query!(
                "select key, time_zone from services, clinics where services.id = $1 and clinics.id = $2",
                service_id,
                clinic_id,
            )
            .fetch_optional(&mut *connection)
            .await?
            .ok_or(AppError::NotFound)?;
            Ok((row.key, row.time_zone))
        })
        .await
}
