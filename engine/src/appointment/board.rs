//! The appointments of the whole organisation, as admins look for them.

use jiff::{Timestamp, civil, tz::TimeZone};

use super::{
    Status,
    item::{Item, booked_items, into_items},
    spans::Spans,
};
use crate::{
    account::Country,
    booking::reference,
    database::{Database, Failure},
    error::AppError,
    phone, text,
    time::{self, Bound},
};

/// A search for an appointment: the typed text, read as each of the three things that it may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Part of a patient's name.
    pub words: String,
    /// Part of a reference, without its dash.
    pub reference: Option<String>,
    /// Part of a phone number, as it is stored: without a leading zero.
    pub digits: Option<String>,
}

/// With fewer letters nearly every reference would fit.
const FEWEST_OF_REFERENCE: usize = 4;
const FEWEST_DIGITS: usize = 3;

impl Search {
    /// Reads what was typed; `country` is that of phone numbers without a country code.
    pub fn new(typed: &str, country: Country) -> Self {
        Self {
            reference: reference::part(typed).filter(|letters| letters.len() >= FEWEST_OF_REFERENCE),
            digits: phone::part(typed, country).filter(|digits| digits.len() >= FEWEST_DIGITS),
            words: text::line(typed),
        }
    }
}

/// A page of the board.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub status: Option<Status>,
    pub doctor_id: Option<i64>,
    pub clinic_id: Option<i64>,
    /// Dates at the clinics.
    pub from: Option<civil::Date>,
    pub until: Option<civil::Date>,
    pub search: Search,
    /// The first one is 0.
    pub page: u32,
}

/// A page of the board.
#[derive(Clone, Debug, Default)]
pub struct Board {
    pub items: Vec<Item>,
    /// The number of appointments in each status, whichever of them is shown.
    pub counts: Vec<(Status, i64)>,
}

impl Board {
    /// The number of appointments in this status, or in all.
    pub fn count(&self, status: Option<Status>) -> i64 {
        self.counts
            .iter()
            .filter(|(of, _)| status.is_none_or(|status| status == *of))
            .map(|(_, count)| count)
            .sum()
    }
}

/// Number of appointments on a page of the board.
pub const PER_PAGE: u32 = 25;

/// Number of pages that can be turned; further appointments need a filter.
const MAX_PAGES: u32 = 10_000;

/// Appointments of the whole organisation in time order: for admins.
///
/// # Errors
/// Those of the database.
pub async fn board(database: &Database, filter: Filter) -> Result<Board, AppError> {
    database
        .read("appointment.board", move |mut connection| async move {
            let from = filter.from.map(|date| Bound::Date(date).start());
            let until = filter.until.map(|date| Bound::Date(date).end());
            let spans = match Spans::of(&mut connection, filter.clinic_id, from, until).await {
                Ok(spans) => spans,
                // It ends before it begins: nothing is in it.
                Err(Failure::Refused(AppError::InvalidDateRange)) => return Ok(Board::default()),
                Err(failure) => return Err(failure),
            };
            let search = &filter.search;
            let items = into_items(
                booked_items!(
                    "($1::text is null or status = $1)
                     and ($2::bigint is null or doctor_id = $2)
                     and ($3::bigint is null or clinic_id = $3)
                     and ($4::bigint[] is null or exists (
                             select from unnest($4::bigint[], $5::timestamptz[], $11::timestamptz[])
                                         as span (clinic, first, last)
                             where clinic = clinic_id and starts_at >= first and starts_at < last))
                     and ($6 = '' or patients.folded_name like containing($6)
                          or strpos(replace(reference, '-', ''), $7) > 0
                          or strpos(patients.phone, $8) > 0)
                     order by starts_at, appointments.id
                     limit $9 offset $10",
                    filter.status.map(Status::as_str),
                    filter.doctor_id,
                    filter.clinic_id,
                    spans.clinics.as_deref(),
                    &spans.first as _,
                    search.words,
                    search.reference.as_deref(),
                    search.digits.as_deref(),
                    i64::from(PER_PAGE),
                    i64::from(filter.page.min(MAX_PAGES)) * i64::from(PER_PAGE),
                    &spans.last as _
                )
                .fetch_all(&mut *connection)
                .await?,
            )?;
            // The condition is that of the list above, without the status.
            let rows = sqlx::query!(
                r#"select status, count(*) as "count!"
                   from appointments
                   join clinics on clinics.id = clinic_id
                   left join patients on patients.id = patient_id
                   where status <> 'held'
                     and (answer_until is not null or status not in ('cancelled', 'expired')
                          or exists (select from appointment_changes
                                     where appointment_id = appointments.id and to_status = 'confirmed'))
                     and ($1::bigint is null or doctor_id = $1)
                     and ($2::bigint is null or clinic_id = $2)
                     and ($3::bigint[] is null or exists (
                             select from unnest($3::bigint[], $4::timestamptz[], $8::timestamptz[])
                                         as span (clinic, first, last)
                             where clinic = clinic_id and starts_at >= first and starts_at < last))
                     and ($5 = '' or patients.folded_name like containing($5)
                          or strpos(replace(reference, '-', ''), $6) > 0
                          or strpos(patients.phone, $7) > 0)
                   group by status"#,
                filter.doctor_id,
                filter.clinic_id,
                spans.clinics.as_deref(),
                &spans.first as _,
                search.words,
                search.reference.as_deref(),
                search.digits.as_deref(),
                &spans.last as _,
            )
            .fetch_all(&mut *connection)
            .await?;
            let counts = rows
                .into_iter()
                .filter_map(|row| Some((Status::parse(&row.status)?, row.count)))
                .collect();
            Ok(Board { items, counts })
        })
        .await
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

/// # Errors
/// Those of the database.
pub async fn choices(database: &Database) -> Result<Choices, AppError> {
    database
        .read("appointment.choices", move |mut connection| async move {
            let doctors = sqlx::query!("select id, name from doctors order by name, id")
                .fetch_all(&mut *connection)
                .await?;
            let clinics = sqlx::query!("select id, name, time_zone from clinics order by name, id")
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
    fn a_search_is_for_a_name_a_reference_or_a_phone_number() {
        let search = |typed: &str| {
            let search = Search::new(typed, Country::default());
            (search.words, search.reference, search.digits)
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            search(" k7qm-4d2p "),
            ("k7qm-4d2p".to_owned(), some("K7QM4D2P"), None)
        );
        assert_eq!(
            search("0812 3456"),
            ("0812 3456".to_owned(), None, some("8123456"))
        );
        assert_eq!(search("+62 812"), ("+62 812".to_owned(), None, some("62812")));
        assert_eq!(search("# k7qm 4d2p").1, some("K7QM4D2P"));
        assert_eq!(search("Ｋ７ＱＭ–4d").1, some("K7QM4D"));
        assert_eq!(search("+62 (0)812 3456").2, some("628123456"));
        assert_eq!(search("٠٨١٢ ٣٤٥٦").2, some("8123456"));
        assert_eq!(search("Maya Putri"), ("Maya Putri".to_owned(), None, None));
        assert_eq!(search("00"), ("00".to_owned(), None, None));
        assert_eq!(search("  "), (String::new(), None, None));
    }

    #[test]
    fn the_board_counts_each_status_and_all_of_them() {
        let board = Board {
            items: Vec::new(),
            counts: vec![(Status::Pending, 2), (Status::Confirmed, 5)],
        };
        assert_eq!(board.count(Some(Status::Confirmed)), 5);
        assert_eq!(board.count(Some(Status::NoShow)), 0);
        assert_eq!(board.count(None), 7);
    }
}
