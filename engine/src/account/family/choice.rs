//! The rule that tells for whom something is, of those who share a phone, by what was said and by the name.

use super::Relative;
use crate::{
    error::{AppError, Field, FieldProblem},
    phone::visible,
};

/// For whom something is, of those who share a phone, as somebody has said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Whose {
    /// Nobody said: it is told by the name, where that can be.
    #[default]
    Unsaid,
    /// For this patient.
    Known(i64),
    /// For somebody else with the same phone, who has the name that is given.
    SomebodyElse,
}

impl Whose {
    /// The word for somebody else, in forms.
    pub const SOMEBODY_ELSE: &'static str = "somebody-else";

    /// Reads what a form says: a number of a patient, the word for somebody else, or nothing.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn parse(text: &str) -> Result<Self, AppError> {
        match text.trim() {
            "" => Ok(Self::Unsaid),
            Self::SOMEBODY_ELSE => Ok(Self::SomebodyElse),
            id => id
                .parse()
                .map(Self::Known)
                .map_err(|_| AppError::invalid(Field::Whose, FieldProblem::Malformed)),
        }
    }
}

/// What follows from a name and from what was said, for a phone that these people have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Somebody who is known.
    Known(i64),
    /// The holder, who has no name yet, and has it from now on.
    Named(i64),
    /// Somebody who is not known yet.
    New,
}

/// Whether two names are the same but for case and white space.
pub fn is_same_name(one: &str, other: &str) -> bool {
    let plain = |name: &str| -> Vec<String> {
        visible(name)
            .to_lowercase()
            .split_whitespace()
            .map(ToOwned::to_owned)
            .collect()
    };
    plain(one) == plain(other)
}

/// Tells for whom something is. Where nobody said whose it is, a name is never dropped, and nobody is guessed: where the name is that of nobody who has
/// the phone, it has to be said whether it is for one of them or for somebody else.
///
/// # Errors
/// `PHONE_SHARED` where it has to be said; `NOT_FOUND` for somebody who does not have this phone; `VALIDATION_FAILED` for
/// somebody else without a name.
pub fn choose(people: &[Relative], name: &str, whose: Whose) -> Result<Choice, AppError> {
    let called = |person: &&Relative| {
        let known = person.name.as_deref();
        known.is_some_and(|known| is_same_name(known, name))
    };
    let by_name = people
        .iter()
        .find(called)
        .filter(|_| !name.is_empty())
        .map(|person| Choice::Known(person.id));
    match (whose, by_name) {
        (Whose::Known(id), _) => {
            let person = people
                .iter()
                .find(|person| person.id == id)
                .ok_or(AppError::NotFound)?;
            Ok(match (&person.name, name.is_empty()) {
                (None, false) => Choice::Named(id),
                _ => Choice::Known(id),
            })
        }
        (Whose::SomebodyElse, _) if name.is_empty() => {
            Err(AppError::invalid(Field::Name, FieldProblem::Missing))
        }
        (Whose::SomebodyElse | Whose::Unsaid, Some(known)) => Ok(known),
        (Whose::SomebodyElse, None) => Ok(Choice::New),
        (Whose::Unsaid, None) => match people {
            [only] if only.name.is_none() && !name.is_empty() => Ok(Choice::Named(only.id)),
            [only] if name.is_empty() => Ok(Choice::Known(only.id)),
            _ => Err(AppError::PhoneShared),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: i64, name: Option<&str>) -> Relative {
        Relative {
            id,
            name: name.map(ToOwned::to_owned),
            is_holder: id == 1,
        }
    }

    #[test]
    fn nobody_is_guessed_and_no_name_is_dropped() {
        let nameless = [person(1, None)];
        let sari = [person(1, Some("Ibu Sari"))];
        let both = [person(1, Some("Ibu Sari")), person(2, Some("Anak Dewi"))];
        let shared = Err(AppError::PhoneShared);
        for (people, name, whose, expected) in [
            (&nameless[..], "", Whose::Unsaid, Ok(Choice::Known(1))),
            (&nameless, "Ibu Sari", Whose::Unsaid, Ok(Choice::Named(1))),
            (&nameless, "Ibu Sari", Whose::Known(1), Ok(Choice::Named(1))),
            (&nameless, "Anak Dewi", Whose::SomebodyElse, Ok(Choice::New)),
            (&sari, "", Whose::Unsaid, Ok(Choice::Known(1))),
            (&sari, " ibu  SARI ", Whose::Unsaid, Ok(Choice::Known(1))),
            (&sari, "Anak Dewi", Whose::Unsaid, shared),
            (&sari, "Anak Dewi", Whose::Known(1), Ok(Choice::Known(1))),
            (&sari, "Anak Dewi", Whose::SomebodyElse, Ok(Choice::New)),
            (&sari, "Ibu Sari", Whose::SomebodyElse, Ok(Choice::Known(1))),
            (&both, "", Whose::Unsaid, shared),
            (&both, "anak dewi", Whose::Unsaid, Ok(Choice::Known(2))),
            (&both, "Anak Dewi", Whose::SomebodyElse, Ok(Choice::Known(2))),
            (&both, "Anak Budi", Whose::Unsaid, shared),
            (&both, "", Whose::Known(2), Ok(Choice::Known(2))),
            (&both, "", Whose::Known(3), Err(AppError::NotFound)),
            (
                &both,
                "",
                Whose::SomebodyElse,
                Err(AppError::invalid(Field::Name, FieldProblem::Missing)),
            ),
        ] {
            assert_eq!(
                choose(people, name, whose),
                expected,
                "{people:?} {name} {whose:?}"
            );
        }
    }

    #[test]
    fn whose_it_is_is_a_number_or_a_word() {
        assert_eq!(Whose::parse(""), Ok(Whose::Unsaid));
        assert_eq!(Whose::parse("12"), Ok(Whose::Known(12)));
        assert_eq!(Whose::parse("somebody-else"), Ok(Whose::SomebodyElse));
        assert!(Whose::parse("me").is_err());
    }
}
