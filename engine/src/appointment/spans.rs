//! A range of time as it is at each clinic: a wall-clock time is another moment in another zone.

use jiff::{Timestamp, civil};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use crate::{
    database::Failure,
    error::AppError,
    time::{self, Bound, GivenTime, Range, bound_in_zone},
};

/// The moments that a range begins and ends at, by clinic. Moments are made here and not in SQL, so that nobody but
/// [`crate::time`] reads the names of zones, and so that they are compared as moments.
#[derive(Debug, Default)]
pub(super) struct Spans {
    /// Nothing, where the range has neither beginning nor end.
    pub clinics: Option<Vec<i64>>,
    /// In the order of the clinics.
    pub first: Vec<jiff_sqlx::Timestamp>,
    /// The first moments that no longer count.
    pub last: Vec<jiff_sqlx::Timestamp>,
    /// From the first beginning to the last end.
    whole: Option<Range>,
}

impl Spans {
    /// Reads the zones of the clinics, or of one, and answers with the range at each of them.
    ///
    /// # Errors
    /// `INVALID_DATE_RANGE` where the range ends before it begins, wherever one is.
    pub async fn of(
        connection: &mut PgConnection,
        clinic_id: Option<i64>,
        from: Option<GivenTime>,
        until: Option<GivenTime>,
    ) -> Result<Self, Failure> {
        if from.is_none() && until.is_none() {
            return Ok(Self::default());
        }
        let clinics = sqlx::query!(
            "select id, time_zone from clinics where $1::bigint is null or id = $1 order by id",
            clinic_id,
        )
        .fetch_all(connection)
        .await?;
        let in_zone = |zone: &jiff::tz::TimeZone| {
            Range::new(
                from.map_or(Timestamp::UNIX_EPOCH, |from| bound_in_zone(from, zone)),
                until.map_or(Timestamp::MAX, |until| bound_in_zone(until, zone)),
            )
        };
        let ranges: Vec<(i64, Range)> = clinics
            .iter()
            .map(|clinic| (clinic.id, in_zone(&time::shown_zone(&clinic.time_zone))))
            .collect();
        let somewhere = match ranges.is_empty() {
            true => vec![in_zone(&jiff::tz::TimeZone::UTC)],
            false => ranges.iter().map(|(_, range)| *range).collect(),
        };
        if somewhere.iter().all(|range| range.end <= range.start) {
            return Err(AppError::InvalidDateRange.into());
        }
        let wider = |one: Range, other: Range| Range::new(one.start.min(other.start), one.end.max(other.end));
        Ok(Self {
            clinics: Some(ranges.iter().map(|(id, _)| *id).collect()),
            first: ranges.iter().map(|(_, range)| range.start.to_sqlx()).collect(),
            last: ranges.iter().map(|(_, range)| range.end.to_sqlx()).collect(),
            whole: somewhere.into_iter().reduce(wider),
        })
    }

    /// Answers with the range between two dates, the last one included, or nothing where there is no such range: it ends
    /// before it begins, or past the last date that there is.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of_dates(
        connection: &mut PgConnection,
        clinic_id: Option<i64>,
        from: Option<civil::Date>,
        until: Option<civil::Date>,
    ) -> Result<Option<Self>, Failure> {
        let from = from.map(|date| Bound::Date(date).start());
        let until = until.map(|date| Bound::Date(date).end());
        match Self::of(connection, clinic_id, from, until).await {
            Ok(spans) => Ok(Some(spans)),
            Err(Failure::Refused(AppError::InvalidDateRange)) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// The beginning of the range where it begins first.
    pub fn start(&self) -> Option<jiff_sqlx::Timestamp> {
        self.whole.map(|range| range.start.to_sqlx())
    }

    /// The end of the range where it ends last.
    pub fn end(&self) -> Option<jiff_sqlx::Timestamp> {
        self.whole.map(|range| range.end.to_sqlx())
    }
}
