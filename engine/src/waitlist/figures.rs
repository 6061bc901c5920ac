//! How well the list fills what comes free.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;

use crate::{
    account::{Caller, must_be_at_desk},
    database::Database,
    error::AppError,
    time::plus_minutes,
};

/// The number of days that the figures are about.
pub const FIGURE_DAYS: i64 = 30;

/// The figures of the last thirty days.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Those who wait now, and those of them who have an offer.
    pub waiting: i64,
    pub offered: i64,
    /// Times that were kept for somebody, each counted once, and offers of seats; and those of them that were booked by the list.
    pub times: i64,
    pub filled: i64,
    /// Offers by how they ended, and patients who were only told.
    pub declined: i64,
    pub lapsed: i64,
    pub told: i64,
    /// The median time from the first offer of a time to its booking, in minutes.
    pub minutes_to_fill: Option<f64>,
}

impl Figures {
    /// Filled times of those offered, in percent.
    pub fn fill_rate(self) -> Option<i64> {
        (self.times > 0).then(|| (100 * self.filled + self.times / 2) / self.times)
    }
}

/// Reads the figures, of the clinics that the caller sees.
///
/// # Errors
/// `NOT_FOUND` for who is not at the desk.
pub async fn figures(database: &Database, caller: &Caller, now: Timestamp) -> Result<Figures, AppError> {
    must_be_at_desk(caller)?;
    let clinics = caller.clinics().map(<[i64]>::to_vec);
    database
        .search("waitlist.figures", move |mut connection| {
            let clinics = clinics.clone();
            async move {
                let row = sqlx::query!(
                    r#"with recent as (
                           select * from waitlist_offers
                           where offered_at > $1 and ($2::bigint[] is null or clinic_id = any($2))),
                       times as (
                           select doctor_id, starts_at, min(offered_at) as first_at,
                                  min(answered_at) filter (where state = 'accepted') as filled_at
                           from recent where appointment_id is not null
                           -- Of a session, each offer of seats counts.
                           group by doctor_id, starts_at, case when group_id is not null then id end),
                       now_waiting as (
                           select state from waitlist_entries
                           where state in ('waiting', 'offered')
                             and ($2::bigint[] is null or clinic_id is null or clinic_id = any($2)))
                       select (select count(*) from now_waiting where state = 'waiting') as "waiting!",
                              (select count(*) from now_waiting where state = 'offered') as "offered!",
                              (select count(*) from times) as "times!",
                              (select count(*) from times where filled_at is not null) as "filled!",
                              (select count(*) from recent where state = 'declined') as "declined!",
                              (select count(*) from recent where state = 'lapsed') as "lapsed!",
                              (select count(*) from recent where state = 'told') as "told!",
                              (select (percentile_cont(0.5) within group (
                                          order by extract(epoch from filled_at - first_at)::double precision / 60))
                               from times where filled_at is not null) as minutes"#,
                    plus_minutes(now, -FIGURE_DAYS * 24 * 60).to_sqlx(),
                    clinics.as_deref(),
                )
                .fetch_one(&mut *connection)
                .await?;
                Ok(Figures {
                    waiting: row.waiting,
                    offered: row.offered,
                    times: row.times,
                    filled: row.filled,
                    declined: row.declined,
                    lapsed: row.lapsed,
                    told: row.told,
                    minutes_to_fill: row.minutes,
                })
            }
        })
        .await
}
