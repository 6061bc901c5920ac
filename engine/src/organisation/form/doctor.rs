//! The forms of a doctor: the profile, what is offered where, and the week of one who is new.

use super::{
    BREAK_FROM, BREAK_UNTIL, Checks, DAYS, Filled, LANGUAGES, MAX_ABOUT, MAX_NAME, MORE_LANGUAGES, OFFERS,
    SERVICES, UNTIL,
};
use crate::{
    account::{email_address, typed},
    availability::Weekly,
    error::{AppError, Field, FieldProblem},
    organisation::{NewDoctor, Offer, Profile},
    schedule::{
        Act,
        week::{Row, read},
    },
};

impl Filled {
    /// # Errors
    /// Those of [`Self::service`].
    pub fn profile(&self) -> Result<Profile, Vec<AppError>> {
        let mut checks = Checks::default();
        let profile = self.read_profile(&mut checks);
        checks.finish(profile)
    }

    /// # Errors
    /// Those of [`Self::service`].
    pub fn new_doctor(&self) -> Result<NewDoctor, Vec<AppError>> {
        let mut checks = Checks::default();
        let profile = self.read_profile(&mut checks);
        let doctor = NewDoctor {
            profile,
            clinic_id: checks.take(self.clinic_id()),
            services: checks.take(self.services()),
            week: checks.take(self.week()),
        };
        checks.finish(doctor)
    }

    /// Reads the ticked services of all clinics.
    ///
    /// # Errors
    /// `VALIDATION_FAILED`.
    pub fn offers(&self) -> Result<Vec<Offer>, AppError> {
        let mut offers = self
            .ticked(OFFERS)
            .iter()
            .map(|offer| {
                let (clinic, service) = offer.split_once('-')?;
                Some(Offer {
                    clinic_id: clinic.parse().ok()?,
                    service_id: service.parse().ok()?,
                })
            })
            .collect::<Option<Vec<Offer>>>()
            .ok_or(AppError::invalid(Field::Body, FieldProblem::Malformed))?;
        offers.sort_unstable();
        offers.dedup();
        Ok(offers)
    }

    fn read_profile(&self, checks: &mut Checks) -> Profile {
        Profile {
            name: checks.take(self.line(Field::Title, MAX_NAME)),
            speciality: checks.take(self.line(Field::Speciality, MAX_NAME)),
            about: checks.take(typed(Field::About, self.text(Field::About.name()), MAX_ABOUT)),
            languages: checks.take(self.languages()),
            email: checks.take(self.email()),
        }
    }

    fn email(&self) -> Result<String, AppError> {
        email_address(self.text(Field::Email.name()))
    }

    fn languages(&self) -> Result<Vec<String>, AppError> {
        let more = self
            .text(MORE_LANGUAGES)
            .split(|c: char| c.is_whitespace() || [',', ';'].contains(&c));
        let mut languages: Vec<String> = Vec::new();
        for code in self.ticked(LANGUAGES).iter().map(String::as_str).chain(more) {
            let code = code.trim();
            if code.is_empty() || languages.iter().any(|known| known == code) {
                continue;
            }
            let mut parts = code.split('-');
            let is_code = parts.next().is_some_and(|part| (2..=3).contains(&part.len()))
                && parts.all(|part| (2..=8).contains(&part.len()))
                && code.len() <= 20
                && code
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            if !is_code {
                return Err(AppError::invalid(Field::Languages, FieldProblem::Malformed));
            }
            languages.push(code.to_owned());
        }
        match languages.len() {
            0..=20 => Ok(languages),
            _ => Err(AppError::invalid(Field::Languages, FieldProblem::TooLong)),
        }
    }

    fn services(&self) -> Result<Vec<i64>, AppError> {
        let mut services = self
            .ticked(SERVICES)
            .iter()
            .map(|id| id.parse().ok())
            .collect::<Option<Vec<i64>>>()
            .ok_or(AppError::invalid(Field::Services, FieldProblem::Malformed))?;
        services.sort_unstable();
        services.dedup();
        match services.is_empty() {
            true => Err(AppError::invalid(Field::Services, FieldProblem::Missing)),
            false => Ok(services),
        }
    }

    /// The same hours on every day that is ticked, with one break or none.
    fn week(&self) -> Result<Vec<Weekly>, AppError> {
        let row = |from: &str, until: &str, kind: &str| Row {
            days: self.ticked(DAYS).to_vec(),
            from: self.text(from).to_owned(),
            until: self.text(until).to_owned(),
            kind: kind.to_owned(),
            ..Row::default()
        };
        let work = row(Field::Hours.name(), UNTIL, "work");
        let mut week = work.read()?;
        let has_break = [BREAK_FROM, BREAK_UNTIL]
            .iter()
            .any(|name| !self.text(name).trim().is_empty());
        if has_break {
            week.extend(read(&[row(BREAK_FROM, BREAK_UNTIL, "break")])?);
        }
        // It is held to what every week is held to.
        Act::Week {
            clinic_id: 0,
            week: week.clone(),
        }
        .checked()?;
        Ok(week)
    }
}

/// Writes all languages as typed text; the page knows which of them have checkboxes.
impl From<&Profile> for Filled {
    fn from(profile: &Profile) -> Self {
        Self::default()
            .with(Field::Title.name(), &*profile.name)
            .with(Field::Speciality.name(), &*profile.speciality)
            .with(Field::About.name(), &*profile.about)
            .with(Field::Email.name(), &*profile.email)
            .tick(LANGUAGES, profile.languages.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::problems, *};

    #[test]
    fn a_doctor_has_hours_on_some_days_and_offers_something_somewhere() {
        let doctor = Filled::default()
            .with("title", "Dr Ayu")
            .with("speciality", "Dermatology")
            .with("email", "Ayu@Clinic.example ")
            .with("more_languages", "sw,\tpt-BR")
            .with("clinic", "3")
            .with("hours", "9:00")
            .with("until", "17.00")
            .with("break_from", "12:00")
            .with("break_until", "13:00")
            .tick(SERVICES, ["2".to_owned(), "1".to_owned(), "2".to_owned()])
            .tick(DAYS, ["1".to_owned(), "5".to_owned()])
            .tick(LANGUAGES, ["id".to_owned()]);
        let read = doctor.new_doctor().unwrap();
        assert_eq!(read.profile.email, "ayu@clinic.example");
        assert_eq!(read.profile.languages, ["id", "sw", "pt-BR"]);
        assert_eq!(read.services, [1, 2]);
        assert_eq!(read.week.len(), 4);
        let nothing = Filled::default().with("email", "ayu").with("more_languages", "x");
        assert_eq!(
            problems(nothing.new_doctor()),
            [
                (Field::Title, FieldProblem::Missing),
                (Field::Speciality, FieldProblem::Missing),
                (Field::Languages, FieldProblem::Malformed),
                (Field::Email, FieldProblem::Malformed),
                (Field::Clinic, FieldProblem::Missing),
                (Field::Services, FieldProblem::Missing),
                (Field::Day, FieldProblem::Missing),
            ]
        );
        let inverted = doctor.clone().with("until", "8:00");
        assert_eq!(
            problems(inverted.new_doctor()),
            [(Field::Hours, FieldProblem::PastMidnight)]
        );
        let half_a_break = doctor.with("break_until", "");
        assert_eq!(
            problems(half_a_break.new_doctor()),
            [(Field::Hours, FieldProblem::Malformed)]
        );
    }
}
