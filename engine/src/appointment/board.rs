//! The appointments of the whole organisation, or of the desk's clinics, as they are looked for.

use std::fmt;

use jiff::{Timestamp, civil, tz::TimeZone};
use jiff_sqlx::ToSqlx;
use sqlx::PgConnection;

use super::{
    Status,
    item::{Item, booked_items, into_items},
    search::{Found, Search},
    spans::Spans,
};
use crate::{
    account::Caller,
    database::{Database, Failure},
    error::AppError,
    time,
};

/// A place in the order of the board: between appointments, and not a number of them, so that it is found at once however
/// many come before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub starts_at: Timestamp,
    pub id: i64,
}

impl Mark {
    fn of(item: &Item) -> Self {
        Self {
            starts_at: item.starts_at,
            id: item.id,
        }
    }

    /// Reads what [`Display`](fmt::Display) writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (microsecond, id) = text.split_once('_')?;
        Some(Self {
            starts_at: Timestamp::from_microsecond(microsecond.parse().ok()?).ok()?,
            id: id.parse().ok()?,
        })
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.starts_at.as_microsecond(), self.id)
    }
}

/// The page of the board that is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Turn {
    #[default]
    First,
    After(Mark),
    Before(Mark),
}

/// The appointments that are looked for on the board, and the page of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub status: Option<Status>,
    pub doctor_id: Option<i64>,
    pub clinic_id: Option<i64>,
    /// Dates at the clinics.
    pub from: Option<civil::Date>,
    pub until: Option<civil::Date>,
    pub search: Search,
    /// The clinics that whoever looks is limited to.
    pub clinics: Option<Vec<i64>>,
    pub turn: Turn,
}

/// A number of appointments, which is counted up to [`MOST_COUNTED`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub number: i64,
    /// There are more.
    pub is_more: bool,
}

/// Nobody reads a larger number, and counting takes as long as what is counted is large.
pub const MOST_COUNTED: i64 = 1000;

impl Count {
    pub fn new(number: i64) -> Self {
        Self {
            number: number.min(MOST_COUNTED),
            is_more: number > MOST_COUNTED,
        }
    }
}

/// A page of the board.
#[derive(Clone, Debug, Default)]
pub struct Board {
    pub items: Vec<Item>,
    /// Where the pages before and after this one are.
    pub earlier: Option<Turn>,
    pub later: Option<Turn>,
    /// The number of appointments in each status, whichever of them is shown. Nothing where a search fits so many patients
    /// that counting would take long.
    pub counts: Option<Vec<(Status, i64)>>,
}

impl Board {
    /// The number of appointments in this status, or in all.
    pub fn count(&self, status: Option<Status>) -> Option<Count> {
        let counts = self.counts.as_ref()?.iter();
        let number = counts
            .filter(|(of, _)| status.is_none_or(|status| status == *of))
            .map(|(_, count)| count)
            .sum();
        Some(Count::new(number))
    }
}

/// Number of appointments on a page of the board.
pub const PER_PAGE: usize = 25;

/// Appointments in time order, for the desk.
///
/// # Errors
/// Those of the database.
pub async fn board(database: &Database, filter: Filter) -> Result<Board, AppError> {
    database
        .search("appointment.board", move |mut tx| async move {
            let (clinic_id, from, until) = (filter.clinic_id, filter.from, filter.until);
            let Some(spans) = Spans::of_dates(&mut tx, clinic_id, from, until).await? else {
                return Ok(Board {
                    counts: Some(Vec::new()),
                    ..Board::default()
                });
            };
            let found = Found::of(&mut tx, &filter.search).await?;
            let mut board = page(&mut tx, &filter, &spans, &found, PER_PAGE).await?;
            // Turned back to the very beginning, a page would be short.
            if matches!(filter.turn, Turn::Before(_)) && board.earlier.is_none() {
                let first = Filter {
                    turn: Turn::First,
                    ..filter.clone()
                };
                board = page(&mut tx, &first, &spans, &found, PER_PAGE).await?;
            }
            if !found.is_vague() {
                board.counts = Some(counts(&mut tx, &filter, &spans, &found).await?);
            }
            Ok(board)
        })
        .await
}

/// So many rows of the board, from the turn of the filter on, and where those after them are; nothing is counted.
///
/// # Errors
/// Those of the database.
pub async fn board_rows(
    database: &Database,
    filter: Filter,
    count: i64,
) -> Result<(Vec<Item>, Option<Turn>), AppError> {
    database
        .search("appointment.board_rows", move |mut tx| async move {
            let (clinic_id, from, until) = (filter.clinic_id, filter.from, filter.until);
            let Some(spans) = Spans::of_dates(&mut tx, clinic_id, from, until).await? else {
                return Ok((Vec::new(), None));
            };
            let found = Found::of(&mut tx, &filter.search).await?;
            let count = usize::try_from(count).unwrap_or(PER_PAGE);
            let board = page(&mut tx, &filter, &spans, &found, count).await?;
            Ok((board.items, board.later))
        })
        .await
}

async fn page(
    connection: &mut PgConnection,
    filter: &Filter,
    spans: &Spans,
    found: &Found,
    count: usize,
) -> Result<Board, Failure> {
    // One more shows whether there is another page.
    let read = i64::try_from(count + 1).unwrap_or(i64::MAX);
    let mark = match filter.turn {
        Turn::First => None,
        Turn::After(mark) | Turn::Before(mark) => Some(mark),
    };
    macro_rules! rows {
        ($rest:literal) => {
            booked_items!(
                "($1::text is null or status = $1)
                 and ($2::bigint is null or doctor_id = $2)
                 and ($3::bigint is null or clinic_id = $3)
                 and ($4::timestamptz is null or starts_at >= $4)
                 and ($5::timestamptz is null or starts_at < $5)
                 and ($6::bigint[] is null
                      or starts_at >= ($7::timestamptz[])[array_position($6, clinic_id)]
                         and starts_at < ($8::timestamptz[])[array_position($6, clinic_id)])
                 and ($9::bigint[] is null or patient_id = any($9) or appointments.id = any($10))
                 and ($11::text is null or patients.folded_name like containing($11)
                      or patients.phone like '%' || $12 || '%' or appointments.id = any($10))
                 and ($16::bigint[] is null or clinic_id = any($16)) " $rest,
                filter.status.map(Status::as_str),
                filter.doctor_id,
                filter.clinic_id,
                spans.start() as _,
                spans.end() as _,
                spans.clinics.as_deref(),
                &spans.first as _,
                &spans.last as _,
                found.patients.as_deref(),
                &found.appointments,
                found.words.as_deref(),
                found.digits.as_deref(),
                mark.map(|mark| mark.starts_at.to_sqlx()) as _,
                mark.map(|mark| mark.id),
                read,
                filter.clinics.as_deref()
            )
            .fetch_all(&mut *connection)
            .await?
        };
    }
    let is_back = matches!(filter.turn, Turn::Before(_));
    let mut items = into_items(if is_back {
        rows!(
            "and (starts_at, appointments.id) < ($13, $14)
             order by starts_at desc, appointments.id desc limit $15"
        )
    } else {
        rows!(
            "and ($13::timestamptz is null or (starts_at, appointments.id) > ($13, $14))
             order by starts_at, appointments.id limit $15"
        )
    })?;
    let goes_on = items.len() > count;
    items.truncate(count);
    if is_back {
        items.reverse();
    }
    let is_turned = mark.is_some() && !items.is_empty();
    let (has_earlier, has_later) = if is_back {
        (goes_on, is_turned)
    } else {
        (is_turned, goes_on)
    };
    let earlier = items.first().filter(|_| has_earlier);
    let later = items.last().filter(|_| has_later);
    Ok(Board {
        earlier: earlier.map(|item| Turn::Before(Mark::of(item))),
        later: later.map(|item| Turn::After(Mark::of(item))),
        items,
        counts: None,
    })
}

/// The number of appointments in each status, each up to one more than [`MOST_COUNTED`]. The conditions are those of the
/// page, without the status.
async fn counts(
    connection: &mut PgConnection,
    filter: &Filter,
    spans: &Spans,
    found: &Found,
) -> Result<Vec<(Status, i64)>, Failure> {
    // A branch for each status, so that PostgreSQL knows which one it plans for, in the order of an index, so that it goes by
    // that.
    macro_rules! counted {
        ($($status:literal)+) => {
            sqlx::query!(
                r#"select status as "status!", count as "count!" from (select '' as status, 0::bigint as count where false"#
                $(+ r#" union all select '"# + $status + r#"', (select count(*) from (
                    select from appointments
                    where status = '"# + $status + r#"'
                      and case when status in ('cancelled', 'expired') and answer_until is null
                           then exists (select from appointment_changes
                                        where appointment_id = appointments.id and to_status = 'confirmed')
                           else true end
                      and ($1::bigint is null or doctor_id = $1)
                      and ($2::bigint is null or clinic_id = $2)
                      and ($3::timestamptz is null or starts_at >= $3)
                      and ($4::timestamptz is null or starts_at < $4)
                      and ($5::bigint[] is null
                           or starts_at >= ($6::timestamptz[])[array_position($5, clinic_id)]
                              and starts_at < ($7::timestamptz[])[array_position($5, clinic_id)])
                      and ($8::bigint[] is null or patient_id = any($8) or appointments.id = any($9))
                      and ($11::bigint[] is null or clinic_id = any($11))
                    order by starts_at, id limit $10) as counted)"#)+
                + ") as counts",
                filter.doctor_id,
                filter.clinic_id,
                spans.start() as _,
                spans.end() as _,
                spans.clinics.as_deref(),
                &spans.first as _,
                &spans.last as _,
                found.patients.as_deref(),
                &found.appointments,
                MOST_COUNTED + 1,
                filter.clinics.as_deref()
            )
        };
    }
    let rows = counted!(
        "pending" "confirmed" "in_progress" "completed" "cancelled" "rejected" "expired" "no_show"
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| Some((Status::parse(&row.status)?, row.count)))
        .collect())
}

/// The choices of the board's filter: doctors and clinics with their names.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    pub doctors: Vec<(i64, String)>,
    pub clinics: Vec<(i64, String)>,
    /// The zones of the clinics.
    pub zones: Vec<TimeZone>,
}

impl Choices {
    /// The date where it is earliest among the clinics: where today begins for the organisation.
    pub fn today(&self, now: Timestamp) -> civil::Date {
        self.zones
            .iter()
            .map(|zone| time::local_date(now, zone))
            .min()
            .unwrap_or_else(|| time::local_date(now, &TimeZone::UTC))
    }
}

/// The choices that this caller has.
///
/// # Errors
/// Those of the database.
pub async fn choices(database: &Database, caller: &Caller) -> Result<Choices, AppError> {
    let own = caller.clinics().map(<[i64]>::to_vec);
    database
        .read("appointment.choices", move |mut connection| async move {
            let doctors = sqlx::query!(
                "select id, name from doctors
                 where id <> 0
                   and ($1::bigint[] is null
                        or exists (select from offers where doctor_id = doctors.id and clinic_id = any($1))
                        or exists (select from appointments where doctor_id = doctors.id and clinic_id = any($1)))
                 order by name, id",
                own.as_deref(),
            )
            .fetch_all(&mut *connection)
            .await?;
            let clinics = sqlx::query!(
                "select id, name, time_zone from clinics where $1::bigint[] is null or id = any($1)
                 order by name, id",
                own.as_deref(),
            )
            .fetch_all(&mut *connection)
            .await?;
            Ok(Choices {
                doctors: doctors.into_iter().map(|row| (row.id, row.name)).collect(),
                zones: clinics
                    .iter()
                    .filter_map(|row| time::stored_zone(&row.time_zone))
                    .collect(),
                clinics: clinics.into_iter().map(|row| (row.id, row.name)).collect(),
            })
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_board_counts_each_status_and_all_of_them_up_to_a_thousand() {
        let mut board = Board {
            counts: Some(vec![(Status::Pending, 2), (Status::Confirmed, 5)]),
            ..Board::default()
        };
        let exactly = |number| {
            Some(Count {
                number,
                is_more: false,
            })
        };
        assert_eq!(board.count(Some(Status::Confirmed)), exactly(5));
        assert_eq!(board.count(Some(Status::NoShow)), exactly(0));
        assert_eq!(board.count(None), exactly(7));
        board.counts = Some(vec![(Status::Pending, 998), (Status::Confirmed, 2)]);
        assert_eq!(board.count(None), exactly(1000));
        board.counts = Some(vec![(Status::Pending, 1001), (Status::Confirmed, 2)]);
        let more = Some(Count {
            number: 1000,
            is_more: true,
        });
        assert_eq!(board.count(Some(Status::Pending)), more);
        assert_eq!(board.count(None), more);
        board.counts = None;
        assert_eq!(board.count(None), None);
    }

    #[test]
    fn a_mark_is_read_as_it_is_written() {
        let mark = Mark {
            starts_at: Timestamp::from_microsecond(1_764_403_200_000_001).unwrap(),
            id: 12,
        };
        assert_eq!(mark.to_string(), "1764403200000001_12");
        assert_eq!(Mark::parse(&mark.to_string()), Some(mark));
        for wrong in ["", "_", "1_", "_1", "1", "1_2_3", "x_1", "9223372036854775807_1"] {
            assert_eq!(Mark::parse(wrong), None, "{wrong}");
        }
    }
}
