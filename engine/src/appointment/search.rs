//! A search for appointments: what was typed, and the patients and references that it is after. These are found before the
//! appointments are, of which there are ten times as many.

use sqlx::PgConnection;

use crate::{account::Country, booking::reference, database::Failure, phone, text};

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

/// With more patients than these, a search says so little that the appointments are looked through in their order: the
/// first ones that fit are near.
const MANY: i64 = 500;

/// The patients and the appointments that a search is after.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The patients by name or phone number; nothing where there is no search, or where they are too many.
    pub patients: Option<Vec<i64>>,
    /// The appointments with this part of a reference.
    pub appointments: Vec<i64>,
    /// The part of a name by which patients are looked at one by one, where they are too many.
    pub words: Option<String>,
    /// The part of a phone number by which they are looked at, too.
    pub digits: Option<String>,
}

impl Found {
    /// Finds patients by name and phone number, and appointments by reference. The statement is to be planned for these
    /// values ([`search`](crate::database::Database::search)), so that it goes by an index.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of(connection: &mut PgConnection, search: &Search) -> Result<Self, Failure> {
        if search.words.is_empty() {
            return Ok(Self::default());
        }
        let digits = search.digits.as_deref();
        let patients = sqlx::query_scalar!(
            "select id from patients
             where folded_name like containing($1) or phone like '%' || $2 || '%'
             limit $3",
            search.words,
            digits,
            MANY + 1
        )
        .fetch_all(&mut *connection)
        .await?;
        let appointments = match &search.reference {
            Some(reference) => by_reference(connection, reference).await?,
            None => Vec::new(),
        };
        Ok(if i64::try_from(patients.len()).is_ok_and(|count| count > MANY) {
            Self {
                patients: None,
                appointments,
                words: Some(search.words.clone()),
                digits: search.digits.clone(),
            }
        } else {
            Self {
                patients: Some(patients),
                appointments,
                ..Self::default()
            }
        })
    }

    /// Whether so many patients fit that their appointments are not counted.
    pub fn is_vague(&self) -> bool {
        self.words.is_some()
    }
}

/// The number of letters before the dash of a reference.
const HALF: usize = 4;

/// Finds the appointments whose reference begins with these letters, or has them in its second half from its beginning.
/// All references are of the same letters, which every database sorts in the same order.
pub(super) async fn by_reference(connection: &mut PgConnection, letters: &str) -> Result<Vec<i64>, Failure> {
    let beginning = match letters.split_at_checked(HALF) {
        Some((first, second)) if !second.is_empty() => format!("{first}-{second}"),
        _ => letters.to_owned(),
    };
    let after = |beginning: &str| format!("{beginning}ZZZZZZZZZ");
    let half = (letters.len() <= HALF).then_some(letters);
    let found = sqlx::query_scalar!(
        r#"select id as "id!" from (
               select id from appointments
               where reference >= $1 and reference <= $2 and starts_with(reference, $1)
               union
               select id from appointments
               where substr(reference, 6) >= $3 and substr(reference, 6) <= $4
                 and starts_with(substr(reference, 6), $3)
           ) as found
           limit $5"#,
        beginning,
        after(&beginning),
        half,
        half.map(after),
        MANY
    )
    .fetch_all(connection)
    .await?;
    Ok(found)
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
}
