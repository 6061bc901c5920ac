//! The list of appointments for programs: any filter, in any of four orders.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use super::{
    Status,
    item::{Item, booked_items, into_items},
    search::{Found, Search},
    spans::Spans,
};
use crate::{
    account::{
        Caller,
        reads::{self, What},
    },
    database::Database,
    error::AppError,
    time::GivenTime,
};

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    #[default]
    Soonest,
    Latest,
    /// In the order in which they were made.
    Oldest,
    Newest,
}

impl Order {
    const ALL: [Self; 4] = [Self::Soonest, Self::Latest, Self::Oldest, Self::Newest];

    /// As programs say it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Soonest => "starts_at",
            Self::Latest => "-starts_at",
            Self::Oldest => "id",
            Self::Newest => "-id",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.name() == name)
    }
}

/// The filter of a list of appointments for programs.
#[derive(Clone, Debug)]
pub struct Listing {
    pub status: Option<Status>,
    pub doctor_id: Option<i64>,
    pub patient_id: Option<i64>,
    pub clinic_id: Option<i64>,
    /// The name of the service for programs.
    pub service: Option<String>,
    pub search: Search,
    pub from: Option<GivenTime>,
    /// The first moment that no longer counts.
    pub until: Option<GivenTime>,
    pub order: Order,
    /// The start and the id of the last one that the caller has.
    pub after: Option<(Timestamp, i64)>,
    pub limit: i64,
}

/// The caller's appointments, by role: a patient's with the family's, a doctor's, those of the desk's clinics, or all.
///
/// # Errors
/// `INVALID_DATE_RANGE` where the range ends before it begins at each of the clinics.
pub async fn listing(
    database: &Database,
    caller: Caller,
    listing: Listing,
    now: Timestamp,
) -> Result<Vec<Item>, AppError> {
    let reader = caller.clone();
    let since = caller.opened_since();
    let (own, of_doctor) = match caller {
        Caller::Doctor { doctor_id, .. } => (None, Some(doctor_id)),
        Caller::Patient { .. } => (Some(caller.patient_ids()), None),
        Caller::Admin { .. } | Caller::Reception { .. } => (None, None),
    };
    let clinics = caller.clinics().map(<[i64]>::to_vec);
    let items = database
        .search("appointment.listing", move |mut tx| async move {
            let spans = Spans::of(&mut tx, listing.clinic_id, listing.from, listing.until).await?;
            let (after, after_id) = listing.after.unzip();
            let service_id = match &listing.service {
                None => None,
                Some(key) => {
                    let known = sqlx::query_scalar!("select id from services where key = $1", key)
                        .fetch_optional(&mut *tx)
                        .await?;
                    match known {
                        None => return Ok(Vec::new()),
                        known => known,
                    }
                }
            };
            let found = Found::of(&mut tx, &listing.search).await?;
            // One statement for each order, since each has an index that is in that order already. It is planned for what is
            // asked for, and a condition that is not asked for is none.
            macro_rules! rows {
                ($rest:literal) => {
                    booked_items!(
                        "($1::bigint[] is null or patient_id = any($1))
                         and ($21::timestamptz is null or appointments.created_at >= $21)
                         and ($2::bigint is null or doctor_id = $2)
                         and ($3::bigint is null or doctor_id = $3)
                         and ($4::text is null
                              or status = $4 and (status <> 'pending' or occupies(appointments, $5))
                              or $4 = 'expired' and status = 'pending' and not occupies(appointments, $5))
                         and ($6::timestamptz is null or starts_at >= $6)
                         and ($8::timestamptz is null or starts_at < $8)
                         and ($7::bigint[] is null
                              or starts_at >= ($9::timestamptz[])[array_position($7, clinic_id)]
                                 and starts_at < ($19::timestamptz[])[array_position($7, clinic_id)])
                         and ($13::bigint is null or patient_id = $13)
                         and ($14::bigint is null or clinic_id = $14)
                         and ($15::bigint is null or service_id = $15)
                         and ($16::bigint[] is null or patient_id = any($16) or appointments.id = any($17))
                         and ($18::text is null or patients.folded_name like containing($18)
                              or patients.phone like '%' || $20 || '%' or appointments.id = any($17))
                         and ($22::bigint[] is null or clinic_id = any($22)) " $rest,
                        own.as_deref(),
                        of_doctor,
                        listing.doctor_id,
                        listing.status.map(Status::as_str),
                        now.to_sqlx(),
                        spans.start() as _,
                        spans.clinics.as_deref(),
                        spans.end() as _,
                        &spans.first as _,
                        after.map(ToSqlx::to_sqlx) as _,
                        after_id,
                        listing.limit,
                        listing.patient_id,
                        listing.clinic_id,
                        service_id,
                        found.patients.as_deref(),
                        &found.appointments,
                        found.words.as_deref(),
                        &spans.last as _,
                        found.digits.as_deref(),
                        since.map(ToSqlx::to_sqlx) as _,
                        clinics.as_deref()
                    )
                    .fetch_all(&mut *tx)
                    .await?
                };
            }
            into_items(match listing.order {
                Order::Soonest => rows!(
                    "and ($10::timestamptz is null or (starts_at, appointments.id) > ($10, $11))
                     order by starts_at, appointments.id limit $12"
                ),
                Order::Latest => rows!(
                    "and ($10::timestamptz is null or (starts_at, appointments.id) < ($10, $11))
                     order by starts_at desc, appointments.id desc limit $12"
                ),
                Order::Oldest => rows!(
                    "and ($10::timestamptz is null or appointments.id > $11)
                     order by appointments.id limit $12"
                ),
                Order::Newest => rows!(
                    "and ($10::timestamptz is null or appointments.id < $11)
                     order by appointments.id desc limit $12"
                ),
            })
        })
        .await?;
    let patients = items.iter().filter_map(|item| item.patient_id);
    reads::record(database, &reader, What::List, patients, now).await;
    Ok(items)
}

/// Counts what [`listing`] lists on all of its pages, where that is no more than `most`. The order, the page and the words of
/// a search do not count.
///
/// # Errors
/// `INVALID_DATE_RANGE` where the range ends before it begins at each of the clinics.
pub async fn count(
    database: &Database,
    caller: Caller,
    listing: Listing,
    most: i64,
    now: Timestamp,
) -> Result<Option<i64>, AppError> {
    let since = caller.opened_since();
    let (own, of_doctor) = match caller {
        Caller::Doctor { doctor_id, .. } => (None, Some(doctor_id)),
        Caller::Patient { .. } => (Some(caller.patient_ids()), None),
        Caller::Admin { .. } | Caller::Reception { .. } => (None, None),
    };
    let clinics = caller.clinics().map(<[i64]>::to_vec);
    let count = database
        .search("appointment.count", move |mut tx| async move {
            let spans = Spans::of(&mut tx, listing.clinic_id, listing.from, listing.until).await?;
            let count = sqlx::query_scalar!(
                r#"select count(*) as "count!" from (
                       select from appointments
                       where status <> 'held'
                         and case when status in ('cancelled', 'expired') and answer_until is null
                              then exists (select from appointment_changes
                                           where appointment_id = appointments.id and to_status = 'confirmed')
                              else true end
                         and ($1::bigint[] is null or patient_id = any($1))
                         and ($2::timestamptz is null or created_at >= $2)
                         and ($3::bigint is null or doctor_id = $3)
                         and ($4::bigint is null or doctor_id = $4)
                         and ($5::text is null
                              or status = $5 and (status <> 'pending' or occupies(appointments, $6))
                              or $5 = 'expired' and status = 'pending' and not occupies(appointments, $6))
                         and ($7::timestamptz is null or starts_at >= $7)
                         and ($8::timestamptz is null or starts_at < $8)
                         and ($9::bigint[] is null
                              or starts_at >= ($10::timestamptz[])[array_position($9, clinic_id)]
                                 and starts_at < ($11::timestamptz[])[array_position($9, clinic_id)])
                         and ($12::bigint is null or patient_id = $12)
                         and ($13::bigint is null or clinic_id = $13)
                         and ($14::text is null
                              or service_id = (select id from services where key = $14))
                         and ($15::bigint[] is null or clinic_id = any($15))
                       limit $16) as found"#,
                own.as_deref(),
                since.map(ToSqlx::to_sqlx) as _,
                of_doctor,
                listing.doctor_id,
                listing.status.map(Status::as_str),
                now.to_sqlx(),
                spans.start() as _,
                spans.end() as _,
                spans.clinics.as_deref(),
                &spans.first as _,
                &spans.last as _,
                listing.patient_id,
                listing.clinic_id,
                listing.service,
                clinics.as_deref(),
                most + 1,
            )
            .fetch_one(&mut *tx)
            .await?;
            Ok(count)
        })
        .await?;
    Ok((count <= most).then_some(count))
}
