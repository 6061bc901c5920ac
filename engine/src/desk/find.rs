//! Finding anybody in one box: patients by their names in any order and by their phone numbers in any writing, appointments by
//! their references, whole or half; and patients by their birthdays, where they are known.

use jiff::{Timestamp, civil};
use jiff_sqlx::ToSqlx;

use super::Person;
use crate::{
    account::{
        Caller, Country,
        acquaintance::Sight,
        reads::{self, What},
    },
    appointment::{Item, Search, of_reference},
    database::Database,
    error::AppError,
};

/// The most people, and the most appointments, that are shown.
pub const MOST_FOUND: usize = 8;

/// The words of a name that are looked for; those after them say nothing more.
const MAX_WORDS: usize = 4;

/// With fewer letters, nearly everybody would fit.
const FEWEST_LETTERS: usize = 2;

/// What was typed, read as each of the things that it may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The words of a name, the longest first.
    words: Vec<String>,
    /// A part of a phone number, as it is stored.
    digits: Option<String>,
    /// A part of a reference, without its dash.
    reference: Option<String>,
    birthday: Option<civil::Date>,
}

impl Asked {
    /// Reads what was typed; `country` is that of phone numbers without a country code.
    pub fn new(typed: &str, country: Country) -> Self {
        let search = Search::new(typed, country);
        let mut words: Vec<String> = search.words.split_whitespace().map(str::to_owned).collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
        words.truncate(MAX_WORDS);
        if words.iter().all(|word| word.chars().count() < FEWEST_LETTERS) {
            words.clear();
        }
        Self {
            words,
            digits: search.digits,
            reference: search.reference,
            birthday: birthday(typed),
        }
    }

    /// Whether there is too little to look for anybody.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.digits.is_none() && self.reference.is_none() && self.birthday.is_none()
    }
}

/// Reads a date of birth: with the year first or last, and the day before the month where it is last.
fn birthday(typed: &str) -> Option<civil::Date> {
    let parts: Vec<&str> = typed
        .trim()
        .split(['-', '.', '/', ' '])
        .filter(|part| !part.is_empty())
        .collect();
    let [first, month, last] = parts.as_slice() else {
        return None;
    };
    let (year, day) = match first.len() {
        4 => (first, last),
        _ => (last, first),
    };
    if year.len() != 4 {
        return None;
    }
    civil::Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// Whom and what a search found, of what the caller has to do with.
#[derive(Clone, Default)]
pub struct Anybody {
    pub people: Vec<Person>,
    /// There are more people.
    pub has_more: bool,
    pub appointments: Vec<Item>,
}

impl Anybody {
    pub fn is_empty(&self) -> bool {
        self.people.is_empty() && self.appointments.is_empty()
    }
}

/// Finds whom somebody of staff looks for, among those whom they have to do with (I4): the newest patients and the latest
/// appointments first. It is recorded.
///
/// # Errors
/// `NOT_FOUND` for who is no staff.
pub async fn find_anybody(
    database: &Database,
    caller: &Caller,
    asked: Asked,
    now: Timestamp,
) -> Result<Anybody, AppError> {
    let sight = Sight::of(caller)?;
    if asked.is_empty() {
        return Ok(Anybody::default());
    }
    let most = i64::try_from(MOST_FOUND).unwrap_or(i64::MAX);
    let appointments = match asked.reference.clone() {
        Some(letters) => of_reference(database, caller, letters, most).await?,
        None => Vec::new(),
    };
    let mut people = people(database, sight, asked, most + 1, now).await?;
    let has_more = people.len() > MOST_FOUND;
    people.truncate(MOST_FOUND);
    let patients = people.iter().map(|person| person.id);
    let theirs = appointments.iter().filter_map(|item| item.patient_id);
    reads::record(database, caller, What::List, patients.chain(theirs), now).await;
    Ok(Anybody {
        people,
        has_more,
        appointments,
    })
}

/// The statement is planned for what is asked for, so that each word and the digits go by an index of three letters in a row.
async fn people(
    database: &Database,
    sight: Sight,
    asked: Asked,
    limit: i64,
    now: Timestamp,
) -> Result<Vec<Person>, AppError> {
    database
        .search("desk.find_anybody", move |mut tx| async move {
            let word = |place: usize| asked.words.get(place).map(String::as_str);
            let people = sqlx::query_as!(
                Person,
                "select id, name, phone from patients
                 where active
                   and ($1::text is not null and folded_name like containing($1)
                            and ($2::text is null or folded_name like containing($2))
                            and ($3::text is null or folded_name like containing($3))
                            and ($4::text is null or folded_name like containing($4))
                        or $5::text is not null and phone like '%' || $5 || '%'
                        or $11::date is not null
                           and id in (select patient_id from patient_cards where birthday = $11))
                   and ($6::bigint is null
                        or exists (select from patients_of_doctors
                                   where patient_id = patients.id and doctor_id = $6 and until > $9))
                   and ($7::bigint[] is null
                        or exists (select from patients_of_clinics
                                   where patient_id = patients.id and clinic_id = any($7))
                        or exists (select from acquaintances
                                   where patient_id = patients.id and staff_id = $8 and until > $9))
                 order by created_at desc, id desc limit $10",
                word(0),
                word(1),
                word(2),
                word(3),
                asked.digits,
                sight.doctor_id,
                sight.clinics.as_deref(),
                sight.staff_id,
                now.to_sqlx(),
                limit,
                asked.birthday.map(ToSqlx::to_sqlx) as _,
            );
            Ok(people.fetch_all(&mut *tx).await?)
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_a_name_a_phone_number_or_a_reference() {
        let read = |typed: &str| Asked::new(typed, Country::default());
        let words = |typed: &str| read(typed).words;
        assert_eq!(words("Wijaya Hendra"), ["Wijaya", "Hendra"]);
        assert_eq!(words("  li   Ayu Putri "), ["Putri", "Ayu", "li"]);
        assert_eq!(words("a b c d e"), [""; 0]);
        assert_eq!(words("one three two fourth fifths").len(), MAX_WORDS);
        assert_eq!(read("0812 3456").digits.as_deref(), Some("8123456"));
        assert_eq!(read("+62 812-3456").digits.as_deref(), Some("628123456"));
        assert_eq!(read("k7qm").reference.as_deref(), Some("K7QM"));
        let born = Some(civil::date(1985, 4, 12));
        for typed in ["1985-04-12", "12.04.1985", " 12/4/1985 ", "12 04 1985"] {
            assert_eq!(read(typed).birthday, born, "{typed}");
        }
        for typed in ["12.04.85", "1985", "31.02.1985", "1-2-3-4", "0812 3456 789"] {
            assert_eq!(read(typed).birthday, None, "{typed}");
        }
        for nothing in ["", " ", "x", "- "] {
            assert!(read(nothing).is_empty(), "{nothing:?}");
        }
    }
}
